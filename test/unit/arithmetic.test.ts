import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  convMatrix,
  convOutputSize,
  convTransposeOutputSize,
  equivalentConv,
  insertZeros,
  OptionError,
  type RelationshipParams,
  relationship,
  relationships,
  rotate180,
  ShapeError,
  type Tensor,
} from '../../src/arithmetic/index.js';
import { NO_EPILOGUE } from '../../src/engine.js';
import { convGeometry, convTransposeGeometry, cropped, readImage, xLength, yLength } from '../../src/geometry/index.js';
import { referenceEngine } from '../../src/reference/index.js';
import { type Call, convCalls, convTransposeCalls, integers } from '../kernels/random.js';

const engine = referenceEngine();
const count = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
const whole = (shape: readonly number[], seed: number): Tensor => ({ data: integers(count(shape), seed), shape });
const iota = (shape: readonly number[]): Tensor => ({ data: Float32Array.from({ length: count(shape) }, (_, i) => i + 1), shape });
const unfilled = (length: number) => new Float32Array(length).fill(Number.NaN);

/** One image of a call, batched or not. */
function single(call: Call): Call {
  const batched = call.inputShape.length === call.axes + 2;
  return batched ? { ...call, inputShape: [1, ...call.inputShape.slice(1)] } : call;
}

describe('convOutputSize and convTransposeOutputSize', () => {
  it('a number gives a number, one size per axis gives as many', () => {
    expect(convOutputSize(224, 7, { stride: 2, padding: 3 })).toBe(112);
    expect(convOutputSize([224, 10], [7, 3], { stride: [2, 1], padding: [3, [0, 1]] })).toEqual([112, 9]);
    expect(convOutputSize([7, 8, 9], 3, { dilation: 2 })).toEqual([3, 4, 5]);
    expect(convOutputSize([7], 3)).toEqual([5]);
    expect(convOutputSize(9, 3, { padding: -1 })).toBe(5);
    expect(convTransposeOutputSize(7, 4, { stride: 2, padding: [[-1, 1]] })).toBe(16);
    expect(convTransposeOutputSize(7, 4, { stride: 2, padding: 1 })).toBe(14);
    expect(convTransposeOutputSize([7, 5], 4, { stride: 2, padding: [1, [0, 1]], outputPadding: [1, 0] })).toEqual([15, 11]);
  });

  it('takes the words of padding', () => {
    expect(convOutputSize(10, 3, { padding: 'valid' })).toBe(8);
    expect(convOutputSize(11, 4, { padding: 'same', stride: 2 })).toBe(6);
    expect(convOutputSize(11, 4, { padding: 'same-lower', stride: 2 })).toBe(6);
    expect(convTransposeOutputSize(5, 3, { padding: 'same', stride: 2 })).toBe(10);
    expect(convOutputSize([11, 7], 4, { padding: ['causal', 'valid'], stride: [2, 1] })).toEqual([6, 4]);
    expect(convTransposeOutputSize([5, 4], 3, { padding: ['causal', 1], stride: 2 })).toEqual([10, 7]);
  });

  it.each<[() => unknown, typeof ShapeError | typeof OptionError, string]>([
    [() => convOutputSize(2, 3), ShapeError, 'convOutputSize: the kernel [3] with dilation [1] reaches 3'],
    [() => convOutputSize(4, 1, { padding: -2 }), ShapeError, 'convOutputSize: padding [-2, -2] on axis 0 crops 4 of'],
    [() => convOutputSize(0, 3), OptionError, 'input is 0'],
    [() => convOutputSize([3, 2.5], 3), OptionError, 'input is 2.5'],
    [() => convOutputSize([], 3), OptionError, 'expected a size, or an array of one to three sizes'],
    [() => convOutputSize([1, 2, 3, 4], 1), OptionError, 'an array of one to three sizes'],
    [() => convOutputSize('5' as unknown as number, 3), OptionError, 'input is "5"'],
    [() => convOutputSize([5, 5], [3]), OptionError, 'kernel is [3]; expected a number or an array of 2'],
    [() => convOutputSize(5, 3, { outputPadding: 1 } as object), OptionError, `unknown option 'outputPadding'`],
    [() => convOutputSize(5, 3, { outputPadding: 1 } as object), OptionError, 'outputPadding is for convTransposeOutputSize'],
    [() => convOutputSize(5, 3, { strides: 1 } as object), OptionError, `known: stride, padding, dilation; did you mean 'stride'?`],
    [() => convOutputSize(5, 3, 2 as never), OptionError, 'options is 2; expected an object of stride, padding, dilation'],
    [() => convOutputSize(5, [3, 3] as never), OptionError, 'kernel is [3, 3], but input is one size, 5; write input as an array too'],
    [
      () => convOutputSize([1, 3, 9, 9], 3),
      OptionError,
      'input is [1, 3, 9, 9]; expected a size, or an array of one to three sizes, without batch and',
    ],
    [() => convTransposeOutputSize(5, 3, { outputPadding: 1 }), OptionError, 'convTransposeOutputSize: outputPadding is 1'],
    [() => convTransposeOutputSize(1, 3, { padding: 2 }), ShapeError, 'the output has size -1'],
    [() => convTransposeOutputSize(5, 3, { groups: 2 } as object), OptionError, `unknown option 'groups'`],
  ])('%s', (attempt, kind, message) => {
    expect(attempt).toThrow(kind);
    expect(attempt).toThrow(message);
  });
});

describe('relationship', () => {
  it.each<[RelationshipParams, number, number]>([
    [{ i: 4, k: 3 }, 1, 2],
    [{ i: 5, k: 4, p: 2 }, 2, 6],
    [{ i: 5, k: 3, p: 1 }, 3, 5],
    [{ i: 5, k: 3, p: 2 }, 4, 7],
    [{ i: 5, k: 3, s: 2 }, 5, 2],
    [{ i: 5, k: 3, s: 2, p: 1 }, 6, 3],
    [{ i: 6, k: 3, s: 2, p: 1 }, 6, 3],
    [{ i: 5, k: 3, s: 2, pooling: true }, 7, 2],
    [{ i: 7, k: 3, d: 2 }, 15, 3],
    [{ i: 9, k: 3, p: -1 }, 2, 5],
    [{ i: 9, k: 3, p: -1, s: 2 }, 6, 3],
  ])('the guide’s figures: %o is relationship %i', (params, number, o) => {
    expect(relationship(params)).toMatchObject({ number, o, equivalent: null });
  });

  it.each<[RelationshipParams, number, number, object]>([
    [{ i: 2, k: 3 }, 8, 4, { i: 2, zeros: 0, k: 3, s: 1, p: 2, a: 0 }],
    [{ i: 6, k: 4, p: 2 }, 9, 5, { i: 6, zeros: 0, k: 4, s: 1, p: 1, a: 0 }],
    [{ i: 5, k: 3, p: 1 }, 10, 5, { i: 5, zeros: 0, k: 3, s: 1, p: 1, a: 0 }],
    [{ i: 7, k: 3, p: 2 }, 11, 5, { i: 7, zeros: 0, k: 3, s: 1, p: 0, a: 0 }],
    [{ i: 2, k: 3, s: 2 }, 12, 5, { i: 3, zeros: 1, k: 3, s: 1, p: 2, a: 0 }],
    [{ i: 3, k: 3, s: 2, p: 1 }, 13, 5, { i: 5, zeros: 1, k: 3, s: 1, p: 1, a: 0 }],
    [{ i: 3, k: 3, s: 2, p: 1, a: 1 }, 14, 6, { i: 5, zeros: 1, k: 3, s: 1, p: 1, a: 1 }],
    [{ i: 3, k: 3, d: 2 }, 8, 7, { i: 3, zeros: 0, k: 3, d: 2, s: 1, p: 4, a: 0 }],
  ])('and their transposes: %o is relationship %i', (params, number, o, equivalent) => {
    expect(relationship({ ...params, transposed: true })).toMatchObject({ number, o, equivalent });
  });

  it('agrees with the ops’ sizes over a grid, in the chosen statement and in every other that applies; all fifteen are reached', () => {
    const chosen = new Set<number>();
    let refused = 0;
    for (const q of grid()) {
      const { i, k, s, p, d, a, transposed } = q;
      const options = { stride: s, padding: p, dilation: d };
      let size: number;
      try {
        size = transposed ? convTransposeOutputSize(i, k, { ...options, outputPadding: a }) : convOutputSize(i, k, options);
      } catch {
        refused++;
        expect(() => relationship(q)).toThrow();
        continue;
      }
      const said = relationship(q);
      chosen.add(said.number);
      expect(said.o).toBe(size);
      for (const each of relationships) if (each.applies(q)) expect([each.number, each.evaluate(q)]).toEqual([each.number, size]);
      const direct = said.equivalent;
      expect(direct !== null).toBe(transposed);
      if (direct !== null && direct.p >= 0) {
        expect(convOutputSize(direct.i, direct.k, { padding: [[direct.p, direct.p + direct.a]], dilation: direct.d })).toBe(size);
      }
    }
    expect([...chosen].sort((one, other) => one - other)).toEqual(relationships.map(({ number }) => number));
    expect(relationships.map(({ number }) => number)).toEqual(Array.from({ length: 15 }, (_, index) => index + 1));
    expect(refused).toBeGreaterThan(0);
  });

  it.each<[RelationshipParams, string]>([
    [{ i: 5, k: 3, a: 1 }, 'a is 1; only a transposed convolution'],
    [{ i: 5, k: 3, transposed: true, a: 1 }, 'outputPadding is 1'],
    [{ i: 5, k: 3, transposed: true, pooling: true }, 'pooling and transposed'],
    [{ i: 5, k: 6 }, 'relationship: the kernel [6] with dilation [1] reaches 6'],
    [undefined as never, 'relationship: params is undefined; expected { i, k }'],
    [5 as never, 'relationship: params is 5; expected an object of i, k, s, p'],
    [{ i: 5 } as never, 'relationship: k is undefined; expected a whole number'],
    [{ i: 5, k: 3, transposed: 1 } as never, 'relationship: transposed is 1; expected a boolean'],
    [{ i: 5, k: 3, pooling: 'max' } as never, 'relationship: pooling is "max"; expected a boolean'],
    [{ input: 5, kernel: 3 } as never, "did you mean 'i'?"],
    [{ i: 5, kernelSize: 3 } as never, "did you mean 'k'?"],
    [{ i: 5, k: 3, dilation: 3 } as never, "did you mean 'd'?"],
    [{ i: 5, k: 1.5 }, 'k is 1.5'],
    [{ i: 2, k: 1, p: -1 }, "crops 2 of the input's 2"],
    [
      { i: 5, k: 3, stride: 2 } as RelationshipParams,
      `unknown option 'stride'; known: i, k, s, p, d, a, transposed, pooling; did you mean 's'?`,
    ],
  ])('%o is refused', (params, message) => {
    expect(() => relationship(params)).toThrow(message);
  });

  function* grid(): Generator<Required<RelationshipParams>> {
    const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
    for (const i of range(1, 8)) {
      for (const k of range(1, 5)) {
        for (const s of range(1, 3)) {
          for (const p of range(0, 5)) {
            for (const d of range(1, 3)) {
              for (const pooling of [false, true]) yield { i, k, s, p, d, a: 0, transposed: false, pooling };
              for (const a of range(0, Math.max(s, d) - 1)) yield { i, k, s, p, d, a, transposed: true, pooling: false };
            }
          }
        }
      }
    }
  }
});

describe('convMatrix', () => {
  it('is the C of the guide’s section 4.1: 3x3 over 4x4', () => {
    const weight = iota([1, 1, 3, 3]);
    const matrix = convMatrix(weight, [1, 1, 4, 4]);
    expect(matrix).toMatchObject({ rows: 4, cols: 16, nnz: 36, inputShape: [1, 1, 4, 4], outputShape: [1, 1, 2, 2] });
    const dense = matrix.toDense();
    expect(dense.shape).toEqual([4, 16]);
    // biome-ignore format: the matrix as it is drawn
    expect(Array.from(dense.data)).toEqual([
      1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0, 0, 0, 0, 0,
      0, 1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0, 0, 0, 0,
      0, 0, 0, 0, 1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0,
      0, 0, 0, 0, 0, 1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9,
    ]);
  });

  it('holds compressed sparse rows, a zero weight included', () => {
    const matrix = convMatrix({ data: Float32Array.of(5, 0), shape: [1, 1, 2] }, [1, 3], { padding: [[1, 0]] });
    expect(matrix.toCsr()).toEqual({
      rowPointers: Int32Array.of(0, 1, 3, 5),
      columns: Int32Array.of(0, 0, 1, 1, 2),
      values: Float32Array.of(0, 5, 0, 5, 0),
    });
    matrix.toCsr().values.fill(9);
    expect(Array.from(matrix.multiply(Float32Array.of(1, 2, 3)))).toEqual([0, 5, 10]);
  });

  it('C x is the engine’s fprop and Cᵀ y its dgrad, in random geometries with every option', () => {
    fc.assert(
      fc.property(convCalls, fc.nat(), (call, seed) => {
        const { axes, inputShape, weightShape, options } = single(call);
        const { geometry: g, outputShape } = convGeometry('conv', axes, inputShape, weightShape, options);
        const [x, w, y] = [whole(inputShape, seed), whole(weightShape, seed + 1), whole(outputShape, seed + 2)];
        const matrix = convMatrix(w, inputShape, options);
        expect([matrix.rows, matrix.cols]).toEqual([yLength(g), xLength(g)]);
        expect([matrix.inputShape, matrix.outputShape]).toEqual([inputShape, outputShape]);

        const [cx, cty] = [unfilled(matrix.rows), unfilled(matrix.cols)];
        engine.fprop(g, x.data, w.data, cx, NO_EPILOGUE);
        engine.dgrad(g, y.data, w.data, cty, NO_EPILOGUE);
        expect(matrix.multiply(x)).toEqual(cx);
        expect(matrix.multiplyTransposed(y)).toEqual(cty);

        // Each entry once: with all ones, the sum of C x counts them.
        const ones = unfilled(matrix.rows);
        engine.fprop(g, x.data.map(() => 1), w.data.map(() => 1), ones, NO_EPILOGUE); // biome-ignore format: short
        expect(matrix.nnz).toBe(ones.reduce((sum, value) => sum + value, 0));

        const { rowPointers, columns, values } = matrix.toCsr();
        expect([rowPointers.length, rowPointers[matrix.rows], columns.length, values.length]).toEqual([
          matrix.rows + 1,
          matrix.nnz,
          matrix.nnz,
          matrix.nnz,
        ]);
        for (let row = 0; row < matrix.rows; row++) {
          const inRow = columns.subarray(rowPointers[row], rowPointers[row + 1]);
          expect(inRow.every((column, index) => index === 0 || column > (inRow[index - 1] as number))).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('transposed: Cᵀ is the transposed conv, outputPadding included', () => {
    fc.assert(
      fc.property(convTransposeCalls, fc.nat(), (call, seed) => {
        const { axes, inputShape, weightShape, options } = single(call);
        const { geometry: g, outputShape } = convTransposeGeometry('convTranspose', axes, inputShape, weightShape, options);
        const [y, w] = [whole(inputShape, seed), whole(weightShape, seed + 1)];
        const matrix = convMatrix(w, inputShape, { ...options, transposed: true });
        expect([matrix.inputShape, matrix.outputShape]).toEqual([outputShape, inputShape]);
        const want = unfilled(matrix.cols);
        engine.dgrad(g, y.data, w.data, want, NO_EPILOGUE);
        expect(matrix.multiplyTransposed(y)).toEqual(want);
      }),
      { numRuns: 300 },
    );
  });

  it('toDense says the same as multiply, column by column', () => {
    const options = { stride: 2, padding: [[1, 2], 0], dilation: [1, 2], groups: 2 } as const;
    const matrix = convMatrix(iota([4, 1, 2, 2]), [2, 3, 5], options);
    const { data, shape } = matrix.toDense();
    expect(shape).toEqual([matrix.rows, matrix.cols]);
    for (let column = 0; column < matrix.cols; column++) {
      const unit = new Float32Array(matrix.cols);
      unit[column] = 1;
      expect(matrix.multiply(unit)).toEqual(
        Float32Array.from({ length: matrix.rows }, (_, row) => data[row * matrix.cols + column] ?? NaN),
      );
    }
  });

  it('sums in float64, and keeps it in a Float64Array', () => {
    const matrix = convMatrix({ data: Float32Array.of(1e8, 1, -1e8, 2 ** -30), shape: [1, 1, 4] }, [1, 4]);
    const ones = new Float32Array(4).fill(1);
    expect(matrix.multiply(ones)).toEqual(Float32Array.of(1));
    expect(matrix.multiply(ones, new Float64Array(1))).toEqual(Float64Array.of(1 + 2 ** -30));
    expect(matrix.multiplyTransposed(Float32Array.of(3), new Float64Array(4))).toEqual(Float64Array.of(3e8, 3, -3e8, 3 * 2 ** -30));
  });

  it.each<[string, () => unknown, typeof ShapeError | typeof OptionError, string]>([
    ['two images', () => convMatrix(iota([1, 1, 3]), [2, 1, 4]), ShapeError, 'the matrix is of one image'],
    ['a sparse matrix past 1 GiB', () => convMatrix(iota([8, 8, 3, 3]), [8, 1024, 1024]), ShapeError, 'at most 1073741824'],
    ['a dense one', () => convMatrix(iota([1, 1, 3, 3]), [1, 200, 200]).toDense(), ShapeError, 'convMatrix.toDense: the matrix is'],
    ['a short x', () => convMatrix(iota([1, 1, 3]), [1, 4]).multiply(new Float32Array(3)), ShapeError, 'x has 3 elements; expected 4'],
    ['a long out', () => convMatrix(iota([1, 1, 3]), [1, 4]).multiply(new Float32Array(4), new Float32Array(3)), ShapeError, 'expected 2'],
    [
      'an array',
      () => convMatrix(iota([1, 1, 3]), [1, 4]).multiplyTransposed([1, 2] as never),
      OptionError,
      'y is [1, 2]; expected a Float32Array',
    ],
    ['a weight of rank 2', () => convMatrix(iota([3, 3]), [1, 4]), ShapeError, 'two channel axes and one to three kernel axes'],
    [
      'data of the wrong length',
      () => convMatrix({ data: new Float32Array(8), shape: [1, 1, 3, 3] }, [1, 4, 4]),
      ShapeError,
      'has 8 elements',
    ],
    ['data of the wrong type', () => convMatrix({ data: [1] as never, shape: [1, 1, 1] }, [1, 4]), OptionError, 'expected a Float32Array'],
    ['no tensor', () => convMatrix(null as never, [1, 4]), OptionError, 'weight is null; expected a tensor, { data: Float32Array, shape }'],
    ['a shape for the weight', () => convMatrix([1, 1, 3] as never, [1, 4]), OptionError, 'weight is [1, 1, 3]; expected a tensor'],
    [
      'a tensor for the shape',
      () => convMatrix(iota([1, 1, 3]), iota([1, 4]) as never),
      ShapeError,
      'inputShape is a tensor [1, 4]; expected an array of sizes; pass',
    ],
    ['an unknown option', () => convMatrix(iota([1, 1, 3]), [1, 4], { bias: 1 } as object), OptionError, `unknown option 'bias'`],
    [
      'transposed of a string',
      () => convMatrix(iota([1, 1, 3]), [1, 4], { transposed: 'yes' as never }),
      OptionError,
      'transposed is "yes"',
    ],
    [
      'outputPadding of a conv',
      () => convMatrix(iota([1, 1, 3]), [1, 4], { outputPadding: 0 }),
      OptionError,
      'transposed convolutions only',
    ],
  ])('refuses %s', (_, attempt, kind, message) => {
    expect(attempt).toThrow(kind);
    expect(attempt).toThrow(message);
  });
});

describe('rotate180', () => {
  it('flips every kernel axis and no channel', () => {
    expect(rotate180(iota([2, 1, 2, 2]))).toEqual({ data: Float32Array.of(4, 3, 2, 1, 8, 7, 6, 5), shape: [2, 1, 2, 2] });
    expect(rotate180(iota([1, 2, 3]))).toEqual({ data: Float32Array.of(3, 2, 1, 6, 5, 4), shape: [1, 2, 3] });
    expect(rotate180(iota([2, 2, 1, 2]), 'channels-last').data).toEqual(Float32Array.of(7, 8, 5, 6, 3, 4, 1, 2));
    const weight = iota([2, 3, 2, 3, 4]);
    const rotated = rotate180(weight).data;
    const at = (d: number, h: number, w: number) => 4 * 24 + (d * 3 + h) * 4 + w;
    expect(rotated[at(0, 1, 3)]).toBe(weight.data[at(1, 1, 0)]);
    expect(rotate180(rotate180(weight))).toEqual(weight);
  });

  it('refuses what is not a weight', () => {
    expect(() => rotate180(iota([3, 3]))).toThrow(ShapeError);
    expect(() => rotate180(iota([1, 1, 3]), 'NCHW' as never)).toThrow(OptionError);
  });
});

describe('insertZeros', () => {
  it('puts stride - 1 zeros between neighbours', () => {
    expect(insertZeros(iota([1, 1, 3]), [3])).toEqual({ data: Float32Array.of(1, 0, 0, 2, 0, 0, 3), shape: [1, 1, 7] });
    expect(insertZeros(iota([1, 1, 2, 2]), [2, 1])).toEqual({ data: Float32Array.of(1, 2, 0, 0, 3, 4), shape: [1, 1, 3, 2] });
    expect(insertZeros(iota([1, 2, 2]), [2], 'channels-last')).toEqual({ data: Float32Array.of(1, 2, 0, 0, 3, 4), shape: [1, 3, 2] });
    expect(insertZeros(iota([0, 2, 2]), [2])).toEqual({ data: new Float32Array(0), shape: [0, 2, 3] });
  });

  it('takes an unbatched image when the stride says how many axes there are', () => {
    expect(insertZeros(iota([1, 2, 2]), [2, 1])).toEqual({ data: Float32Array.of(1, 2, 0, 0, 3, 4), shape: [1, 3, 2] });
    expect(insertZeros(iota([2, 2]), [2])).toEqual({ data: Float32Array.of(1, 0, 2, 3, 0, 4), shape: [2, 3] });
  });

  it('takes a number for the stride where the rank says how many axes there are', () => {
    expect(insertZeros(iota([1, 2, 2, 2]), 2)).toEqual(insertZeros(iota([1, 2, 2, 2]), [2, 2]));
    expect(insertZeros(iota([1, 2, 2, 2, 2]), 2)).toEqual(insertZeros(iota([1, 2, 2, 2, 2]), [2, 2, 2]));
    expect(() => insertZeros(iota([1, 1, 3]), 2)).toThrow(
      'insertZeros: input is [1, 1, 3], rank 3, and stride is 2: a number does not say whether that is [N, C, W] or [C, H, W]; ' +
        'write stride [2] for a batch of 1-D images, [2, 2] for an unbatched 2-D one',
    );
  });

  it('refuses ranks and strides that do not fit', () => {
    expect(() => insertZeros(iota([2, 2]), 2)).toThrow(ShapeError);
    expect(() => insertZeros(iota([1, 1, 3]), [1, 1, 1])).toThrow('rank 3; expected [N, C, D, H, W]');
    expect(() => insertZeros(iota([1, 1, 3]), [0])).toThrow('stride is 0');
    expect(() => insertZeros(iota([1, 1, 3]), [2 ** 30])).toThrow('the stretched input is [1, 1, 2147483649]');
  });
});

describe('equivalentConv', () => {
  it('of the guide’s example is a border of k - 1 and the rotated weight', () => {
    const weight = iota([1, 1, 3, 3]);
    const direct = equivalentConv([1, 1, 2, 2], weight);
    expect(direct).toMatchObject({ stride: [1, 1], padding: [[2, 2], [2, 2]], weight: rotate180(weight) }); // biome-ignore format: pairs
    expect(direct.prepare(iota([1, 1, 2, 2])).shape).toEqual([1, 1, 6, 6]);
  });

  it('equals the transposed conv in random geometries with every option, crops included', () => {
    let crops = 0;
    fc.assert(
      fc.property(convTransposeCalls, fc.nat(), ({ axes, inputShape, weightShape, options }, seed) => {
        const { geometry: g, outputShape } = convTransposeGeometry('convTranspose', axes, inputShape, weightShape, options);
        const [y, w] = [whole(inputShape, seed), whole(weightShape, seed + 1)];
        const want = unfilled(xLength(g));
        engine.dgrad(g, y.data, w.data, want, NO_EPILOGUE);

        const direct = equivalentConv(inputShape, w, options);
        const { dilation, groups, layout } = direct.options;
        const convolve = (input: Tensor, shapeOptions: object) => {
          const made = convGeometry('conv', axes, input.shape, direct.weight.shape, shapeOptions);
          const data = unfilled(yLength(made.geometry));
          engine.fprop(made.geometry, input.data, direct.weight.data, data, NO_EPILOGUE);
          return { data, shape: made.outputShape };
        };
        expect(convolve(direct.prepare(y), { dilation, groups, layout })).toEqual({ data: want, shape: outputShape });

        const stretched = insertZeros(y, direct.stride, g.layout);
        const { space } = readImage('conv', 'input', stretched.shape, axes, g.layout);
        if (direct.padding.some((pads) => cropped(pads) > 0)) crops++;
        if (direct.padding.every((pads, axis) => cropped(pads) < (space[axis] as number))) {
          expect(convolve(stretched, direct.options)).toEqual({ data: want, shape: outputShape });
        } else {
          expect(() => convolve(stretched, direct.options)).toThrow(/crops .* at least one must be left/);
        }
        expect(readImage('conv', 'input', stretched.shape, axes, g.layout).batch).toBe(g.batch);
      }),
      { numRuns: 400 },
    );
    expect(crops).toBeGreaterThan(20);
  });

  it('refuses what the transposed conv refuses, and another input', () => {
    expect(() => equivalentConv([1, 2, 5], iota([3, 1, 3]))).toThrow(
      'equivalentConv: weight is [I, O/groups, kW] = [3, 1, 3]; I must be 2',
    );
    expect(() => equivalentConv([1, 1, 5], iota([1, 1, 3]), { out: 1 } as object)).toThrow(`unknown option 'out'`);
    expect(() => equivalentConv([1, 1, 5], iota([1, 1, 3])).prepare(iota([1, 1, 4]))).toThrow('input is [1, 1, 4]; expected [1, 1, 5]');
  });
});
