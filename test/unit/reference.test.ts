import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Epilogue, type GemmGeometry, NO_EPILOGUE } from '../../src/engine.js';
import { OutOfMemoryError } from '../../src/errors.js';
import {
  biasGeometry,
  type ConvGeometry,
  convGeometry,
  convTransposeGeometry,
  unfoldGeometry,
  volume,
  wLength,
  xLength,
  yLength,
} from '../../src/geometry/index.js';
import { referenceEngine } from '../../src/reference/index.js';
import type { ConvShapeOptions } from '../../src/types.js';
import { type Call, convCalls, convTransposeCalls, floats, integers } from '../kernels/random.js';

const engine = referenceEngine();
const unfilled = (length: number) => new Float32Array(length).fill(Number.NaN);
const numbers = (array: Float32Array) => Array.from(array);

const fprop = (g: ConvGeometry, x: Float32Array, w: Float32Array, epilogue = NO_EPILOGUE) => {
  const y = unfilled(yLength(g));
  engine.fprop(g, x, w, y, epilogue);
  return y;
};
const dgrad = (g: ConvGeometry, y: Float32Array, w: Float32Array, epilogue = NO_EPILOGUE) => {
  const x = unfilled(xLength(g));
  engine.dgrad(g, y, w, x, epilogue);
  return x;
};
const wgrad = (g: ConvGeometry, x: Float32Array, y: Float32Array) => {
  const dw = unfilled(wLength(g));
  engine.wgrad(g, x, y, dw);
  return dw;
};
const conv1d = (i: number, k: number, options: ConvShapeOptions = {}) => convGeometry('conv1d', 1, [1, 1, i], [1, 1, k], options).geometry;

const geometries: fc.Arbitrary<ConvGeometry> = fc.oneof(
  convCalls.map(
    ({ axes, inputShape, weightShape, options }: Call) => convGeometry('conv', axes, inputShape, weightShape, options).geometry,
  ),
  convTransposeCalls.map(
    ({ axes, inputShape, weightShape, options }: Call) =>
      convTransposeGeometry('convTranspose', axes, inputShape, weightShape, options).geometry,
  ),
);

/** In float64; whole numbers stay exact. */
const inner = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, index) => sum + value * (b[index] as number), 0);

describe('by hand', () => {
  it('cross-correlates, without a rotation', () => {
    expect(numbers(fprop(conv1d(3, 2), Float32Array.of(1, 2, 3), Float32Array.of(1, 10)))).toEqual([21, 32]);
    expect(numbers(dgrad(conv1d(3, 2), Float32Array.of(1, 2), Float32Array.of(1, 10)))).toEqual([1, 12, 20]);
    expect(numbers(wgrad(conv1d(3, 2), Float32Array.of(1, 2, 3), Float32Array.of(1, 10)))).toEqual([21, 32]);
  });

  it('stride, dilation and unequal pads', () => {
    const g = conv1d(5, 2, { stride: 2, dilation: 2, padding: [[1, 2]] });
    // _ 1 2 3 4 5 _ _ under (1, 10) two apart, every second position
    const x = Float32Array.of(1, 2, 3, 4, 5);
    expect(numbers(fprop(g, x, Float32Array.of(1, 10)))).toEqual([20, 42, 4]);
    expect(numbers(dgrad(g, Float32Array.of(1, 2, 3), Float32Array.of(1, 10)))).toEqual([0, 12, 0, 23, 0]);
    expect(numbers(wgrad(g, x, Float32Array.of(1, 2, 3)))).toEqual([16, 10]);
  });

  it('rows of outputPadding are sums where a window reaches them, zeros past it', () => {
    const up = (padding: number, outputPadding: number) =>
      convTransposeGeometry('convTranspose1d', 1, [1, 1, 2], [1, 1, 3], { stride: 3, padding, outputPadding }).geometry;
    const [y, w] = [Float32Array.of(1, 2), Float32Array.of(1, 10, 100)];
    expect(numbers(dgrad(up(0, 0), y, w))).toEqual([1, 10, 100, 2, 20, 200]);
    expect(numbers(dgrad(up(0, 2), y, w))).toEqual([1, 10, 100, 2, 20, 200, 0, 0]);
    expect(numbers(dgrad(up(1, 0), y, w))).toEqual([10, 100, 2, 20]);
    expect(numbers(dgrad(up(1, 2), y, w))).toEqual([10, 100, 2, 20, 200, 0]);
  });

  it('groups see their own channels only, in both layouts', () => {
    const first = convGeometry('conv1d', 1, [1, 4, 2], [2, 2, 1], { groups: 2 }).geometry;
    expect(numbers(fprop(first, Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), Float32Array.of(1, 10, 100, 1000)))).toEqual([31, 42, 7500, 8600]);
    const last = convGeometry('conv1d', 1, [1, 2, 4], [1, 2, 2], { groups: 2, layout: 'channels-last' }).geometry;
    // The same image and weight, written in the other order.
    expect(numbers(fprop(last, Float32Array.of(1, 3, 5, 7, 2, 4, 6, 8), Float32Array.of(1, 100, 10, 1000)))).toEqual([31, 7500, 42, 8600]);
  });

  it('gradBias is the weight gradient of a constant input', () => {
    const g = biasGeometry('conv1d.gradBias', 1, [2, 2, 3], undefined);
    expect(numbers(wgrad(g, Float32Array.of(1), Float32Array.of(1, 2, 3, 10, 20, 30, 4, 5, 6, 40, 50, 60)))).toEqual([21, 210]);
  });

  it('an empty batch gives an empty output and zero gradients', () => {
    const g = convGeometry('conv2d', 2, [0, 1, 4, 4], [2, 1, 3, 3]).geometry;
    const none = new Float32Array(0);
    expect(fprop(g, none, new Float32Array(18))).toEqual(none);
    expect(dgrad(g, none, new Float32Array(18))).toEqual(none);
    expect(wgrad(g, none, none)).toEqual(new Float32Array(18));
  });

  it('sums in float64 and rounds once', () => {
    const w = Float32Array.of(1e8, 1, -1e8);
    expect(numbers(fprop(conv1d(3, 3), Float32Array.of(1, 1, 1), w))).toEqual([1]);
    expect(numbers(wgrad(conv1d(3, 1), w, Float32Array.of(1, 1, 1)))).toEqual([1]);
    expect(numbers(dgrad(conv1d(1, 3, { padding: 2 }), Float32Array.of(1, 1, 1), w))).toEqual([1]);
  });
});

describe('the three products belong together', () => {
  it('<C x, y> = <x, Cᵀ y> = <w, ∂<y, C x>/∂w>, exactly on whole numbers, in random geometries', () => {
    fc.assert(
      fc.property(geometries, fc.nat(), (g, seed) => {
        const [x, w, y] = [integers(xLength(g), seed), integers(wLength(g), seed + 1), integers(yLength(g), seed + 2)];
        const both = inner(fprop(g, x, w), y);
        expect(inner(x, dgrad(g, y, w))).toBe(both);
        expect(inner(w, wgrad(g, x, y))).toBe(both);
      }),
      { numRuns: 300 },
    );
  });

  it('central differences of the forward pass are the gradients', () => {
    fc.assert(
      fc.property(geometries, fc.nat(), (g, seed) => {
        const [x, w, dy] = [floats(xLength(g), seed), floats(wLength(g), seed + 1), floats(yLength(g), seed + 2)];
        const [dx, dw] = [dgrad(g, dy, w), wgrad(g, x, dy)];
        // A power of two: x ± h is off by one rounding at most, and the loss is linear in each operand, so nothing is truncated.
        const h = 0.5;
        const probe = (operand: Float32Array, gradient: Float32Array, index: number) => {
          const at = (value: number) => {
            const before = operand[index] as number;
            operand[index] = value;
            const y = fprop(g, x, w);
            const moved = operand[index] as number;
            operand[index] = before;
            // Every stored y is rounded once, by half an ulp at most.
            const error = y.reduce((sum, each, o) => sum + Math.abs(each * (dy[o] as number)), 0) * 2 ** -24;
            return { loss: inner(y, dy), error, moved };
          };
          const here = operand[index] as number;
          const [above, below] = [at(here + h), at(here - h)];
          const difference = (above.loss - below.loss) / (above.moved - below.moved);
          const tolerance = (above.error + below.error) / (above.moved - below.moved) + Math.abs(gradient[index] as number) * 2 ** -23;
          expect(Math.abs(difference - (gradient[index] as number))).toBeLessThanOrEqual(tolerance);
        };
        const some = (length: number) =>
          Array.from({ length: Math.min(length, 12) }, (_, index) => Math.floor((index * length) / 12) % length);
        for (const index of some(x.length)) probe(x, dx, index);
        for (const index of some(w.length)) probe(w, dw, index);
      }),
      { numRuns: 100 },
    );
  });

  it('C x is the weight times im2col, and col2im its adjoint', () => {
    fc.assert(
      fc.property(convCalls, fc.nat(), ({ axes, inputShape, weightShape, options }, seed) => {
        const { geometry: g } = convGeometry('conv', axes, inputShape, weightShape, options);
        const [taps, outputs, I, O] = [volume(g.kernel), volume(g.ySize), g.xChannels / g.groups, g.yChannels / g.groups];
        const length = g.batch * g.xChannels * taps * outputs;
        const [x, w, cotangent] = [integers(xLength(g), seed), integers(wLength(g), seed + 1), integers(length, seed + 2)];
        const columns = unfilled(length);
        engine.im2col(g, x, columns);
        const image = unfilled(x.length);
        engine.col2im(g, cotangent, image);
        expect(inner(columns, cotangent)).toBe(inner(x, image));

        const y = unfilled(yLength(g));
        for (let n = 0; n < g.batch; n++) {
          for (let m = 0; m < g.yChannels; m++) {
            for (let o = 0; o < outputs; o++) {
              let sum = 0;
              for (let c = 0; c < I; c++) {
                for (let t = 0; t < taps; t++) {
                  const row = (n * g.xChannels + Math.floor(m / O) * I + c) * taps + t;
                  sum += (columns[row * outputs + o] as number) * (w[m * g.w.y + c * g.w.x + t * g.w.tap] as number);
                }
              }
              y[n * g.y.batch + m * g.y.channel + o * g.y.space] = sum;
            }
          }
        }
        expect(fprop(g, x, w)).toEqual(y);
      }),
      { numRuns: 150 },
    );
  });

  it('col2im after im2col counts the windows over each position', () => {
    const g = unfoldGeometry('unfold', [1, 1, 3, 3], 2, {}).geometry;
    const columns = unfilled(16);
    engine.im2col(g, Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), columns);
    expect(numbers(columns)).toEqual([1, 2, 4, 5, 2, 3, 5, 6, 4, 5, 7, 8, 5, 6, 8, 9]);
    const image = unfilled(9);
    engine.col2im(g, columns.fill(1), image);
    expect(numbers(image)).toEqual([1, 2, 1, 2, 4, 2, 1, 2, 1]);
  });
});

describe('NaN and infinity', () => {
  const infinite = Float32Array.of(Infinity, 1, 1);

  it('a padded position is a zero that is multiplied, in fprop and wgrad', () => {
    const g = conv1d(3, 3, { padding: 1 });
    expect(numbers(fprop(g, Float32Array.of(1, 1, 1), infinite))).toEqual([NaN, Infinity, Infinity]);
    expect(numbers(wgrad(g, Float32Array.of(1, 1, 1), infinite))).toEqual([NaN, Infinity, Infinity]);
  });

  it('in dgrad only the pairs that meet contribute', () => {
    // Position 2 is met by taps 1 and 2 alone: the infinite tap 0 would need a fourth output.
    expect(numbers(dgrad(conv1d(3, 3, { padding: 1 }), Float32Array.of(0, 1, 1), infinite))).toEqual([Infinity, Infinity, 2]);
    expect(numbers(dgrad(conv1d(3, 1, { stride: 2 }), Float32Array.of(NaN, 1), Float32Array.of(1)))).toEqual([NaN, 0, 1]);
  });

  it('a NaN reaches the positions that see it and no other', () => {
    expect(numbers(fprop(conv1d(4, 2), Float32Array.of(NaN, 1, 1, 1), Float32Array.of(1, 1)))).toEqual([NaN, 2, 2]);
  });
});

describe('the epilogue', () => {
  const x = Float32Array.of(-4, -1, 2, 9, NaN);
  const bias = Float32Array.of(1);
  it.each<[Epilogue, number[]]>([
    [NO_EPILOGUE, [-4, -1, 2, 9, NaN]],
    [{ bias, activation: 'none', slope: 0 }, [-3, 0, 3, 10, NaN]],
    [{ bias, activation: 'relu', slope: 0 }, [0, 0, 3, 10, NaN]],
    [{ bias, activation: 'relu6', slope: 0 }, [0, 0, 3, 6, NaN]],
    [{ bias, activation: 'leakyRelu', slope: 0.5 }, [-1.5, 0, 3, 10, NaN]],
    [{ bias: null, activation: 'leakyRelu', slope: 2 }, [-8, -2, 2, 9, NaN]],
  ])('%o', (epilogue, want) => {
    const g = conv1d(5, 1);
    const one = Float32Array.of(1);
    expect(numbers(fprop(g, x, one, epilogue))).toEqual(want);
    expect(numbers(dgrad(g, x, one, epilogue))).toEqual(want);
    const product = unfilled(5);
    engine.gemm({ m: 5, n: 1, k: 1, a: { row: 1, column: 1 }, b: { row: 1, column: 1 }, batch: [], aBatch: [], bBatch: [] }, x, one, product, epilogue); // biome-ignore format: short
    expect(numbers(product)).toEqual(want);
  });

  it('adds the bias of the output channel: y’s in fprop, x’s in dgrad', () => {
    const g = convGeometry('conv1d', 1, [1, 2, 1], [3, 2, 1]).geometry;
    const zero = new Float32Array(6);
    const epilogue: Epilogue = { bias: Float32Array.of(1, 2, 3), activation: 'none', slope: 0 };
    expect(numbers(fprop(g, zero.subarray(0, 2), zero, epilogue))).toEqual([1, 2, 3]);
    expect(numbers(dgrad(g, zero.subarray(0, 3), zero, epilogue))).toEqual([1, 2]);
  });
});

describe('gemm', () => {
  const product = (g: GemmGeometry, a: readonly number[], b: readonly number[], epilogue = NO_EPILOGUE) => {
    const c = unfilled(g.batch.reduce((count, size) => count * size, g.m * g.n));
    engine.gemm(g, Float32Array.from(a), Float32Array.from(b), c, epilogue);
    return numbers(c);
  };
  const single = { batch: [], aBatch: [], bBatch: [] };

  it('multiplies, whatever the strides', () => {
    const [a, b] = [[1, 2, 3, 4, 5, 6], [1, 10, 100, 1000, 10000, 100000]]; // biome-ignore format: pair
    const sizes = { ...single, m: 2, n: 2, k: 3 };
    expect(product({ ...sizes, a: { row: 3, column: 1 }, b: { row: 2, column: 1 } }, a, b)).toEqual([30201, 302010, 60504, 605040]);
    expect(product({ ...sizes, a: { row: 1, column: 2 }, b: { row: 1, column: 3 } }, a, b)).toEqual([531, 531000, 642, 642000]);
  });

  it('broadcasts batch axes of stride 0', () => {
    const g = { m: 1, n: 1, k: 1, a: { row: 1, column: 1 }, b: { row: 1, column: 1 } };
    expect(product({ ...g, batch: [2, 3], aBatch: [1, 0], bBatch: [0, 1] }, [1, 2], [3, 4, 5])).toEqual([3, 4, 5, 6, 8, 10]);
    expect(product({ ...g, batch: [0, 3], aBatch: [1, 0], bBatch: [0, 1] }, [], [3, 4, 5])).toEqual([]);
  });

  it('k = 0 is a sum of nothing: zero, and the bias of its column', () => {
    const g = { ...single, m: 2, n: 2, k: 0, a: { row: 0, column: 1 }, b: { row: 2, column: 1 } };
    expect(product(g, [], [])).toEqual([0, 0, 0, 0]);
    expect(product(g, [], [], { bias: Float32Array.of(1, -2), activation: 'relu', slope: 0 })).toEqual([1, 0, 1, 0]);
  });
});

describe('plans, buffers and the bytes they hold', () => {
  const g = convGeometry('conv2d', 2, [2, 3, 5, 5], [4, 3, 3, 3]).geometry;

  it.each(['fprop', 'dgrad'] as const)('a %s plan computes what the engine computes, from its own copy', (direction) => {
    const [w, x, y] = [integers(wLength(g), 1), integers(xLength(g), 2), integers(yLength(g), 3)];
    const epilogue: Epilogue = { bias: Float32Array.of(1, 2, 3, 4), activation: 'relu', slope: 0 };
    const want = direction === 'fprop' ? fprop(g, x, w, epilogue) : dgrad(g, y, w, epilogue);
    const bias = Float32Array.of(1, 2, 3, 4);
    const plan = engine.plan(direction, g, w, { ...epilogue, bias });
    w.fill(NaN);
    bias.fill(NaN);
    const got = unfilled(want.length);
    plan.run(direction === 'fprop' ? x : y, got);
    expect(got).toEqual(want);
    expect([plan.algorithm, plan.bytes]).toEqual(['direct', 4 * (108 + 4)]);
    plan.free();
  });

  it('counts what lives, once, through frees, second frees and dispose', () => {
    const own = referenceEngine();
    expect(own).toMatchObject({ variant: 'reference', tile: [], blocks: [], workspaceBytes: 0, maxBytes: 2 ** 32 - 65536 });
    const buffer = own.buffer('tensor', 10);
    const plan = own.plan('fprop', g, new Float32Array(108), NO_EPILOGUE);
    expect([buffer.bytes, plan.bytes, own.liveBytes, own.capacityBytes]).toEqual([40, 432, 472, 472]);
    expect(buffer.view()).toEqual(new Float32Array(10));
    buffer.view()[3] = 7;
    expect(buffer.view()[3]).toBe(7);
    buffer.free();
    buffer.free();
    expect(own.liveBytes).toBe(432);
    own.dispose();
    plan.free();
    own.dispose();
    expect([own.liveBytes, own.capacityBytes]).toEqual([0, 0]);
  });

  it('refuses what passes maxBytes, and is as it was', () => {
    const own = referenceEngine({ maxBytes: 400 });
    const buffer = own.buffer('tensor', 100);
    expect(() => own.buffer('tensor', 1)).toThrow(OutOfMemoryError);
    expect(() => own.buffer('tensor', 1)).toThrow('tensor: 4 bytes more than the 400 in use; maxBytes is 400');
    expect(() => own.plan('fprop', g, new Float32Array(108), NO_EPILOGUE)).toThrow(OutOfMemoryError);
    expect(own.liveBytes).toBe(400);
    buffer.free();
    expect(buffer.view()).toHaveLength(0);
    own.buffer('tensor', 1);
    expect(own.liveBytes).toBe(4);
  });

  it('and what the runtime cannot give', () => {
    const own = referenceEngine({ maxBytes: Number.POSITIVE_INFINITY });
    expect(() => own.buffer('tensor', 2 ** 48)).toThrow(OutOfMemoryError);
    expect(own.liveBytes).toBe(0);
  });
});
