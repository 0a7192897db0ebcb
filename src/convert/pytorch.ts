/** PyTorch: torch.nn's layers and torch.nn.functional's functions. */
import { OptionError } from '../errors.js';
import { dilatedKernel, type Pair, readPerAxis } from '../geometry/index.js';
import type { PadMode, PerAxis } from '../types.js';
import { conversion } from './convert.js';
import { computesSame, firstSame, padded } from './fit.js';
import { count, flag, known, perAxis, readDescription, short, word } from './read.js';
import type { Axis, Resolved } from './resolve.js';
import type { Args, Conversion, Converted, EitherSpelling, PadRule, Spec } from './types.js';

/** A layer of torch.nn, or a function of torch.nn.functional, in PyTorch's words. */
export interface PyTorchConvArgs {
  /** The layer or function. */
  readonly op: `Conv${1 | 2 | 3}d` | `ConvTranspose${1 | 2 | 3}d` | `conv${1 | 2 | 3}d` | `conv_transpose${1 | 2 | 3}d`;
  /** Taps; of a function, those of its weight. */
  readonly kernel_size: PerAxis;
  /** Default 1. */
  readonly stride?: PerAxis;
  /** Default 0. 'valid' and, with stride 1, 'same' are a convolution's only. */
  readonly padding?: PerAxis | 'valid' | 'same';
  /** Transposed: below stride or dilation. Default 0. */
  readonly output_padding?: PerAxis;
  /** Transposed, given at the call: the spatial output size, which picks output_padding. */
  readonly output_size?: PerAxis;
  /** Default 1. */
  readonly dilation?: PerAxis;
  /** Default 1. */
  readonly groups?: number;
  /** Default true for a layer, false for a function. */
  readonly bias?: boolean;
  /** Default 'zeros'. */
  readonly padding_mode?: PadMode;
  /** Channels of the input. */
  readonly in_channels?: number;
  /** Channels of the output. */
  readonly out_channels?: number;
}
/** A PyTorch convolution, in snake case or in camel case. */
export type PyTorchConv = EitherSpelling<PyTorchConvArgs>;

const NAMES = [
  ...['kernelSize', 'stride', 'padding', 'outputPadding', 'outputSize', 'dilation', 'groups', 'bias', 'paddingMode'],
  ...['inChannels', 'outChannels'],
];
const OPS = Object.fromEntries(
  [1, 2, 3].flatMap((n) => [`Conv${n}d`, `ConvTranspose${n}d`, `conv${n}d`, `conv_transpose${n}d`].map((op) => [op, n])),
);
const PAD_MODES = ['zeros', 'reflect', 'replicate', 'circular'] as const;

/**
 * Reads a PyTorch convolution: `padding` on both sides of a convolution's input, or cropped from both sides of a transposed one's output, to which
 * `output_padding` then adds at the end.
 *
 * @throws OptionError for an unknown name or what PyTorch would refuse.
 * @example
 * ```js
 * const { axes } = fromPyTorch({ op: 'ConvTranspose1d', kernelSize: 3, stride: 2, padding: 1, outputPadding: 1 });
 * axes[0].padding; // [1, 0]
 * ```
 */
export function fromPyTorch(conv: PyTorchConv): Spec {
  const fn = 'fromPyTorch';
  const read = readDescription(fn, conv, NAMES, OPS, 'kernelSize');
  const transposed = /transpose/i.test(read.op);
  const [kernel, stride, dilation] = [
    perAxis(read, 'kernelSize', undefined, 1),
    perAxis(read, 'stride', 1, 1),
    perAxis(read, 'dilation', 1, 1),
  ];
  const padding = transposed ? transposedPadding(read, kernel, stride, dilation) : forwardPadding(read, kernel, stride, dilation);
  const padMode = word(read, 'paddingMode', PAD_MODES, 'zeros');
  if (transposed && padMode !== 'zeros')
    throw new OptionError(fn, `padding_mode is '${padMode}'; a transposed convolution has 'zeros' only`);
  return {
    source: 'pytorch',
    transposed,
    axes: kernel.map((k, axis) => ({
      kernel: k,
      stride: stride[axis] as number,
      dilation: dilation[axis] as number,
      padding: padding[axis] as Pair | PadRule,
    })),
    groups: count(read, 'groups') ?? 1,
    ...known({ inChannels: count(read, 'inChannels'), outChannels: count(read, 'outChannels') }),
    bias: flag(read, 'bias', /^C/.test(read.op)),
    padMode,
    layout: 'channels-first',
  };
}

type Read = ReturnType<typeof readDescription>;

function forwardPadding(read: Read, kernel: number[], stride: number[], dilation: number[]): Pair[] {
  const { fn, given } = read;
  for (const name of ['outputPadding', 'outputSize']) {
    if (given[name] !== undefined) throw new OptionError(fn, `${name} is for transposed convolutions only`);
  }
  if (given.padding === 'valid') return kernel.map((): Pair => [0, 0]);
  if (given.padding === 'same') {
    if (stride.some((s) => s !== 1))
      throw new OptionError(fn, `padding is 'same' with stride ${short(stride)}; PyTorch has it with stride 1 only`);
    return kernel.map((k, axis): Pair => {
      const total = dilatedKernel(k, dilation[axis] as number) - 1;
      return [Math.floor(total / 2), total - Math.floor(total / 2)];
    });
  }
  return perAxis(read, 'padding', 0, 0).map((p): Pair => [p, p]);
}

function transposedPadding(read: Read, kernel: number[], stride: number[], dilation: number[]): Pair[] {
  const { fn, axes, given } = read;
  const [p, extra] = [perAxis(read, 'padding', 0, 0), perAxis(read, 'outputPadding', 0, 0)];
  if (given.outputSize !== undefined) {
    if (given.outputPadding !== undefined)
      throw new OptionError(fn, 'output_size and output_padding are both given; output_size picks the other');
    return readPerAxis(fn, 'output_size', given.outputSize, axes, 1).map((size, axis): Pair => {
      const [k, s, d, crop] = [kernel[axis], stride[axis], dilation[axis], p[axis]] as [number, number, number, number];
      // Of the sizes to which an input gives rise, one after the other stride by stride, each has one input.
      const over = size - (dilatedKernel(k, d) - 2 * crop);
      return [crop, crop - (((over % s) + s) % s)];
    });
  }
  return kernel.map((_, axis): Pair => {
    const [s, d, crop, more] = [stride[axis], dilation[axis], p[axis], extra[axis]] as [number, number, number, number];
    if (more >= Math.max(s, d)) {
      throw new OptionError(fn, `output_padding is ${more} on axis ${axis}; it must be smaller than stride ${s} or dilation ${d}`);
    }
    return [crop, crop - more];
  });
}

/**
 * PyTorch's layer for it: `Conv2d`, `ConvTranspose2d` and their kin. A convolution must be padded alike on both sides (or as 'same' does, with stride 1). A transposed
 * one must crop at the start, and there up to max(stride, dilation) - 1 more than at the end.
 *
 * @param inputShape [N, C, ...space] in the specification's layout, or without N, or the spatial sizes alone. Needed where the padding depends on it; with it, padding
 * that no window reaches does not count.
 * @throws OptionError where `inputShape` is needed; ShapeError where it does not fit.
 * @example
 * ```js
 * const spec = fromKeras({ op: 'Conv1DTranspose', kernelSize: 4, strides: 2, padding: 'same' });
 * toPyTorch(spec).args.padding; // 1
 * toPyTorch(fromKeras({ op: 'Conv1DTranspose', kernelSize: 3, strides: 2, padding: 'same' })).instead[1].crop; // [[0, 1]]
 * ```
 */
export function toPyTorch(spec: Spec, inputShape?: readonly number[]): Conversion {
  return conversion('toPyTorch', spec, inputShape, convertToPyTorch);
}

export function convertToPyTorch(resolved: Resolved): Converted | string {
  const padding = resolved.transposed ? transposedArgs(resolved) : forwardArgs(resolved);
  if (typeof padding === 'string') return padding;
  const { axes, inChannels, outChannels, groups, bias, padMode, transposed } = resolved;
  const dilation = short(axes.map((axis) => axis.dilation));
  return {
    op: `Conv${transposed ? 'Transpose' : ''}${axes.length}d`,
    args: known({
      in_channels: inChannels,
      out_channels: outChannels,
      kernel_size: short(axes.map((axis) => axis.kernel)),
      stride: short(axes.map((axis) => axis.stride)),
      ...padding,
      dilation: dilation === 1 ? undefined : dilation,
      groups: groups === 1 ? undefined : groups,
      bias: bias ? undefined : false,
      padding_mode: padMode === 'zeros' ? undefined : padMode,
    }) as Args,
    layout: 'channels-first',
  };
}

function forwardArgs(resolved: Resolved): Args | string {
  const { axes } = resolved;
  const symmetric = axes.map((axis) => firstSame(false, axis, (p): Pair[] => (p < 0 ? [] : [[p, p]])));
  if (!symmetric.includes(undefined)) return { padding: short(symmetric.map((pair) => (pair as Pair)[0])) };
  if (axes.every((axis) => axis.stride === 1 && computesSame(false, axis, 'same'))) return { padding: 'same' };
  return `${padded(resolved, symmetric.indexOf(undefined))}; PyTorch pads both sides alike, or with stride 1 as 'same' does`;
}

function transposedArgs(resolved: Resolved): Args | string {
  const { axes } = resolved;
  const found = axes.map((axis) => {
    const most = Math.max(axis.stride, axis.dilation) - 1;
    return firstSame(true, axis, (p) => (p < 0 ? [] : Array.from({ length: most + 1 }, (_, more): Pair => [p, p - more])));
  });
  if (found.includes(undefined)) {
    const at = found.indexOf(undefined);
    const { stride, dilation } = axes[at] as Axis;
    const most = Math.max(stride, dilation) - 1;
    return `${padded(resolved, at)}; PyTorch's padding crops both sides alike, and output_padding gives back 0 to ${most} at the end`;
  }
  const pairs = found as Pair[];
  const outputPadding = short(pairs.map(([before, after]) => before - after));
  return { padding: short(pairs.map(([before]) => before)), ...(outputPadding === 0 ? {} : { output_padding: outputPadding }) };
}
