/**
 * Bytes of packed weights, which the kernels lay out and find their way in with i32. Computed here in doubles, so that a size past what wasm addresses does not wrap but is
 * refused before anything is allocated. Everything else that kernels compute lies within an array, or within their workspace: what MAX_ELEMENTS and
 * MAX_COORDINATE bound.
 */
import { volume } from '../geometry/index.js';
import type { View } from './conv-view.js';
import { filtersOf, type TileSize } from './tiles.js';

/** assembly/conv/implicit-gemm.ts: whole tiles of a group's channels of y, MR of them in channels-first, NR in channels-last, by the rows of its column matrix. */
export function packedWeightBytes({ groups, xChannels, packed, kernel, channelsLast }: View, mr: number, nr: number): number {
  const rows = (xChannels / groups) * volume(kernel);
  return groups * whole(packed.channels, channelsLast ? nr : mr) * rows * 4;
}

/** assembly/winograd/filters.ts: of each group the points of a tile, 64 bytes apart; in each for every block of taps whole tiles of y's channels by x's. */
export function winogradPackedBytes(view: View, size: TileSize, mr: number): number {
  const { groups, xChannels, packed } = view;
  const { blocks, values } = filtersOf(view, size);
  return groups * values * (blocks * whole(packed.channels, mr) * (xChannels / groups) * 4 + 64);
}

const whole = (count: number, tile: number): number => Math.ceil(count / tile) * tile;
