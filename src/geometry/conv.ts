import { OptionError, ShapeError } from '../errors.js';
import type { ConvShapeOptions, Layout } from '../types.js';
import { cropped, dilatedKernel, outputExtent, samePads, transposedExtent } from './extent.js';
import { checkCount, type Pair, readLayout, readPadding, readPerAxis } from './options.js';
import {
  checkElements,
  checkShape,
  describe,
  type ImageShape,
  imageAxes,
  imageShape,
  MAX_COORDINATE,
  otherLayout,
  readImage,
  show,
} from './shape.js';
import { type ConvGeometry, type ConvProblem, imageStrides, toAxes, volume } from './types.js';

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

  const pads = readPadding(op, axes, options.padding, (axis, lower) => {
    const [i, s] = [input.space[axis] as number, stride[axis] as number];
    return samePads((Math.ceil(i / s) - 1) * s + dilatedKernel(kernel[axis] as number, dilation[axis] as number) - i, lower);
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
  return problem(op, call, output, build(call, { x: input, y: output }, pads));
}

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
  const same = options.padding === 'same' || options.padding === 'same-lower';
  if (same && (options.outputPadding !== undefined || options.outputSize !== undefined)) {
    throw new OptionError(
      op,
      `padding ${describe(options.padding)} fixes the output size at input · stride; outputPadding and outputSize cannot be given with it`,
    );
  }
  const pads = readPadding(op, axes, options.padding, (axis, lower) => {
    const k = dilatedKernel(kernel[axis] as number, dilation[axis] as number);
    return samePads(k - (stride[axis] as number), lower); // (i'-1)s + k̂ - i's
  });
  const wantedPadding = readPerAxis(op, 'outputPadding', options.outputPadding ?? 0, axes, 0);
  const wantedSize = options.outputSize === undefined ? undefined : readPerAxis(op, 'outputSize', options.outputSize, axes, 1);
  const outputPadding: number[] = [];
  const space = input.space.map((i, axis) => {
    const [k, s, d, pad] = [kernel[axis] as number, stride[axis] as number, dilation[axis] as number, pads[axis] as Pair];
    const least = transposedExtent(i, k, s, pad, d, 0);
    const limit = Math.max(s, d);
    const size = wantedSize?.[axis] ?? (same ? i * s : least + (wantedPadding[axis] as number));
    if (size - least < 0 || size - least >= limit) {
      throw wantedSize === undefined
        ? new OptionError(
            op,
            `outputPadding is ${wantedPadding[axis]} on axis ${axis}; it must be smaller than stride ${s} or dilation ${d}`,
          )
        : new OptionError(
            op,
            `outputSize is ${size} on axis ${axis}; it can be ${least} to ${least + limit - 1} (input ${i}, kernel ${k}, stride ${s}, dilation ${d}, padding ${show(pad)})`,
          );
    }
    if (size < 1) {
      throw new ShapeError(
        op,
        `the output has size ${size} on axis ${axis}: (${i} - 1)·${s} + ${dilatedKernel(k, d)} + ${size - least} less padding ${show(pad)}; it must be at least 1`,
      );
    }
    outputPadding.push(size - least);
    return size;
  });
  const output: ImageShape = { ...input, channels: call.inner * groups, space };
  // Rows added at the end are rows that the forward conv pads less (or crops): its pad after is pe - op.
  const forwardPads = pads.map(([before, after], axis): Pair => [before, after - (outputPadding[axis] as number)]);
  return problem(op, call, output, build(call, { x: output, y: input }, forwardPads));
}

interface Call {
  readonly inputShape: readonly number[];
  readonly weightShape: readonly number[];
  readonly weightText: () => string;
  readonly input: ImageShape;
  /** The weight's channel axes: [outer, inner, ...kernel], or [...kernel, inner, outer] in channels-last. */
  readonly outer: number;
  readonly inner: number;
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
  readonly layout: Layout;
}

function readCall(
  op: string,
  axes: number,
  inputShape: readonly number[],
  weightShape: readonly number[],
  options: ConvShapeOptions,
  channelNames: readonly [string, string],
): Call {
  const layout = readLayout(op, options.layout);
  const sizes = checkShape(op, 'inputShape', inputShape);
  const input = readImage(op, 'input', sizes, axes, layout);
  const weight = checkShape(op, 'weightShape', weightShape);
  const first = layout === 'channels-first';
  const kernelNames = imageAxes(layout, axes)
    .filter((name) => name !== 'N' && name !== 'C')
    .map((name) => `k${name}`);
  const names = first ? [...channelNames, ...kernelNames] : [...kernelNames, channelNames[1], channelNames[0]];
  const weightText = (): string => `weight is ${show(names)} = ${show(weight)}`;
  if (weight.length !== axes + 2) throw new ShapeError(op, `weight is ${show(weight)}, rank ${weight.length}; expected ${show(names)}`);
  if (weight.includes(0)) throw new ShapeError(op, `${weightText()}; every size must be at least 1`);
  const groups = options.groups ?? 1;
  checkCount(op, 'groups', groups, 1);
  return {
    inputShape: sizes,
    weightShape: weight,
    weightText,
    input,
    outer: (first ? weight[0] : weight[axes + 1]) as number,
    inner: (first ? weight[1] : weight[axes]) as number,
    kernel: first ? weight.slice(2) : weight.slice(0, axes),
    stride: readPerAxis(op, 'stride', options.stride ?? 1, axes, 1),
    dilation: readPerAxis(op, 'dilation', options.dilation ?? 1, axes, 1),
    groups,
    layout,
  };
}

function build(call: Call, sides: { x: ImageShape; y: ImageShape }, pads: readonly Pair[]): ConvGeometry {
  const { layout, groups } = call;
  const { x, y } = sides;
  const xSize = toAxes(x.space, 1);
  const ySize = toAxes(y.space, 1);
  const kernel = toAxes(call.kernel, 1);
  const xPerGroup = x.channels / groups;
  return {
    batch: x.batch,
    groups,
    xChannels: x.channels,
    yChannels: y.channels,
    xSize,
    ySize,
    kernel,
    stride: toAxes(call.stride, 1),
    dilation: toAxes(call.dilation, 1),
    padBefore: toAxes(
      pads.map(([before]) => before),
      0,
    ),
    padAfter: toAxes(
      pads.map(([, after]) => after),
      0,
    ),
    layout,
    x: imageStrides(layout, x.channels, volume(xSize)),
    y: imageStrides(layout, y.channels, volume(ySize)),
    w:
      layout === 'channels-first'
        ? { y: xPerGroup * volume(kernel), x: volume(kernel), tap: 1 }
        : { y: 1, x: y.channels, tap: xPerGroup * y.channels },
  };
}

function problem(op: string, call: Call, output: ImageShape, geometry: ConvGeometry): ConvProblem {
  const outputShape = imageShape(output, call.layout);
  checkElements(op, 'the output', outputShape);
  for (let axis = 0; axis < 3; axis++) {
    // The last position of the last window in the padded x, and in x itself.
    const reach =
      ((geometry.ySize[axis] as number) - 1) * (geometry.stride[axis] as number) +
      dilatedKernel(geometry.kernel[axis] as number, geometry.dilation[axis] as number) +
      Math.max(0, -(geometry.padBefore[axis] as number));
    if (reach > MAX_COORDINATE)
      throw new ShapeError(op, `the kernel window reaches position ${reach}; at most ${MAX_COORDINATE} can be counted`);
  }
  return { geometry, inputShape: call.inputShape, weightShape: call.weightShape, outputShape, outputChannels: output.channels };
}
