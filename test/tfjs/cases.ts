/** Calls of tfjs's kernels with random shapes and attributes, within what its cpu backend computes rightly. */
import { seeded } from '../suite/data.js';

type Random = () => number;

export interface Operand {
  readonly shape: number[];
  readonly data: Float32Array;
}

export interface Case {
  readonly name: string;
  readonly kernel: string;
  readonly inputs: Readonly<Record<string, Operand>>;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Terms of the longest sum. */
  readonly terms: number;
  /** Whether Winograd may compute it, whose bound is one of the largest output, not of each. */
  readonly winograd: boolean;
}

const ACTIVATIONS = ['linear', 'relu', 'relu6', 'leakyrelu', 'elu', 'sigmoid', 'prelu'];

export function cases(seed: number, count: number): Case[] {
  const random = seeded(seed);
  return Array.from({ length: count }, (_, index) => {
    const made = index % 8 === 7 ? otherCase(random) : index % 4 === 3 ? matmulCase(random) : convCase(random);
    const shapes = Object.entries(made.inputs).map(([name, { shape }]) => `${name} [${shape}]`);
    return { ...made, name: `${index}: ${made.kernel} ${shapes.join(' ')} ${JSON.stringify(made.attributes)}` };
  });
}

function convCase(random: Random): Case {
  const int = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
  const pick = <T>(values: readonly T[]): T => values[int(0, values.length - 1)] as T;
  const kind = pick(['', '', '', 'depthwise', 'depthwise', '3d'] as const);
  const axes = kind === '3d' ? 3 : 2;
  const direction = pick(['forward', 'forward', 'input', 'filter'] as const);
  const first = kind === '' && random() < 0.3;
  const each = (from: number, to: number): number[] => Array.from({ length: axes }, () => int(from, to));
  const square = random() < 0.5;
  const kernel = square ? Array<number>(axes).fill(pick([1, 2, 3, 3, 3, 5])) : each(1, axes === 3 ? 3 : 5);
  const dilated = direction === 'forward' && random() < 0.3;
  const dilations = Array<number>(axes).fill(dilated ? int(2, 3) : 1);
  const strides = dilated ? Array<number>(axes).fill(1) : each(1, axes === 3 ? 1 : 3);
  // tfjs-core takes a numeric pad's kernel and stride from the height alone.
  const uniform = square && strides.every((stride) => stride === strides[0]);
  const extent = kernel.map((k, axis) => (k - 1) * (dilations[axis] as number) + 1);
  const space = extent.map((k) => k + int(0, axes === 3 ? 4 : 11));
  const pads = Array.from({ length: axes }, () => [int(0, 2), int(0, 2)]);
  const explicit = axes === 3 ? 'valid' : first ? [[0, 0], [0, 0], ...pads] : [[0, 0], ...pads, [0, 0]];
  const pad = pick<unknown>(['same', 'valid', explicit, uniform ? int(0, 2) : explicit]);
  const rounding = typeof pad === 'string' || axes === 3 ? undefined : pick([undefined, 'floor', 'ceil', 'round']);
  const [batch, channels] = [int(1, 3), pick([1, 2, 3, 5, 8, 17, 20])];
  const outer = kind === 'depthwise' ? pick([1, 1, 2]) : pick([1, 3, 4, 9, 16, 24]);
  const sizes = space.map((size, axis): number => {
    const [k, s] = [extent[axis] as number, strides[axis] as number];
    const [before, after] = Array.isArray(pad) ? (pads[axis] as [number, number]) : typeof pad === 'number' ? [pad, pad] : [0, 0];
    if (pad === 'same') return Math.ceil(size / s);
    const exact = (size + before + after - k) / s + 1;
    return rounding === 'ceil' ? Math.ceil(exact) : rounding === 'round' ? Math.round(exact) : Math.floor(exact);
  });
  const yChannels = kind === 'depthwise' ? channels * outer : outer;
  const image = (size: readonly number[], depth: number): number[] => (first ? [batch, depth, ...size] : [batch, ...size, depth]);
  const [xShape, yShape, filterShape] = [image(space, channels), image(sizes, yChannels), [...kernel, channels, outer]];
  const dataFormat = axes === 3 ? 'NDHWC' : first ? 'NCHW' : 'NHWC';
  const attributes = { strides, pad, dilations, dataFormat, ...(rounding ? { dimRoundingMode: rounding } : {}) };
  const operand = (shape: number[]): Operand => operandOf(random, shape);
  const name = NAMES[kind];
  const taps = kernel.reduce((product, k) => product * k, 1);
  const positions = Math.max(...[space, sizes].map((each) => each.reduce((product, size) => product * size, 1)));
  const pairs = kind === 'depthwise' ? 1 : channels * outer;
  // As mayTransform of the suite says: more than one tap along the height or width, 8 pairs of channels and 32768 products.
  const winograd = kernel.slice(-2).some((k) => k > 1) && pairs >= 8 && pairs * taps * positions >= 2 ** 15;
  if (direction === 'input') {
    const inputs = { dy: operand(yShape), filter: operand(filterShape) };
    return { name: '', kernel: name.input, inputs, attributes: { ...attributes, inputShape: xShape }, terms: taps * outer, winograd };
  }
  if (direction === 'filter') {
    const inputs = { x: operand(xShape), dy: operand(yShape) };
    const terms = batch * sizes.reduce((product, size) => product * size, 1);
    return { name: '', kernel: name.filter, inputs, attributes: { ...attributes, filterShape }, terms, winograd };
  }
  const terms = taps * (kind === 'depthwise' ? 1 : channels) + 1;
  const inputs: Record<string, Operand> = { x: operand(xShape), filter: operand(filterShape) };
  if (kind === '3d' || random() < 0.5) return { name: '', kernel: name.forward, inputs, attributes, terms, winograd };
  const activation = pick(ACTIVATIONS);
  if (random() < 0.7) inputs.bias = operand(pick(first ? [[], [yChannels]] : [[], [yChannels], [1, 1, 1, yChannels], yShape.slice(1)]));
  if (activation === 'prelu') {
    inputs.preluActivationWeights = operand(pick(first ? [[], [yChannels], [yChannels, 1, 1]] : [[], [yChannels], yShape.slice(1)]));
  }
  const fused = { ...attributes, activation, ...(activation === 'leakyrelu' ? { leakyreluAlpha: 0.3 } : {}) };
  return { name: '', kernel: name.fused, inputs, attributes: fused, terms, winograd };
}

const NAMES = {
  '': { forward: 'Conv2D', fused: 'FusedConv2D', input: 'Conv2DBackpropInput', filter: 'Conv2DBackpropFilter' },
  depthwise: {
    forward: 'DepthwiseConv2dNative',
    fused: 'FusedDepthwiseConv2D',
    input: 'DepthwiseConv2dNativeBackpropInput',
    filter: 'DepthwiseConv2dNativeBackpropFilter',
  },
  '3d': { forward: 'Conv3D', fused: '', input: 'Conv3DBackpropInputV2', filter: 'Conv3DBackpropFilterV2' },
} as const;

function matmulCase(random: Random): Case {
  const int = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
  const pick = <T>(values: readonly T[]): T => values[int(0, values.length - 1)] as T;
  const [m, k, n] = [pick([1, 2, 7, 30]), pick([1, 5, 47, 48, 49, 200, 300]), pick([1, 3, 8, 33])];
  const [transposeA, transposeB] = [random() < 0.5, random() < 0.5];
  const batch = pick([1, 1, 2, 3]);
  const [aBatch, bBatch] = pick([
    [batch, batch],
    [1, batch],
    [batch, 1],
  ]) as [number, number];
  const a = transposeA ? [aBatch, k, m] : [aBatch, m, k];
  const b = transposeB ? [bBatch, n, k] : [bBatch, k, n];
  const inputs: Record<string, Operand> = { a: operandOf(random, a), b: operandOf(random, b) };
  const attributes = { transposeA, transposeB };
  const rest = { name: '', terms: k + 1, winograd: false };
  if (random() < 0.5) return { ...rest, kernel: 'BatchMatMul', inputs, attributes };
  const activation = pick(ACTIVATIONS);
  if (random() < 0.7) inputs.bias = operandOf(random, pick([[], [n], [1, n], [m, n], [batch, m, n]]));
  if (activation === 'prelu') inputs.preluActivationWeights = operandOf(random, pick([[], [n], [1, m, n]]));
  const fused = { ...attributes, activation, ...(activation === 'leakyrelu' ? { leakyreluAlpha: 0.3 } : {}) };
  return { ...rest, kernel: '_FusedMatMul', inputs, attributes: fused };
}

const otherCase = (random: Random): Case => {
  const which = random();
  return which < 0.2 ? normCase(random) : which < 0.4 ? poolCase(random) : which < 0.5 ? tileCase(random) : elementCase(random);
};

/** Calls of the kernels that only move elements: exact. */
export function copyCases(seed: number, count: number): Case[] {
  const random = seeded(seed);
  return Array.from({ length: count }, (_, index) => {
    const made = copyCase(random);
    const shapes = Object.entries(made.inputs).map(([name, { shape }]) => `${name} [${shape}]`);
    return { ...made, name: `${index}: ${made.kernel} ${shapes.join(' ')} ${JSON.stringify(made.attributes)}` };
  });
}

function copyCase(random: Random): Case {
  const int = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
  const shape = Array.from({ length: int(1, 6) }, () => int(1, 5));
  if (random() < 0.5) shape[shape.length - 1] = int(1, 40);
  const rank = shape.length;
  const axis = int(0, rank - 1);
  const along = (size: number): number[] => shape.map((each, i) => (i === axis ? size : each));
  const x = operandOf(random, shape);
  const made = (kernel: string, inputs: Case['inputs'], attributes: Case['attributes']): Case => {
    return { name: '', kernel, inputs, attributes, terms: 0, winograd: false };
  };
  switch (int(0, 5)) {
    case 0: {
      const parts = Array.from({ length: int(2, 4) }, () => operandOf(random, along(int(0, 9))));
      return made('Concat', Object.fromEntries(Object.entries([x, ...parts])), { axis: random() < 0.5 ? axis : axis - rank });
    }
    case 1: {
      const begin = shape.map((size) => int(0, size - 1));
      const size = shape.map((all, i) => (random() < 0.3 ? -1 : int(0, all - (begin[i] as number))));
      return made('Slice', { x }, { begin, size });
    }
    case 2: {
      const mask = (odds: number): number => shape.reduce((bits, _, i) => bits | (random() < odds ? 1 << i : 0), 0);
      const begin = shape.map((size) => int(-size - 1, size + 1));
      const end = shape.map((size) => int(-size - 1, size + 1));
      const strides = shape.map(() => (random() < 0.8 ? int(1, 3) : -int(1, 3)));
      const entries = random() < 0.5 ? rank : int(1, rank);
      const ellipsisMask = random() < 0.3 ? 1 << int(0, entries - 1) : 0;
      const masks = { beginMask: mask(0.3), endMask: mask(0.3), ellipsisMask, newAxisMask: mask(0.1), shrinkAxisMask: 0 };
      if (random() < 0.4) {
        const index = int(0, entries - 1);
        masks.shrinkAxisMask = 1 << index;
        // Its axis may be another where there is an ellipsis or a new axis before it: 0 is in each.
        begin[index] = 0;
        // Plain tfjs fails, or reads elsewhere, where another axis steps by more.
        strides.fill(1);
      }
      const [b, e, s] = [begin, end, strides].map((each) => each.slice(0, entries));
      return made('StridedSlice', { x }, { begin: b, end: e, strides: s, ...masks });
    }
    case 3: {
      const parts = int(1, 3);
      const sizes = Array.from({ length: parts }, () => int(1, 4));
      const total = sizes.reduce((sum, size) => sum + size, 0);
      if (random() < 0.5) return made('SplitV', { x: operandOf(random, along(parts * 3)) }, { axis, numOrSizeSplits: parts });
      if (random() < 0.5) sizes[0] = -1;
      return made('SplitV', { x: operandOf(random, along(total)) }, { axis, numOrSizeSplits: sizes });
    }
    case 4: {
      const paddings = shape.map(() => (random() < 0.5 ? [0, 0] : [int(0, 2), int(0, 3)]));
      return made('PadV2', { x: random() < 0.1 ? operandOf(random, along(0)) : x }, { paddings, constantValue: int(0, 2) });
    }
    default: {
      const block = int(2, 3);
      const deep = operandOf(random, [int(1, 2), int(1, 4), int(1, 4), block ** 2 * int(1, 5)]);
      return made('DepthToSpace', { x: deep }, { blockSize: block, dataFormat: 'NHWC' });
    }
  }
}

function poolCase(random: Random): Case {
  const int = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
  const [filter, stride, channels, batch] = [int(1, 3), int(1, 3), int(1, 9), int(1, 3)];
  const space = [filter + int(0, 8), filter + int(0, 8)];
  const pad = random() < 0.5 ? 'same' : 'valid';
  const sizes = space.map((size) => (pad === 'same' ? Math.ceil(size / stride) : Math.floor((size - filter) / stride) + 1));
  const [input, output] = [operandOf(random, [batch, ...space, channels]), operandOf(random, [batch, ...sizes, channels])];
  const inputs = { dy: operandOf(random, output.shape), input, output };
  const attributes = { filterSize: [filter, filter], strides: stride, pad };
  return { name: '', kernel: 'MaxPoolGrad', inputs, attributes, terms: filter * filter, winograd: false };
}

function tileCase(random: Random): Case {
  const int = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
  const shape = Array.from({ length: int(1, 4) }, () => int(1, 4));
  const attributes = { reps: shape.map(() => int(1, 5)) };
  return { name: '', kernel: 'Tile', inputs: { x: operandOf(random, shape) }, attributes, terms: 1, winograd: false };
}

function elementCase(random: Random): Case {
  const int = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
  const shape = Array.from({ length: int(1, 4) }, () => int(1, 6));
  if (random() < 0.5) {
    const kernel = ['Sum', 'Mean'][int(0, 1)] as string;
    const axes = shape.map((_, axis) => (random() < 0.5 ? axis : axis - shape.length)).filter(() => random() < 0.5);
    const attributes = { axis: axes.length === 0 && random() < 0.5 ? undefined : axes, keepDims: kernel === 'Sum' && random() < 0.5 };
    return { name: '', kernel, inputs: { x: operandOf(random, shape) }, attributes, terms: 1500, winograd: false };
  }
  const kernel = ['Add', 'Sub', 'Multiply', 'RealDiv'][int(0, 3)] as string;
  const other = shape.map((size) => (random() < 0.4 ? 1 : size)).slice(random() < 0.5 ? 0 : int(0, shape.length));
  const [a, b] = random() < 0.5 ? [shape, other] : [other, shape];
  const inputs = { a: operandOf(random, a), b: operandOf(random, b) };
  return { name: '', kernel, inputs, attributes: {}, terms: 1, winograd: false };
}

function normCase(random: Random): Case {
  const int = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
  const shape = [int(1, 2), int(1, 5), int(1, 9) * (random() < 0.5 ? 1 : 16), int(1, 20)].slice(int(0, 2));
  const channels = shape.slice(-1);
  const each = random() < 0.2 ? shape : channels;
  const vector = (): Operand => operandOf(random, each);
  const inputs: Record<string, Operand> = { x: operandOf(random, shape), mean: vector(), variance: vector() };
  inputs.variance = { ...(inputs.variance as Operand), data: (inputs.variance as Operand).data.map((value) => 1 + value) };
  if (random() < 0.7) inputs.offset = vector();
  if (random() < 0.7) inputs.scale = vector();
  // Of one term, which is divided by √ε at worst.
  return { name: '', kernel: 'FusedBatchNorm', inputs, attributes: { varianceEpsilon: 0.01 }, terms: 100, winograd: false };
}

function operandOf(random: Random, shape: number[]): Operand {
  const length = shape.reduce((product, size) => product * size, 1);
  return { shape, data: Float32Array.from({ length }, () => 2 * random() - 1) };
}
