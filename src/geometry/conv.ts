import { OptionError, ShapeError } from '../errors.js';
import type { ConvShapeOptions } from '../types.js';
import { borderOf } from './border.js';
import { build, problem, readCall } from './call.js';
import { convPads, cropped, dilatedKernel, outputExtent } from './extent.js';
import { type Pair, readPadding, readPadMode } from './options.js';
import { type ImageShape, otherLayout, show } from './shape.js';
import type { ConvProblem } from './types.js';

export function convGeometry(
  op: string,
  axes: number,
  inputShape: readonly number[],
  weightShape: readonly number[],
  options: ConvShapeOptions = {},
): ConvProblem {
  for (const name of ['outputPadding', 'outputSize'] as const) {
    if (options[name] !== undefined) throw new OptionError(op, `${name} is an option of transposed convolutions only`);
  }
  const call = readCall(op, axes, inputShape, weightShape, options, ['O', 'I/groups']);
  const { input, kernel, stride, dilation, groups } = call;
  if (call.inner * groups !== input.channels) {
    const wanted =
      input.channels % groups === 0
        ? `I/groups must be ${input.channels / groups}`
        : `groups must divide the ${input.channels} input channels`;
    const { weightShape: w, layout } = call;
    const other = otherLayout(layout, axes, call.inputShape, [(w[1] as number) * groups, (w[axes] as number) * groups]);
    throw new ShapeError(op, `${call.weightText()}; ${wanted} (input ${show(call.inputShape)}, groups ${groups})${other}`);
  }
  if (call.outer % groups !== 0) throw new ShapeError(op, `${call.weightText()}; O must be a multiple of groups ${groups}`);

  const mode = readPadMode(op, options.padMode);
  const pads = readPadding(op, axes, options.padding).map((rule, axis): Pair => {
    if (typeof rule !== 'string') return rule;
    return convPads(rule, input.space[axis] as number, kernel[axis] as number, stride[axis] as number, dilation[axis] as number);
  });
  const space = input.space.map((i, axis) => {
    const [k, s, d, pad] = [kernel[axis] as number, stride[axis] as number, dilation[axis] as number, pads[axis] as Pair];
    const crop = cropped(pad);
    if (crop >= i) {
      throw new ShapeError(
        op,
        `padding ${show(pad)} on axis ${axis} crops ${crop} of the input's ${i} positions there; at least one must be left`,
      );
    }
    const size = outputExtent(i, k, s, pad, d);
    if (size < 1) {
      throw new ShapeError(
        op,
        `the kernel ${show(kernel)} with dilation ${show(dilation)} reaches ${dilatedKernel(k, d)} on axis ${axis}; ` +
          `the padded input there is only ${pad[0]} + ${i} + ${pad[1]} (input ${show(call.inputShape)}, weight ${show(call.weightShape)})`,
      );
    }
    return size;
  });
  const output: ImageShape = { ...input, channels: call.outer, space };
  const padded = mode === 'zeros' ? null : borderOf(op, mode, input, call.layout, pads);
  if (padded === null) return problem(op, call, output, build(call, { x: input, y: output }, pads));
  const none = pads.map((): Pair => [0, 0]);
  return problem(op, call, output, { ...build(call, { x: padded.image, y: output }, none), border: padded.border });
}
