import type { Activation, ConvShapeOptions } from '../../src/index.js';
import { type ConvCase, channelsLast } from './problem.js';

/** The tables of the algorithms, in channels-first shapes. */

export interface Axis {
  readonly stride: number;
  readonly kernel: number;
  readonly dilation: number;
}

const reachOf = ({ kernel, dilation }: Axis): number => dilation * (kernel - 1) + 1;

export const product = (strides: readonly number[], kernels: readonly number[], dilations: readonly number[]): Axis[] =>
  strides.flatMap((stride) => kernels.flatMap((kernel) => dilations.map((dilation) => ({ stride, kernel, dilation }))));

/** Bias and activation of the i-th case: all together, and each alone. */
export function finishOf(i: number): Pick<ConvCase, 'bias' | 'activation'> {
  const activations: readonly (Activation | undefined)[] = [undefined, 'relu', undefined, { leakyRelu: 0.5 }, 'relu6'];
  const activation = activations[i % 5];
  return { bias: i % 3 !== 0, ...(activation === undefined ? {} : { activation }) };
}

export type Pair = readonly [before: number, after: number];

/** Pads of one axis of the i-th case, up to `pad`. */
const padsOf = (i: number, axis: number, pad: number): Pair => [(i + axis) % (pad + 1), (i >> (1 + axis)) % (pad + 1)];

type Channels = readonly [inputs: number, outputs: number, groups: number];

/** A conv with `extra` positions beyond the first on each axis, where that is possible. */
export function convOf(i: number, axes: readonly Axis[], [inputs, outputs, groups]: Channels, pad: number, pads = padsOf): ConvCase {
  const padding = axes.map((_, axis) => pads(i, axis, pad));
  const space = axes.map((axis, a) => {
    const [before, after] = padding[a] as Pair;
    const crop = Math.max(0, -before) + Math.max(0, -after);
    return Math.max(1 + crop, reachOf(axis) - before - after) + ((i + 3 * a) % 6) + (a > 0 && i % 4 === 0 ? 9 : 0);
  });
  return {
    op: `conv${axes.length as 1 | 2 | 3}d`,
    input: [1 + (i % 3), inputs, ...space],
    weight: [outputs, inputs / groups, ...axes.map(({ kernel }) => kernel)],
    options: { ...shapeOf(axes), padding, groups },
    ...finishOf(i),
  };
}

/** A transposed conv whose pads may crop more than the kernel reaches. */
export function transposeOf(i: number, axes: readonly Axis[], [inputs, outputs, groups]: Channels, pad: number, pads = padsOf): ConvCase {
  const padding = axes.map((_, axis) => pads(i, axis, pad));
  const outputPadding = axes.map(({ stride, dilation }, axis) => (i + axis) % Math.max(stride, dilation));
  const space = axes.map((axis, a) => {
    const [before, after] = padding[a] as Pair;
    const missing = 1 + before + after - reachOf(axis) - (outputPadding[a] as number);
    return Math.max(1, Math.ceil(missing / axis.stride) + 1) + ((i + a) % 4) + (a > 0 && i % 4 === 0 ? 5 : 0);
  });
  return {
    op: `convTranspose${axes.length as 1 | 2 | 3}d`,
    input: [1 + (i % 3), inputs, ...space],
    weight: [inputs, outputs / groups, ...axes.map(({ kernel }) => kernel)],
    options: { ...shapeOf(axes), padding, outputPadding, groups },
    ...finishOf(i),
  };
}

const shapeOf = (axes: readonly Axis[]): ConvShapeOptions => ({
  stride: axes.map(({ stride }) => stride),
  dilation: axes.map(({ dilation }) => dilation),
});

/** Kernels smaller than the stride, equal, larger by one, by a whole stride; dilations that share a divisor with the stride, and that do not. */
export function phaseCases(): ConvCase[] {
  const axes = product([1, 2, 3, 4], [1, 2, 3, 4, 5, 8], [1, 2, 3, 4]);
  const channels = [
    [2, 3, 1],
    [5, 4, 1],
    [4, 6, 2],
    [9, 5, 1],
    [3, 3, 3],
  ] as const;
  const planar = axes.flatMap((axis, i) => {
    const pair = [axis, axes[(i * 37 + 11) % axes.length] as Axis];
    const sizes = channels[i % channels.length] as (typeof channels)[number];
    return [convOf(i, pair, sizes, 3), transposeOf(i, pair, sizes, i % 8 === 0 ? 9 : 3)];
  });
  const others = [7, 29, 53, 71].flatMap((i) => {
    const [one, two, three] = [axes[i], axes[(i * 5) % axes.length], axes[(i * 11) % axes.length]] as [Axis, Axis, Axis];
    return [
      convOf(i, [one], [3, 5, 1], 2),
      transposeOf(i, [two], [6, 4, 2], 2),
      convOf(i, [one, two, three], [2, 3, 1], 1),
      transposeOf(i, [three, one, two], [3, 2, 1], 1),
    ];
  });
  // More phases than 'auto' would take, most of them without a tap.
  const many: ConvCase[] = [
    { op: 'convTranspose1d', input: [2, 3, 3], weight: [3, 2, 5], options: { stride: 300, padding: [[1, 2]] }, bias: true },
  ];
  return [...planar, ...others, ...many];
}

/** Depthwise: kernels, strides, dilations, multipliers, channels around a vector's four lanes. */
export function depthwiseCases(): ConvCase[] {
  const axes = product([1, 2, 3], [1, 2, 3, 5, 7], [1, 2]);
  const channels = [2, 3, 4, 5, 7, 8, 9, 16, 17];
  return axes.flatMap((axis, i) => {
    // Square kernels have paths of their own.
    const other = i % 3 === 0 ? axis : (axes[(i * 7 + 4) % axes.length] as Axis);
    const groups = channels[i % channels.length] as number;
    const sizes = [groups, groups * (1 + (i % 3)), groups] as const;
    const one = i % 5 === 0 ? [convOf(i, [axis], sizes, 3), convOf(i, [axis, other, axis], [3, 6, 3], 1)] : [];
    return [convOf(i, [axis, other], sizes, 3), transposeOf(i, [axis, other], [sizes[1], groups, groups], 2), ...one];
  });
}

/** Depthwise with kernels of three and five columns, which have tiles of their own: y around one, two and three tiles wide, channels around one. */
export function denseCases(): ConvCase[] {
  const widths = [3, 4, 5, 7, 8, 9, 12, 13];
  const channels = [4, 5, 8, 11, 16];
  return [1, 2].flatMap((stride) =>
    [3, 5].flatMap((columns) =>
      widths.map((width, i): ConvCase => {
        const groups = channels[(i + columns) % channels.length] as number;
        const rows = 1 + ((i + stride) % columns);
        const padding = [[i % 2, (i >> 1) % 2] as const, [(i + 1) % 3, i % 3] as const] as const;
        const reach = (width - 1) * stride + columns;
        return {
          op: 'conv2d',
          input: [1 + (i % 2), groups, 3 * stride + rows, reach - padding[1][0] - padding[1][1] + (i % stride)],
          weight: [groups, 1, rows, columns],
          options: { stride: i % 3 === 0 ? [1, stride] : stride, padding, groups },
          ...finishOf(i),
        };
      }),
    ),
  );
}

/** Depthwise with few channels or several of y to each, in more rows and columns than a strip has. */
export const stripCases: readonly ConvCase[] = [
  { op: 'conv2d', input: [2, 3, 9, 11], weight: [12, 1, 3, 3], options: { padding: 1, groups: 3 }, bias: true, activation: 'relu' },
  { op: 'conv2d', input: [1, 5, 12, 7], weight: [40, 1, 5, 2], options: { stride: 2, padding: [2, 1], groups: 5 }, bias: true },
  { op: 'conv2d', input: [2, 3, 103, 97], weight: [3, 1, 3, 3], options: { padding: 1, groups: 3 }, bias: true },
  { op: 'conv2d', input: [1, 2, 111, 98], weight: [4, 1, 3, 3], options: { stride: 2, padding: 1, groups: 2 }, activation: 'relu6' },
  { op: 'conv2d', input: [1, 2, 3, 9001], weight: [6, 1, 2, 5], options: { stride: [1, 3], padding: [1, 2], groups: 2 }, bias: true },
];

export type Pads = readonly [top: number, bottom: number, left: number, right: number];

interface Winograd {
  readonly batch?: number;
  readonly from: number;
  readonly to: number;
  readonly size: readonly [height: number, width: number];
  readonly kernel?: readonly [height: number, width: number];
  readonly pads?: Pads;
  readonly groups?: number;
}

/** Stride 1: as a conv, or as the transposed conv whose gradient it is. */
export function winogradCase(
  i: number,
  { batch = 1, from, to, size, kernel = [3, 3], pads = [1, 1, 1, 1], groups = 1 }: Winograd,
): ConvCase {
  const [top, bottom, left, right] = pads;
  const transposed = i % 3 === 2;
  const crop = transposed ? kernel[0] - 1 - top - bottom : 0;
  const cropped = transposed ? kernel[1] - 1 - left - right : 0;
  return {
    op: transposed ? 'convTranspose2d' : 'conv2d',
    input: [batch, from, Math.max(1, size[0] - crop), Math.max(1, size[1] - cropped)],
    weight: transposed ? [from, to / groups, ...kernel] : [to, from / groups, ...kernel],
    options: {
      padding: [
        [top, bottom],
        [left, right],
      ],
      groups,
    },
    ...finishOf(i),
  };
}

const LENGTHS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 14, 15, 16, 17];

/** Every height with every width around the tiles of 4 and of 2. */
export const winogradSizes = (height: number): ConvCase[] =>
  LENGTHS.map((width, i) =>
    winogradCase(i + height, { from: 3 + (i % 2), to: 5 - (i % 3), size: [height, width], batch: 1 + ((i + height) % 2) }),
  );
export const WINOGRAD_HEIGHTS = LENGTHS;

/** Up to 8×8 the tiles are of 2×2 outputs, from 11×11 on of 4×4. */
const LARGER = 8;

/** Every pad from 0 to 2 at each side, for both tiles. */
export const winogradPads = (): ConvCase[] =>
  [0, LARGER].flatMap((more) =>
    Array.from({ length: 81 }, (_, i): ConvCase => {
      const pads: Pads = [i % 3, Math.floor(i / 3) % 3, Math.floor(i / 9) % 3, Math.floor(i / 27)];
      return winogradCase(i, { from: 4, to: 3, size: [3 + (i % 7) + more, 3 + ((i * 3) % 8) + more], pads });
    }),
  );

export const winogradChannels = (KC: number): ConvCase[] => [0, LARGER].flatMap((more) => channelsAround(KC, more));

function channelsAround(KC: number, more: number): ConvCase[] {
  const at = (height: number, width: number) => [height + more, width + more] as const;
  const around = [3, 4, 5, 7, 8, 9, 15, 16, 17];
  const pairs = around.flatMap((from, i) =>
    [from, 8].map((to, j) => winogradCase(i + j, { from, to: j === 0 ? (around[(i * 5 + 2) % 9] as number) : to, size: at(5, 6) })),
  );
  const deep = [KC - 1, KC, KC + 1].flatMap((c, i) => [
    winogradCase(i, { from: c, to: 7, size: at(4, 5) }),
    winogradCase(i + 1, { from: 5, to: c, size: at(5, 3), batch: 2 }),
  ]);
  // A block of Winograd's own holds 4·KC channels at most.
  const blocks = [
    winogradCase(0, { from: 4 * KC + 3, to: 3, size: at(3, 5) }),
    winogradCase(1, { from: 2, to: 4 * KC + 9, size: at(5, 2) }),
  ];
  const groups = [
    { from: 4, to: 6, groups: 2, size: at(7, 6), batch: 2 },
    { from: 15, to: 9, groups: 3, size: at(5, 9) },
    { from: 34, to: 18, groups: 2, size: at(6, 5), batch: 3 },
    { from: 5, to: 5, groups: 5, size: at(6, 7) },
  ] as const;
  return [...pairs, ...deep, ...blocks, ...groups.map((each, i) => winogradCase(i, each))];
}

/** Kernels of one to four blocks of taps along an axis, of two and three taps, with every output size around the tiles; pads up to the kernel's and beyond. */
export const winogradKernels = (): ConvCase[] =>
  LARGER_KERNELS.flatMap((kernel, i) =>
    LENGTHS.map((length, j): ConvCase => {
      const [height, width] = kernel;
      const out = [length, at13(5 * j + i)] as const;
      const pads: Pads = [j % height, (j + 2) % height, (i + j) % width, j % 5 === 0 ? width : j % width];
      const size = [
        Math.max(height - pads[0] - pads[1], 1, out[0] + height - 1 - pads[0] - pads[1]),
        Math.max(width - pads[2] - pads[3], 1, out[1] + width - 1 - pads[2] - pads[3]),
      ] as const;
      return winogradCase(i + j, { from: 3 + (j % 3), to: 5 - (i % 3), size, kernel, pads, batch: 1 + (j % 2) });
    }),
  );
const LARGER_KERNELS = [
  [2, 2],
  [2, 3],
  [3, 2],
  [2, 5],
  [7, 2],
  [3, 4],
  [4, 4],
  [5, 3],
  [5, 5],
  [4, 6],
  [7, 5],
  [7, 7],
  [8, 3],
  [3, 10],
] as const;
const at13 = (i: number): number => 1 + (i % 13);

/** Larger kernels around blocks of channels and of tiles, in groups, and layers that 'auto' takes. */
export const winogradKernelsLarge = (KC: number): ConvCase[] => [
  winogradCase(0, { from: KC + 1, to: 7, size: [6, 5], kernel: [5, 4], pads: [2, 2, 2, 1] }),
  winogradCase(1, { from: 4 * KC + 3, to: 3, size: [3, 5], kernel: [4, 3] }),
  winogradCase(2, { from: 2, to: 4 * KC + 9, size: [5, 4], kernel: [4, 4] }),
  winogradCase(3, { from: 6, to: 10, groups: 2, size: [11, 13], kernel: [5, 7], pads: [2, 2, 3, 3], batch: 3 }),
  winogradCase(5, { from: 9, to: 12, groups: 3, size: [9, 8], kernel: [7, 4], pads: [3, 3, 1, 2], batch: 2 }),
  winogradCase(0, { from: 2, to: 3, size: [2, 301], kernel: [5, 5], pads: [2, 2, 2, 2] }),
  winogradCase(1, { from: 3, to: 2, size: [300, 3], kernel: [4, 7], pads: [2, 1, 3, 3] }),
  winogradCase(0, { from: 32, to: 32, size: [20, 21], kernel: [5, 5], pads: [2, 2, 2, 2] }),
  winogradCase(1, { from: 32, to: 33, size: [17, 16], kernel: [4, 6], pads: [1, 2, 2, 3], batch: 2 }),
  winogradCase(2, { from: 33, to: 32, size: [19, 22], kernel: [7, 3], pads: [3, 3, 1, 1] }),
];

/** x = Cᵀ y with a stride, of whose phases each has two taps or more: around the tiles, with every pad, output padding, groups and blocks of channels. */
export const winogradPhases = (KC: number): ConvCase[] => [
  ...PHASE_KERNELS.flatMap((kernel, i) =>
    LENGTHS.map((length, j): ConvCase => {
      const [stride, taps] = kernel;
      const pads = taps.map((each, axis) => [(i + j + axis) % each, (2 * j + axis) % each] as const);
      const size = [length, at13(3 * j + i)] as const;
      const from = size.map((each, axis) =>
        Math.max(each, Math.ceil(((pads[axis]?.[0] ?? 0) + (pads[axis]?.[1] ?? 0) + 1) / (stride[axis] ?? 1))),
      );
      const options = { stride, padding: pads, outputPadding: stride.map((each) => j % each), groups: 1 + (j % 2) };
      return { ...transpose([1 + (j % 2), 4, ...from], [4, 3 + (i % 2), ...taps], options), ...finishOf(i + j) };
    }),
  ),
  transpose([1, KC + 1, 9, 8], [KC + 1, 7, 4, 4], { stride: 2, padding: 1 }),
  transpose([1, 4 * KC + 3, 5, 4], [4 * KC + 3, 3, 5, 4], { stride: 2, padding: 1 }),
  transpose([1, 2, 6, 5], [2, 4 * KC + 9, 6, 6], { stride: 3 }),
  transpose([2, 3, 2, 150], [3, 2, 4, 4], { stride: 2, padding: 1 }),
  transpose([1, 16, 14, 15], [16, 24, 4, 4], { stride: 2, padding: 1 }),
  conv([1, 16, 29, 31], [24, 16, 5, 5], { stride: 2, padding: 2 }),
  conv([2, 12, 22, 24], [18, 4, 4, 6], { stride: 2, padding: [1, 2], groups: 3 }),
];
const PHASE_KERNELS = [
  [
    [2, 2],
    [4, 4],
  ],
  [
    [2, 2],
    [5, 5],
  ],
  [
    [3, 2],
    [6, 5],
  ],
  [
    [2, 1],
    [7, 3],
  ],
  [
    [1, 3],
    [2, 7],
  ],
] as const;

/** Several blocks of tiles; and layers that 'auto' takes. */
export const winogradLarge = (): ConvCase[] => [
  winogradCase(0, { from: 16, to: 24, size: [29, 31] }),
  winogradCase(1, { from: 16, to: 16, size: [11, 10], batch: 4 }),
  winogradCase(2, { from: 17, to: 16, size: [21, 22] }),
  winogradCase(3, { from: 2, to: 3, size: [2, 301] }),
  winogradCase(4, { from: 3, to: 2, size: [300, 3] }),
  winogradCase(5, { from: 32, to: 48, size: [20, 21], groups: 2 }),
];

/** A 2-D layer by hand. */
export function conv(input: readonly number[], weight: readonly number[], options: ConvShapeOptions = {}): ConvCase {
  return { op: 'conv2d', input, weight, options };
}

export function transpose(input: readonly number[], weight: readonly number[], options: ConvShapeOptions = {}): ConvCase {
  return { op: 'convTranspose2d', input, weight, options };
}

export const both = (c: ConvCase): ConvCase[] => [c, channelsLast(c)];
