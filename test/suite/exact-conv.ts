import type { Kernels, Tensor } from '../../src/index.js';
import type { Backend, Define } from './backend.js';
import { at, equal, sameBits } from './check.js';
import { asView, filled, guarded, guardedResident, imageLast, integers, map, seeded, weightLast } from './data.js';
import {
  CONVS,
  type ConvCase,
  channelsLast,
  compute,
  integerProblem,
  isTransposed,
  mapProblem,
  RESULTS,
  resultShape,
  TRANSPOSES,
  title,
} from './problem.js';
import { truth } from './truth.js';

/** Small whole numbers, compared by ===: results into outs full of NaN between guards, operands as views between NaN. */
export function exactConv(define: Define, backend: Backend): void {
  const { kernels } = backend;
  for (const [index, c] of cases(kernels).entries()) {
    define(`exact ${title(c)}`, () => checkCase(backend, c, index));
  }
  for (const op of [...CONVS, ...TRANSPOSES]) identity(define, kernels, op);
  shifts(define, kernels);
}

/** Channels around MR and NR, positions around NR, sums around KC, in each direction. */
function cases(kernels: Kernels): ConvCase[] {
  const [MR = 4, NR = 8] = kernels.info.tile;
  const [, NC = 16, KC = 8] = kernels.info.blocks;
  const K = Math.ceil(KC / 9);
  const made: ConvCase[] = [
    { op: 'conv1d', input: [2, 3, NR + 3], weight: [MR + 1, 3, 4], options: { padding: 1 }, bias: true },
    { op: 'conv1d', input: [2, 2, NC + 2], weight: [3, 2, 2] },
    { op: 'conv1d', input: [1, 2, 2 * NC + 7], weight: [MR, 2, 3], options: { stride: 2, padding: [[2, 0]] } },
    { op: 'conv2d', input: [2, 3, 5, 7], weight: [4, 3, 3, 2] },
    {
      op: 'conv2d',
      input: [2, 3, 5, 7],
      weight: [NR + 1, 3, 3, 2],
      options: {
        padding: [
          [1, 0],
          [0, 2],
        ],
      },
      activation: 'relu',
    },
    {
      op: 'conv2d',
      input: [2, 3, 9, 8],
      weight: [MR - 1, 3, 2, 3],
      options: { stride: [2, 3], dilation: [3, 2], padding: [2, 1] },
      bias: true,
    },
    { op: 'conv2d', input: [1, K, 5, 6], weight: [3, K, 3, 3], options: { padding: 1 } },
    { op: 'conv2d', input: [1, K + 1, 4, 5], weight: [MR + 2, K + 1, 3, 3], options: { padding: 1, stride: 2 } },
    { op: 'conv2d', input: [1, 3, 4, 5], weight: [KC + 1, 3, 3, 2], options: { padding: 1 } },
    { op: 'conv2d', input: [1, KC + 1, 3, 4], weight: [5, KC + 1, 1, 1] },
    { op: 'conv2d', input: [2, 2, 19, 17], weight: [3, 2, 3, 3], options: { padding: 1 } },
    { op: 'conv2d', input: [2, 6, 6, 5], weight: [9, 2, 3, 3], options: { groups: 3, padding: 1 }, activation: { leakyRelu: 0.5 } },
    { op: 'conv2d', input: [2, NR + 1, 6, 7], weight: [NR + 1, 1, 3, 3], options: { groups: NR + 1, padding: 1 }, bias: true },
    { op: 'conv2d', input: [2, 3, 8, 7], weight: [6, 1, 3, 2], options: { groups: 3, padding: 'same', stride: 2 } },
    { op: 'conv2d', input: [0, 3, 5, 6], weight: [4, 3, 3, 2] },
    { op: 'conv2d', input: [3, 5, 6], weight: [4, 3, 3, 2], bias: true },
    { op: 'conv3d', input: [2, 2, 4, 5, 6], weight: [3, 2, 2, 3, 4], options: { padding: [1, 0, 2], stride: [1, 2, 3] }, bias: true },
    { op: 'conv3d', input: [1, 4, 5, 4, 6], weight: [6, 2, 3, 2, 2], options: { groups: 2, dilation: [2, 3, 1], padding: 'same' } },
  ];
  const transposed: ConvCase[] = [
    { op: 'convTranspose1d', input: [2, 3, NR + 3], weight: [3, MR + 1, 4], options: { stride: 3, outputPadding: 2 }, bias: true },
    { op: 'convTranspose1d', input: [1, 2, NC + 1], weight: [2, 3, 3], options: { padding: [[2, 0]] } },
    { op: 'convTranspose2d', input: [2, 3, 4, 5], weight: [3, 4, 3, 2] },
    {
      op: 'convTranspose2d',
      input: [2, 3, 4, 5],
      weight: [3, NR + 1, 3, 4],
      options: { stride: [2, 3], padding: [1, 2], outputPadding: [1, 2] },
      bias: true,
    },
    { op: 'convTranspose2d', input: [1, K + 1, 4, 3], weight: [K + 1, 2, 3, 3], options: { stride: 2, padding: 'same' } },
    { op: 'convTranspose2d', input: [1, KC + 1, 3, 2], weight: [KC + 1, 3, 2, 2], options: { stride: 2 } },
    { op: 'convTranspose2d', input: [2, 6, 4, 5], weight: [6, 3, 3, 3], options: { groups: 3, dilation: [2, 1] }, activation: 'relu6' },
    { op: 'convTranspose2d', input: [2, NR + 1, 4, 3], weight: [NR + 1, 1, 3, 3], options: { groups: NR + 1, stride: 2 }, bias: true },
    { op: 'convTranspose2d', input: [0, 3, 4, 5], weight: [3, 2, 3, 2] },
    {
      op: 'convTranspose3d',
      input: [2, 2, 3, 2, 4],
      weight: [2, 3, 3, 2, 4],
      options: { stride: [2, 3, 1], padding: [1, 0, 2] },
      bias: true,
    },
  ];
  return [...made, ...transposed, ...EXTREMES].flatMap((c) => [c, channelsLast(c)]);
}

/** Where shortcuts and 32-bit coordinates would go wrong. */
const EXTREMES: readonly ConvCase[] = [
  {
    name: 'with as many outputs as inputs, in another shape, under a 1x1 kernel',
    op: 'convTranspose2d',
    input: [1, 2, 3, 4],
    weight: [2, 3, 1, 1],
    options: { dilation: 3, outputPadding: [0, 2], padding: [[0, 1], 0] },
  },
  {
    name: 'with a stride and a pad that reach 2^31 - 1',
    op: 'conv1d',
    input: [1, 2, 10],
    weight: [3, 2, 1],
    options: { stride: 2 ** 31 - 2, padding: [[2 ** 31 - 3, 0]] },
  },
  {
    name: 'with a dilation of 2^30',
    op: 'conv1d',
    input: [2, 2, 5],
    weight: [3, 2, 2],
    options: { dilation: 2 ** 30, padding: [[2 ** 30 - 1, 3]] },
  },
  {
    name: 'with strides past the image',
    op: 'conv2d',
    input: [2, 2, 5, 6],
    weight: [3, 2, 3, 2],
    options: { stride: [2 ** 30, 2 ** 29], padding: [[2, 2 ** 30], 1] },
  },
  {
    name: 'of one position with a stride of 2^31 - 9',
    op: 'convTranspose1d',
    input: [2, 2, 1],
    weight: [2, 3, 4],
    options: { stride: 2 ** 31 - 9 },
  },
];

function checkCase(backend: Backend, c: ConvCase, seed: number): void {
  const { kernels } = backend;
  const p = integerProblem(kernels, c, seed);
  const wants = truth(backend, p);
  const views = mapProblem(p, asView);
  for (const name of RESULTS) {
    const plain = guarded(resultShape[name](p));
    equal(compute[name](kernels, views, plain.out), wants[name].want, name);
    plain.check(name);

    const residents: Tensor[] = [];
    const moved = mapProblem(p, (t) => {
      const resident = kernels.tensor(t.shape, t.data);
      residents.push(resident);
      return resident;
    });
    const resident = guardedResident(kernels, resultShape[name](p));
    compute[name](kernels, moved, resident.out);
    sameBits(resident.out, plain.out, `${name}, resident`);
    resident.check(name);
    resident.dispose();
    for (const each of residents) (each as Tensor & { dispose(): void }).dispose();
  }
}

/** A 1x1 kernel that sends each channel to itself changes nothing. */
function identity(define: Define, kernels: Kernels, op: (typeof CONVS)[number] | (typeof TRANSPOSES)[number]): void {
  const axes = Number(op.at(-2));
  const channels = 5;
  const space = [4, 3, 6].slice(0, axes);
  for (const layout of ['channels-first', 'channels-last'] as const) {
    define(`exact ${op} ${layout}: a delta kernel is the identity`, () => {
      const first = integers(seeded(axes), [2, channels, ...space], 1000);
      const delta = filled([channels, channels, ...space.map(() => 1)], (i) => (i % (channels + 1) === 0 ? 1 : 0));
      const [x, w] = layout === 'channels-last' ? [imageLast(first, axes), weightLast(delta)] : [first, delta];
      equal(kernels[op](x, w, { layout }), x, 'forward');
      equal(kernels[op].gradInput(x, w, x.shape, { layout }), x, 'gradInput');
    });
  }
}

/** A 3x3 kernel with a single one moves the image; the transposed conv moves it the other way. */
function shifts(define: Define, kernels: Kernels): void {
  const [height, width] = [5, 6];
  const x = integers(seeded(33), [2, 1, height, width], 1000);
  const moved = (down: number, right: number): Tensor =>
    filled(x.shape, (index) => {
      const [column, row] = [(index % width) + right, (Math.floor(index / width) % height) + down];
      const inside = row >= 0 && row < height && column >= 0 && column < width;
      return inside ? at(x.data, index + down * width + right) : 0;
    });
  for (const op of ['conv2d', 'convTranspose2d'] as const) {
    define(`exact ${op}: nine kernels with a single one shift the image`, () => {
      const direction = isTransposed(op) ? -1 : 1;
      for (let tap = 0; tap < 9; tap++) {
        const w = filled([1, 1, 3, 3], (i) => (i === tap ? 1 : 0));
        const [down, right] = [direction * (Math.floor(tap / 3) - 1), direction * ((tap % 3) - 1)] as const;
        equal(kernels[op](x, w, { padding: 1 }), moved(down, right), `tap ${tap}`);
        equal(
          kernels[op](
            map(x, (v) => -v),
            w,
            { padding: 1, activation: 'relu' },
          ),
          map(moved(down, right), (v) => Math.max(0, -v)),
          `tap ${tap}, relu`,
        );
      }
    });
  }
}
