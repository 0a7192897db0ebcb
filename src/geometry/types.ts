import type { Layout } from '../types.js';
import type { Border } from './border.js';

/** Depth, height, width. A 2-D convolution has depth 1, a 1-D one also height 1. */
export type Axes = readonly [number, number, number];

/**
 * The geometry of a convolution matrix C: y = C x. x is the side that is padded and read through the kernel window (a conv's
 * input, a transposed conv's output), y the other one. Position o of y and tap t of the kernel meet position o·stride + t·dilation - padBefore
 * of x; where that is outside x there is a zero. Strides are in elements.
 */
export interface ConvGeometry {
  readonly batch: number;
  readonly groups: number;
  /** All channels of each side; both are multiples of `groups`. */
  readonly xChannels: number;
  readonly yChannels: number;
  readonly xSize: Axes;
  readonly ySize: Axes;
  readonly kernel: Axes;
  readonly stride: Axes;
  readonly dilation: Axes;
  /** A negative one is a crop. `padAfter` is implied by the sizes and kept for those who reason about the geometry. */
  readonly padBefore: Axes;
  readonly padAfter: Axes;
  readonly layout: Layout;
  /** Step to the next image, channel, and spatial position in raster order. */
  readonly x: ImageStrides;
  readonly y: ImageStrides;
  /** Step to the next y channel, the next x channel within the group, and the next tap in raster order. */
  readonly w: WeightStrides;
  /** Where values of x continue it: x is then the continued image, which is padded no further, and its array the image that the border begins with. */
  readonly border?: Border;
}

export interface ImageStrides {
  readonly batch: number;
  readonly channel: number;
  readonly space: number;
}

export interface WeightStrides {
  readonly y: number;
  readonly x: number;
  readonly tap: number;
}

/** A validated call of a conv or transposed conv. */
export interface ConvProblem {
  readonly geometry: ConvGeometry;
  readonly inputShape: readonly number[];
  readonly weightShape: readonly number[];
  readonly outputShape: readonly number[];
  readonly outputChannels: number;
}

export const volume = (axes: Axes): number => axes[0] * axes[1] * axes[2];
export const xLength = (g: ConvGeometry): number => g.batch * g.xChannels * volume(g.xSize);
export const yLength = (g: ConvGeometry): number => g.batch * g.yChannels * volume(g.ySize);
export const wLength = (g: ConvGeometry): number => g.yChannels * (g.xChannels / g.groups) * volume(g.kernel);

/** Fills the missing leading axes of a 1-D or 2-D shape. */
export function toAxes(values: readonly number[], fill: number): Axes {
  const [width = fill, height = fill, depth = fill] = [...values].reverse();
  return [depth, height, width];
}

/** Strides of an image with `channels` of `space` positions each. */
export const imageStrides = (layout: Layout, channels: number, space: number): ImageStrides =>
  layout === 'channels-first'
    ? { batch: channels * space, channel: space, space: 1 }
    : { batch: channels * space, channel: 1, space: channels };
