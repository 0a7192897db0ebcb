/** A specification with an input's sizes put in. */
import { OptionError, ShapeError } from '../errors.js';
import {
  checkShape,
  dilatedKernel,
  imageAxes,
  outputExtent,
  type Pair,
  readImage,
  samePads,
  show,
  transposedExtent,
} from '../geometry/index.js';
import type { PadRule, Spec, SpecAxis } from './types.js';

/** An axis as a target sees it. */
export interface Axis {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** The input's size, where it is known. */
  readonly input: number | undefined;
  /** [before, after]; a rule is left only where the size that it depends on is not known. */
  readonly padding: Pair | PadRule;
  /** What is padded is not zeros. */
  readonly border?: boolean | undefined;
  /** The rule that found them, for targets that have it too. */
  readonly rule?: PadRule | undefined;
}

export interface Resolved extends Omit<Spec, 'axes' | 'groups'> {
  /** The function that asked, for messages. */
  readonly fn: string;
  readonly axes: readonly Axis[];
  /** Undefined for a depthwise one of which the channels are not known. */
  readonly groups: number | undefined;
  /** Each input channel by itself, and more than one of them; undefined where the channels are not known. */
  readonly depthwise: boolean | undefined;
  readonly batch: number;
}

/** `inputShape` is [N, C, ...space] in the specification's layout, or without N, or the spatial sizes alone. */
export function resolve(fn: string, spec: Spec, inputShape: readonly number[] | undefined): Resolved {
  const { batch, channels, space } = readInput(fn, spec, inputShape);
  if (channels !== undefined && spec.inChannels !== undefined && channels !== spec.inChannels) {
    throw new ShapeError(fn, `inputShape ${show(inputShape ?? [])} has ${channels} channels; the convolution takes ${spec.inChannels}`);
  }
  const inChannels = channels ?? spec.inChannels;
  const groups = spec.groups === 'depthwise' ? inChannels : spec.groups;
  if (inChannels !== undefined && groups !== undefined && inChannels % groups !== 0) {
    throw new ShapeError(fn, `groups is ${groups}; it must divide the ${inChannels} input channels`);
  }
  const multiplied = spec.groups === 'depthwise' && inChannels !== undefined ? inChannels * (spec.depthMultiplier ?? 1) : undefined;
  const outChannels = spec.outChannels ?? multiplied;
  return {
    ...spec,
    fn,
    ...(inChannels === undefined ? {} : { inChannels }),
    ...(outChannels === undefined ? {} : { outChannels }),
    groups,
    depthwise: spec.groups === 'depthwise' || groups === 1 ? groups !== 1 : inChannels && inChannels === groups,
    batch,
    axes: spec.axes.map((axis, index) => ({
      ...resolveAxis(fn, spec.transposed, axis, index, space?.[index]),
      border: spec.padMode !== 'zeros',
    })),
  } as Resolved;
}

function readInput(
  fn: string,
  { axes: { length: axes }, layout }: Spec,
  inputShape: readonly number[] | undefined,
): { batch: number; channels?: number; space?: readonly number[] } {
  if (inputShape === undefined) return { batch: 1 };
  const shape = checkShape(fn, 'inputShape', inputShape);
  if (shape.length < axes || shape.length > axes + 2) {
    const names = imageAxes(layout, axes);
    const space = names.filter((name) => name !== 'N' && name !== 'C');
    throw new ShapeError(fn, `inputShape is ${show(shape)}; expected ${show(names)}, ${show(names.slice(1))} or ${show(space)}`);
  }
  if (shape.length > axes) return readImage(fn, 'inputShape', shape, axes, layout);
  if (shape.includes(0)) throw new ShapeError(fn, `inputShape is ${show(shape)}; every spatial size must be at least 1`);
  return { batch: 1, space: shape };
}

function resolveAxis(fn: string, transposed: boolean, axis: SpecAxis, index: number, input: number | undefined): Axis {
  const { kernel, stride, dilation } = axis;
  const found = padsOf(transposed, { ...axis, input });
  if (found !== undefined && input !== undefined) {
    const size = extent(transposed, { kernel, stride, dilation, input, padding: found }, input, found);
    if (size < 1 || (!transposed && input + Math.min(0, found[0]) + Math.min(0, found[1]) < 1)) {
      throw new ShapeError(fn, `axis ${index} has no output: input ${input}, kernel ${kernel}, stride ${stride}, padding ${show(found)}`);
    }
  }
  const rule = Array.isArray(axis.padding) ? undefined : (axis.padding as PadRule);
  return { kernel, stride, dilation, input, padding: found ?? axis.padding, rule };
}

/** The pads that a rule finds, if it can without what is not known. */
export function padsOf(transposed: boolean, { kernel, stride, dilation, padding, input }: Axis): Pair | undefined {
  if (Array.isArray(padding)) return padding as Pair;
  const rule = padding as PadRule;
  if (transposed) return input === undefined || typeof rule === 'string' ? undefined : crops(rule, input, kernel, stride, dilation);
  if (typeof rule === 'object') return undefined;
  // With stride 1 the total is k̂ - 1, whatever the input.
  const i = input ?? (stride === 1 ? 1 : undefined);
  if (i === undefined) return undefined;
  const total = (Math.ceil(i / stride) - 1) * stride + dilatedKernel(kernel, dilation) - i;
  if (rule === 'same-unclamped') return [Math.floor(total / 2), total - Math.floor(total / 2)];
  return samePads(total, rule === 'same-lower');
}

function crops(
  { output, before, extra = 0 }: Exclude<PadRule, string>,
  input: number,
  kernel: number,
  stride: number,
  dilation: number,
): Pair {
  const total = transposedExtent(input, kernel, stride, [0, 0], dilation, 0) - output;
  const [start] = typeof before === 'number' ? [before] : samePads(total + extra, before === 'more');
  return [start, total - start];
}

/** The output's size. */
export function extent(transposed: boolean, { kernel, stride, dilation }: Axis, input: number, pads: Pair): number {
  return transposed ? transposedExtent(input, kernel, stride, pads, dilation, 0) : outputExtent(input, kernel, stride, pads, dilation);
}

/** The pads, or an error where the input's size is needed for them. */
export function padsFor({ fn, transposed }: Resolved, axis: Axis): Pair {
  const pads = padsOf(transposed, axis);
  if (pads === undefined) {
    throw new OptionError(fn, `padding ${JSON.stringify(axis.padding)} depends on the input's size here; give inputShape`);
  }
  return pads;
}
