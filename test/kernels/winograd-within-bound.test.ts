/** Winograd's convolution on its own, in every build, against the reference engine. Its tolerance: ../suite/winograd-bound.ts. */
import { describe, expect, test } from 'vitest';
import { type Epilogue, NO_EPILOGUE } from '../../src/engine.js';
import { type ConvGeometry, volume, wLength, xLength, yLength } from '../../src/geometry/index.js';
import { referenceEngine } from '../../src/reference/index.js';
import type { Layout } from '../../src/types.js';
import { directView, phaseViews, type View } from '../../src/wasm/conv-view.js';
import { ACTIVATIONS } from '../../src/wasm/generated/layout.js';
import { at } from '../suite/check.js';
import { floats, seeded } from '../suite/data.js';
import { EPSILON } from '../suite/truth.js';
import { amplification, roundings, weightTolerance } from '../suite/winograd-bound.js';
import { LAYOUTS } from './directions.js';
import { builds, Machine } from './machine.js';
import { ALL_SIZES, BLOCKS, type Case, CHANNELS, GROUPS, geometryOf, KERNELS, LARGER, PADS } from './winograd-cases.js';

type Direction = 'fprop' | 'dgrad';
const SIZES = [4, 2] as const;
const reference = referenceEngine();

/** One view, its weight packed before. */
function product(
  machine: Machine,
  view: View,
  size: number,
  x: Float32Array,
  w: Float32Array,
  length: number,
  { bias, activation, slope }: Epilogue = NO_EPILOGUE,
): Float32Array {
  const { kernels } = machine;
  return machine.run(`F(${size})`, length, (y) => {
    const g = machine.write(view);
    const [from, weight, added] = [machine.put(x), machine.put(w) + view.wOffset * 4, machine.put(bias)];
    const packed = machine.scratch(kernels.winogradPackedBytes(g, size));
    const workspace = machine.scratch(kernels.WINOGRAD_WORKSPACE.value);
    kernels.winogradPack(g, size, weight, packed, workspace);
    kernels.winograd(g, size, from, packed, weight, false, y, added, ACTIVATIONS[activation], slope, workspace);
  });
}

const weightGradient = (machine: Machine, g: ConvGeometry, x: Float32Array, y: Float32Array): Float32Array =>
  machine.run('wgrad', wLength(g), (dw) => {
    const [view, px, py] = [machine.write(directView(g)), machine.put(x), machine.put(y)];
    machine.kernels.winogradWgrad(view, px, py, dw, machine.scratch(machine.kernels.WINOGRAD_WGRAD_WORKSPACE.value));
  });

const randomOf = ({ c, o, h, w }: Case): (() => number) => seeded(c * 1000 + o * 100 + h * 10 + w);

/** The largest |x| of each channel of a batch of images. */
function largestOf(x: Float32Array, batch: number, channels: number, positions: number, step: ConvGeometry['x']): number[] {
  return Array.from({ length: channels }, (_, c) => {
    let most = 0;
    for (let n = 0; n < batch; n++) {
      for (let p = 0; p < positions; p++) most = Math.max(most, Math.abs(at(x, n * step.batch + c * step.channel + p * step.space)));
    }
    return most;
  });
}

/** Of each output channel. No tile sees more than its image: a channel's largest |d| stands for that of every tile. */
function tolerance(
  g: ConvGeometry,
  size: number,
  kc: number,
  x: Float32Array,
  w: Float32Array,
  direction: Direction,
  bias: number,
): number[] {
  const forward = direction === 'fprop';
  const [channels, outputs] = forward ? [g.xChannels, g.yChannels] : [g.yChannels, g.xChannels];
  const largest = largestOf(x, g.batch, channels, volume(forward ? g.xSize : g.ySize), forward ? g.x : g.y);
  const [inputsOfGroup, outputsOfGroup] = [channels / g.groups, outputs / g.groups];
  const blocks = Math.ceil(g.kernel[1] / 3) * Math.ceil(g.kernel[2] / 3);
  return Array.from({ length: outputs }, (_, o) => {
    const group = Math.floor(o / outputsOfGroup);
    let sum = 0;
    for (let c = 0; c < inputsOfGroup; c++) {
      const [yc, xc] = forward ? [o, c] : [group * inputsOfGroup + c, o % outputsOfGroup];
      let taps = 0;
      for (let t = 0; t < g.kernel[1] * g.kernel[2]; t++) taps += Math.abs(at(w, yc * g.w.y + xc * g.w.x + t * g.w.tap));
      sum += taps * at(largest, group * inputsOfGroup + c);
    }
    return EPSILON * roundings(inputsOfGroup, kc, blocks) * (amplification(size) ** 2 * sum + bias);
  });
}

function check(machine: Machine, which: Case, size: number, layout: Layout, direction: Direction): void {
  const g = geometryOf(which, layout);
  const random = randomOf(which);
  const forward = direction === 'fprop';
  const [inLength, outLength, channels] = forward ? [xLength(g), yLength(g), g.yChannels] : [yLength(g), xLength(g), g.xChannels];
  const [input, w] = [floats(random, [inLength]).data, floats(random, [wLength(g)]).data];
  const bias = which.bias ? floats(random, [channels]).data : null;
  const e: Epilogue = { bias, activation: which.activation ?? 'none', slope: 0.25 };
  const want = new Float32Array(outLength);
  reference[direction](g, input, w, want, e);
  // Of stride 1, dgrad is one phase.
  const [view] = forward ? [directView(g)] : (phaseViews(g) as [View]);
  const got = product(machine, view, size, input, w, outLength, e);
  const allowed = tolerance(g, size, machine.kernels.KC.value, input, w, direction, bias ? 1 : 0);
  const space = outLength / g.batch / channels;
  for (let i = 0; i < outLength; i++) {
    const channel = layout === 'channels-first' ? Math.floor(i / space) % channels : i % channels;
    if (Math.abs(at(got, i) - at(want, i)) <= at(allowed, channel)) continue;
    const where = `${direction} ${layout} F(${size}) ${JSON.stringify(which)}: at ${i} (channel ${channel})`;
    throw new Error(`${where} got ${got[i]}, expected ${want[i]}, tolerance ${allowed[channel]}`);
  }
}

function checkWgrad(machine: Machine, which: Case, layout: Layout): void {
  const g = geometryOf(which, layout);
  const random = randomOf(which);
  const [x, y] = [floats(random, [xLength(g)]).data, floats(random, [yLength(g)]).data];
  const want = new Float32Array(wLength(g));
  reference.wgrad(g, x, y, want);
  const got = weightGradient(machine, g, x, y);
  const [inputs, outputs] = [g.xChannels / g.groups, g.yChannels / g.groups];
  const [, height, width] = g.ySize;
  const [down, across] = [Math.ceil(height / 4), Math.ceil(width / 4)];
  const largest = largestOf(x, g.batch, g.xChannels, volume(g.xSize), g.x);
  for (let o = 0; o < g.yChannels; o++) {
    const tiles = new Float64Array(g.batch * down * across);
    for (let i = 0; i < g.batch * height * width; i++) {
      const [n, row, column] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width];
      const tile = (n * down + Math.floor(row / 4)) * across + Math.floor(column / 4);
      tiles[tile] = at(tiles, tile) + Math.abs(at(y, n * g.y.batch + o * g.y.channel + (row * width + column) * g.y.space));
    }
    for (let c = 0; c < inputs; c++) {
      const allowed = weightTolerance(tiles, at(largest, Math.floor(o / outputs) * inputs + c), 2);
      for (let tap = 0; tap < volume(g.kernel); tap++) {
        const i = o * g.w.y + c * g.w.x + tap * g.w.tap;
        if (Math.abs(at(got, i) - at(want, i)) <= allowed) continue;
        const where = `wgrad ${layout} ${JSON.stringify(which)}: [${o}, ${c}, ${tap}]`;
        throw new Error(`${where} is ${got[i]}, expected ${want[i]}, tolerance ${allowed}`);
      }
    }
  }
}

/** The contract: 2e-5 of the largest output, inputs and weights uniform in [-1, 1), up to 512 channels. assembly/base/config.ts has what was measured. */
function accuracy(machine: Machine, c: number, size: number, layout: Layout, taps: number): number {
  const g = geometryOf({ c, o: 16, h: 14, w: 14, kernel: [taps, taps] }, layout);
  const random = seeded(c);
  const [x, w] = [floats(random, [xLength(g)]).data, floats(random, [wLength(g)]).data];
  const want = new Float32Array(yLength(g));
  reference.fprop(g, x, w, want, NO_EPILOGUE);
  return errorOf(product(machine, directView(g), size, x, w, want.length), want);
}

/** The same of a gradient of the weight. */
function weightAccuracy(machine: Machine, c: number, layout: Layout, taps: number): number {
  const g = geometryOf({ c, o: 16, h: 14, w: 14, kernel: [taps, taps] }, layout);
  const random = seeded(c);
  const [x, y] = [floats(random, [xLength(g)]).data, floats(random, [yLength(g)]).data];
  const want = new Float32Array(wLength(g));
  reference.wgrad(g, x, y, want);
  return errorOf(weightGradient(machine, g, x, y), want);
}

function errorOf(got: Float32Array, want: Float32Array): number {
  const most = want.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  return got.reduce((largest, value, i) => Math.max(largest, Math.abs(value - at(want, i))), 0) / most;
}

/** A NaN stays in the tiles that see it, and what no output sees (another image, a cropped column, a lane past the last tile) meets none. */
function contained(machine: Machine, size: number, layout: Layout, kernel: readonly [number, number]): void {
  // The second of three images is NaN.
  const g = geometryOf({ n: 3, c: 5, o: 3, h: 5, w: 6, kernel }, layout);
  const x = new Float32Array(xLength(g)).fill(1);
  x.fill(Number.NaN, g.x.batch, 2 * g.x.batch);
  const y = product(machine, directView(g), size, x, new Float32Array(wLength(g)).fill(1), yLength(g));
  y.forEach((value, i) => {
    expect(Number.isNaN(value)).toBe(Math.floor(i / g.y.batch) === 1);
  });
  // A view with pads of -2 before and less output than there is x: rows and columns of a border of two are NaN.
  const [h, w] = [kernel[0] + 2, kernel[1] + 3];
  const inner = geometryOf({ c: 5, o: 3, h, w, kernel, pads: [0, 0, 0, 0] }, layout);
  const [height, width, channels] = [h + 4, w + 4, 5];
  const first = layout === 'channels-first';
  const outer = { batch: height * width * channels, channel: first ? height * width : 1, space: first ? 1 : channels };
  const bordered = new Float32Array(outer.batch).fill(Number.NaN);
  for (let row = 2; row < height - 2; row++) {
    for (let v = 2; v < width - 2; v++) {
      for (let c = 0; c < channels; c++) bordered[c * outer.channel + (row * width + v) * outer.space] = row;
    }
  }
  const view = { ...inner, x: outer, xSize: [1, height, width] as const, padBefore: [0, -2, -2] as const };
  const z = product(machine, directView(view), size, bordered, new Float32Array(wLength(inner)).fill(1), yLength(inner));
  expect(z.some(Number.isNaN)).toBe(false);
}

describe.each(builds())('winograd, %s', (build, module) => {
  const machine = new Machine(module);
  const expectAccurate = (what: string, error: number): void => {
    if (process.env.WINOGRAD_ERRORS) console.log(`${build} ${what}: ${error.toExponential(2)}`);
    expect(error, what).toBeLessThan(2e-5);
  };

  for (const layout of LAYOUTS) {
    for (const size of SIZES) {
      test(`within 2e-5 of the largest output, F(${size}) ${layout}`, () => {
        for (const c of [16, 64, 256, 512]) {
          for (const taps of [3, 4, 5, 7])
            expectAccurate(`F(${size}) ${taps}×${taps} ${layout} ${c}`, accuracy(machine, c, size, layout, taps));
        }
      });
      for (const kernel of [
        [3, 3],
        [4, 5],
        [7, 6],
      ] as const) {
        // biome-ignore format: one line
        test(`what no output sees stays out, F(${size}) ${kernel} ${layout}`, () => contained(machine, size, layout, kernel));
      }
    }
    test(`wgrad within 2e-5 of the largest, ${layout}`, () => {
      for (const c of [16, 64, 256, 512]) {
        for (const taps of [3, 4, 5, 7]) expectAccurate(`wgrad ${taps}×${taps} ${layout} ${c}`, weightAccuracy(machine, c, layout, taps));
      }
    });
    for (const [name, cases] of Object.entries({ ALL_SIZES, PADS, CHANNELS, LARGER, GROUPS, BLOCKS, KERNELS })) {
      test(`${name} ${layout} wgrad`, () => {
        for (const each of cases) checkWgrad(machine, each, layout);
      });
    }
    for (const [name, cases] of Object.entries({ ALL_SIZES, PADS, CHANNELS, LARGER, GROUPS, KERNELS })) {
      for (const direction of ['fprop', 'dgrad'] as const) {
        for (const size of SIZES) {
          test(`${name} ${layout} ${direction} F(${size})`, () => {
            for (const each of cases) check(machine, each, size, layout, direction);
          });
        }
      }
    }
  }
});
