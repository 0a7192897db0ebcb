/**
 * Few channels along the width: rows of all the group's channels lie in a line buffer with their padding. Eight outputs of up to four channels are summed in registers
 * (nchw-tiles.ts), over a table of offsets into it.
 */

import { Geometry } from '../../base/geometry';
import { bytes } from '../../base/runs';
import { LineBuffer, layLines } from '../line-buffer';
import { columnWindow, rowWindow } from '../window';
import { Block, offsetsIn, roomBehind, usedBytes } from './weights';

/** Vectors of a tile: what it reads beyond a row's last column is within the line buffer's pitch. */
const TILE_REACH: i32 = 4;

/**
 * Lays out a line buffer of all channels of a group behind the offsets and `behind` bytes, slices of depth one after the other. The offsets say where in it the rows of the
 * column matrix begin.
 */
export function layRows(g: Geometry, buffer: LineBuffer, block: Block, behind: i64, workspace: usize): bool {
  if (g.xSpace != 1 || g.taps == 0) return false;
  const rows = g.rows;
  const reach = (columnWindow(g) - 1) / g.strideWidth + TILE_REACH;
  const used = usedBytes(rows) + behind;
  const slices = g.xGroup * g.kernelDepth;
  const at = workspace + <usize>used;
  if (!layLines(buffer, at, roomBehind(used), slices, g.yHeight, g.strideHeight, rowWindow(g), g.yWidth, g.strideWidth, reach))
    return false;
  block.offsets = offsetsIn(workspace);
  let offset = block.offsets;
  for (let row = 0; row < rows; row++, offset += 4) {
    const channel = g.channelsLast ? row % g.xGroup : row / g.taps;
    const tap = g.channelsLast ? row / g.xGroup : row % g.taps;
    const column = (tap % g.kernelWidth) * g.dilationWidth;
    const height = (tap / g.kernelWidth) % g.kernelHeight;
    const depth = tap / (g.kernelWidth * g.kernelHeight);
    const line = (column % g.strideWidth) * buffer.pitch + column / g.strideWidth;
    store<usize>(offset, buffer.row(channel * g.kernelDepth + depth, height * g.dilationHeight) + bytes(line));
  }
  block.end = offset;
  return true;
}
