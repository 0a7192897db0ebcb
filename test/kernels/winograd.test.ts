/** Winograd's convolution on its own, in every build, against the reference engine. Its tolerance: ../suite/winograd-bound.ts. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Epilogue } from '../../src/engine.js';
import { type ConvGeometry, convGeometry, wLength, xLength, yLength } from '../../src/geometry/index.js';
import { referenceEngine } from '../../src/reference/index.js';
import { directView, phaseViews, VIEW_BYTES } from '../../src/wasm/conv-view.js';
import type { Exports } from '../../src/wasm/generated/exports.js';
import { align } from '../../src/wasm/memory/memory.js';
import { at } from '../suite/check.js';
import { floats, seeded } from '../suite/data.js';
import { amplification, roundings, weightTolerance } from '../suite/winograd-bound.js';

const ACTIVATIONS = { none: 0, relu: 1, relu6: 2, leakyRelu: 3 } as const;
const MARK = -12345.625;
const BAND = 16;
const EPSILON = 2 ** -23;
const reference = referenceEngine();

class Machine {
  readonly memory = new WebAssembly.Memory({ initial: 16 });
  readonly kernels: Exports;

  constructor(module: WebAssembly.Module) {
    this.kernels = new WebAssembly.Instance(module, { env: { memory: this.memory } }).exports as unknown as Exports;
  }

  /** Runs one view (the words of a geometry, the offset of its first tap) on marked memory and returns what it wrote. */
  run(
    words: readonly number[],
    size: number,
    x: Float32Array,
    w: Float32Array,
    firstTap: number,
    length: number,
    e: Epilogue,
  ): Float32Array {
    const { kernels } = this;
    let top = align(kernels.HEAP_BASE.value);
    const room = (bytes: number): number => {
      const start = top + BAND * 4;
      top = start + align(bytes) + BAND * 4;
      const missing = top - this.memory.buffer.byteLength;
      if (missing > 0) this.memory.grow(Math.ceil(missing / 65536));
      return start;
    };
    const geometry = room(VIEW_BYTES);
    new Int32Array(this.memory.buffer, geometry).set(words);
    const packedBytes = kernels.winogradPackedBytes(geometry, size);
    const workspaceBytes = kernels.WINOGRAD_WORKSPACE.value;
    const [workspace, atX, atW, packed, atBias] = [workspaceBytes, x.byteLength, w.byteLength, packedBytes, e.bias?.byteLength ?? 0].map(
      room,
    ) as [number, number, number, number, number];
    const y = room(length * 4);
    const all = new Float32Array(this.memory.buffer);
    const [begin, end] = [(workspace - BAND * 4) / 4, top / 4];
    all.fill(Number.NaN, begin, end);
    all.set(x, atX / 4);
    all.set(w, atW / 4);
    all.set(e.bias ?? [], atBias / 4);
    const bands = [
      [workspace, workspaceBytes],
      [packed, packedBytes],
      [y, length * 4],
    ].flatMap(([start = 0, bytes = 0]) => [start / 4 - BAND, (start + bytes) / 4]);
    for (const band of bands) all.fill(MARK, band, band + BAND);
    kernels.winogradPack(geometry, size, atW + firstTap * 4, packed, workspace);
    kernels.winograd(
      geometry,
      size,
      atX,
      packed,
      atW + firstTap * 4,
      false,
      y,
      e.bias ? atBias : 0,
      ACTIVATIONS[e.activation],
      e.slope,
      workspace,
    );
    for (const band of bands) {
      for (let i = 0; i < BAND; i++) if (all[band + i] !== MARK) throw new Error(`wrote into the guard band at ${(band + i) * 4}`);
    }
    return all.slice(y / 4, y / 4 + length);
  }
}

/** The gradient of a weight on marked memory. */
function runWgrad({ memory, kernels }: Machine, g: ConvGeometry, x: Float32Array, y: Float32Array): Float32Array {
  const workspaceBytes = kernels.WINOGRAD_WGRAD_WORKSPACE.value;
  const length = wLength(g);
  let top = align(kernels.HEAP_BASE.value);
  const [geometry, workspace, atX, atY, dw] = [VIEW_BYTES, workspaceBytes, x.byteLength, y.byteLength, length * 4].map((bytes) => {
    const start = top + BAND * 4;
    top = start + align(bytes) + BAND * 4;
    return start;
  }) as [number, number, number, number, number];
  const missing = top - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / 65536));
  const all = new Float32Array(memory.buffer);
  all.fill(Number.NaN, geometry / 4, top / 4);
  all.set(x, atX / 4);
  all.set(y, atY / 4);
  new Int32Array(memory.buffer, geometry).set(directView(g).words);
  const bands = [
    [workspace, workspaceBytes],
    [dw, length * 4],
  ].flatMap(([start = 0, bytes = 0]) => [start / 4 - BAND, (start + bytes) / 4]);
  for (const band of bands) all.fill(MARK, band, band + BAND);
  kernels.winogradWgrad(geometry, atX, atY, dw, workspace);
  for (const band of bands) {
    for (let i = 0; i < BAND; i++) if (all[band + i] !== MARK) throw new Error(`wrote into the guard band at ${(band + i) * 4}`);
  }
  return all.slice(dw / 4, dw / 4 + length);
}

interface Case {
  readonly n?: number;
  readonly c: number;
  readonly o: number;
  readonly h: number;
  readonly w: number;
  /** Height and width; 3×3 where not given. */
  readonly kernel?: readonly [number, number];
  /** Top, bottom, left, right. */
  readonly pads?: readonly [number, number, number, number];
  readonly groups?: number;
  readonly activation?: Epilogue['activation'];
  readonly bias?: boolean;
}

function geometryOf(
  { n = 1, c, o, h, w, kernel = [3, 3], pads: [t, b, l, r] = [1, 1, 1, 1], groups = 1 }: Case,
  layout: ConvGeometry['layout'],
): ConvGeometry {
  const first = layout === 'channels-first';
  const options = {
    padding: [
      [t, b],
      [l, r],
    ] as [[number, number], [number, number]],
    groups,
    layout,
  };
  const weight = first ? [o, c / groups, ...kernel] : [...kernel, c / groups, o];
  return convGeometry('test', 2, first ? [n, c, h, w] : [n, h, w, c], weight, options).geometry;
}

/** dgrad as the kernels see it: its one phase. */
function flipped(g: ConvGeometry): { words: readonly number[]; firstTap: number } {
  const [view] = phaseViews(g);
  if (view === undefined) throw new Error('stride 1 has one phase');
  return { words: view.words, firstTap: view.wOffset };
}

/** Of each output channel. No tile sees more than its image: a channel's largest |d| stands for that of every tile. */
function tolerance(
  g: ConvGeometry,
  size: number,
  kc: number,
  x: Float32Array,
  w: Float32Array,
  direction: 'fprop' | 'dgrad',
  bias: number,
): Float32Array {
  const depth = (direction === 'fprop' ? g.xChannels : g.yChannels) / g.groups;
  const from = direction === 'fprop' ? g.x : g.y;
  const channels = direction === 'fprop' ? g.xChannels : g.yChannels;
  const positions = (direction === 'fprop' ? g.xSize : g.ySize).reduce((a, b) => a * b);
  const largest = Array.from({ length: channels }, (_, c) => {
    let most = 0;
    for (let n = 0; n < g.batch; n++) {
      for (let p = 0; p < positions; p++) most = Math.max(most, Math.abs(at(x, n * from.batch + c * from.channel + p * from.space)));
    }
    return most;
  });
  const outputs = direction === 'fprop' ? g.yChannels : g.xChannels;
  const [inputsOfGroup, outputsOfGroup] = [channels / g.groups, outputs / g.groups];
  return Float32Array.from({ length: outputs }, (_, o) => {
    const group = Math.floor(o / outputsOfGroup);
    let sum = 0;
    for (let c = 0; c < inputsOfGroup; c++) {
      const [yc, xc] = direction === 'fprop' ? [o, c] : [group * inputsOfGroup + c, o % outputsOfGroup];
      let taps = 0;
      for (let t = 0; t < g.kernel[1] * g.kernel[2]; t++) taps += Math.abs(at(w, yc * g.w.y + xc * g.w.x + t * g.w.tap));
      sum += taps * at(largest, group * inputsOfGroup + c);
    }
    const blocks = Math.ceil(g.kernel[1] / 3) * Math.ceil(g.kernel[2] / 3);
    return (EPSILON / 2) * roundings(depth, kc, blocks) * (amplification(size) ** 2 * sum + bias);
  });
}

function check(machine: Machine, which: Case, size: number, layout: ConvGeometry['layout'], direction: 'fprop' | 'dgrad'): void {
  const g = geometryOf(which, layout);
  const what = `${direction} ${layout} F(${size}) ${JSON.stringify(which)}`;
  const random = seeded(which.c * 1000 + which.o * 100 + which.h * 10 + which.w);
  const forward = direction === 'fprop';
  const [inLength, outLength] = forward ? [xLength(g), yLength(g)] : [yLength(g), xLength(g)];
  const input = floats(random, [inLength]).data;
  const w = floats(random, [wLength(g)]).data;
  const channels = forward ? g.yChannels : g.xChannels;
  const bias = which.bias ? floats(random, [channels]).data : null;
  const e: Epilogue = { bias, activation: which.activation ?? 'none', slope: 0.25 };
  const want = new Float32Array(outLength);
  reference[direction](g, input, w, want, e);
  const { words, firstTap } = forward ? { words: directView(g).words, firstTap: 0 } : flipped(g);
  const got = machine.run(words, size, input, w, firstTap, outLength, e);
  const allowed = tolerance(g, size, machine.kernels.KC.value, input, w, direction, bias ? 1 : 0);
  const side = forward ? g.y : g.x;
  const space = outLength / g.batch / channels;
  for (let i = 0; i < outLength; i++) {
    const channel = layout === 'channels-first' ? Math.floor(i / space) % channels : i % channels;
    const error = Math.abs(at(got, i) - at(want, i));
    if (!(error <= at(allowed, channel))) {
      throw new Error(
        `${what}: at ${i} (channel ${channel}, step ${side.channel}) got ${got[i]}, expected ${want[i]}, tolerance ${allowed[channel]}`,
      );
    }
  }
}

/** x and y between the arrays' ends are read where the geometry says and nowhere else: all around them is NaN. */
function checkWgrad(machine: Machine, which: Case, layout: ConvGeometry['layout']): void {
  const g = geometryOf(which, layout);
  const random = seeded(which.c * 1000 + which.o * 100 + which.h * 10 + which.w);
  const [x, y] = [floats(random, [xLength(g)]).data, floats(random, [yLength(g)]).data];
  const want = new Float32Array(wLength(g));
  reference.wgrad(g, x, y, want);
  const got = runWgrad(machine, g, x, y);
  const [inputs, outputs] = [g.xChannels / g.groups, g.yChannels / g.groups];
  const [, height, width] = g.ySize;
  const [down, across] = [Math.ceil(height / 4), Math.ceil(width / 4)];
  const positions = g.xSize.reduce((a, b) => a * b);
  for (let o = 0; o < g.yChannels; o++) {
    const tiles = new Float64Array(g.batch * down * across);
    for (let i = 0; i < g.batch * height * width; i++) {
      const [n, row, column] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width];
      const tile = (n * down + Math.floor(row / 4)) * across + Math.floor(column / 4);
      tiles[tile] = at(tiles, tile) + Math.abs(at(y, n * g.y.batch + o * g.y.channel + (row * width + column) * g.y.space));
    }
    for (let c = 0; c < inputs; c++) {
      let largest = 0;
      for (let i = 0; i < g.batch * positions; i++) {
        const channel = Math.floor(o / outputs) * inputs + c;
        largest = Math.max(
          largest,
          Math.abs(at(x, Math.floor(i / positions) * g.x.batch + channel * g.x.channel + (i % positions) * g.x.space)),
        );
      }
      const allowed = weightTolerance(tiles, largest);
      for (let tap = 0; tap < 9; tap++) {
        const i = o * g.w.y + c * g.w.x + tap * g.w.tap;
        const error = Math.abs(at(got, i) - at(want, i));
        if (!(error <= allowed)) {
          throw new Error(
            `wgrad ${layout} ${JSON.stringify(which)}: [${o}, ${c}, ${tap}] is ${got[i]}, expected ${want[i]}, tolerance ${allowed}`,
          );
        }
      }
    }
  }
}

const ALL_SIZES: Case[] = Array.from({ length: 13 }, (_, i) => i + 1).flatMap((h) => [
  { c: 3, o: 5, h, w: ((h * 5) % 13) + 1 },
  { c: 2, o: 3, h, w: 14 - h, n: 2 },
]);

const PADS: Case[] = (
  [
    [0, 0, 0, 0],
    [0, 1, 2, 0],
    [2, 0, 0, 1],
    [1, 2, 1, 0],
    [2, 2, 2, 2],
    [0, 2, 1, 2],
    // Wider than the kernel: a flipped view has negative pads, which crop.
    [3, 4, 4, 3],
    [4, 0, 3, 5],
  ] as const
).flatMap((pads) => [
  { c: 4, o: 8, h: 7, w: 9, pads },
  { c: 5, o: 3, h: 3, w: 4, pads, n: 3 },
]);

const CHANNELS: Case[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17].flatMap((c, i) => [
  { c, o: ((c * 7) % 17) + 1, h: 6, w: 5, bias: true, activation: (['none', 'relu', 'relu6', 'leakyRelu'] as const)[i % 4] as 'relu' },
]);

const LARGER: Case[] = [
  { c: 16, o: 24, h: 29, w: 31, bias: true, activation: 'relu' },
  { c: 7, o: 9, h: 20, w: 18, n: 3, bias: true, activation: 'leakyRelu' },
  { c: 2, o: 2, h: 3, w: 600 },
  { c: 2, o: 2, h: 600, w: 3 },
  { c: 1, o: 1, h: 61, w: 67 },
  { c: 8, o: 8, h: 1, w: 1, n: 3 },
  { c: 70, o: 75, h: 6, w: 6 },
  { c: 255, o: 8, h: 5, w: 4 },
  { c: 256, o: 7, h: 4, w: 4 },
  { c: 257, o: 9, h: 4, w: 5, bias: true },
  { c: 9, o: 256, h: 4, w: 7 },
];

const GROUPS: Case[] = [
  { c: 4, o: 6, h: 7, w: 6, groups: 2, bias: true, activation: 'relu6' },
  { c: 15, o: 9, h: 5, w: 9, groups: 3, n: 2 },
  { c: 34, o: 18, h: 6, w: 5, groups: 2, n: 2, bias: true },
  { c: 5, o: 5, h: 6, w: 7, groups: 5 },
];

/** One to four blocks of taps along an axis; sizes around the tiles, pads wider than the kernel, more channels and tiles than a block of either build has. */
const KERNELS: Case[] = [
  ...(
    [
      [3, 4],
      [4, 3],
      [4, 4],
      [5, 5],
      [6, 3],
      [5, 7],
      [7, 4],
      [8, 8],
      [3, 9],
      [10, 11],
    ] as const
  ).flatMap((kernel) => {
    const pads = [kernel[0] >> 1, (kernel[0] - 1) >> 1, kernel[1] >> 1, (kernel[1] - 1) >> 1] as const;
    return [
      ...[1, 2, 4, 5, 8, 11].map((h, i) => ({ c: 1 + i, o: 7 - i, h, w: 12 - h, n: 1 + (i % 2), kernel, pads })),
      { c: 5, o: 3, h: 7, w: 9, kernel, pads: [kernel[0], 3, 2, kernel[1] + 1] as const, bias: true, activation: 'relu6' as const },
      { c: 8, o: 10, h: 11, w: 13, groups: 2, n: 2, kernel, pads: [0, 1, 0, 0] as const },
    ];
  }),
  { c: 257, o: 5, h: 5, w: 6, kernel: [5, 4], pads: [2, 2, 1, 2] },
  { c: 5, o: 257, h: 6, w: 5, kernel: [4, 5], pads: [2, 2, 1, 2] },
  { c: 35, o: 37, h: 4, w: 5, kernel: [4, 4], pads: [2, 2, 2, 2] },
  { c: 2, o: 3, h: 5, w: 300, kernel: [5, 5], pads: [2, 2, 2, 2] },
  { c: 2, o: 3, h: 300, w: 5, kernel: [7, 3], pads: [3, 3, 1, 1], n: 2 },
  { c: 12, o: 16, h: 29, w: 31, kernel: [5, 5], pads: [2, 2, 2, 2], bias: true, activation: 'relu' },
];

/** Of a gradient of the weight: channels around its blocks and its sums' (16 and 8 of each side in the tiny build, 128 and 32), one and several blocks of tiles. */
const BLOCKS: Case[] = [
  { c: 15, o: 17, h: 9, w: 10 },
  { c: 33, o: 16, h: 21, w: 22 },
  { c: 8, o: 31, h: 13, w: 14, n: 3 },
  { c: 24, o: 24, h: 12, w: 8, n: 2, groups: 2 },
  { c: 31, o: 33, h: 12, w: 12 },
  { c: 129, o: 7, h: 33, w: 34 },
  { c: 9, o: 130, h: 8, w: 140 },
  { c: 4, o: 4, h: 50, w: 49 },
  { c: 3, o: 5, h: 9, w: 300 },
  { c: 127, o: 129, h: 15, w: 16, n: 3 },
];

/** The contract: 2e-5 of the largest output, inputs and weights uniform in [-1, 1), up to 512 channels. assembly/base/config.ts has what was measured. */
function accuracy(machine: Machine, c: number, size: number, layout: ConvGeometry['layout'], taps: number): number {
  const g = geometryOf({ c, o: 16, h: 14, w: 14, kernel: [taps, taps] }, layout);
  const random = seeded(c);
  const x = floats(random, [xLength(g)]).data;
  const w = floats(random, [wLength(g)]).data;
  const none: Epilogue = { bias: null, activation: 'none', slope: 0 };
  const want = new Float32Array(yLength(g));
  reference.fprop(g, x, w, want, none);
  const got = machine.run(directView(g).words, size, x, w, 0, want.length, none);
  return errorOf(got, want);
}

/** The same of a gradient of the weight. */
function weightAccuracy(machine: Machine, c: number, layout: ConvGeometry['layout']): number {
  const g = geometryOf({ c, o: 16, h: 14, w: 14 }, layout);
  const random = seeded(c);
  const [x, y] = [floats(random, [xLength(g)]).data, floats(random, [yLength(g)]).data];
  const want = new Float32Array(wLength(g));
  reference.wgrad(g, x, y, want);
  return errorOf(runWgrad(machine, g, x, y), want);
}

function errorOf(got: Float32Array, want: Float32Array): number {
  const most = want.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  return got.reduce((largest, value, i) => Math.max(largest, Math.abs(value - at(want, i))), 0) / most;
}

/** A NaN stays in the tiles that see it, and what no output sees (another image, a cropped column, a lane past the last tile) meets none. */
function contained(machine: Machine, size: number, layout: ConvGeometry['layout'], kernel: readonly [number, number]): void {
  const none: Epilogue = { bias: null, activation: 'none', slope: 0 };
  // The second of three images is NaN.
  const g = geometryOf({ n: 3, c: 5, o: 3, h: 5, w: 6, kernel }, layout);
  const x = new Float32Array(xLength(g)).fill(1);
  x.fill(Number.NaN, g.x.batch, 2 * g.x.batch);
  const y = machine.run(directView(g).words, size, x, new Float32Array(wLength(g)).fill(1), 0, yLength(g), none);
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
  const z = machine.run(directView(view).words, size, bordered, new Float32Array(wLength(inner)).fill(1), 0, yLength(inner), none);
  expect(z.some(Number.isNaN)).toBe(false);
}

const read = (name: string): WebAssembly.Module | null => {
  const bytes = Uint8Array.from(readFileSync(new URL(`../../build/${name}.wasm`, import.meta.url)));
  return WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : null;
};

for (const build of ['debug', 'tiny', 'simd', 'relaxed']) {
  const module = read(build);
  describe.skipIf(!module)(`winograd, ${build}`, () => {
    const machine = module ? new Machine(module) : (null as unknown as Machine);
    for (const size of [4, 2]) {
      for (const layout of ['channels-first', 'channels-last'] as const) {
        test(`within 2e-5 of the largest output, F(${size}) ${layout}`, () => {
          for (const c of [16, 64, 256, 512]) {
            for (const taps of [3, 4, 5, 7]) {
              const error = accuracy(machine, c, size, layout, taps);
              if (process.env.WINOGRAD_ERRORS) console.log(`${build} F(${size}) ${taps}×${taps} ${layout} ${c}: ${error.toExponential(2)}`);
              expect(error).toBeLessThan(2e-5);
            }
          }
        });
        for (const kernel of [
          [3, 3],
          [4, 5],
          [7, 6],
        ] as const) {
          test(`what no output sees stays out, F(${size}) ${kernel} ${layout}`, () => contained(machine, size, layout, kernel));
        }
      }
    }
    for (const layout of ['channels-first', 'channels-last'] as const) {
      test(`wgrad within 2e-5 of the largest, ${layout}`, () => {
        for (const c of [16, 64, 256, 512]) {
          const error = weightAccuracy(machine, c, layout);
          if (process.env.WINOGRAD_ERRORS) console.log(`${build} wgrad ${layout} ${c}: ${error.toExponential(2)}`);
          expect(error).toBeLessThan(2e-5);
        }
      });
      for (const [name, cases] of Object.entries({ ALL_SIZES, PADS, CHANNELS, LARGER, GROUPS, BLOCKS })) {
        test(`${name} ${layout} wgrad`, () => {
          for (const each of cases) checkWgrad(machine, each, layout);
        });
      }
    }
    for (const [name, cases] of Object.entries({ ALL_SIZES, PADS, CHANNELS, LARGER, GROUPS, KERNELS })) {
      for (const layout of ['channels-first', 'channels-last'] as const) {
        for (const direction of ['fprop', 'dgrad'] as const) {
          for (const size of [4, 2]) {
            test(`${name} ${layout} ${direction} F(${size})`, () => {
              for (const each of cases) check(machine, each, size, layout, direction);
            });
          }
        }
      }
    }
  });
}
