/** What is measured, as data: nothing here knows who runs it. Sizes are of the networks that the names recall. */
import { type ConvGeometry, convGeometry, convTransposeGeometry, sizeOf, volume } from '../src/geometry/index.js';
import type { ConvShapeOptions, Layout } from '../src/types.js';

export type ConvName = 'conv1d' | 'conv2d' | 'conv3d' | 'convTranspose1d' | 'convTranspose2d' | 'convTranspose3d';
export type Direction = 'forward' | 'gradInput' | 'gradWeight';

export interface Case {
  readonly name: string;
  readonly op: ConvName | 'matmul';
  readonly direction: Direction;
  /** Shape of the op's first argument; of a, [m, k], for matmul. */
  readonly input: readonly number[];
  /** Of b, [k, n], for matmul. */
  readonly weight: readonly number[];
  readonly options: ConvShapeOptions;
  /** Multiplications of the direct algorithm, those with the padding's zeros counted: the same in every direction. */
  readonly macs: number;
}

export type ConvCase = Case & { readonly op: ConvName };

export const isConv = (c: Case): c is ConvCase => c.op !== 'matmul';

/** The matrix C of the case's convolution, whichever way it is used. */
export function geometryOf({ op, input, weight, options }: Omit<ConvCase, 'macs'>): ConvGeometry {
  const build = op.startsWith('convTranspose') ? convTransposeGeometry : convGeometry;
  return build(op, weight.length - 2, input, weight, options).geometry;
}

export function matmul(m: number, n: number, k: number): Case {
  const name = m === n && n === k ? `gemm ${m}` : `gemm ${m}x${n}x${k}`;
  return { name, op: 'matmul', direction: 'forward', input: [m, k], weight: [k, n], options: {}, macs: m * n * k };
}

/** A layer in channels-first shapes; its cases are the product of its directions and layouts. */
export interface Layer {
  readonly name: string;
  readonly op: ConvName;
  readonly input: readonly number[];
  readonly weight: readonly number[];
  readonly options?: ConvShapeOptions;
  readonly directions?: readonly Direction[];
  readonly layouts?: readonly Layout[];
}

export function casesOf({ name, op, input, weight, options = {}, directions = ['forward'], layouts = ['channels-first'] }: Layer): Case[] {
  return layouts.flatMap((layout) =>
    directions.map((direction) => {
      const last = layout === 'channels-last';
      const c: Omit<ConvCase, 'macs'> = {
        name: [name, ...(last ? ['channels-last'] : []), ...(direction === 'forward' ? [] : [direction])].join(' '),
        op,
        direction,
        input: last ? [...input.slice(0, 1), ...input.slice(2), ...input.slice(1, 2)] : input,
        weight: last ? [...weight.slice(2), ...weight.slice(0, 2).reverse()] : weight,
        options: last ? { ...options, layout } : options,
      };
      const g = geometryOf(c);
      return { ...c, macs: g.batch * volume(g.ySize) * g.yChannels * (g.xChannels / g.groups) * volume(g.kernel) };
    }),
  );
}

const ALL: readonly Direction[] = ['forward', 'gradInput', 'gradWeight'];
const BOTH: readonly Layout[] = ['channels-first', 'channels-last'];

type More = Pick<Layer, 'directions' | 'layouts'> & { readonly batch?: number };

/** A 2-D conv of a square image: `size` is the input's, `k` that of a square kernel, or its height and width. */
function conv2d(
  what: string,
  inputs: number,
  outputs: number,
  size: number,
  k: number | readonly [number, number],
  options: ConvShapeOptions,
  { batch = 1, ...more }: More = {},
): Layer {
  const weight = [outputs, inputs / (options.groups ?? 1), ...(typeof k === 'number' ? [k, k] : k)];
  return { name: `${what} ${inputs}-${outputs} @${size}`, op: 'conv2d', input: [batch, inputs, size, size], weight, options, ...more };
}

function convTranspose2d(
  what: string,
  inputs: number,
  outputs: number,
  size: number,
  k: number,
  options: ConvShapeOptions,
  more: Pick<Layer, 'directions' | 'layouts'> = {},
): Layer {
  const name = `transposed ${what} ${inputs}-${outputs} @${size}`;
  return { name, op: 'convTranspose2d', input: [1, inputs, size, size], weight: [inputs, outputs, k, k], options, ...more };
}

/** Of sound: one axis, that of time, of `length` samples. */
function conv1d(
  what: string,
  channels: number,
  length: number,
  k: number,
  options: ConvShapeOptions,
  directions?: readonly Direction[],
): Layer {
  return {
    name: `audio ${what} ${channels}-${channels} @${length}`,
    op: 'conv1d',
    input: [1, channels, length],
    weight: [channels, channels, k],
    options,
    ...(directions && { directions }),
  };
}

/** 3x3x3 over frames of a video, or slices of a volume: `size` is depth, height and width. */
function volume3x3x3(
  inputs: number,
  outputs: number,
  size: readonly [number, number, number],
  directions: readonly Direction[] = ['forward'],
): Layer {
  const name = `volume 3x3x3 ${inputs}-${outputs} @${size.join('x')}`;
  return { name, op: 'conv3d', input: [1, inputs, ...size], weight: [outputs, inputs, 3, 3, 3], options: { padding: 1 }, directions };
}

export const LAYERS: readonly Layer[] = [
  conv2d('toy 3x3', 1, 1, 4, 3, {}, { directions: ALL }),
  conv2d('LeNet 5x5', 1, 6, 28, 5, { padding: 2 }, { directions: ALL }),
  conv2d('LeNet 5x5', 6, 16, 14, 5, {}, { directions: ALL }),
  conv2d('3x3', 64, 64, 56, 3, { padding: 1 }, { directions: ALL, layouts: BOTH }),
  conv2d('3x3', 128, 128, 28, 3, { padding: 1 }, { directions: ALL }),
  conv2d('3x3', 256, 256, 14, 3, { padding: 1 }, { directions: ALL }),
  conv2d('3x3', 512, 512, 7, 3, { padding: 1 }, { directions: ALL }),
  conv2d('batch 8 3x3', 64, 64, 28, 3, { padding: 1 }, { batch: 8, directions: ALL }),
  conv2d('stem 7x7 s2', 3, 64, 224, 7, { stride: 2, padding: 3 }, { directions: ['forward', 'gradWeight'], layouts: BOTH }),
  conv2d('1x1', 256, 64, 56, 1, {}, { directions: ALL, layouts: BOTH }),
  conv2d('1x1', 64, 256, 56, 1, {}, { directions: ALL }),
  conv2d('1x1', 1024, 256, 14, 1, {}),
  conv2d('1x1', 512, 2048, 7, 1, {}),
  conv2d('3x3 s2', 64, 128, 56, 3, { stride: 2, padding: 1 }),
  conv2d('3x3 s2', 128, 128, 56, 3, { stride: 2, padding: 1 }, { directions: ALL }),
  conv2d('3x3 s2', 128, 256, 28, 3, { stride: 2, padding: 1 }),
  conv2d('3x3 s2', 256, 256, 28, 3, { stride: 2, padding: 1 }),
  conv2d('3x3 s2', 512, 512, 14, 3, { stride: 2, padding: 1 }),
  conv2d('depthwise 3x3', 192, 192, 56, 3, { padding: 1, groups: 192 }, { directions: ALL, layouts: BOTH }),
  conv2d('depthwise 3x3 s2', 192, 192, 56, 3, { stride: 2, padding: 1, groups: 192 }, { directions: ALL }),
  conv2d('depthwise 3x3', 512, 512, 14, 3, { padding: 1, groups: 512 }),
  conv2d('depthwise 5x5', 240, 240, 14, 5, { padding: 2, groups: 240 }),
  conv2d('grouped 32 3x3', 128, 128, 56, 3, { padding: 1, groups: 32 }, { directions: ALL }),
  conv2d('5x5', 32, 64, 28, 5, { padding: 2 }, { directions: ALL }),
  conv2d('5x5 s2', 64, 128, 32, 5, { stride: 2, padding: 2 }, { directions: ALL }),
  conv2d('5x5 s2', 128, 256, 16, 5, { stride: 2, padding: 2 }),
  conv2d('1x7', 128, 128, 17, [1, 7], { padding: [0, 3] }, { directions: ALL }),
  conv2d('7x1', 128, 128, 17, [7, 1], { padding: [3, 0] }),
  conv2d('1x3', 384, 384, 8, [1, 3], { padding: [0, 1] }),
  conv2d('dilated 2 3x3', 64, 64, 56, 3, { padding: 2, dilation: 2 }),
  conv2d('dilated 2 3x3', 128, 128, 28, 3, { padding: 2, dilation: 2 }, { directions: ALL }),
  conv2d('dilated 4 3x3', 256, 256, 28, 3, { padding: 4, dilation: 4 }),
  convTranspose2d('4x4 s2', 512, 256, 8, 4, { stride: 2, padding: 1 }, { directions: ALL, layouts: BOTH }),
  convTranspose2d('4x4 s2', 256, 128, 8, 4, { stride: 2, padding: 1 }),
  convTranspose2d('4x4 s2', 256, 128, 16, 4, { stride: 2, padding: 1 }, { directions: ALL }),
  convTranspose2d('4x4 s2', 128, 64, 16, 4, { stride: 2, padding: 1 }),
  convTranspose2d('4x4 s2', 128, 64, 32, 4, { stride: 2, padding: 1 }),
  convTranspose2d('4x4 s2', 64, 32, 28, 4, { stride: 2, padding: 1 }),
  convTranspose2d('2x2 s2', 128, 64, 28, 2, { stride: 2 }, { directions: ALL }),
  convTranspose2d('3x3 s2 op1', 128, 64, 28, 3, { stride: 2, padding: 1, outputPadding: 1 }, { directions: ALL }),
  convTranspose2d('3x3 s2 op1', 256, 128, 32, 3, { stride: 2, padding: 1, outputPadding: 1 }),
  convTranspose2d('3x3', 128, 128, 28, 3, { padding: 1 }),
  convTranspose2d('5x5 s2', 128, 64, 16, 5, { stride: 2, padding: 2, outputPadding: 1 }),
  convTranspose2d('16x16 s8', 21, 21, 28, 16, { stride: 8, padding: 4 }),
  conv1d('k3', 64, 1024, 3, { padding: 1 }),
  conv1d('k5', 128, 512, 5, { padding: 2 }),
  conv1d('k7', 64, 8192, 7, { padding: 3 }, ALL),
  conv1d('k3 d4', 64, 1024, 3, { padding: 4, dilation: 4 }),
  conv1d('k7 d4', 64, 8192, 7, { padding: 12, dilation: 4 }),
  {
    name: 'transposed audio k16 s8 256-128 @512',
    op: 'convTranspose1d',
    input: [1, 256, 512],
    weight: [256, 128, 16],
    options: { stride: 8, padding: 4 },
    directions: ALL,
  },
  volume3x3x3(16, 32, [8, 28, 28], ALL),
  volume3x3x3(32, 32, [8, 28, 28], ['forward', 'gradInput']),
  volume3x3x3(64, 64, [4, 14, 14]),
];

export const PRODUCTS: readonly Case[] = [
  ...[16, 32, 64, 128, 256, 512, 1024].map((size) => matmul(size, size, size)),
  matmul(1, 1024, 1024),
  matmul(3136, 64, 576),
  matmul(49, 512, 4608),
  matmul(16, 1000, 2048),
];

/** Every case as listed, or every layer in one layout. */
export const allCases = (layout?: Layout): Case[] => [
  ...PRODUCTS,
  ...LAYERS.flatMap((layer) => casesOf(layout ? { ...layer, layouts: [layout] } : layer)),
];

/** Shape of the forward's output. */
export function outputShape(c: Case): number[] {
  if (!isConv(c)) return [c.input[0] as number, c.weight[1] as number];
  const build = c.op.startsWith('convTranspose') ? convTransposeGeometry : convGeometry;
  return [...build(c.op, c.weight.length - 2, c.input, c.weight, c.options).outputShape];
}

/** Shape of what the case computes. */
export const resultShape = (c: Case): readonly number[] =>
  c.direction === 'forward' ? outputShape(c) : c.direction === 'gradInput' ? c.input : c.weight;

export const resultLength = (c: Case): number => sizeOf(resultShape(c));
