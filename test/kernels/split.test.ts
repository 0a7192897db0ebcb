/** Parts of a view, run one after the other, give the bits of the whole: every algorithm, direction and layout, along every cut that it allows. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MOST_BYTES } from '../../src/engine.js';
import { OptionError } from '../../src/errors.js';
import { type ConvGeometry, convGeometry, wLength, xLength, yLength } from '../../src/geometry/index.js';
import type { ConvShapeOptions, Layout } from '../../src/types.js';
import { columns, depthwiseDgrad, type Method, type Weight, WGRADS } from '../../src/wasm/algorithms.js';
import { type View, viewWith } from '../../src/wasm/conv-view.js';
import { ACTIVATIONS } from '../../src/wasm/generated/layout.js';
import { Instance } from '../../src/wasm/instance.js';
import { align } from '../../src/wasm/memory/memory.js';
import { OwnMemory } from '../../src/wasm/memory/own.js';
import { supports } from '../../src/wasm/module.js';
import { dgradProgram, fpropProgram, wgradProgram } from '../../src/wasm/select.js';
import { type Cut, cutAlong, type Part, whole, withOwnWeight } from '../../src/wasm/split.js';
import { floats } from './random.js';

const LAYOUTS: readonly Layout[] = ['channels-first', 'channels-last'];
const BUILDS = ['tiny', 'simd', ...(supports('relaxed') ? ['relaxed'] : [])];
const MARK = -12345.625;

interface Layer {
  readonly batch?: number;
  readonly from: number;
  readonly to: number;
  readonly size: readonly number[];
  readonly kernel: readonly number[];
  readonly options?: ConvShapeOptions;
}

const LAYERS: Readonly<Record<string, Layer>> = {
  '3x3': { batch: 2, from: 12, to: 21, size: [13, 11], kernel: [3, 3], options: { padding: 1 } },
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
  depthwise: { batch: 2, from: 10, to: 10, size: [9, 14], kernel: [3, 3], options: { padding: 1, groups: 10 } },
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

/** A program on a memory, whose result is written part by part. */
class Machine {
  readonly #instance: Instance;
  constructor(build: string) {
    this.#instance = new Instance(new WebAssembly.Module(readFileSync(`build/${build}.wasm`)), new OwnMemory(MOST_BYTES));
  }

  /** Channels of y that are packed together: rows of the register tile, or its columns. */
  tile(rows: boolean): number {
    return (rows ? this.#instance.kernels.MR : this.#instance.kernels.NR).value;
  }

  #place(values: Float32Array): number {
    const { memory } = this.#instance;
    const address = memory.allocate('test', align(values.byteLength));
    memory.floats.set(values, address / 4);
    return address;
  }

  /** The result of `length` elements, which `run` computes from `from`, the weight and the bias at their addresses. */
  #result(
    length: number,
    operands: readonly Float32Array[],
    run: (at: readonly number[], to: number, scratch: number) => void,
  ): Float32Array {
    const { memory } = this.#instance;
    const at = operands.map((operand) => this.#place(operand));
    const to = this.#place(new Float32Array(length).fill(MARK));
    const scratch = memory.allocate('test', 2 ** 24);
    run(at, to, scratch);
    const result = memory.floats.slice(to / 4, to / 4 + length);
    memory.clear();
    return result;
  }

  /** Each part with a weight of its own, or with the one that was packed for the whole view. */
  product(
    method: Method,
    views: readonly (readonly Part[])[],
    operands: readonly Float32Array[],
    length: number,
    packedFor: 'part' | 'whole' = 'part',
  ): Float32Array {
    const { kernels: k, workspace } = this.#instance;
    return this.#result(length, operands, ([from = 0, w = 0, bias = 0], to, scratch) => {
      const room = method.scratchBytes(k) > 0 ? scratch : workspace;
      const [packed, spare] = [scratch + align(method.scratchBytes(k)), scratch + SPARE];
      const pack = (view: View): Weight => {
        const plain = w + view.wOffset * 4;
        if (packedFor === 'part' && method.plain) return { plain, packed: 0, spare: 0 };
        method.pack(k, this.#instance.write(view), plain, packed, room);
        method.spare?.pack(k, this.#instance.write(view), plain, spare, workspace);
        return { plain: 0, packed, spare: method.spare ? spare : 0 };
      };
      for (const parts of views) {
        const [first] = parts;
        const shared = packedFor === 'whole' && first ? pack(wholeOf(first.view)) : undefined;
        for (const { view, xOffset, xChannel, yChannel } of parts) {
          const [begin, end, channel] = isAdjoint(method) ? [view.yOffset, xOffset, xChannel] : [xOffset, view.yOffset, yChannel];
          const own = shared ? view : withOwnWeight(view);
          const weight = shared ?? pack(own);
          const epilogue = { bias: bias + channel * 4, activation: ACTIVATIONS.relu, slope: 0 };
          method.run(k, this.#instance.write(own), from + begin * 4, weight, to + end * 4, epilogue, room);
        }
      }
    });
  }

  wgrad(kernel: keyof typeof WGRADS, parts: readonly Part[], operands: readonly Float32Array[], length: number): Float32Array {
    const { kernels: k, workspace } = this.#instance;
    const method = WGRADS[kernel];
    return this.#result(length, operands, ([x = 0, y = 0], dw, scratch) => {
      const room = method.scratchBytes(k) > 0 ? scratch : workspace;
      for (const { view, xOffset } of parts)
        method.run(k, this.#instance.write(view), x + xOffset * 4, y + view.yOffset * 4, dw + view.wOffset * 4, room);
    });
  }
}

/** Behind scratch and packed weight. */
const SPARE = 2 ** 23;

/** The view of which this is the first part along channels. */
const wholeOf = (part: View): View =>
  viewWith(part, { yChannels: part.packed.channels * part.groups, packed: { ...part.packed, first: 0 } });

/** Of these from is y and to is x. */
const isAdjoint = (method: Method): boolean => method === columns || method === depthwiseDgrad;

const CUTS: readonly Cut[] = ['batch', 'groups', 'rows', 'columns', 'channels'];
const cutsOf = (method: Method): readonly Cut[] =>
  method === columns ? ['batch', 'groups', 'inputs'] : method === depthwiseDgrad ? ['batch', 'groups'] : CUTS;
/** A depthwise one in channels-last sums a rest of channels with the last four: it is not cut. */
const wgradCuts = (kernel: keyof typeof WGRADS, { channelsLast }: View): readonly Cut[] =>
  kernel === 'wgrad' ? ['groups', 'channels'] : kernel === 'depthwiseWgrad' && channelsLast ? [] : ['groups'];

function attempt<P>(make: () => P): P | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof OptionError) return undefined;
    throw error;
  }
}

describe.each(BUILDS)('%s: parts of a view are the whole, to the bit', (build) => {
  const machine = new Machine(build);
  const use = { planned: false, fused: build === 'relaxed' };

  describe.each(LAYOUTS)('%s', (layout) => {
    for (const [name, layer] of Object.entries(LAYERS)) {
      const g = geometryOf(layer, layout);
      const [x, w, y] = [xLength(g), wLength(g), yLength(g)].map((length, index) => floats(length, index + 1)) as [
        Float32Array,
        Float32Array,
        Float32Array,
      ];
      const biases = floats(Math.max(g.xChannels, g.yChannels), 4);

      for (const direction of ['fprop', 'dgrad'] as const) {
        for (const algorithm of ['gemm', 'direct', 'phases', 'winograd'] as const) {
          const program = attempt(() => (direction === 'fprop' ? fpropProgram : dgradProgram)(g, { op: 'test', algorithm }, use));
          if (!program) continue;
          it(`${name}, ${direction} by ${algorithm}`, () => {
            const length = direction === 'fprop' ? y.length : x.length;
            const operands = direction === 'fprop' ? [x, w, biases] : [y, w, biases];
            const want = machine.product(program.method, [program.views.map(whole)], operands, length);
            expect(want).not.toContain(MARK);
            for (const cut of cutsOf(program.method)) {
              const grain = algorithm === 'winograd' && (cut === 'rows' || cut === 'columns') ? 4 : 1;
              for (const parts of [2, 3]) {
                const pieces = program.views.map((view) => cutAlong(view, cut, parts, grain));
                expect(machine.product(program.method, pieces, operands, length), `${cut} in ${parts}`).toEqual(want);
              }
            }
            if (program.method.packing === '') return;
            const tile = machine.tile(algorithm === 'winograd' || layout === 'channels-first');
            for (const parts of [1, 2, 3]) {
              const pieces = program.views.map((view) => cutAlong(view, 'channels', parts, tile));
              expect(machine.product(program.method, pieces, operands, length, 'whole'), `packed, ${parts}`).toEqual(want);
            }
          });
        }
      }

      for (const algorithm of ['gemm', 'direct', 'winograd'] as const) {
        const program = attempt(() => wgradProgram(g, { op: 'test', algorithm }, use));
        if (!program) continue;
        it(`${name}, wgrad by ${algorithm}`, () => {
          const [view] = program.views;
          const want = machine.wgrad(program.kernel, [whole(view)], [x, y], w.length);
          expect(want).not.toContain(MARK);
          for (const cut of wgradCuts(program.kernel, view)) {
            for (const parts of [2, 3])
              expect(machine.wgrad(program.kernel, cutAlong(view, cut, parts), [x, y], w.length), cut).toEqual(want);
          }
        });
      }
    }
  });
});
