/** Parts of a view, run one after the other, give the bits of the whole: every algorithm, direction and layout, along every cut that it allows. */
import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.js';
import { type ConvGeometry, convGeometry, wLength, xLength, yLength } from '../../src/geometry/index.js';
import type { ConvShapeOptions, Layout } from '../../src/types.js';
import { type Method, type Weight, WGRADS } from '../../src/wasm/algorithms.js';
import { type View, viewWith } from '../../src/wasm/conv-view.js';
import { ACTIVATIONS } from '../../src/wasm/generated/layout.js';
import { align } from '../../src/wasm/memory/memory.js';
import { cutsOfWgrad, grainOf } from '../../src/wasm/schedule.js';
import { dgradProgram, fpropProgram, wgradProgram } from '../../src/wasm/select.js';
import { cutAlong, type Part, whole, withOwnWeight } from '../../src/wasm/split.js';
import { LAYOUTS } from './directions.js';
import { builds, Machine } from './machine.js';
import { floats } from './random.js';

interface Layer {
  readonly batch?: number;
  readonly from: number;
  readonly to: number;
  readonly size: readonly number[];
  readonly kernel: readonly number[];
  readonly options?: ConvShapeOptions;
}

const LAYERS: Readonly<Record<string, Layer>> = {
  '3x3': { batch: 2, from: 12, to: 26, size: [13, 11], kernel: [3, 3], options: { padding: 1 } },
  'strided, of two groups': {
    batch: 2,
    from: 6,
    to: 10,
    size: [12, 9],
    kernel: [3, 4],
    options: { stride: [2, 3], padding: 2, groups: 2 },
  },
  dilated: { from: 5, to: 9, size: [10, 12], kernel: [3, 2], options: { dilation: 2, padding: [1, 2] } },
  'one tap': { batch: 2, from: 17, to: 12, size: [7, 6], kernel: [1, 1] },
  'one tap of one row': { batch: 3, from: 19, to: 30, size: [1, 6], kernel: [1, 1] },
  depthwise: { batch: 2, from: 13, to: 13, size: [9, 14], kernel: [3, 3], options: { padding: 1, groups: 13 } },
  'depthwise, strided': { batch: 2, from: 13, to: 13, size: [9, 14], kernel: [3, 5], options: { padding: 1, stride: 2, groups: 13 } },
  'depthwise, a large kernel': { batch: 2, from: 3, to: 3, size: [38, 70], kernel: [9, 13], options: { padding: [4, 6], groups: 3 } },
  'a long filter': { batch: 2, from: 1, to: 1, size: [700], kernel: [24], options: { padding: 5 } },
  '1-D': { batch: 2, from: 7, to: 13, size: [40], kernel: [5], options: { stride: 2, padding: 2 } },
  '3-D': { from: 4, to: 6, size: [5, 6, 7], kernel: [2, 3, 3], options: { padding: 1, stride: [1, 2, 1] } },
};

function geometryOf({ batch = 1, from, to, size, kernel, options = {} }: Layer, layout: Layout): ConvGeometry {
  const inner = from / (options.groups ?? 1);
  const last = layout === 'channels-last';
  const input = last ? [batch, ...size, from] : [batch, from, ...size];
  const weight = last ? [...kernel, inner, to] : [to, inner, ...kernel];
  return convGeometry('conv', size.length, input, weight, { ...options, layout }).geometry;
}

/**
 * A result that is written part by part of each view: operands are from, the weight and the bias. Each part has a weight of its own, or the one that they have packed together for the whole
 * view.
 */
function product(
  machine: Machine,
  method: Method,
  views: readonly (readonly Part[])[],
  [from, w, bias]: Operands,
  length: number,
  packedFor: 'part' | 'whole' = 'part',
): Float32Array {
  return machine.run('a product in parts', length, (to) => {
    const [pf, pw, pb] = [machine.put(from), machine.put(w), machine.put(bias)];
    const room = roomOf(machine, method);
    const shared = packedFor === 'whole';
    for (const parts of views) {
      const common = shared ? packedInParts(machine, method, parts, pw, room) : undefined;
      for (const { view, xOffset, xChannel, yChannel } of parts) {
        const [begin, end, channel] = method.adjoint ? [view.yOffset, xOffset, xChannel] : [xOffset, view.yOffset, yChannel];
        const own = shared ? view : withOwnWeight(view);
        const weight = common ?? weightOf(machine, method, own, pw, !method.plain, room);
        const epilogue = { bias: pb + channel * 4, activation: ACTIVATIONS.relu, slope: 0 };
        method.run(machine.kernels, machine.write(own), pf + begin * 4, weight, to + end * 4, epilogue, room);
      }
    }
  });
}

/** A view's weight, as it lies or packed, for the method's spare too. */
function weightOf(machine: Machine, method: Method, view: View, w: number, packed: boolean, room: number): Weight {
  const k = machine.kernels;
  const plain = w + view.wOffset * 4;
  if (!packed) return { plain, packed: 0, spare: 0 };
  const pack = (each: Method, workspace: number): number => {
    const to = machine.scratch(align(each.packedBytes(k, view)));
    each.pack(k, machine.write(view), plain, to, workspace);
    return to;
  };
  return { plain: 0, packed: pack(method, room), spare: method.spare ? pack(method.spare, machine.workspace) : 0 };
}

/** One packed weight of all parts, each of which puts its channels in their place. */
function packedInParts(machine: Machine, method: Method, parts: readonly Part[], w: number, room: number): Weight {
  const k = machine.kernels;
  const whole = wholeOf((parts[0] as Part).view);
  const pack = (each: Method, workspace: number): number => {
    const to = machine.scratch(align(each.packedBytes(k, whole)));
    for (const { view } of parts) each.pack(k, machine.write(view), w + view.wOffset * 4, to, workspace);
    return to;
  };
  return { plain: 0, packed: pack(method, room), spare: method.spare ? pack(method.spare, machine.workspace) : 0 };
}

/** The view of which this is the first part along channels. */
const wholeOf = (part: View): View =>
  viewWith(part, { yChannels: part.packed.channels * part.groups, packed: { ...part.packed, first: 0 } });

const wgrad = (machine: Machine, kernel: keyof typeof WGRADS, parts: readonly Part[], [x, y]: Operands, length: number): Float32Array =>
  machine.run('a gradient of the weight in parts', length, (dw) => {
    const [px, py] = [machine.put(x), machine.put(y)];
    const room = roomOf(machine, WGRADS[kernel]);
    for (const { view, xOffset } of parts) {
      const g = machine.write(view);
      WGRADS[kernel].run(machine.kernels, g, px + xOffset * 4, py + view.yOffset * 4, dw + view.wOffset * 4, room);
    }
  });

type Operands = readonly [Float32Array, Float32Array, Float32Array];

function roomOf(machine: Machine, { scratchBytes }: Pick<Method, 'scratchBytes'>): number {
  const bytes = scratchBytes(machine.kernels);
  return bytes > 0 ? machine.scratch(bytes) : machine.workspace;
}

function attempt<P>(make: () => P): P | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof OptionError) return undefined;
    throw error;
  }
}

describe.each(builds())('%s: parts of a view are the whole, to the bit', (build, module) => {
  const machine = new Machine(module);
  const use = { planned: false, fused: build === 'relaxed' };

  describe.each(LAYOUTS)('%s', (layout) => {
    for (const [name, layer] of Object.entries(LAYERS)) {
      const g = geometryOf(layer, layout);
      const [x, w, y] = [floats(xLength(g), 1), floats(wLength(g), 2), floats(yLength(g), 3)];
      const biases = floats(Math.max(g.xChannels, g.yChannels), 4);

      for (const direction of ['fprop', 'dgrad'] as const) {
        for (const algorithm of ['gemm', 'direct', 'phases', 'winograd', 'fft'] as const) {
          const program = attempt(() => (direction === 'fprop' ? fpropProgram : dgradProgram)(g, { op: 'test', algorithm }, use));
          if (!program) continue;
          it(`${name}, ${direction} by ${algorithm}`, () => {
            const length = direction === 'fprop' ? y.length : x.length;
            const operands = [direction === 'fprop' ? x : y, w, biases] as const;
            const want = product(machine, program.method, [program.views.map(whole)], operands, length);
            expect(want.some(Number.isNaN)).toBe(false);
            for (const cut of program.method.cuts) {
              const tiles = (algorithm === 'winograd' || algorithm === 'fft') && (cut === 'rows' || cut === 'columns');
              for (const parts of [2, 3]) {
                const pieces = program.views.map((view) =>
                  cutAlong(view, cut, parts, tiles ? grainOf(view, cut, program.method, [1, 1]) : 1),
                );
                expect(product(machine, program.method, pieces, operands, length), `${cut} in ${parts}`).toEqual(want);
              }
            }
            if (program.method.packing === '') return;
            const { MR, NR } = machine.kernels;
            const tile = [MR.value, NR.value] as const;
            for (const parts of [1, 2, 3]) {
              const pieces = program.views.map((view) =>
                cutAlong(view, 'channels', parts, grainOf(view, 'channels', program.method, tile)),
              );
              expect(product(machine, program.method, pieces, operands, length, 'whole'), `packed, ${parts}`).toEqual(want);
            }
          });
        }
      }

      for (const algorithm of ['gemm', 'direct', 'winograd'] as const) {
        const program = attempt(() => wgradProgram(g, { op: 'test', algorithm }, use));
        if (!program) continue;
        it(`${name}, wgrad by ${algorithm}`, () => {
          const [view] = program.views;
          const want = wgrad(machine, program.kernel, [whole(view)], [x, y, w], w.length);
          expect(want.some(Number.isNaN)).toBe(false);
          // Eight channels of a depthwise one are a tile in channels-last, and fewer than four are summed along rows; along pixels four are a vector.
          const grain = { depthwiseWgrad: 8, fewChannelsWgrad: 4, wgrad: 1, winogradWgrad: 1 }[program.kernel];
          for (const cut of cutsOfWgrad(program.kernel, view)) {
            for (const parts of [2, 3])
              expect(wgrad(machine, program.kernel, cutAlong(view, cut, parts, grain), [x, y, w], w.length), cut).toEqual(want);
          }
        });
      }
    }
  });
});
