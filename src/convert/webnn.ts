/** WebNN: conv2d and convTranspose2d of an MLGraphBuilder. */
import { OptionError } from '../errors.js';
import { dilatedKernel, type Pair } from '../geometry/index.js';
import { conversion } from './convert.js';
import { type Cropped, croppedByPads, padded, paddedOnly } from './fit.js';
import { count, flag, known, layoutOf, list, perAxis, readDescription, word } from './read.js';
import type { Resolved } from './resolve.js';
import type { Args, Conversion, Converted, Spec } from './types.js';

/** A call of WebNN in its options' words. */
export interface WebNNConv {
  /** The method of MLGraphBuilder. */
  readonly op: 'conv2d' | 'convTranspose2d';
  /** The filter's height and width. */
  readonly kernelSize: number | readonly number[];
  /** [beginning of height, ending of height, beginning of width, ending of width]. Default 0. */
  readonly padding?: readonly number[];
  /** Default 1. */
  readonly strides?: readonly number[];
  /** Default 1. */
  readonly dilations?: readonly number[];
  /** Transposed: below the stride. Default 0. */
  readonly outputPadding?: readonly number[];
  /** Transposed: the output's height and width, below a stride more than without; outputPadding does not count then. */
  readonly outputSizes?: readonly number[];
  /** Default 1. */
  readonly groups?: number;
  /** Default 'nchw'. */
  readonly inputLayout?: 'nchw' | 'nhwc';
  /** Default 'oihw', transposed 'iohw'. */
  readonly filterLayout?: 'oihw' | 'hwio' | 'ohwi' | 'ihwo' | 'iohw' | 'hwoi';
  /** Whether there is a bias. Default false. */
  readonly bias?: boolean;
  /** Channels of the input. */
  readonly inChannels?: number;
  /** Channels of the output. */
  readonly outChannels?: number;
}

const NAMES = [
  ...['kernelSize', 'padding', 'strides', 'dilations', 'outputPadding', 'outputSizes', 'groups', 'inputLayout', 'filterLayout', 'bias'],
  ...['inChannels', 'outChannels'],
];

/**
 * Reads a call of WebNN. Its padding lists both sides of the height, then of the width.
 *
 * @throws OptionError for an unknown name or what WebNN would refuse.
 * @example
 * ```js
 * fromWebNN({ op: 'conv2d', kernelSize: 3, padding: [0, 1, 2, 3] }).axes.map(({ padding }) => padding); // [[0, 1], [2, 3]]
 * ```
 */
export function fromWebNN(conv: WebNNConv): Spec {
  const fn = 'fromWebNN';
  const read = readDescription(fn, conv, NAMES, { conv2d: 2, convTranspose2d: 2 }, 'kernelSize');
  const { given } = read;
  const transposed = read.op === 'convTranspose2d';
  if (!transposed && (given.outputPadding !== undefined || given.outputSizes !== undefined)) {
    throw new OptionError(fn, 'outputPadding and outputSizes are options of convTranspose2d only');
  }
  const padding = list(fn, 'padding', given.padding ?? [0, 0, 0, 0], 4, 0);
  const [stride, dilation, kernel] = [
    perAxis(read, 'strides', 1, 1),
    perAxis(read, 'dilations', 1, 1),
    perAxis(read, 'kernelSize', undefined, 1),
  ];
  const extra = perAxis(read, 'outputPadding', 0, 0);
  const outputs = given.outputSizes === undefined ? undefined : list(fn, 'outputSizes', given.outputSizes, 2, 1);
  const layouts = transposed ? (['iohw', 'hwoi', 'ohwi'] as const) : (['oihw', 'hwio', 'ohwi', 'ihwo'] as const);
  const axes = kernel.map((k, axis) => {
    const [s, d] = [stride[axis] as number, dilation[axis] as number];
    const [before, after] = [padding[2 * axis] as number, padding[2 * axis + 1] as number];
    const output = outputs?.[axis];
    // Every output size has one input, so that the rows added follow from it.
    const over = output === undefined ? (extra[axis] as number) : output - (dilatedKernel(k, d) - before - after);
    if (output === undefined && over >= s) {
      throw new OptionError(fn, `outputPadding is ${over} on axis ${axis}; it must be smaller than the stride ${s}`);
    }
    return { kernel: k, stride: s, dilation: d, padding: [before, after - (((over % s) + s) % s)] as Pair };
  });
  return {
    source: 'webnn',
    transposed,
    axes,
    groups: count(read, 'groups') ?? 1,
    ...known({ inChannels: count(read, 'inChannels'), outChannels: count(read, 'outChannels') }),
    bias: flag(read, 'bias', false),
    padMode: 'zeros',
    layout: layoutOf(read, 'inputLayout', 'nchw', 'nhwc', 'nchw'),
    filterLayout: word(read, 'filterLayout', layouts as readonly string[], layouts[0]),
  };
}

/**
 * WebNN's call for it: `conv2d` or `convTranspose2d`, in the specification's own layout and with filters 'oihw' or 'iohw'. There are two axes only: one is done with a height of one, for three there is
 * no way. Padding is not negative, and outputPadding is below the stride.
 *
 * @param inputShape As `toPyTorch`'s.
 * @throws OptionError where `inputShape` is needed; ShapeError where it does not fit.
 * @example
 * ```js
 * const spec = fromKeras({ op: 'Conv2DTranspose', kernelSize: 3, strides: 2, padding: 'same' });
 * toWebNN(spec).args.padding; // [0, 1, 0, 1]
 * ```
 */
export function toWebNN(spec: Spec, inputShape?: readonly number[]): Conversion {
  return conversion('toWebNN', spec, inputShape, convertToWebNN);
}

export function convertToWebNN(resolved: Resolved): Converted | string {
  const { axes, groups, transposed, layout } = resolved;
  if (axes.length !== 2) return `it has ${axes.length === 1 ? 'one axis' : 'three axes'}; WebNN's convolutions have two`;
  const padding = transposed ? transposedArgs(resolved) : forwardArgs(resolved);
  if (typeof padding === 'string') return padding;
  if (groups === undefined) throw new OptionError(resolved.fn, 'groups is as many as the input has channels; give inputShape');
  return {
    op: transposed ? 'convTranspose2d' : 'conv2d',
    args: known({
      ...padding,
      strides: axes.map((axis) => axis.stride),
      dilations: axes.some((axis) => axis.dilation > 1) ? axes.map((axis) => axis.dilation) : undefined,
      groups: groups === 1 ? undefined : groups,
      inputLayout: layout === 'channels-first' ? undefined : 'nhwc',
    }) as Args,
    layout,
  };
}

function forwardArgs(resolved: Resolved): Args | string {
  const found = resolved.axes.map((axis) => paddedOnly(resolved, axis));
  const missing = found.indexOf(undefined);
  if (missing >= 0) return `${padded(resolved, missing)}; WebNN's padding is not negative`;
  const padding = (found as Pair[]).flat();
  if (resolved.padMode !== 'zeros' && padding.some((side) => side !== 0)) return `conv2d pads with zeros, not '${resolved.padMode}'`;
  return { padding };
}

function transposedArgs(resolved: Resolved): Args | string {
  const found = resolved.axes.map((axis) => croppedByPads(axis, axis.stride));
  const missing = found.indexOf(undefined);
  if (missing >= 0) return `${padded(resolved, missing)}; WebNN's padding is not negative, and outputPadding is below the stride`;
  const made = found as Cropped[];
  const outputPadding = made.map(({ extra }) => extra);
  return { padding: made.flatMap(({ pads }) => pads), ...(outputPadding.some((extra) => extra > 0) ? { outputPadding } : {}) };
}
