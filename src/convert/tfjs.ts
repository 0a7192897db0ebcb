/** TensorFlow.js: the convolutions of tfjs-core. */
import { OptionError } from '../errors.js';
import { dilatedKernel, type Pair, samePads } from '../geometry/index.js';
import type { PerAxis } from '../types.js';
import { conversion, outputSpace } from './convert.js';
import { type Cropped, computesSame, croppedByPads, padded, paddedOnly } from './fit.js';
import { count, flag, known, layoutOf, list, perAxis, readDescription, short } from './read.js';
import { type Axis, padsFor, type Resolved } from './resolve.js';
import type { Args, Conversion, Converted, PadRule, Spec, SpecAxis } from './types.js';

/** A call of TensorFlow.js in its arguments' words. */
export interface TfjsConv {
  /** The function of tfjs-core. */
  readonly op: `conv${1 | 2 | 3}d` | 'depthwiseConv2d' | `conv${2 | 3}dTranspose`;
  /** Taps of the filter. */
  readonly kernelSize: PerAxis;
  /** Default 1; conv1d calls it stride. Above 1 not beside a dilation above 1. */
  readonly strides?: PerAxis;
  /** conv1d's name for `strides`. */
  readonly stride?: number;
  /** A word, a number for both sides of both axes of an image (of a kernel and strides that are alike), or [before, after] of every axis of the tensor, which are zeros of batch and channels. */
  readonly pad: 'valid' | 'same' | number | readonly (readonly number[])[];
  /** Default 1; conv1d calls it dilation. Not of transposed ones. */
  readonly dilations?: PerAxis;
  /** conv1d's name for `dilations`. */
  readonly dilation?: number;
  /** Transposed: the output's shape, [N, ...space, O] or without N. */
  readonly outputShape?: readonly number[];
  /** Default channels-last. */
  readonly dataFormat?: 'NWC' | 'NCW' | 'NHWC' | 'NCHW' | 'NDHWC' | 'NCDHW';
  /** Channels of the input. */
  readonly inChannels?: number;
  /** Channels of the output. */
  readonly outChannels?: number;
  /** Depthwise: outputs for each input channel. Default 1. */
  readonly depthMultiplier?: number;
  /** Whether a bias is added to the result. Default false. */
  readonly bias?: boolean;
}

const NAMES = [
  ...['kernelSize', 'strides', 'stride', 'pad', 'dilations', 'dilation', 'outputShape', 'dataFormat', 'inChannels', 'outChannels'],
  ...['depthMultiplier', 'bias'],
];
const OPS = { conv1d: 1, conv2d: 2, conv3d: 3, depthwiseConv2d: 2, conv2dTranspose: 2, conv3dTranspose: 3 };

/**
 * Reads a call of TensorFlow.js. A transposed one is given its output's shape, from which the rows at its end follow. For three axes 'same' crops where the kernel is
 * smaller than the stride, which TensorFlow's does not.
 *
 * @throws OptionError for an unknown name or what TensorFlow.js would refuse.
 * @example
 * ```js
 * const { axes } = fromTfjs({ op: 'conv2dTranspose', kernelSize: 3, strides: 2, pad: 'same', outputShape: [8, 7, 1] });
 * axes.map(({ padding }) => padding); // [[0, 1], [1, 1]]
 * ```
 */
export function fromTfjs(conv: TfjsConv): Spec {
  const fn = 'fromTfjs';
  const read = readDescription(fn, conv, NAMES, OPS, 'kernelSize');
  const { op, axes, given } = read;
  const transposed = op.endsWith('Transpose');
  const depthwise = op.startsWith('depthwise');
  const either = (name: string): number[] => perAxis(read, given[name] === undefined ? name.slice(0, -1) : name, 1, 1);
  const [kernel, stride, dilation] = [perAxis(read, 'kernelSize', undefined, 1), either('strides'), either('dilations')];
  if (transposed && dilation.some((d) => d > 1)) throw new OptionError(fn, `dilations is ${short(dilation)}; ${op} has none`);
  if (conflicting(stride, dilation)) {
    throw new OptionError(
      fn,
      `strides ${short(stride)} and dilations ${short(dilation)} are both above 1; TensorFlow.js has one or the other`,
    );
  }
  const [last, first] = [
    ['NWC', 'NHWC', 'NDHWC'],
    ['NCW', 'NCHW', 'NCDHW'],
  ].map((names) => names[axes - 1]) as [string, string];
  const layout = layoutOf(read, 'dataFormat', first, last, last);
  const reach = kernel.map((k, axis) => dilatedKernel(k, dilation[axis] as number));
  if (typeof given.pad === 'number' && [reach, stride].some(([height, width = height]) => width !== height)) {
    throw new OptionError(
      fn,
      `pad is ${given.pad}, and the kernel or the stride differs between axes: TensorFlow.js takes those of the height for the width's size too; write pairs`,
    );
  }
  const pad = readPad(fn, given.pad, axes, op, layout === 'channels-last' ? 1 : 2);
  const output = transposed ? readOutput(fn, given.outputShape, axes) : undefined;
  const multiplier = depthwise ? (count(read, 'depthMultiplier') ?? 1) : undefined;
  const inChannels = count(read, 'inChannels');
  const outChannels = count(read, 'outChannels') ?? output?.channels ?? (multiplier && inChannels && multiplier * inChannels);
  return {
    source: 'tfjs',
    transposed,
    axes: kernel.map((k, axis): SpecAxis => {
      const [s, d, rule] = [stride[axis] as number, dilation[axis] as number, pad[axis] as Pair | 'same'];
      const size = output?.space[axis];
      const padding = size === undefined ? forwardPadding(rule, axes) : crops(rule, axes, k, s, size);
      return { kernel: k, stride: s, dilation: d, padding };
    }),
    groups: depthwise ? 'depthwise' : 1,
    ...known({ inChannels, outChannels, depthMultiplier: multiplier }),
    bias: flag(read, 'bias', false),
    padMode: 'zeros',
    layout,
  };
}

function readPad(fn: string, pad: unknown, axes: number, op: string, firstAxis: number): (Pair | 'same')[] {
  if (typeof pad === 'number' && op !== 'conv1d') {
    const [side] = list(fn, 'pad', [pad], 1, 0) as [number];
    return Array<Pair>(axes).fill([side, side]);
  }
  if (!Array.isArray(pad)) {
    const words =
      op === 'conv1d' ? "'valid', 'same' or four pairs, for conv1d is a conv2d of height 1" : "'valid', 'same', a number or pairs";
    if (pad !== 'valid' && pad !== 'same') throw new OptionError(fn, `pad is ${JSON.stringify(pad)}; expected ${words}`);
    return Array<Pair | 'same'>(axes).fill(pad === 'same' ? 'same' : [0, 0]);
  }
  const from = op === 'conv1d' ? 2 : firstAxis;
  if (pad.length !== 4 || axes === 3)
    throw new OptionError(fn, `pad is ${JSON.stringify(pad)}; expected four pairs, which a 3-D convolution does not take`);
  return pad.slice(from, from + axes).map((pair) => list(fn, 'pad', pair, 2, 0) as unknown as Pair);
}

function readOutput(fn: string, shape: unknown, axes: number): { space: number[]; channels: number } {
  if (!Array.isArray(shape) || (shape.length !== axes + 1 && shape.length !== axes + 2)) {
    throw new OptionError(fn, `outputShape is ${JSON.stringify(shape)}; expected ${axes + 2} sizes: batch, space and channels`);
  }
  const sizes = list(fn, 'outputShape', shape, shape.length, 1).slice(-axes - 1);
  return { space: sizes.slice(0, axes), channels: sizes[axes] as number };
}

const conflicting = (stride: readonly number[], dilation: readonly number[]): boolean =>
  stride.some((s) => s > 1) && dilation.some((d) => d > 1);

const forwardPadding = (rule: Pair | 'same', axes: number): Pair | PadRule => (rule === 'same' && axes === 3 ? 'same-unclamped' : rule);

/** Of a given output, whose forward convolution has one size: so that the input's is known too, and with it what is cropped. */
function crops(rule: Pair | 'same', axes: number, kernel: number, stride: number, output: number): Pair {
  const rest = (size: number): number => ((size % stride) + stride) % stride;
  if (rule !== 'same') return [rule[0], rule[1] - rest(output - (kernel - rule[0] - rule[1]))];
  return sameCrops(axes, kernel - 1 - rest(output - 1));
}

/** Three axes are not kept from a negative half. */
function sameCrops(axes: number, total: number): Pair {
  const before = axes === 3 ? Math.floor(total / 2) : samePads(total, false)[0];
  return [before, total - before];
}

/**
 * TensorFlow.js's call for it: `conv1d`, `conv2d`, `conv3d`, `depthwiseConv2d`, `conv2dTranspose` or `conv3dTranspose`. None has groups: the weight is block-diagonal, which
 * `weightTo` makes. Stride and dilation are not both above 1, a transposed one has no dilation, three axes have no pads in numbers, and one axis is transposed with a height of one.
 *
 * @param inputShape As `toPyTorch`'s; a transposed one needs it for its outputShape.
 * @throws OptionError where `inputShape` is needed, or the output's channels; ShapeError where it does not fit.
 * @example
 * ```js
 * const spec = fromPyTorch({ op: 'ConvTranspose2d', kernelSize: 4, stride: 2, padding: 1, outChannels: 3 });
 * toTfjs(spec, [1, 8, 5, 5]).args.outputShape; // [1, 10, 10, 3]
 * ```
 */
export function toTfjs(spec: Spec, inputShape?: readonly number[]): Conversion {
  return conversion('toTfjs', spec, inputShape, convertToTfjs);
}

export function convertToTfjs(resolved: Resolved): Converted | string {
  const axes = resolved.axes.map((axis): Axis => (axis.kernel === 1 ? { ...axis, dilation: 1 } : axis));
  const [stride, dilation] = [axes.map((axis) => axis.stride), axes.map((axis) => axis.dilation)];
  if (resolved.transposed && dilation.some((d) => d > 1))
    return `dilation is ${short(dilation)}; TensorFlow.js has none for transposed convolutions`;
  if (conflicting(stride, dilation)) {
    return `stride ${short(stride)} and dilation ${short(dilation)} are both above 1; TensorFlow.js has one or the other`;
  }
  const made = resolved.transposed ? transposedArgs({ ...resolved, axes }) : forwardArgs({ ...resolved, axes });
  if (typeof made === 'string') return made;
  const one = axes.length === 1;
  return {
    op: isDepthwise(resolved) ? 'depthwiseConv2d' : `conv${axes.length}d${resolved.transposed ? 'Transpose' : ''}`,
    args: known({
      ...made,
      [one ? 'stride' : 'strides']: one ? stride[0] : stride,
      [one ? 'dilation' : 'dilations']: dilation.every((d) => d === 1) ? undefined : one ? dilation[0] : dilation,
    }) as Args,
    layout: 'channels-last',
  };
}

/** Whether TensorFlow.js has a function of its own for it. */
export function isDepthwise({ fn, transposed, axes, groups, depthwise }: Resolved): boolean {
  if (transposed || axes.length !== 2) return false;
  if (depthwise === undefined) {
    throw new OptionError(
      fn,
      `groups is ${groups ?? 'as many as channels'}; whether it is depthwise depends on the input's channels, so give inputShape`,
    );
  }
  return depthwise;
}

function forwardArgs(resolved: Resolved): Args | string {
  const { axes, padMode } = resolved;
  const same: PadRule = axes.length === 3 ? 'same-unclamped' : 'same';
  if (axes.every((axis) => axis.rule !== 'same' && axis.rule !== same && computesSame(false, axis, [0, 0]))) return { pad: 'valid' };
  if (padMode !== 'zeros') return `TensorFlow.js pads with zeros, not '${padMode}'`;
  if (axes.every((axis) => computesSame(false, axis, same))) return { pad: 'same' };
  if (axes.every((axis) => computesSame(false, axis, [0, 0]))) return { pad: 'valid' };
  if (axes.length === 3) {
    const pads = axes.map((axis) => padsFor(resolved, axis));
    return `padding ${JSON.stringify(pads)} is neither 'valid' nor, for this input, 'same' on every axis; conv3d has no numbers for it`;
  }
  const found = axes.map((axis) => paddedOnly(resolved, axis));
  const missing = found.indexOf(undefined);
  if (missing >= 0) return `${padded(resolved, missing)}; TensorFlow.js pads by no negative number`;
  return { pad: explicit(found as Pair[]) };
}

/** Pairs for the four axes of an image; conv1d has a height of one. */
const explicit = (pads: readonly Pair[]): readonly Pair[] => [[0, 0], ...(pads.length === 1 ? [[0, 0] as Pair] : []), ...pads, [0, 0]];

function transposedArgs(resolved: Resolved): Args | string {
  const { axes, fn, batch, outChannels } = resolved;
  if (axes.length === 1) return 'it has one axis; TensorFlow.js transposes convolutions of two and three';
  const space = outputSpace(resolved);
  if (space === undefined)
    throw new OptionError(
      fn,
      'a transposed convolution of TensorFlow.js is given its outputShape, which depends on the input; give inputShape',
    );
  if (outChannels === undefined)
    throw new OptionError(fn, 'outputShape has the channels of the output, which are not known; say outChannels of the convolution');
  const outputShape = [batch, ...space, outChannels];
  const words = {
    valid: (axis: Axis): boolean => [...Array(axis.stride).keys()].some((extra) => computesSame(true, axis, [0, 0 - extra])),
    same: (axis: Axis): boolean => sameFits(axis, axes.length),
  };
  const pad = (['valid', 'same'] as const).find((word) => axes.every(words[word]));
  if (pad !== undefined) return { outputShape, pad };
  if (axes.length === 3) {
    const pads = axes.map((axis) => padsFor(resolved, axis));
    return `it crops ${JSON.stringify(pads)} of the full output; neither 'valid' nor 'same' does that on every axis, and conv3dTranspose has no numbers for it`;
  }
  const found = axes.map((axis) => croppedByPads(axis, axis.stride));
  const missing = found.indexOf(undefined);
  if (missing >= 0) return `${padded(resolved, missing)}; TensorFlow.js crops by no negative number, and adds fewer rows than the stride`;
  return { outputShape, pad: explicit((found as Cropped[]).map(({ pads }) => pads)) };
}

/** Whether the output is of a size that 'same' takes to the input, and 'same' crops what is wanted. */
function sameFits(axis: Axis, axes: number): boolean {
  const reach = dilatedKernel(axis.kernel, axis.dilation);
  return [...Array(axis.stride).keys()].some((rest) => computesSame(true, axis, sameCrops(axes, reach - 1 - rest)));
}
