import { type Axis, convOf, type Pads, type Pair, product, transposeOf, winogradCase } from './algorithm-cases.js';
import type { ConvCase } from './problem.js';

/** Negative pads, alone and beside positive ones: windows that begin inside x, or end there; an output longer than its windows reach. */
const crops = (i: number, axis: number): Pair => [((i + 2 * axis) % 6) - 4, ((i >> (1 + axis)) % 5) - 2];

const AXES = product([1, 2, 3], [1, 2, 3, 5], [1, 2, 3]);
const at = (i: number): Axis => AXES[i % AXES.length] as Axis;

/** Every product of any kernel, stride and dilation, few channels and more. */
export function cropCases(): ConvCase[] {
  const channels = [
    [2, 3, 1],
    [9, 5, 1],
    [4, 6, 2],
    [18, 17, 1],
  ] as const;
  return AXES.flatMap((axis, i) => {
    const sizes = channels[i % channels.length] as (typeof channels)[number];
    const pair = [axis, at(i * 7 + 5)];
    const others = i % 6 === 0 ? [convOf(i, [axis], sizes, 0, crops), convOf(i, [at(i + 1), axis, at(i * 5)], [3, 2, 1], 0, crops)] : [];
    const back =
      i % 6 === 3 ? [transposeOf(i, [axis], sizes, 0, crops), transposeOf(i, [at(i + 1), axis, at(i * 5)], [2, 3, 1], 0, crops)] : [];
    return [convOf(i, pair, sizes, 0, crops), transposeOf(i, pair, sizes, 0, crops), ...others, ...back];
  });
}

/** Depthwise, with channels around a vector's four lanes, and rows longer than a strip. */
export function depthwiseCropCases(): ConvCase[] {
  const channels = [3, 4, 5, 8, 17];
  const small = AXES.flatMap((axis, i) => {
    const groups = channels[i % channels.length] as number;
    const sizes = [groups, groups * (1 + (i % 2)), groups] as const;
    const pair = [i % 2 === 0 ? axis : at(i * 5 + 3), axis];
    const one = i % 6 === 0 ? [convOf(i, [axis], sizes, 0, crops), convOf(i, [axis, at(i + 7), axis], [3, 6, 3], 0, crops)] : [];
    return [convOf(i, pair, sizes, 0, crops), transposeOf(i, pair, [sizes[1], groups, groups], 0, crops), ...one];
  });
  const strip = { op: 'conv2d', input: [1, 3, 43, 391], weight: [3, 1, 3, 3], bias: true } as const;
  return [
    ...small,
    { ...strip, options: { padding: [[-2, 1], [-3, -1]], groups: 3 } }, // biome-ignore format: one line a case
    { ...strip, options: { padding: [[1, -2], [1, -4]], groups: 3, stride: 2 } }, // biome-ignore format: one line a case
  ];
}

/** Inputs that their own values continue, for every algorithm. */
export function borderCases(): ConvCase[] {
  const modes = ['reflect', 'replicate', 'circular'] as const;
  const channels = [
    [3, 5, 1],
    [5, 5, 5],
    [6, 4, 2],
  ] as const;
  return product([1, 2], [1, 2, 3, 4], [1, 2]).flatMap((axis, i) =>
    modes.map((padMode, j): ConvCase => {
      const sizes = channels[(i + j) % channels.length] as (typeof channels)[number];
      const made = convOf(3 * i + j, i % 5 === 0 ? [axis] : [axis, at(i * 7 + j)], sizes, 3);
      const input = made.input.map((size, a) => (a < 2 ? size : Math.max(size, 4)));
      return { ...made, input, options: { ...made.options, padMode } };
    }),
  );
}

/** Every mixture of crops and a pad, for both sizes of tile. */
export const winogradCrops = (): ConvCase[] =>
  Array.from({ length: 81 }, (_, i): ConvCase => {
    const pads = [i % 3, Math.floor(i / 3) % 3, Math.floor(i / 9) % 3, Math.floor(i / 27)].map(
      (side) => [-2, -1, 1][side],
    ) as unknown as Pads;
    const more = i % 2 === 0 ? 0 : 8;
    return winogradCase(i, { from: 4, to: 3, size: [7 + (i % 5) + more, 7 + ((i * 3) % 8) + more], pads });
  });
