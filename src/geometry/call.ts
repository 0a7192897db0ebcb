import { ShapeError } from '../errors.js';
import type { ConvShapeOptions, Layout } from '../types.js';
import { dilatedKernel } from './extent.js';
import { checkCount, type Pair, readLayout, readPerAxis } from './options.js';
import { checkElements, checkShape, type ImageShape, imageAxes, imageShape, MAX_COORDINATE, readImage, show } from './shape.js';
import { type ConvGeometry, type ConvProblem, imageStrides, toAxes, volume } from './types.js';

/** What a convolution and a transposed one read alike. */
export interface Call {
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

export function readCall(
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

export function build(call: Call, sides: { x: ImageShape; y: ImageShape }, pads: readonly Pair[]): ConvGeometry {
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

export function problem(op: string, call: Call, output: ImageShape, geometry: ConvGeometry): ConvProblem {
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
