import { type Axes, type ConvGeometry, type ImageStrides, volume } from '../geometry/index.js';
import type { Layout } from '../types.js';

/**
 * Convolutions that are products of two matrices, on the same arrays: a 1×1 kernel that meets every position once, and one that covers the image, which has a single
 * position. So they are one product for the batch, not one for each image, and no column of them is copied: sixteen images of a pixel are sixteen rows, which read
 * the weight once (`npm run bench:few-rows`).
 */

const ONE: Axes = [1, 1, 1];

/** The same as a 1×1 kernel where it covers the image: taps are channels then, in the order in which the column matrix has both. */
export function flattened(g: ConvGeometry): ConvGeometry {
  const taps = volume(g.kernel);
  const covers = volume(g.ySize) === 1 && g.kernel.every((size, axis) => size === g.xSize[axis] && (size === 1 || g.dilation[axis] === 1));
  if (!covers || !isUnpadded(g)) return g;
  const once = { ...g, stride: ONE, dilation: ONE };
  if (taps === 1) return once;
  const last = g.layout === 'channels-last';
  if (last && g.groups > 1) return g; // The channels of a group lie apart.
  const xChannels = g.xChannels * taps;
  const x = { batch: xChannels, channel: 1, space: last ? xChannels : 1 };
  return { ...once, xChannels, xSize: ONE, kernel: ONE, x, w: { y: g.w.y, x: last ? g.w.x : g.w.tap, tap: 0 } };
}

/** Whether it is a product of two matrices for each image and group: its column matrix is x itself. */
export function isPointwise(g: ConvGeometry): boolean {
  const once = g.xSize.every((size, axis) => size === g.ySize[axis]) && g.stride.every((stride) => stride === 1);
  return once && volume(g.kernel) === 1 && isUnpadded(g);
}

/**
 * All images of a pointwise convolution as one, where the channels of a position lie together. A result of such positions is written as channels-last has it, a gradient of
 * the weight as its own layout has it.
 */
export function merged(g: ConvGeometry, layout: Layout): ConvGeometry {
  if (g.batch === 0 || (g.batch === 1 && layout === g.layout) || !isPointwise(g)) return g;
  const positions = volume(g.xSize);
  const [x, y] = [alongPositions(g.x, g.batch, positions), alongPositions(g.y, g.batch, positions)];
  if (!x || !y) return g;
  const size: Axes = [1, 1, g.batch * positions];
  return { ...g, batch: 1, xSize: size, ySize: size, layout, x, y };
}

/** The strides of a batch as one image, if one step leads from each position to the next. */
function alongPositions({ batch, channel, space }: ImageStrides, images: number, positions: number): ImageStrides | undefined {
  const step = positions === 1 ? batch : space;
  const even = images === 1 || batch === positions * step;
  return channel <= 1 && even ? { batch: images * positions * step, channel, space: step } : undefined;
}

const isUnpadded = ({ padBefore }: ConvGeometry): boolean => padBefore.every((pad) => pad === 0);
