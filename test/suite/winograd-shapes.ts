import { type Axis, convOf, finishOf, product, transposeOf } from './algorithm-cases.js';
import type { ConvCase } from './problem.js';

/** Winograd beyond 3×3 with stride 1 in two dimensions: strides and dilations, one axis and three, in channels-first shapes. */
export function winogradShapes(KC: number): readonly (readonly [string, readonly ConvCase[]])[] {
  return [
    ['one axis', lines()],
    ['one axis among others', rowsAndColumns()],
    ['two axes', planes()],
    ['three axes', volumes()],
    ['many channels and tiles', large(KC)],
  ];
}

/** Every stride, kernel and dilation whose lattices a kernel tells apart: common divisors and none, sets of one tap to three blocks of them. */
const AXES = product([1, 2, 3, 4], [2, 3, 4, 5, 7, 9], [1, 2, 3, 4, 6]);
const ONE: Axis = { stride: 1, kernel: 1, dilation: 1 };
const axis = (i: number): Axis => AXES[i % AXES.length] as Axis;

const CHANNELS = [
  [3, 4, 1],
  [5, 3, 1],
  [4, 6, 2],
  [9, 5, 1],
  [8, 9, 1],
] as const;
const channels = (i: number): (typeof CHANNELS)[number] => CHANNELS[i % CHANNELS.length] as (typeof CHANNELS)[number];

/** With more outputs than a panel of tiles has: several tiles of each lattice, whole ones and not. */
function longer(c: ConvCase, i: number): ConvCase {
  const more = [0, 7, 18, 35][i % 4] as number;
  return { ...c, input: c.input.map((size, a) => (a === c.input.length - 1 ? size + more : size)) };
}

const both = (i: number, axes: readonly Axis[], pad: number): ConvCase[] => [
  longer(convOf(i, axes, channels(i), pad), i),
  longer(transposeOf(i, axes, channels(i + 1), pad), i + 1),
];

const lines = (): ConvCase[] => AXES.flatMap((each, i) => both(i, [each], 3));

const rowsAndColumns = (): ConvCase[] =>
  AXES.flatMap((each, i) => {
    const other = { ...ONE, stride: 1 + (i % 2), dilation: 1 + (i % 3) };
    return i % 2 === 0 ? both(i, [each, other], 2) : both(i, [other, each], 2);
  });

const planes = (): ConvCase[] => AXES.flatMap((each, i) => both(i, [each, axis(i * 37 + 11)], 3));

const volumes = (): ConvCase[] =>
  AXES.flatMap((each, i) => {
    if (i % 3 !== 0) return [];
    const depth = { stride: 1 + (i % 2), kernel: 1 + ((i / 3) % 4), dilation: 1 + (i % 5 === 0 ? 1 : 0) };
    return both(i, i % 4 === 3 ? [depth, ONE, each] : [depth, each, axis(i * 7 + 3)], 2);
  });

/** Blocks of channels, blocks of tiles that end within a row, a lattice or an image; and layers that 'auto' takes. */
const large = (KC: number): ConvCase[] =>
  (
    [
      { op: 'conv1d', input: [2, KC + 1, 45], weight: [7, KC + 1, 3], options: { padding: 1 } },
      { op: 'conv1d', input: [1, 4 * KC + 3, 21], weight: [3, 4 * KC + 3, 5] },
      { op: 'conv1d', input: [1, 2, 19], weight: [4 * KC + 9, 2, 4], options: { dilation: 2 } },
      { op: 'conv1d', input: [1, 3, 700], weight: [4, 3, 3], options: { dilation: 16, padding: 16 } },
      { op: 'conv1d', input: [2, 5, 340], weight: [4, 5, 3], options: { dilation: 17, padding: 17 } },
      { op: 'conv1d', input: [1, 4, 640], weight: [6, 2, 2], options: { dilation: 64, padding: [[64, 0]], groups: 2 } },
      { op: 'convTranspose1d', input: [1, 3, 160], weight: [3, 4, 4], options: { dilation: 32, padding: 32 } },
      { op: 'conv1d', input: [3, 16, 300], weight: [16, 16, 3], options: { padding: 1 } },
      { op: 'conv1d', input: [1, 16, 400], weight: [24, 16, 5], options: { dilation: 4, padding: 8 } },
      { op: 'convTranspose1d', input: [1, 24, 150], weight: [24, 16, 4], options: { stride: 2, padding: 1 } },
      { op: 'conv2d', input: [2, 16, 20, 17], weight: [16, 16, 1, 7], options: { padding: [0, 3] } },
      { op: 'conv2d', input: [1, 16, 20, 17], weight: [20, 16, 7, 1], options: { padding: [3, 0] } },
      { op: 'conv2d', input: [2, 16, 28, 26], weight: [16, 16, 3, 3], options: { dilation: 2, padding: 2 } },
      { op: 'conv2d', input: [1, 12, 33, 33], weight: [16, 12, 3, 3], options: { dilation: 12, padding: 12 } },
      { op: 'conv2d', input: [1, 12, 9, 150], weight: [10, 12, 3, 3], options: { dilation: [2, 3], padding: [2, 3] } },
      { op: 'conv2d', input: [2, 16, 29, 30], weight: [24, 16, 3, 3], options: { stride: 2, padding: 1 } },
      { op: 'conv2d', input: [1, 16, 31, 30], weight: [24, 8, 5, 5], options: { stride: 2, padding: 2, groups: 2 } },
      { op: 'conv2d', input: [1, KC + 2, 19, 11], weight: [9, KC + 2, 3, 3], options: { stride: 2 } },
      { op: 'convTranspose2d', input: [1, 16, 14, 15], weight: [16, 24, 3, 3], options: { stride: 2, padding: 1, outputPadding: 1 } },
      { op: 'conv3d', input: [2, 8, 5, 12, 11], weight: [12, 8, 3, 3, 3], options: { padding: 1 } },
      { op: 'conv3d', input: [1, KC + 1, 4, 6, 7], weight: [5, KC + 1, 3, 3, 3], options: { padding: 1 } },
      { op: 'conv3d', input: [1, 6, 3, 4, 130], weight: [5, 6, 2, 1, 3], options: { padding: [1, 0, 1] } },
      { op: 'convTranspose3d', input: [1, 8, 3, 7, 6], weight: [8, 9, 4, 4, 4], options: { stride: 2, padding: 1 } },
    ] satisfies readonly ConvCase[]
  ).map((c: ConvCase, i) => ({ ...c, ...finishOf(i) }));
