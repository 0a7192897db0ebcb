import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OptionError, ShapeError } from '../../src/errors.js';
import {
  biasGeometry,
  checkNames,
  convGeometry,
  convTransposeGeometry,
  foldGeometry,
  imageShape,
  outputExtent,
  readImage,
  samePads,
  unfoldGeometry,
  wLength,
  xLength,
  yLength,
} from '../../src/geometry/index.js';
import type { ConvShapeOptions, Layout } from '../../src/types.js';
import { convCalls, convTransposeCalls } from '../kernels/random.js';

const conv = (i: number, k: number, options: ConvShapeOptions = {}) => convGeometry('conv1d', 1, [1, 1, i], [1, 1, k], options);
const transpose = (i: number, k: number, options: ConvShapeOptions = {}) =>
  convTransposeGeometry('convTranspose1d', 1, [1, 1, i], [1, 1, k], options);
const size = (made: { outputShape: readonly number[] }) => made.outputShape[2];

/** (i, o, p, k, s, d) of the figures of arXiv 1603.07285. */
const FIGURES = [
  [4, 2, 0, 3, 1, 1],
  [5, 6, 2, 4, 1, 1],
  [5, 5, 1, 3, 1, 1],
  [5, 7, 2, 3, 1, 1],
  [5, 2, 0, 3, 2, 1],
  [5, 3, 1, 3, 2, 1],
  [6, 3, 1, 3, 2, 1],
  [7, 3, 0, 3, 1, 2],
] as const;

describe('the guide’s figures', () => {
  it.each(FIGURES)('i %i, o %i, p %i, k %i, s %i, d %i, and back', (i, o, p, k, s, d) => {
    const options = { padding: p, stride: s, dilation: d };
    expect(size(conv(i, k, options))).toBe(o);
    expect(size(transpose(o, k, { ...options, outputSize: i }))).toBe(i);
    const a = (i + 2 * p - (d * (k - 1) + 1)) % s;
    expect(size(transpose(o, k, { ...options, outputPadding: a }))).toBe(i);
  });
});

describe('convGeometry', () => {
  it('lays out both sides and the weight in channels-first', () => {
    const made = convGeometry('conv2d', 2, [2, 6, 9, 10], [4, 3, 3, 5], {
      stride: [2, 3],
      padding: [
        [1, 0],
        [2, 3],
      ],
      dilation: [2, 1],
      groups: 2,
    });
    expect(made.outputShape).toEqual([2, 4, 3, 4]);
    expect(made.outputChannels).toBe(4);
    expect(made.geometry).toEqual({
      batch: 2,
      groups: 2,
      xChannels: 6,
      yChannels: 4,
      xSize: [1, 9, 10],
      ySize: [1, 3, 4],
      kernel: [1, 3, 5],
      stride: [1, 2, 3],
      dilation: [1, 2, 1],
      padBefore: [0, 1, 2],
      padAfter: [0, 0, 3],
      layout: 'channels-first',
      x: { batch: 540, channel: 90, space: 1 },
      y: { batch: 48, channel: 12, space: 1 },
      w: { y: 45, x: 15, tap: 1 },
    });
  });

  it('and in channels-last', () => {
    const made = convGeometry('conv2d', 2, [2, 9, 10, 6], [3, 5, 3, 4], { groups: 2, layout: 'channels-last' });
    expect(made.outputShape).toEqual([2, 7, 6, 4]);
    expect(made.geometry).toMatchObject({
      xChannels: 6,
      yChannels: 4,
      x: { batch: 540, channel: 1, space: 6 },
      y: { batch: 168, channel: 1, space: 4 },
      w: { y: 1, x: 4, tap: 12 },
    });
  });

  it('keeps unbatched unbatched, and an empty batch empty', () => {
    expect(convGeometry('conv2d', 2, [3, 5, 6], [2, 3, 3, 3]).outputShape).toEqual([2, 3, 4]);
    expect(convGeometry('conv2d', 2, [0, 3, 5, 6], [2, 3, 3, 3]).outputShape).toEqual([0, 2, 3, 4]);
    expect(convGeometry('conv3d', 3, [5, 6, 7, 2], [2, 3, 4, 2, 3], { layout: 'channels-last' }).outputShape).toEqual([4, 4, 4, 3]);
  });

  it('takes a number, numbers and pairs as padding', () => {
    const pads = (padding: ConvShapeOptions['padding']) => {
      const { geometry } = convGeometry('conv2d', 2, [1, 1, 5, 5], [1, 1, 3, 3], padding === undefined ? {} : { padding });
      return [geometry.padBefore.slice(1), geometry.padAfter.slice(1)];
    };
    expect(pads(undefined)).toEqual([[0, 0], [0, 0]]); // biome-ignore format: one line a case
    expect(pads('valid')).toEqual([[0, 0], [0, 0]]); // biome-ignore format: one line a case
    expect(pads(2)).toEqual([[2, 2], [2, 2]]); // biome-ignore format: one line a case
    expect(pads([1, 2])).toEqual([[1, 2], [1, 2]]); // biome-ignore format: one line a case
    expect(pads([[1, 2], 3])).toEqual([[1, 3], [2, 3]]); // biome-ignore format: one line a case
  });

  it('causal: ⌈i/s⌉, all the pads before, and each axis its own rule', () => {
    for (let i = 1; i <= 7; i++) {
      for (const [k, s, d] of [[1, 1, 1], [3, 1, 1], [3, 2, 1], [4, 3, 2], [2, 4, 3]] as const /* biome-ignore format: one line */) {
        const made = conv(i, k, { stride: s, dilation: d, padding: 'causal' });
        expect(size(made)).toBe(Math.ceil(i / s));
        expect(made.geometry).toMatchObject({ padBefore: [0, 0, d * (k - 1)], padAfter: [0, 0, 0] });
        expect(conv(i, k, { stride: s, dilation: d, padding: ['causal'] })).toEqual(made);
      }
    }
    const mixed = convGeometry('conv3d', 3, [1, 1, 5, 6, 7], [1, 1, 3, 4, 3], { padding: ['causal', 'same', [2, -1]] });
    expect(mixed.geometry).toMatchObject({ padBefore: [2, 1, 2], padAfter: [0, 2, -1] });
    const every = convGeometry('conv2d', 2, [1, 1, 5, 6], [1, 1, 3, 4], { padding: 'causal' });
    expect(every.geometry).toMatchObject({ padBefore: [0, 2, 3], padAfter: [0, 0, 0] });
  });

  it('a negative pad crops: the conv of what is left', () => {
    for (const [before, after] of [[-1, 0], [0, -2], [-2, -1], [-3, 2], [1, -2]] as const /* biome-ignore format: pairs */) {
      for (const stride of [1, 2]) {
        const whole = conv(9, 3, { padding: [[before, after]], stride });
        const left = conv(9 + Math.min(0, before) + Math.min(0, after), 3, {
          padding: [[Math.max(0, before), Math.max(0, after)]],
          stride,
        });
        expect(size(whole)).toBe(size(left));
        expect(whole.geometry).toMatchObject({ padBefore: [0, 0, before], padAfter: [0, 0, after] });
      }
    }
  });

  it('same: ⌈i/s⌉ with the least padding that reaches it, the odd one after; same-lower before', () => {
    for (let i = 1; i <= 9; i++) {
      for (let k = 1; k <= 5; k++) {
        for (let s = 1; s <= 4; s++) {
          for (let d = 1; d <= 3; d++) {
            const options = { stride: s, dilation: d };
            const upper = conv(i, k, { ...options, padding: 'same' });
            const lower = conv(i, k, { ...options, padding: 'same-lower' });
            const [before, after] = [upper.geometry.padBefore[2], upper.geometry.padAfter[2]];
            expect(size(upper)).toBe(Math.ceil(i / s));
            expect(after - before === 0 || after - before === 1).toBe(true);
            expect([lower.geometry.padBefore[2], lower.geometry.padAfter[2]]).toEqual([after, before]);
            const less = before + after - 1;
            if (less >= 0) expect(outputExtent(i, k, s, [0, less], d)).toBeLessThan(Math.ceil(i / s));
          }
        }
      }
    }
  });

  it('same is TensorFlow’s: it depends on the input and may be unequal', () => {
    expect(samePads(1, false)).toEqual([0, 1]);
    expect(samePads(1, true)).toEqual([1, 0]);
    expect(samePads(-2, false)).toEqual([0, 0]);
    expect(conv(6, 3, { stride: 2, padding: 'same' }).geometry).toMatchObject({ padBefore: [0, 0, 0], padAfter: [0, 0, 1] });
    expect(conv(7, 3, { stride: 2, padding: 'same' }).geometry).toMatchObject({ padBefore: [0, 0, 1], padAfter: [0, 0, 1] });
  });
});

describe('convTransposeGeometry', () => {
  it('is the geometry of the conv that it transposes, seen from the other side', () => {
    fc.assert(
      fc.property(convCalls, ({ axes, inputShape, weightShape, options }) => {
        const forward = convGeometry('conv', axes, inputShape, weightShape, options);
        const space = readImage('conv', 'input', inputShape, axes, forward.geometry.layout).space;
        const back = convTransposeGeometry('convTranspose', axes, forward.outputShape, weightShape, { ...options, outputSize: space });
        // Rows that the forward conv never reads are rows that it pads less.
        const { padAfter: _, ...rest } = forward.geometry;
        expect(back.geometry).toMatchObject(rest);
        expect(back.outputShape).toEqual(inputShape);
      }),
      { numRuns: 300 },
    );
  });

  it('o’ = (i’ - 1)s - before - after + k̂ + outputPadding, and its conv comes back to i’', () => {
    fc.assert(
      fc.property(convTransposeCalls, ({ axes, inputShape, weightShape, options }) => {
        const made = convTransposeGeometry('convTranspose', axes, inputShape, weightShape, options);
        const { geometry: g } = made;
        for (let axis = 0; axis < 3; axis++) {
          const [i, o] = [g.ySize[axis] as number, g.xSize[axis] as number];
          const [k, s, d] = [g.kernel[axis] as number, g.stride[axis] as number, g.dilation[axis] as number];
          const pads = [g.padBefore[axis] as number, g.padAfter[axis] as number] as const;
          expect(o).toBe((i - 1) * s - pads[0] - pads[1] + d * (k - 1) + 1);
          expect(outputExtent(o, k, s, pads, d)).toBe(i);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('same gives i’s with the pads of the forward conv; valid is no padding', () => {
    for (let i = 1; i <= 5; i++) {
      for (let k = 1; k <= 5; k++) {
        for (let s = 1; s <= 4; s++) {
          for (const padding of ['same', 'same-lower'] as const) {
            const made = transpose(i, k, { stride: s, padding });
            const forward = conv(i * s, k, { stride: s, padding });
            expect(size(made)).toBe(i * s);
            expect(size(forward)).toBe(i);
            expect(made.geometry.padBefore).toEqual(forward.geometry.padBefore);
          }
          expect(size(transpose(i, k, { stride: s, padding: 'valid' }))).toBe((i - 1) * s + k);
        }
      }
    }
    // Keras: 5 → 10 with k 3, s 2 needs one more row after than before, which no PyTorch padding says.
    expect(transpose(5, 3, { stride: 2, padding: 'same' }).geometry).toMatchObject({ padBefore: [0, 0, 0], padAfter: [0, 0, 1] });
  });

  it('a negative padding makes the output longer', () => {
    const made = transpose(4, 3, { stride: 2, padding: [[-2, -1]] });
    expect(size(made)).toBe(3 * 2 + 3 + 3);
    expect(made.geometry).toMatchObject({ padBefore: [0, 0, -2], padAfter: [0, 0, -1] });
    expect(size(transpose(4, 3, { stride: 2, padding: [[-2, -1]], outputPadding: 1 }))).toBe(13);
    expect(size(transpose(4, 3, { stride: 2, padding: [[-2, -1]], outputSize: 13 }))).toBe(13);
  });

  it('same and causal with outputSize: every size that the forward conv takes to the input’s, with its pads', () => {
    for (const padding of ['same', 'same-lower', 'causal'] as const) {
      for (const [
        k,
        s,
        d,
      ] of [[1, 1, 1], [3, 1, 1], [3, 2, 1], [4, 3, 2], [2, 4, 1], [5, 2, 3]] as const /* biome-ignore format: one line */) {
        for (let i = 1; i <= 4; i++) {
          const options = { stride: s, dilation: d, padding };
          expect(size(transpose(i, k, options))).toBe(i * s);
          for (let o = (i - 1) * s + 1; o <= i * s; o++) {
            const made = transpose(i, k, { ...options, outputSize: o });
            const forward = conv(o, k, options);
            expect(size(made)).toBe(o);
            expect(size(forward)).toBe(i);
            if (padding === 'causal') expect(made.geometry.padBefore).toEqual([0, 0, 0]);
            else expect(made.geometry.padBefore).toEqual(forward.geometry.padBefore);
          }
          for (const outputSize of [(i - 1) * s, i * s + 1].filter((o) => o > 0)) {
            expect(() => transpose(i, k, { ...options, outputSize })).toThrow(`it can be ${(i - 1) * s + 1} to ${i * s}`);
          }
        }
      }
    }
  });

  it('causal crops k̂ - s after, or adds as many', () => {
    expect(transpose(5, 4, { stride: 2, padding: 'causal' }).geometry).toMatchObject({ padBefore: [0, 0, 0], padAfter: [0, 0, 2] });
    expect(transpose(5, 2, { stride: 3, padding: 'causal' }).geometry).toMatchObject({ padBefore: [0, 0, 0], padAfter: [0, 0, -1] });
    const mixed = convTransposeGeometry('convTranspose2d', 2, [1, 1, 4, 5], [1, 1, 3, 3], {
      stride: 2,
      padding: ['causal', 1],
      outputPadding: [0, 1],
    });
    expect(mixed.outputShape).toEqual([1, 1, 8, 10]);
  });

  it('outputSize reaches what outputPadding reaches', () => {
    for (const [outputPadding, outputSize] of [[0, 8], [1, 9], [2, 10]] as const /* biome-ignore format: pairs */) {
      const options = { stride: 3, padding: 1 };
      const padded = transpose(3, 4, { ...options, outputPadding });
      expect(size(padded)).toBe(outputSize);
      expect(transpose(3, 4, { ...options, outputSize })).toEqual(padded);
      expect(padded.geometry.padAfter[2]).toBe(1 - outputPadding);
    }
  });

  it('reads its weight as [I, O/groups, ...k], or [...k, O/groups, I]', () => {
    const first = convTransposeGeometry('convTranspose2d', 2, [1, 4, 3, 3], [4, 3, 2, 5], { groups: 2 });
    expect(first.outputShape).toEqual([1, 6, 4, 7]);
    expect(first.outputChannels).toBe(6);
    expect(first.geometry).toMatchObject({ xChannels: 6, yChannels: 4, w: { y: 30, x: 10, tap: 1 } });
    const last = convTransposeGeometry('convTranspose2d', 2, [1, 3, 3, 4], [2, 5, 3, 4], { groups: 2, layout: 'channels-last' });
    expect(last.outputShape).toEqual([1, 4, 7, 6]);
    expect(last.geometry).toMatchObject({ xChannels: 6, yChannels: 4, w: { y: 1, x: 4, tap: 12 } });
  });
});

describe('unfold, fold and bias', () => {
  it('unfold makes [N, C·Πk, L]', () => {
    expect(unfoldGeometry('unfold', [2, 3, 5, 7], [2, 3], { stride: [1, 2] }).outputShape).toEqual([2, 18, 12]);
    expect(unfoldGeometry('unfold', [3, 5, 7], [3, 3], {}).outputShape).toEqual([27, 15]);
    expect(unfoldGeometry('unfold', [2, 9, 3], [4], { layout: 'channels-last' }).outputShape).toEqual([2, 12, 6]);
  });

  it('fold is the same geometry from the other side', () => {
    for (const layout of ['channels-first', 'channels-last'] as const) {
      const options = { stride: [1, 2], padding: [1, [0, 2]], dilation: [2, 1], layout } as const;
      const shape = imageShape({ batched: true, batch: 2, channels: 3, space: [5, 7] }, layout);
      const unfold = unfoldGeometry('unfold', shape, [2, 3], options);
      const fold = foldGeometry('fold', unfold.outputShape, [5, 7], [2, 3], options);
      expect(fold.geometry).toEqual(unfold.geometry);
      expect([fold.inputShape, fold.outputShape]).toEqual([unfold.outputShape, shape]);
    }
  });

  it('a bias is a weight of one tap on a constant', () => {
    const g = biasGeometry('conv2d.gradBias', 2, [3, 5, 6, 4], 'channels-last');
    expect([xLength({ ...g, batch: 1 }), yLength(g), wLength(g)]).toEqual([30, 360, 4]);
    expect(g).toMatchObject({ batch: 3, x: { batch: 0, channel: 0, space: 0 }, y: { batch: 120, channel: 1, space: 4 } });
  });
});

describe('what is refused, and how it is said', () => {
  const conv2d =
    (input: unknown, weight: unknown, options: unknown = {}) =>
    () =>
      convGeometry('conv2d', 2, input as number[], weight as number[], options as ConvShapeOptions);
  const up2d =
    (input: unknown, weight: unknown, options: unknown = {}) =>
    () =>
      convTransposeGeometry('convTranspose2d', 2, input as number[], weight as number[], options as ConvShapeOptions);
  const [x, w] = [
    [1, 3, 5, 5],
    [2, 3, 3, 3],
  ];

  it.each<[string, () => unknown, typeof ShapeError | typeof OptionError, string]>([
    [
      'channels',
      conv2d(x, [2, 4, 3, 3]),
      ShapeError,
      'conv2d: weight is [O, I/groups, kH, kW] = [2, 4, 3, 3]; I/groups must be 3 (input [1, 3, 5, 5], groups 1)',
    ],
    ['groups that do not divide I', conv2d(x, [2, 3, 3, 3], { groups: 2 }), ShapeError, 'groups must divide the 3 input channels'],
    ['groups that do not divide O', conv2d(x, [2, 1, 3, 3], { groups: 3 }), ShapeError, 'O must be a multiple of groups 3'],
    ['groups 0', conv2d(x, w, { groups: 0 }), OptionError, 'groups is 0; expected a whole number from 1'],
    ['rank of the input', conv2d([3, 5], w), ShapeError, 'input is [3, 5], rank 2; expected [N, C, H, W] or, unbatched, [C, H, W]'],
    ['rank of the weight', conv2d(x, [2, 3, 3]), ShapeError, 'weight is [2, 3, 3], rank 3; expected [O, I/groups, kH, kW]'],
    ['empty channels', conv2d([1, 0, 5, 5], w), ShapeError, 'only the batch may be empty'],
    ['empty weight', conv2d(x, [0, 3, 3, 3]), ShapeError, 'every size must be at least 1'],
    ['negative size', conv2d([1, 3, -5, 5], w), ShapeError, 'every size must be a whole number ≥ 0'],
    ['no shape', conv2d('1x3', w), ShapeError, 'inputShape is "1x3"; expected an array of sizes'],
    [
      'kernel past the input',
      conv2d([1, 3, 5, 2], w, { padding: [0, [0, 0]] }),
      ShapeError,
      'the kernel [3, 3] with dilation [1, 1] reaches 3 on axis 1; the padded input there is only 0 + 2 + 0',
    ],
    ['fractional stride', conv2d(x, w, { stride: 1.5 }), OptionError, 'stride is 1.5; expected a whole number from 1 to 2147483647'],
    ['stride of NaN', conv2d(x, w, { stride: [1, Number.NaN] }), OptionError, 'stride is NaN'],
    ['stride per axis', conv2d(x, w, { stride: [1] }), OptionError, 'stride is [1]; expected a number or an array of 2, one for each axis'],
    ['dilation 0', conv2d(x, w, { dilation: 0 }), OptionError, 'dilation is 0'],
    [
      'padding past i32',
      conv2d(x, w, { padding: -(2 ** 31) }),
      OptionError,
      'padding is -2147483648; expected a whole number from -2147483647',
    ],
    ['a crop of everything', conv2d(x, w, { padding: [[-4, -1], 0] }), ShapeError, 'padding [-4, -1] on axis 0 crops 5 of the input'],
    [
      'a crop of everything beside a pad',
      conv2d(x, w, { padding: [0, [-5, 9]] }),
      ShapeError,
      'padding [-5, 9] on axis 1 crops 5 of the input',
    ],
    ['a crop and no room', conv2d(x, w, { padding: [[-2, -1], 0] }), ShapeError, 'the padded input there is only -2 + 5 + -1'],
    ['flat padding', conv2d(x, w, { padding: [1, 1, 1, 1] }), OptionError, 'expected a number, a word, or an array of 2'],
    ['padding triple', conv2d(x, w, { padding: [[1, 2, 3], 0] }), OptionError, 'a pair has two numbers, [before, after]'],
    ['sparse padding', conv2d(x, w, { padding: new Array(2) }), OptionError, 'padding is undefined'],
    [
      'padding word',
      conv2d(x, w, { padding: 'full' }),
      OptionError,
      `padding is "full"; the words are 'valid', 'same', 'same-lower' and 'causal'`,
    ],
    ['layout', conv2d(x, w, { layout: 'NHWC' }), OptionError, `layout is "NHWC"; expected 'channels-first' or 'channels-last'`],
    ['outputPadding', conv2d(x, w, { outputPadding: 1 }), OptionError, 'outputPadding is an option of transposed convolutions only'],
    ['an input past 4 GiB', conv2d([1, 3, 20000, 20000], w), ShapeError, 'at most 1073741823 (4 GiB of float32)'],
    ['an output past 4 GiB', conv2d(x, w, { padding: 30000 }), ShapeError, 'the output is [1, 2, 60003, 60003]'],
    [
      'a window past i32',
      conv2d(x, w, { padding: [[2 ** 31 - 1, 2], 0], stride: [2 ** 30, 1] }),
      ShapeError,
      'at most 2147483647 can be counted',
    ],
    ['transposed channels', up2d(x, [2, 3, 3, 3]), ShapeError, 'weight is [I, O/groups, kH, kW] = [2, 3, 3, 3]; I must be 3'],
    ['transposed groups', up2d(x, [3, 3, 3, 3], { groups: 2 }), ShapeError, 'I must be a multiple of groups 2'],
    [
      'outputPadding of a stride',
      up2d(x, [3, 2, 3, 3], { outputPadding: 2, stride: 2 }),
      OptionError,
      'outputPadding is 2 on axis 0; it must be smaller than stride 2 or dilation 1',
    ],
    [
      'unreachable outputSize',
      up2d(x, [3, 2, 3, 3], { outputSize: 13, stride: 2 }),
      OptionError,
      'outputSize is 13 on axis 0; it can be 11 to 12',
    ],
    [
      'both',
      up2d(x, [3, 2, 3, 3], { outputSize: 11, outputPadding: 0, stride: 2 }),
      OptionError,
      'outputSize picks outputPadding, so give one',
    ],
    ['same with outputPadding', up2d(x, [3, 2, 3, 3], { padding: 'same', outputPadding: 1 }), OptionError, 'fixes the output size'],
    [
      'nothing left',
      up2d(x, [3, 2, 3, 3], { padding: 4 }),
      ShapeError,
      'the output has size -1 on axis 0: (5 - 1)·1 + 3 + 0 less padding [4, 4]',
    ],
    ['fold rank', () => foldGeometry('fold', [1, 2, 3, 4], 4, 2, {}), ShapeError, 'expected [N, C·Πk, L] or, unbatched, [C·Πk, L]'],
    [
      'fold rows',
      () => foldGeometry('fold', [1, 10, 9], 4, 2, {}),
      ShapeError,
      "its 10 rows must be a positive multiple of the kernel's 4 taps",
    ],
    [
      'fold positions',
      () => foldGeometry('fold', [1, 8, 8], 4, 2, {}),
      ShapeError,
      'L must be 9 for outputSize [4, 4] and kernelSize [2, 2]',
    ],
    ['four axes', () => unfoldGeometry('unfold', [1, 1, 1, 1, 1, 1], [1, 1, 1, 1], {}), ShapeError, 'one to three spatial axes, not 4'],
    ['unknown name', () => checkNames('conv2d', { strides: 2 }, ['stride']), OptionError, `unknown option 'strides'; known: stride`],
    ['options that are none', () => checkNames('conv2d', null as unknown as object, ['stride']), OptionError, 'options is null'],
  ])('%s', (_, attempt, kind, message) => {
    let caught: unknown;
    try {
      attempt();
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(kind);
    expect((caught as Error).message).toContain(message);
    expect((caught as ShapeError).op).toBe((caught as Error).message.split(':')[0]);
  });

  it('an axis of each layout is named in the message', () => {
    const layout: Layout = 'channels-last';
    expect(() => convGeometry('conv3d', 3, [1, 2], [1], { layout })).toThrow('[N, D, H, W, C]');
    expect(() => convGeometry('conv1d', 1, [1, 4, 2], [3, 1, 2], { layout })).toThrow('weight is [kW, I/groups, O] = [3, 1, 2]');
  });
});
