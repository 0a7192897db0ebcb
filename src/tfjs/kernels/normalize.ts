import { sizeOf } from '../../geometry/index.js';
import { type Kernel, produce } from '../call.js';
import type { TensorInfo } from '../types.js';

/** tfjs's own default. */
const EPSILON = 0.001;

/**
 * FusedBatchNorm: (x - mean) · scale / √(variance + ε) + offset is x · factor + shift for each channel. tfjs's backends take a square root and a division
 * for every element.
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
  const epsilon = (work.attributes.varianceEpsilon as number | undefined | null) ?? EPSILON;
  return produce(work, [...x.shape], (engine, out) => {
    const [means, variances] = [work.floats(mean), work.floats(variance)];
    const factors = variances.map((value) => 1 / Math.sqrt(value + epsilon));
    if (scale) multiplyBy(factors, work.floats(scale));
    const shifts = factors.map((factor, i) => -factor * (means[i] as number));
    if (offset) addTo(shifts, work.floats(offset));
    const axes = { words: [1, 1, space, channels, 0, 0, channels, 1, 0, 0, 0, 1], from: 0, to: 0, at: 0 };
    engine.elementwise('affine', axes, work.floats(x), factors, shifts, work.floats(out));
  });
};

function multiplyBy(values: Float32Array, by: Float32Array): void {
  for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) * (by[i] as number);
}

function addTo(values: Float32Array, add: Float32Array): void {
  for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) + (add[i] as number);
}
