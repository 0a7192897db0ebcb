/** The blocks of taps of a kernel (axis.ts has those of an axis): slice by slice of it, in each by rows. */
import { Geometry } from '../base/geometry';
import { Axis, blocksOf, layBlock, TapBlock } from './axis';

/** Of all slices. */
export function tapBlocks(g: Geometry): i32 {
  return g.kernelDepth * tapBlocksDown(g) * tapBlocksAcross(g);
}

function tapBlocksDown(g: Geometry): i32 {
  return blocksOf(g.kernelHeight, g.strideHeight, g.dilationHeight);
}

export function tapBlocksAcross(g: Geometry): i32 {
  return blocksOf(g.kernelWidth, g.strideWidth, g.dilationWidth);
}

/** The index-th block. Returns the slice that it is of. */
export function layTaps(g: Geometry, rows: Axis, columns: Axis, down: TapBlock, across: TapBlock, index: i32): i32 {
  const perRow = tapBlocksAcross(g);
  const row = index / perRow;
  const perSlice = tapBlocksDown(g);
  layBlock(down, rows, row % perSlice);
  layBlock(across, columns, index % perRow);
  return row / perSlice;
}
