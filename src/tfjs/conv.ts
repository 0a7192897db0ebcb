import { type Job, NO_EPILOGUE } from '../engine.js';
import { ShapeError } from '../errors.js';
import { show } from '../geometry/index.js';
import { type Fusion, finish, finishOf } from './finish.js';
import { fromChannelsFirst, type TfProblem, tfGeometry, toChannelsFirst } from './geometry.js';
import { type Kernel, produce, type Work } from './kernel.js';
import type { TensorInfo } from './types.js';

const jobOf = (op: string): Job => ({ op, algorithm: 'auto' });

/** Conv2D, DepthwiseConv2dNative, Conv3D and the fused ones. */
export const forward =
  (depthwise: boolean): Kernel =>
  (work) => {
    const { op, attributes } = work;
    const [x, filter] = work.tensors('x', 'filter');
    const problem = tfGeometry(op, depthwise, x.shape, filter.shape, attributes);
    const { geometry, outShape, channels, channelsLast } = problem;
    const fusion = fusionOf(work, problem);
    return produce(work, outShape, (engine, out) => {
      const finishing = finishOf(op, fusion(), channels, channelsLast ? 1 : outShape.length - 1);
      const image = work.floats(x);
      if (image.length > 0) engine.fprop(geometry, image, filterOf(work, filter, problem), work.floats(out), finishing.epilogue, jobOf(op));
      const rest = image.length > 0 ? finishing : { epilogue: NO_EPILOGUE, more: true };
      if (image.length === 0) work.floats(out).fill(0);
      if (rest.more) finish(op, fusion(), rest, work.floats(out), outShape);
    });
  };

/** The operands of a fused kernel, read anew on each call: an engine's work may have moved them. */
function fusionOf(work: Work, { channels, channelsLast, outShape }: TfProblem): () => Fusion {
  const { bias, preluActivationWeights: prelu } = work.inputs;
  const { activation, leakyreluAlpha: alpha } = work.attributes;
  // In NCHW one axis of an operand means the channels.
  const read = (tensor: TensorInfo | undefined) => {
    if (!tensor) return undefined;
    const alongChannels = !channelsLast && tensor.shape.length === 1 && tensor.shape[0] === channels;
    return { data: work.floats(tensor), shape: alongChannels ? [channels, ...outShape.slice(2).fill(1)] : tensor.shape };
  };
  return () => ({ bias: read(bias), prelu: read(prelu), activation: activation ?? 'linear', alpha });
}

/** Conv2DBackpropInput, which is also conv2dTranspose, and its likes. */
export const inputGradient =
  (depthwise: boolean): Kernel =>
  (work) => {
    const { op, attributes } = work;
    const [dy, filter] = work.tensors('dy', 'filter');
    const inputShape = attributes.inputShape as number[];
    const problem = tfGeometry(op, depthwise, inputShape, filter.shape, attributes);
    if (!fits(op, dy, problem)) return null;
    return produce(work, [...inputShape], (engine, out) => {
      const [given, dx] = [work.floats(dy), work.floats(out)];
      if (given.length > 0) engine.dgrad(problem.geometry, given, filterOf(work, filter, problem), dx, NO_EPILOGUE, jobOf(op));
      else dx.fill(0);
    });
  };

/** Conv2DBackpropFilter and its likes. */
export const filterGradient =
  (depthwise: boolean): Kernel =>
  (work) => {
    const { op, attributes } = work;
    const [x, dy] = work.tensors('x', 'dy');
    const filterShape = attributes.filterShape as number[];
    const problem = tfGeometry(op, depthwise, x.shape, filterShape, attributes);
    if (!fits(op, dy, problem)) return null;
    return produce(work, [...filterShape], (engine, out) => {
      const [image, given, dw] = [work.floats(x), work.floats(dy), work.floats(out)];
      if (given.length === 0 || image.length === 0) dw.fill(0);
      else if (problem.channelsLast) engine.wgrad(problem.geometry, image, given, dw, jobOf(op));
      else {
        const turned = new Float32Array(dw.length);
        engine.wgrad(problem.geometry, image, given, turned, jobOf(op));
        fromChannelsFirst(problem.geometry, turned, work.floats(out));
      }
    });
  };

function filterOf(work: Work, filter: TensorInfo, { channelsLast, geometry }: TfProblem): Float32Array {
  const data = work.floats(filter);
  return channelsLast ? data : toChannelsFirst(geometry, data);
}

/** Whether dy is the gradient of what the forward kernel gives. A larger one is left to tfjs's own kernel, which looks at a part of it. */
function fits(op: string, { shape }: TensorInfo, { outShape }: TfProblem): boolean {
  if (shape.length === outShape.length && shape.every((size, axis) => size === outShape[axis])) return true;
  if (shape.length === outShape.length && shape.every((size, axis) => size >= (outShape[axis] as number))) return false;
  throw new ShapeError(op, `dy is ${show(shape)}; the forward convolution gives ${show(outShape)}`);
}
