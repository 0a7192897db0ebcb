/** This library's own ops. */
import { OptionError } from '../errors.js';
import { type PaddingRule, type Pair, readLayout, readPadding, readPadMode, readPerAxis, transposedPads } from '../geometry/index.js';
import type { ConvShapeOptions, PerAxis } from '../types.js';
import { conversion } from './convert.js';
import { count, flag, known, perAxis, readDescription, short } from './read.js';
import { padsFor, type Resolved } from './resolve.js';
import type { Args, ArgValue, Conversion, Converted, PadRule, Spec, SpecAxis } from './types.js';

/** A call of this library, and what its tensors would say. */
export interface SimdconvConv extends ConvShapeOptions {
  /** The op. */
  readonly op: `conv${1 | 2 | 3}d` | `convTranspose${1 | 2 | 3}d`;
  /** Taps of the weight. */
  readonly kernelSize: PerAxis;
  /** Whether there is a bias. Default false. */
  readonly bias?: boolean;
  /** Channels of the input. */
  readonly inChannels?: number;
  /** Channels of the output. */
  readonly outChannels?: number;
}

const NAMES = [
  ...['kernelSize', 'stride', 'padding', 'padMode', 'dilation', 'groups', 'outputPadding', 'outputSize', 'layout', 'bias'],
  ...['inChannels', 'outChannels'],
];
const OPS = Object.fromEntries([1, 2, 3].flatMap((n) => [`conv${n}d`, `convTranspose${n}d`].map((op) => [op, n])));

/**
 * Reads a call of this library.
 *
 * @throws OptionError for an unknown name or what the op would refuse.
 * @example
 * ```js
 * fromSimdconv({ op: 'conv1d', kernelSize: 3, padding: 'causal' }).axes[0].padding; // [2, 0]
 * ```
 */
export function fromSimdconv(conv: SimdconvConv): Spec {
  const fn = 'fromSimdconv';
  const read = readDescription(fn, conv, NAMES, OPS, 'kernelSize');
  const { axes, given } = read;
  const transposed = read.op.startsWith('convTranspose');
  if (!transposed && (given.outputPadding !== undefined || given.outputSize !== undefined)) {
    throw new OptionError(fn, 'outputPadding and outputSize are options of transposed convolutions only');
  }
  const padMode = readPadMode(fn, given.padMode);
  if (transposed && padMode !== 'zeros') throw new OptionError(fn, `padMode is '${padMode}'; a transposed convolution has 'zeros' only`);
  const [kernel, stride, dilation] = [
    perAxis(read, 'kernelSize', undefined, 1),
    perAxis(read, 'stride', 1, 1),
    perAxis(read, 'dilation', 1, 1),
  ];
  const rules = readPadding(fn, axes, given.padding as ConvShapeOptions['padding']);
  const extra = perAxis(read, 'outputPadding', 0, 0);
  const sizes = given.outputSize === undefined ? undefined : readPerAxis(fn, 'outputSize', given.outputSize, axes, 1);
  if (sizes && given.outputPadding !== undefined)
    throw new OptionError(fn, 'outputPadding and outputSize are both given; outputSize picks outputPadding');
  return {
    source: 'simdconv',
    transposed,
    axes: kernel.map((k, axis): SpecAxis => {
      const [s, d, rule] = [stride[axis] as number, dilation[axis] as number, rules[axis] as Rule];
      const make = transposed ? transposedPadding : forwardPadding;
      return { kernel: k, stride: s, dilation: d, padding: make(fn, rule, k, s, d, extra[axis] as number, sizes?.[axis]) };
    }),
    groups: count(read, 'groups') ?? 1,
    ...known({ inChannels: count(read, 'inChannels'), outChannels: count(read, 'outChannels') }),
    bias: flag(read, 'bias', false),
    padMode,
    layout: readLayout(fn, given.layout),
  };
}

type Rule = Pair | PaddingRule;

const forwardPadding = (_fn: string, rule: Rule, kernel: number, _stride: number, dilation: number): Pair | PadRule =>
  rule === 'causal' ? [dilation * (kernel - 1), 0] : rule;

function transposedPadding(
  fn: string,
  rule: Rule,
  kernel: number,
  stride: number,
  dilation: number,
  extra: number,
  size?: number,
): Pair | PadRule {
  const before = typeof rule === 'string' ? ({ same: 'less', 'same-lower': 'more', causal: 0 } as const)[rule] : rule[0];
  if (size !== undefined) return { output: size, before };
  const most = typeof rule === 'string' ? 0 : Math.max(stride, dilation) - 1;
  if (extra > most) throw new OptionError(fn, `outputPadding is ${extra}; it can be at most ${most} here`);
  // The output is input · stride, so that the crop is that of any input.
  return typeof rule === 'string' ? transposedPads(rule, 1, kernel, stride, dilation, stride) : [rule[0], rule[1] - extra];
}

/**
 * This library's op for it, which there always is.
 *
 * @param inputShape As `toPyTorch`'s.
 * @throws OptionError where `inputShape` is needed; ShapeError where it does not fit.
 * @example
 * ```js
 * const spec = fromKeras({ op: 'Conv2DTranspose', kernelSize: 3, strides: 2, padding: 'same' });
 * toSimdconv(spec).args.padding; // [[0, 1], [0, 1]]
 * ```
 */
export function toSimdconv(spec: Spec, inputShape?: readonly number[]): Conversion {
  return conversion('toSimdconv', spec, inputShape, convertToSimdconv);
}

export function convertToSimdconv(resolved: Resolved): Converted | string {
  const { axes, transposed, groups, padMode, layout } = resolved;
  if (groups === undefined) throw new OptionError(resolved.fn, 'groups is as many as the input has channels; give inputShape');
  const [dilation, stride] = [short(axes.map((axis) => axis.dilation)), short(axes.map((axis) => axis.stride))];
  return {
    op: `conv${transposed ? 'Transpose' : ''}${axes.length}d`,
    args: known({
      stride: stride === 1 ? undefined : stride,
      padding: paddingArg(resolved),
      dilation: dilation === 1 ? undefined : dilation,
      groups: groups === 1 ? undefined : groups,
      padMode: padMode === 'zeros' ? undefined : padMode,
      layout: layout === 'channels-first' ? undefined : layout,
    }) as Args,
    layout,
  };
}

function paddingArg(resolved: Resolved): ArgValue | undefined {
  const { axes } = resolved;
  const rule = axes[0]?.rule;
  if ((rule === 'same' || rule === 'same-lower') && axes.every((axis) => axis.rule === rule)) return rule;
  const pads = axes.map((axis) => padsFor(resolved, axis));
  if (!pads.every(([before, after]) => before === after)) return pads;
  const padding = short(pads.map(([before]) => before));
  return padding === 0 ? undefined : padding;
}
