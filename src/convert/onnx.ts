/** ONNX: the operators Conv and ConvTranspose. */
import { OptionError } from '../errors.js';
import { dilatedKernel, type Pair } from '../geometry/index.js';
import { conversion } from './convert.js';
import { type Cropped, croppedByPads, padded, paddedOnly } from './fit.js';
import { count, flag, known, list, readDescription, sides, word } from './read.js';
import type { Resolved } from './resolve.js';
import type { Args, Conversion, Converted, EitherSpelling, PadRule, Spec } from './types.js';

/** A node of ONNX in its attributes' words. */
export interface OnnxConvArgs {
  /** The operator. */
  readonly op: 'Conv' | 'ConvTranspose';
  /** Taps, which say how many axes there are. */
  readonly kernel_shape: readonly number[];
  /** Default 1. */
  readonly strides?: readonly number[];
  /** Default 1. */
  readonly dilations?: readonly number[];
  /** Before of each axis, then after of each axis. Default 0. Not beside an `auto_pad` other than NOTSET. */
  readonly pads?: readonly number[];
  /** Default 'NOTSET'. */
  readonly auto_pad?: 'NOTSET' | 'SAME_UPPER' | 'SAME_LOWER' | 'VALID';
  /** Transposed: below stride or dilation. Default 0. */
  readonly output_padding?: readonly number[];
  /** Transposed: the output's spatial sizes. `pads` do not count then. */
  readonly output_shape?: readonly number[];
  /** Default 1. */
  readonly group?: number;
  /** Whether the node has its third input, B. Default false. */
  readonly bias?: boolean;
  /** Channels of the input. */
  readonly in_channels?: number;
  /** Channels of the output. */
  readonly out_channels?: number;
}
/** An ONNX node, in snake case or in camel case. */
export type OnnxConv = EitherSpelling<OnnxConvArgs>;

const NAMES = [
  ...['kernelShape', 'strides', 'dilations', 'pads', 'autoPad', 'outputPadding', 'outputShape', 'group', 'bias'],
  ...['inChannels', 'outChannels'],
];
const AUTO_PADS = ['NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'] as const;

/**
 * Reads a node of ONNX. Of an odd total SAME_UPPER has the larger half after; SAME_LOWER, and an `output_shape` without `auto_pad`, before.
 *
 * @throws OptionError for an unknown name or what ONNX does not allow.
 * @example
 * ```js
 * fromOnnx({ op: 'ConvTranspose', kernelShape: [3], strides: [2], autoPad: 'SAME_UPPER' }).axes[0].padding; // [0, 1]
 * fromOnnx({ op: 'ConvTranspose', kernelShape: [3], strides: [2], autoPad: 'SAME_LOWER' }).axes[0].padding; // [1, 0]
 * ```
 */
export function fromOnnx(conv: OnnxConv): Spec {
  const fn = 'fromOnnx';
  const read = readDescription(fn, conv, NAMES, { Conv: 0, ConvTranspose: 0 }, 'kernelShape');
  const { axes, given } = read;
  const transposed = read.op === 'ConvTranspose';
  const all = (name: string, fallback: number, least: number, length = axes): number[] =>
    given[name] === undefined ? Array<number>(length).fill(fallback) : list(fn, name, given[name], length, least);
  const [kernel, stride, dilation] = [all('kernelShape', 1, 1), all('strides', 1, 1), all('dilations', 1, 1)];
  const auto = word(read, 'autoPad', AUTO_PADS, 'NOTSET');
  if (auto !== 'NOTSET' && given.pads !== undefined)
    throw new OptionError(fn, `pads and auto_pad ${auto} are both given; ONNX has one or the other`);
  if (!transposed && (given.outputPadding !== undefined || given.outputShape !== undefined)) {
    throw new OptionError(fn, 'output_padding and output_shape are attributes of ConvTranspose only');
  }
  const [pads, extra] = [all('pads', 0, 0, 2 * axes), all('outputPadding', 0, 0)];
  const shape = given.outputShape === undefined ? undefined : list(fn, 'output_shape', given.outputShape, axes, 1);
  const padding = kernel.map((k, axis): Pair | PadRule => {
    const [s, d, more] = [stride[axis], dilation[axis], extra[axis]] as [number, number, number];
    if (!transposed && auto.startsWith('SAME')) return auto === 'SAME_UPPER' ? 'same' : 'same-lower';
    const [before, after] = [pads[axis], pads[axis + axes]] as [number, number];
    if (!transposed) return [before, after];
    if (more > 0 && more >= Math.max(s, d)) {
      throw new OptionError(fn, `output_padding is ${more} on axis ${axis}; it must be smaller than stride ${s} or dilation ${d}`);
    }
    const output = shape?.[axis];
    if (output !== undefined) return sized(output, auto, more);
    return auto.startsWith('SAME') ? autoCrops(auto, dilatedKernel(k, d) - s + more, more) : [before, after - more];
  });
  return {
    source: 'onnx',
    transposed,
    axes: kernel.map((k, axis) => ({
      kernel: k,
      stride: stride[axis] as number,
      dilation: dilation[axis] as number,
      padding: padding[axis] as Pair | PadRule,
    })),
    groups: count(read, 'group') ?? 1,
    ...known({ inChannels: count(read, 'inChannels'), outChannels: count(read, 'outChannels') }),
    bias: flag(read, 'bias', false),
    padMode: 'zeros',
    layout: 'channels-first',
  };
}

/** Of a given output the total depends on the input's size. */
const sized = (output: number, auto: string, extra: number): PadRule => ({
  output,
  before: auto === 'SAME_UPPER' ? 'less' : 'more',
  ...(extra > 0 ? { extra } : {}),
});

/** SAME gives input · stride: the total is k̂ - s + output_padding, whatever the input. */
function autoCrops(auto: string, total: number, extra: number): Pair {
  const half = Math.floor(total / 2);
  const before = auto === 'SAME_UPPER' ? half : total - half;
  return [before, total - before - extra];
}

/**
 * ONNX's operator for it: `Conv` or `ConvTranspose`, with `pads`; `auto_pad` where that is the specification's own rule. Pads are not negative: no axis is cropped
 * of a convolution, none gets more zeros than output_padding of a transposed one.
 *
 * @param inputShape As `toPyTorch`'s.
 * @throws OptionError where `inputShape` is needed; ShapeError where it does not fit.
 * @example
 * ```js
 * const spec = fromKeras({ op: 'Conv2DTranspose', kernelSize: 3, strides: 2, padding: 'same' });
 * toOnnx(spec).args.pads; // [0, 0, 1, 1]
 * ```
 */
export function toOnnx(spec: Spec, inputShape?: readonly number[]): Conversion {
  return conversion('toOnnx', spec, inputShape, convertToOnnx);
}

export function convertToOnnx(resolved: Resolved): Converted | string {
  const padding = resolved.transposed ? transposedArgs(resolved) : forwardArgs(resolved);
  if (typeof padding === 'string') return padding;
  const { axes, groups, transposed } = resolved;
  if (groups === undefined) throw new OptionError(resolved.fn, 'group is as many as the input has channels; give inputShape');
  const optional = (values: readonly number[], usual: number): readonly number[] | undefined =>
    values.every((value) => value === usual) ? undefined : values;
  return {
    op: transposed ? 'ConvTranspose' : 'Conv',
    args: known({
      kernel_shape: axes.map((axis) => axis.kernel),
      strides: axes.map((axis) => axis.stride),
      ...padding,
      dilations: optional(
        axes.map((axis) => axis.dilation),
        1,
      ),
      group: groups === 1 ? undefined : groups,
    }) as Args,
    layout: 'channels-first',
  };
}

function forwardArgs(resolved: Resolved): Args | string {
  const { axes, padMode } = resolved;
  for (const [rule, auto] of [
    ['same', 'SAME_UPPER'],
    ['same-lower', 'SAME_LOWER'],
  ] as const) {
    if (axes.every((axis) => axis.rule === rule) && padMode === 'zeros') return { auto_pad: auto };
  }
  const found = axes.map((axis) => paddedOnly(resolved, axis));
  const missing = found.indexOf(undefined);
  if (missing >= 0) return `${padded(resolved, missing)}; ONNX's pads are not negative`;
  const pads = sides(found as Pair[]);
  if (padMode !== 'zeros' && pads.some((side) => side !== 0)) return `Conv pads with zeros, not '${padMode}'`;
  return { pads };
}

function transposedArgs(resolved: Resolved): Args | string {
  const { axes } = resolved;
  const found = axes.map((axis) => croppedByPads(axis, Math.max(axis.stride, axis.dilation)));
  const missing = found.indexOf(undefined);
  if (missing >= 0) {
    return `${padded(resolved, missing)}; ONNX's pads are not negative, and output_padding is below stride or dilation`;
  }
  const made = found as Cropped[];
  const extra = made.map((each) => each.extra);
  return { pads: sides(made.map(({ pads }) => pads)), ...(extra.some((more) => more > 0) ? { output_padding: extra } : {}) };
}
