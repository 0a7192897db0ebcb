/**
 * Small calls, which are left to tfjs's own kernels. Such a call takes 0.3 to 3 µs, and reading its arguments here 1 µs. So its size is looked at first, which takes
 * 0.1 µs.
 */
import { sizeOf } from '../geometry/index.js';
import { isPlain } from './kernels/conv.js';
import type { BackendName, KernelCall, TensorInfo } from './types.js';

export type IsSmall = (call: KernelCall) => boolean;

/** Of nothing tfjs's sums are garbage. */
function isBelow(tensor: TensorInfo | undefined, least: number): boolean {
  const size = tensor ? sizeOf(tensor.shape) : 0;
  return size > 0 && size < least;
}

/** Fewer elements than `least`. */
const below =
  (least: number): IsSmall =>
  ({ inputs: { x } }) =>
    isBelow(x, least);

/** Two operands of one shape: where one is broadcast, tfjs takes 100 ns for each element. */
const pair: IsSmall = ({ inputs: { a, b, x = a, alpha = b } }) =>
  isBelow(x, FEW) && x?.shape.length === alpha?.shape.length && x?.shape.every((size, axis) => size === alpha?.shape[axis]) === true;
const FEW = 32;

/** Few elements, summed where they lie side by side; else tfjs moves them first. */
const row =
  (least: number): IsSmall =>
  ({ inputs: { x }, attrs }) => {
    const axis = attrs?.axis;
    const over = Array.isArray(axis) && axis.length === 1 ? axis[0] : axis;
    return isBelow(x, least) && (over === -1 || over === (x as TensorInfo).shape.length - 1);
  };

/**
 * A 2-D convolution of few positions and weights, neither strided nor dilated nor of anything that tfjs's wasm backend is wrong
 * for. It packs a new filter, as each step of training has, far more slowly: of 128 by 64 channels on one pixel it takes 8 times
 * as long, though 0.6 with a filter that was there before.
 */
const convolution =
  (depthwise: boolean, products: number): IsSmall =>
  ({ inputs, attrs = {} }) => {
    const [x, filter] = [inputs.x as TensorInfo, inputs.filter as TensorInfo];
    const [n, height, width, channels] = x.shape as [number, number, number, number];
    const [down, across, inner, outer] = filter.shape as [number, number, number, number];
    const positions = n * height * width;
    const size = sizeOf(filter.shape);
    const some = positions * size > 0 && positions * size <= products;
    const channelsOut = depthwise ? inner * outer : outer;
    const most = down * across === 1 && channelsOut >= 4 ? FEW_PIXELS : FEW_POSITIONS;
    const few = positions <= most && size <= FEW_WEIGHTS && some;
    const fits = x.shape.length === 4 && inner === channels && down <= height && across <= width;
    const { strides, dilations, pad, dimRoundingMode, dataFormat } = attrs;
    if (!few || !fits || !areOne(strides) || !areOne(dilations) || dimRoundingMode || dataFormat === 'NCHW') return false;
    return (pad === 'same' || pad === 'valid') && isPlain(inputs, attrs, channelsOut);
  };
const FEW_POSITIONS = 64;
/** Of one tap, to four channels and more: 0.35 to 0.85 of the time. */
const FEW_PIXELS = 256;
const FEW_WEIGHTS = 1024;
const areOne = (value: unknown): boolean => Array.isArray(value) && value[0] === 1 && value[1] === 1;

const product = convolution(false, 2 ** 16);
const depthwise = convolution(true, 2 ** 13);

/** Each where it took 0.2 to 1 times as long below on Node 20 and 26 (AMD Zen 5, kernel by kernel in turn with its own), and beyond not. Relu does so up to the caches. */
const ON_WASM: Readonly<Record<string, IsSmall>> = {
  Conv2D: product,
  DepthwiseConv2dNative: depthwise,
  FusedBatchNorm: below(384),
  FusedConv2D: product,
  FusedDepthwiseConv2D: depthwise,
  LeakyRelu: below(1536),
  Relu: below(2 ** 22),
  Sum: row(768),
};

const ON_CPU: Readonly<Record<string, IsSmall>> = {
  Add: pair,
  ClipByValue: below(192),
  FusedBatchNorm: below(384),
  LeakyRelu: below(1024),
  Multiply: pair,
  Prelu: pair,
  RealDiv: pair,
  Relu: below(1024),
  Relu6: below(128),
  SquaredDifference: pair,
  Step: below(64),
  Sub: pair,
  Sum: row(1280),
};

export const smallOf = (backend: BackendName): Readonly<Record<string, IsSmall>> => (backend === 'wasm' ? ON_WASM : ON_CPU);
