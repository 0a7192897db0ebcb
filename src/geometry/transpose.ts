import { OptionError, ShapeError } from '../errors.js';
import type { ConvShapeOptions } from '../types.js';
import { build, problem, readCall } from './call.js';
import { dilatedKernel, transposedExtent, transposedPads } from './extent.js';
import { type AxisPads, type Pair, readPadding, readPadMode, readPerAxis } from './options.js';
import { describe, type ImageShape, otherLayout, show } from './shape.js';
import type { ConvProblem } from './types.js';

export function convTransposeGeometry(
  op: string,
  axes: number,
  inputShape: readonly number[],
  weightShape: readonly number[],
  options: ConvShapeOptions = {},
): ConvProblem {
  const call = readCall(op, axes, inputShape, weightShape, options, ['I', 'O/groups']);
  const { input, kernel, stride, dilation, groups } = call;
  if (call.outer !== input.channels) {
    const other = otherLayout(call.layout, axes, call.inputShape, [call.weightShape[0], call.weightShape[axes + 1]]);
    throw new ShapeError(op, `${call.weightText()}; I must be ${input.channels} (input ${show(call.inputShape)})${other}`);
  }
  if (call.outer % groups !== 0) throw new ShapeError(op, `${call.weightText()}; I must be a multiple of groups ${groups}`);
  if (options.outputPadding !== undefined && options.outputSize !== undefined) {
    throw new OptionError(op, 'outputPadding and outputSize are both given; outputSize picks outputPadding, so give one');
  }
  const mode = readPadMode(op, options.padMode);
  if (mode !== 'zeros') {
    throw new OptionError(op, `padMode is '${mode}'; a transposed convolution's padding crops its output, so it has 'zeros' only`);
  }
  const rules = readPadding(op, axes, options.padding);
  const outputPadding = readPerAxis(op, 'outputPadding', options.outputPadding ?? 0, axes, 0);
  const outputSize = options.outputSize === undefined ? undefined : readPerAxis(op, 'outputSize', options.outputSize, axes, 1);
  const made = input.space.map((i, axis) =>
    transposedAxis(op, {
      axis,
      i,
      k: kernel[axis] as number,
      s: stride[axis] as number,
      d: dilation[axis] as number,
      rule: rules[axis] as AxisPads,
      extra: outputPadding[axis] as number,
      wanted: outputSize?.[axis],
    }),
  );
  const output: ImageShape = { ...input, channels: call.inner * groups, space: made.map(({ size }) => size) };
  const pads = made.map((each) => each.pads);
  return problem(op, call, output, build(call, { x: output, y: input }, pads));
}

interface TransposedAxis {
  readonly axis: number;
  readonly i: number;
  readonly k: number;
  readonly s: number;
  readonly d: number;
  readonly rule: AxisPads;
  /** outputPadding, and outputSize where it is given. */
  readonly extra: number;
  readonly wanted: number | undefined;
}

/** The output's size, and the pads of the forward convolution that comes back from it: rows added at the end are rows that it pads less (or crops). */
function transposedAxis(op: string, given: TransposedAxis): { size: number; pads: Pair } {
  const { axis, i, k, s, d, rule, extra, wanted } = given;
  if (typeof rule === 'string') {
    const size = wanted ?? i * s;
    checkRuled(op, given, size);
    return { size, pads: transposedPads(rule, i, k, s, d, size) };
  }
  const least = transposedExtent(i, k, s, rule, d, 0);
  const limit = Math.max(s, d);
  const size = wanted ?? least + extra;
  if (size < least || size >= least + limit) {
    throw wanted === undefined
      ? new OptionError(
          op,
          `outputPadding is ${extra} on axis ${axis}; it must be smaller than stride ${s} or dilation ${d}, for it picks one of the sizes ` +
            `that a forward convolution takes to ${i}; a negative padding after adds more rows`,
        )
      : new OptionError(
          op,
          `outputSize is ${size} on axis ${axis}; it can be ${least} to ${least + limit - 1} (input ${i}, kernel ${k}, stride ${s}, dilation ${d}, padding ${show(rule)})`,
        );
  }
  if (size < 1) {
    throw new ShapeError(
      op,
      `the output has size ${size} on axis ${axis}: (${i} - 1)·${s} + ${dilatedKernel(k, d)} + ${size - least} less padding ${show(rule)}; it must be at least 1`,
    );
  }
  return { size, pads: [rule[0], rule[1] - (size - least)] };
}

/** A forward convolution by a rule gives ⌈o'/s⌉: every o' for which that is i' can be had. */
function checkRuled(op: string, { axis, i, s, rule, extra }: TransposedAxis, size: number): void {
  if (extra > 0) {
    throw new OptionError(
      op,
      `outputPadding is ${extra} on axis ${axis}; padding ${describe(rule)} fixes the output size there at input · stride = ${i * s}, or at outputSize`,
    );
  }
  const least = (i - 1) * s + 1;
  if (size < least || size > i * s) {
    throw new OptionError(
      op,
      `outputSize is ${size} on axis ${axis}; with padding ${describe(rule)} it can be ${least} to ${i * s}, what its forward convolution takes to ${i} (stride ${s})`,
    );
  }
}
