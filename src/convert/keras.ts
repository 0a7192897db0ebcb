/** Keras 3's layers, which are TensorFlow's. */
import { OptionError } from '../errors.js';
import { dilatedKernel, type Pair } from '../geometry/index.js';
import type { PerAxis } from '../types.js';
import { conversion } from './convert.js';
import { computesSame } from './fit.js';
import { count, flag, known, layoutOf, perAxis, readDescription, short, word } from './read.js';
import { type Axis, padsFor, type Resolved } from './resolve.js';
import type { Args, Conversion, Converted, EitherSpelling, PadRule, Spec } from './types.js';

/** A layer of Keras 3 in its words. */
export interface KerasConvArgs {
  /** The layer. */
  readonly op: `Conv${1 | 2 | 3}D` | `Conv${1 | 2 | 3}DTranspose` | `DepthwiseConv${1 | 2}D`;
  /** Taps. */
  readonly kernel_size: PerAxis;
  /** Default 1. Above 1 not beside a dilation above 1. */
  readonly strides?: PerAxis;
  /** In any case of letters. Default 'valid'; 'causal' is Conv1D's only. */
  readonly padding?: 'valid' | 'same' | 'causal';
  /** Transposed: below the stride. Default null: as many as give max(kernel - stride, 0) more than input · stride with 'valid', none more with 'same'. */
  readonly output_padding?: PerAxis | null;
  /** Default 1. */
  readonly dilation_rate?: PerAxis;
  /** Of Conv1D, Conv2D and Conv3D. Default 1. */
  readonly groups?: number;
  /** Channels of the output. */
  readonly filters?: number;
  /** Depthwise: outputs for each input channel. Default 1. */
  readonly depth_multiplier?: number;
  /** Default true. */
  readonly use_bias?: boolean;
  /** Default 'channels_last'. */
  readonly data_format?: 'channels_last' | 'channels_first';
  /** Channels of the input, which Keras takes from the layer before. */
  readonly in_channels?: number;
}
/** A Keras layer, in snake case or in camel case. */
export type KerasConv = EitherSpelling<KerasConvArgs>;

const NAMES = [
  ...['kernelSize', 'strides', 'padding', 'outputPadding', 'dilationRate', 'groups', 'filters', 'depthMultiplier', 'useBias', 'dataFormat'],
  ...['inChannels'],
];
const OPS = {
  ...{ Conv1D: 1, Conv2D: 2, Conv3D: 3, DepthwiseConv1D: 1, DepthwiseConv2D: 2 },
  ...{ Conv1DTranspose: 1, Conv2DTranspose: 2, Conv3DTranspose: 3 },
};

/**
 * Reads a Keras layer. 'same' is TensorFlow's SAME, whose pads depend on the input's size where a stride is above 1; a transposed layer crops by Keras 3's rule,
 * on which its backends agree.
 *
 * @throws OptionError for an unknown name or what Keras would refuse.
 * @example
 * ```js
 * fromKeras({ op: 'Conv2DTranspose', kernelSize: 3, strides: 2, padding: 'same' }).axes[0].padding; // [0, 1]
 * ```
 */
export function fromKeras(conv: KerasConv): Spec {
  const fn = 'fromKeras';
  const lower = typeof conv?.padding === 'string' ? { ...conv, padding: conv.padding.toLowerCase() } : conv;
  const read = readDescription(fn, lower, NAMES, OPS, 'kernelSize');
  const transposed = read.op.endsWith('Transpose');
  const depthwise = read.op.startsWith('Depthwise');
  const [kernel, stride, dilation] = [
    perAxis(read, 'kernelSize', undefined, 1),
    perAxis(read, 'strides', 1, 1),
    perAxis(read, 'dilationRate', 1, 1),
  ];
  if (conflicting(stride, dilation)) {
    throw new OptionError(fn, `strides ${short(stride)} and dilation_rate ${short(dilation)} are both above 1; Keras has one or the other`);
  }
  for (const [name, here] of [
    ['outputPadding', transposed],
    ['groups', !transposed && !depthwise],
    ['depthMultiplier', depthwise],
    ['filters', !depthwise],
  ] as const) {
    if (read.given[name] !== undefined && !here) throw new OptionError(fn, `${name} is not an argument of ${read.op}`);
  }
  const rule = word(read, 'padding', read.op === 'Conv1D' ? ['valid', 'same', 'causal'] : ['valid', 'same'], 'valid');
  const extra = read.given.outputPadding === undefined ? undefined : perAxis(read, 'outputPadding', 0, 0);
  extra?.forEach((more, axis) => {
    const s = stride[axis] as number;
    if (more >= s) throw new OptionError(fn, `output_padding is ${more} on axis ${axis}; it must be smaller than the stride ${s}`);
  });
  const multiplier = depthwise ? (count(read, 'depthMultiplier') ?? 1) : undefined;
  const inChannels = count(read, 'inChannels');
  const outChannels = multiplier === undefined ? count(read, 'filters') : inChannels && inChannels * multiplier;
  return {
    source: 'keras',
    transposed,
    axes: kernel.map((k, axis) => {
      const [s, d] = [stride[axis] as number, dilation[axis] as number];
      const padding: Pair | PadRule = transposed ? kerasCrops(rule === 'same', k, s, d, extra?.[axis]) : forwardPadding(rule, k, d);
      return { kernel: k, stride: s, dilation: d, padding };
    }),
    groups: depthwise ? 'depthwise' : (count(read, 'groups') ?? 1),
    ...known({ inChannels, outChannels, depthMultiplier: multiplier }),
    bias: flag(read, 'useBias', true),
    padMode: 'zeros',
    layout: layoutOf(read, 'dataFormat', 'channels_first', 'channels_last', 'channels_last'),
  };
}

const forwardPadding = (rule: 'valid' | 'same' | 'causal', kernel: number, dilation: number): Pair | PadRule => {
  if (rule === 'same') return rule;
  return rule === 'causal' ? [dilatedKernel(kernel, dilation) - 1, 0] : [0, 0];
};

const conflicting = (stride: readonly number[], dilation: readonly number[]): boolean =>
  stride.some((s) => s > 1) && dilation.some((d) => d > 1);

/** What Keras 3 crops of a transposed convolution's full output. It says it as the pads of the direct convolution that this equals: left and right. */
function kerasCrops(same: boolean, kernel: number, stride: number, dilation: number, extra: number | undefined): Pair {
  const reach = dilatedKernel(kernel, dilation);
  if (!same) return [0, extra === undefined ? Math.min(0, reach - stride) : 0 - extra];
  const total = extra === undefined ? stride + reach - 2 : reach + (reach % 2) - 2 + extra;
  const left = Math.min(Math.ceil(total / 2), reach - 1);
  return [reach - 1 - left, reach - 1 - (total - left)];
}

/**
 * Keras' layer for it: one of `Conv…D`, `DepthwiseConv…D` for channels that do not meet, `Conv…DTranspose`. Its padding has one word for all axes, and stride and dilation are not
 * both above 1. A transposed layer has no groups: its weight is block-diagonal, which `weightTo` makes.
 *
 * @param inputShape As `toPyTorch`'s.
 * @throws OptionError where `inputShape` is needed; ShapeError where it does not fit.
 * @example
 * ```js
 * const spec = fromPyTorch({ op: 'Conv2d', kernelSize: 3, stride: 2, padding: 1 });
 * toKeras(spec, [1, 1, 8, 8]).instead[0].pad; // [[1, 1], [1, 1]]
 * toKeras(spec, [1, 1, 7, 7]).args.strides; // 2
 * ```
 */
export function toKeras(spec: Spec, inputShape?: readonly number[]): Conversion {
  return conversion('toKeras', spec, inputShape, convertToKeras);
}

export function convertToKeras(resolved: Resolved): Converted | string {
  // Of a kernel of one tap the dilation says nothing.
  const axes = resolved.axes.map((axis): Axis => (axis.kernel === 1 ? { ...axis, dilation: 1 } : axis));
  const [stride, dilation] = [axes.map((axis) => axis.stride), axes.map((axis) => axis.dilation)];
  if (conflicting(stride, dilation)) {
    return `stride ${short(stride)} and dilation ${short(dilation)} are both above 1; Keras has one or the other`;
  }
  const padding = resolved.transposed ? transposedArgs({ ...resolved, axes }) : forwardArgs({ ...resolved, axes });
  if (typeof padding === 'string') return padding;
  const { transposed, groups, outChannels, inChannels, bias } = resolved;
  const depthwise = isDepthwise(resolved);
  return {
    op: `${depthwise ? 'Depthwise' : ''}Conv${axes.length}D${transposed ? 'Transpose' : ''}`,
    args: known({
      filters: depthwise ? undefined : outChannels,
      kernel_size: short(axes.map((axis) => axis.kernel)),
      strides: short(stride),
      ...padding,
      dilation_rate: short(dilation) === 1 ? undefined : short(dilation),
      groups: transposed || depthwise || groups === 1 ? undefined : groups,
      depth_multiplier: depthwise && inChannels && outChannels ? outChannels / inChannels : undefined,
      use_bias: bias ? undefined : false,
    }) as Args,
    layout: 'channels-last',
  };
}

/** Whether Keras has a layer of its own for it: one and two axes, one stride for both, and no causal padding. */
export function isDepthwise(resolved: Resolved): boolean {
  const { fn, transposed, axes, groups, depthwise, padMode } = resolved;
  if (transposed || axes.length > 2 || axes.some((axis) => axis.stride !== axes[0]?.stride)) return false;
  if (padMode === 'zeros' && wordOf(axes) === 'causal') return false;
  if (depthwise === undefined) {
    throw new OptionError(
      fn,
      `groups is ${groups ?? 'as many as channels'}; whether it is depthwise depends on the input's channels, so give inputShape`,
    );
  }
  return depthwise;
}

/** The word that pads every axis so. */
function wordOf(axes: readonly Axis[]): string | undefined {
  const words: Readonly<Record<string, (axis: Axis) => Pair | PadRule>> = {
    valid: () => [0, 0],
    same: () => 'same',
    ...(axes.length === 1 ? { causal: (axis: Axis): Pair => [dilatedKernel(axis.kernel, axis.dilation) - 1, 0] } : {}),
  };
  return Object.keys(words).find((word) => axes.every((axis) => computesSame(false, axis, words[word]?.(axis) ?? [0, 0])));
}

function forwardArgs(resolved: Resolved): Args | string {
  const padding = wordOf(resolved.axes);
  if (resolved.padMode !== 'zeros' && padding !== 'valid') return `Keras pads with zeros, not '${resolved.padMode}'`;
  if (padding !== undefined) return { padding };
  const pads = resolved.axes.map((axis) => padsFor(resolved, axis));
  return `padding ${JSON.stringify(pads)} is neither 'valid' nor, for this input, 'same' on every axis; Keras has no numbers for it`;
}

function transposedArgs(resolved: Resolved): Args | string {
  const { axes } = resolved;
  const crops = (padding: string, axis: Axis, extra?: number): Pair =>
    kerasCrops(padding === 'same', axis.kernel, axis.stride, axis.dilation, extra);
  const words = ['valid', 'same'];
  const plain = words.find((padding) => axes.every((axis) => computesSame(true, axis, crops(padding, axis))));
  if (plain !== undefined) return { padding: plain };
  for (const padding of words) {
    const extras = axes.map((axis) =>
      [...Array(axis.stride).keys()].find((extra) => computesSame(true, axis, crops(padding, axis, extra))),
    );
    if (!extras.includes(undefined)) return { padding, output_padding: short(extras as number[]) };
  }
  const pads = axes.map((axis) => padsFor(resolved, axis));
  return `it crops ${JSON.stringify(pads)} of the full output; no padding and output_padding of Keras does that on every axis`;
}
