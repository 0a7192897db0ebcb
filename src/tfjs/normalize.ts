import { NO_EPILOGUE } from '../engine.js';
import { type ConvGeometry, imageStrides, sizeOf } from '../geometry/index.js';
import { type Kernel, produce } from './kernel.js';
import type { TensorInfo } from './types.js';

/** tfjs's own default. */
const EPSILON = 0.001;

/** Elements below which the square roots of tfjs's own kernel take less than the 8 µs that making factors does. */
const SMALL = 2048;

/**
 * FusedBatchNorm: (x - mean) · scale / √(variance + ε) + offset is x · factor + shift for each channel, a depthwise convolution of one tap with a bias. tfjs's
 * wasm backend takes a square root and a division for every element.
 */
export const batchNorm: Kernel = (work) => {
  const { x, mean, variance, offset, scale } = work.inputs as Record<'x' | 'mean' | 'variance', TensorInfo> & {
    offset?: TensorInfo;
    scale?: TensorInfo;
  };
  const channels = x.shape.at(-1) ?? 1;
  const space = sizeOf(x.shape) / channels;
  const vectors = [mean, variance, offset, scale].every((each) => !each || (each.shape.length === 1 && each.shape[0] === channels));
  if (!vectors || channels < 2 || !Number.isInteger(space)) return null;
  if (work.home.inPlace && sizeOf(x.shape) < SMALL) return null;
  const epsilon = (work.attributes.varianceEpsilon as number | undefined | null) ?? EPSILON;
  return produce(work, [...x.shape], (engine, out) => {
    const [means, variances] = [work.floats(mean), work.floats(variance)];
    const factors = variances.map((value) => 1 / Math.sqrt(value + epsilon));
    if (scale) multiplyBy(factors, work.floats(scale));
    const shifts = factors.map((factor, i) => -factor * (means[i] as number));
    if (offset) addTo(shifts, work.floats(offset));
    const epilogue = { ...NO_EPILOGUE, bias: shifts };
    engine.fprop(perChannel(space, channels), work.floats(x), factors, work.floats(out), epilogue, { op: work.op, algorithm: 'direct' });
  });
};

function multiplyBy(values: Float32Array, by: Float32Array): void {
  for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) * (by[i] as number);
}

function addTo(values: Float32Array, add: Float32Array): void {
  for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) + (add[i] as number);
}

/** One tap over `space` positions of so many channels, the last axis. */
function perChannel(space: number, channels: number): ConvGeometry {
  const image = imageStrides('channels-last', channels, space);
  return {
    batch: 1,
    groups: channels,
    xChannels: channels,
    yChannels: channels,
    xSize: [1, 1, space],
    ySize: [1, 1, space],
    kernel: [1, 1, 1],
    stride: [1, 1, 1],
    dilation: [1, 1, 1],
    padBefore: [0, 0, 0],
    padAfter: [0, 0, 0],
    layout: 'channels-last',
    x: image,
    y: image,
    w: { y: 1, x: channels, tap: channels },
  };
}
