import { type Engine, type Job, NO_EPILOGUE } from '../../engine.js';
import { ShapeError } from '../../errors.js';
import { show, volume } from '../../geometry/index.js';
import { Recent } from '../../ops/memoize.js';
import { type Kernel, produce, type Work } from '../call.js';
import type { KernelCall, TensorInfo } from '../types.js';
import { Fusion } from './finish.js';
import { fromChannelsFirst, type TfProblem, tfGeometry, toChannelsFirst } from './geometry.js';
import { multiplyRows, type Product, rowProduct } from './matmul.js';

/** Of the layers of a large net, each of which is found behind the one before it. */
const KEPT = 128;

/** Problems by value: made anew for each call they take 3 µs, as long as a small convolution. */
const problems = new Recent(
  (
    op: string,
    depthwise: boolean,
    xShape: readonly number[],
    filterShape: readonly number[],
    strides: unknown,
    pad: unknown,
    dilations: unknown,
    dimRoundingMode: unknown,
    dataFormat: unknown,
  ) => {
    const problem = tfGeometry(op, depthwise, xShape, filterShape, { strides, pad, dilations, dimRoundingMode, dataFormat });
    const product = depthwise ? undefined : productOf(problem);
    // Of other pads tfjs takes both sizes from the kernel's height; without dilations its kernel fails.
    const known = (pad === 'same' || pad === 'valid') && dilations !== undefined && dilations !== null;
    const small = !depthwise && !product && known && !dimRoundingMode && isSmall(problem);
    return { ...problem, product, small };
  },
  KEPT,
);
type Problem = ReturnType<typeof problems.of>;

/** A convolution of one tap that meets every pixel once, all images as one product: 16 of 14x14x8 1.2 times as fast as image by image, one pixel 1.3 to 2 times. */
function productOf({ geometry, channelsLast }: TfProblem): Product | undefined {
  const { batch, xChannels, yChannels, xSize, ySize, kernel } = geometry;
  const pointwise = channelsLast && volume(kernel) === 1 && xSize.every((size, axis) => size === ySize[axis]);
  return pointwise && geometry.stride.every((stride) => stride === 1) ? rowProduct(batch * volume(xSize), yChannels, xChannels) : undefined;
}

/**
 * Whether a 2-D convolution is so small that tfjs's wasm backend, XNNPACK with tiles as narrow as the filter, is quicker. Measured on Node 20 and 26, 3×3: on 5×5 and 8×8
 * with up to 12 channels it takes 0.45 to 0.95 of the time that it takes here, whatever the image has; with 5 to 8 channels 0.73 to 1 up to 28×28, from 64×64 on more on Node 26.
 */
function isSmall({ geometry, outShape, channelsLast }: TfProblem): boolean {
  const { batch, xChannels, yChannels, ySize, kernel, stride, dilation } = geometry;
  const positions = batch * volume(ySize);
  const rows = volume(kernel) * xChannels;
  const products = positions * rows * yChannels;
  if (products === 0) return false; // it leaves an output of empty sums unwritten
  // With a stride larger than the kernel it reads beside the pixels that 'same' means.
  const known = stride.every((step, axis) => step <= (kernel[axis] as number)) && volume(dilation) === 1;
  if (!channelsLast || !known || outShape.length !== 4) return false;
  if (rows <= SKINNY_ROWS && positions <= THIN_POSITIONS && yChannels >= 8 && yChannels <= 32) return true;
  if (volume(stride) > 1 || positions > NARROW_POSITIONS) return false;
  const few = positions <= FEW_POSITIONS && products <= FEW_PRODUCTS;
  return few || (yChannels > 4 && yChannels <= 8);
}
const FEW_POSITIONS = 64;
const FEW_PRODUCTS = 2 ** 17;
const NARROW_POSITIONS = 1024;
/** One channel, 3×3, 1 to 32 images: 8 to 32 channels of the result take 0.62 to 0.87 of the time; of more positions 0.76 to 1.07. */
const SKINNY_ROWS = 9;
const THIN_POSITIONS = 8192;

/** What tfjs's wasm backend computes rightly. */
export function isPlain(
  { bias, preluActivationWeights }: KernelCall['inputs'],
  { activation }: Work['attributes'],
  channels: number,
): boolean {
  const known = activation === undefined || activation === 'linear' || activation === 'relu' || activation === 'relu6';
  return known && !preluActivationWeights && (!bias || (bias.shape.length === 1 && bias.shape[0] === channels));
}

function problemOf({ op, attributes }: Work, depthwise: boolean, xShape: readonly number[], filterShape: readonly number[]): Problem {
  const { strides, pad, dilations, dimRoundingMode, dataFormat } = attributes;
  return problems.of(op, [depthwise, xShape, filterShape, strides, pad, dilations, dimRoundingMode, dataFormat]);
}

const jobOf = (op: string): Job => ({ op, algorithm: 'auto' });

/** Conv2D, DepthwiseConv2dNative, Conv3D and the fused ones. */
export const forward =
  (depthwise: boolean): Kernel =>
  (work) => {
    const [x, filter] = work.tensors('x', 'filter');
    const problem = problemOf(work, depthwise, x.shape, filter.shape);
    const { outShape, channels, channelsLast } = problem;
    if (problem.small && work.inPlace && isPlain(work.inputs, work.attributes, channels)) return null;
    const fused = work.inputs.bias !== undefined || work.attributes.activation !== undefined;
    const fusion = fused ? new Fusion(work, channels, channelsLast ? 1 : outShape.length - 1) : undefined;
    const out = produce(work, outShape.slice(), (engine, y) => {
      const empty = x.shape.includes(0);
      if (empty) work.floats(y).fill(0);
      else if (problem.product) multiplyRows(work, engine, problem.product, x, filter, y, fusion);
      else multiply(work, engine, 'fprop', problem, x, filter, y, fusion);
      if (empty || fusion?.more) fusion?.finish(y, empty);
    });
    return fusion ? fusion.activated(out) : out;
  };

/** Conv2DBackpropInput, which is also conv2dTranspose, and its likes. */
export const inputGradient =
  (depthwise: boolean): Kernel =>
  (work) => {
    const { op, attributes } = work;
    const [dy, filter] = work.tensors('dy', 'filter');
    const inputShape = attributes.inputShape as number[];
    const problem = problemOf(work, depthwise, inputShape, filter.shape);
    if (!fits(op, dy, problem)) return null;
    return produce(work, [...inputShape], (engine, out) => {
      if (dy.shape.includes(0)) work.floats(out).fill(0);
      else multiply(work, engine, 'dgrad', problem, dy, filter, out, undefined);
    });
  };

/** Conv2DBackpropFilter and its likes. */
export const filterGradient =
  (depthwise: boolean): Kernel =>
  (work) => {
    const { op, attributes } = work;
    const [x, dy] = work.tensors('x', 'dy');
    const filterShape = attributes.filterShape as number[];
    const problem = problemOf(work, depthwise, x.shape, filterShape);
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

/** One of the products with a filter, packed where that has been done. */
function multiply(
  work: Work,
  engine: Engine,
  direction: 'fprop' | 'dgrad',
  { geometry, channelsLast }: Problem,
  from: TensorInfo,
  filter: TensorInfo,
  to: TensorInfo,
  fusion: Fusion | undefined,
): void {
  const job = jobOf(work.op);
  const weight = (): Float32Array => {
    const data = work.floats(filter);
    return channelsLast ? data : toChannelsFirst(geometry, data);
  };
  const packing = engine.packing(direction, geometry, job);
  const packed = work.packed(filter, packing, () => engine.pack(direction, geometry, weight(), job));
  const epilogue = fusion?.epilogue() ?? NO_EPILOGUE;
  if (packed) packed.multiply(packing, work.floats(from), work.floats(to), epilogue, job.op);
  else engine[direction](geometry, work.floats(from), weight(), work.floats(to), epilogue, job);
}

/** Whether dy is the gradient of what the forward kernel gives. A larger one is left to tfjs's own kernel, which looks at a part of it and knows no dilation. */
function fits(op: string, { shape }: TensorInfo, { outShape, geometry }: TfProblem): boolean {
  if (shape.length === outShape.length && shape.every((size, axis) => size === outShape[axis])) return true;
  const larger = shape.length === outShape.length && shape.every((size, axis) => size >= (outShape[axis] as number));
  if (larger && geometry.dilation.every((dilation) => dilation === 1)) return false;
  throw new ShapeError(op, `dy is ${show(shape)}; the forward convolution gives ${show(outShape)}`);
}
