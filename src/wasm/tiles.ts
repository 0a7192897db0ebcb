/** Winograd's tiles along an axis, as assembly/winograd/axis.ts lays them: on lattices where the stride or the dilation is more than 1. */
import type { Axes } from '../geometry/index.js';
import type { View } from './conv-view.js';

export type TileSize = 2 | 4;

/** Outputs of a tile; how far apart they are; what an axis is counted by. */
export interface TileAxis {
  readonly size: number;
  readonly outputStep: number;
  /** Tiles of all lattices, blocks of taps, and points that are multiplied: those of all blocks, less where their filters are zero. */
  readonly tiles: number;
  readonly blocks: number;
  readonly points: number;
  /** Points of a tile. */
  readonly values: number;
}

export function tileAxis(
  { kernel, stride, dilation, ySize }: Pick<View, 'kernel' | 'stride' | 'dilation' | 'ySize'>,
  axis: 1 | 2,
  most: TileSize,
): TileAxis {
  const taps = kernel[axis];
  const size = sizeAlong(taps, most);
  const outputStep = latticesAlong(kernel, stride, dilation, axis);
  const tiles = outputStep * Math.ceil(Math.ceil(ySize[axis] / outputStep) / size);
  const blocks = tapBlocks(taps, stride[axis], dilation[axis]);
  return { size, outputStep, tiles, blocks, points: size > 1 ? taps + (size - 1) * blocks : 1, values: valuesOf(size) };
}

/** An axis with one tap is not transformed. */
const sizeAlong = (taps: number, size: TileSize): number => (taps === 1 ? 1 : size);
const valuesOf = (size: number): number => (size > 1 ? size + 2 : 1);

/** Most lattices of columns, which the line buffer has room for: assembly/winograd/workspace.ts. */
export const WINOGRAD_LATTICES = 16;

/** Lattices of outputs, each with tiles of its own. */
export function latticesAlong(kernel: Axes, stride: Axes, dilation: Axes, axis: 1 | 2): number {
  return kernel[axis] === 1 ? 1 : dilation[axis] / divisorOf(stride[axis], dilation[axis]);
}

/** Blocks of up to three taps, of each set of taps that meet the same lattice of x. */
function tapBlocks(taps: number, stride: number, dilation: number): number {
  const sets = Math.min(taps, stride / divisorOf(stride, dilation));
  let blocks = 0;
  for (let set = 0; set < sets; set++) blocks += Math.ceil(Math.ceil((taps - set) / sets) / 3);
  return blocks;
}

/** Of a weight: blocks of taps, and points of a tile. */
export function filtersOf(
  { kernel, stride, dilation }: Pick<View, 'kernel' | 'stride' | 'dilation'>,
  size: TileSize,
): { blocks: number; values: number } {
  const blocks = ([1, 2] as const).map((axis) => tapBlocks(kernel[axis], stride[axis], dilation[axis]));
  const values = ([1, 2] as const).map((axis) => valuesOf(sizeAlong(kernel[axis], size)));
  return { blocks: kernel[0] * (blocks[0] as number) * (blocks[1] as number), values: (values[0] as number) * (values[1] as number) };
}

function divisorOf(a: number, b: number): number {
  return b === 0 ? a : divisorOf(b, a % b);
}
