/** What a program that runs a convolution is written from. */
import { OptionError } from '../errors.js';
import { dilatedKernel, imageShape, sizeOf } from '../geometry/index.js';
import type { Layout } from '../types.js';
import { conversion, outputSpace } from './convert.js';
import { CONVERT, TITLE } from './frameworks.js';
import { resolve } from './resolve.js';
import type { Conversion, Converted, Framework, Spec, Step } from './types.js';
import { weightTo } from './weights.js';

/** Every shape is in the framework's layout. */
export interface Program {
  readonly framework: Framework;
  readonly steps: readonly Step[];
  readonly layout: Layout;
  readonly axes: number;
  /** Why there are steps besides the call. */
  readonly reason: string | undefined;
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  readonly weightShape: readonly number[];
  readonly outChannels: number;
  readonly bias: boolean;
}

export function programOf(fn: string, given: Spec, framework: Framework, inputShape: readonly number[] | undefined): Program {
  const spec = withChannels(fn, given, inputShape);
  const shape = inputShape && inputShape.length > spec.axes.length ? inputShape : example(spec, inputShape);
  // Without a size that was asked for, what holds for every size is better.
  const general = spec.axes.every((axis) => Array.isArray(axis.padding)) && !(framework === 'tfjs' && spec.transposed);
  const asked = inputShape === undefined && general ? undefined : shape;
  const made = conversion(fn, spec, asked, CONVERT[framework]);
  const steps = stepsOf(made);
  if (steps.length === 0)
    throw new OptionError(fn, `${TITLE[framework]} has no such convolution: ${'impossible' in made ? made.impossible : ''}`);
  const { layout } = steps.find((step): step is Converted => 'op' in step) as Converted;
  const resolved = resolve(fn, spec, shape);
  const { groups = 1, inChannels = 1, outChannels = 1, batch } = resolved;
  const image = (channels: number, space: readonly number[]): number[] => imageShape({ batched: true, batch, channels, space }, layout);
  const weight = sourceWeight(spec, groups, inChannels, outChannels);
  return {
    framework,
    steps,
    layout,
    axes: spec.axes.length,
    reason: 'impossible' in made ? made.impossible : undefined,
    inputShape: image(
      inChannels,
      resolved.axes.map((axis) => axis.input as number),
    ),
    outputShape: image(outChannels, outputSpace(resolved) as number[]),
    weightShape: weightTo({ ...spec, source: 'pytorch', groups }, framework, { data: new Float32Array(sizeOf(weight)), shape: weight })
      .shape,
    outChannels,
    bias: spec.bias,
  };
}

const stepsOf = (made: Conversion): readonly Step[] => ('impossible' in made ? made.instead : [made]);

/** Channels that are not known are as few as there can be, without making it depthwise. */
function withChannels(fn: string, spec: Spec, inputShape: readonly number[] | undefined): Spec {
  const resolved = resolve(fn, spec, inputShape);
  const usual = spec.groups === 'depthwise' || spec.groups === 1 ? 1 : 2 * spec.groups;
  const inChannels = resolved.inChannels ?? usual;
  const outChannels = resolved.outChannels ?? (spec.groups === 'depthwise' ? inChannels * (spec.depthMultiplier ?? 1) : usual);
  return { ...spec, inChannels, outChannels };
}

function example(spec: Spec, space: readonly number[] | undefined): number[] {
  const sizes = space ?? spec.axes.map(({ kernel, dilation }) => (spec.transposed ? 4 : Math.max(8, dilatedKernel(kernel, dilation))));
  return imageShape({ batched: true, batch: 1, channels: spec.inChannels ?? 1, space: sizes }, spec.layout);
}

/** [O, I/g, ...k], or transposed [I, O/g, ...k]. */
function sourceWeight({ transposed, axes }: Spec, groups: number, inChannels: number, outChannels: number): number[] {
  const kernel = axes.map((axis) => axis.kernel);
  return transposed ? [inChannels, outChannels / groups, ...kernel] : [outChannels, inChannels / groups, ...kernel];
}

/** The reason for the steps, as a line of its own. */
export function comment({ reason }: Program, mark: string): string[] {
  return reason === undefined ? [] : [`${mark} ${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`];
}
