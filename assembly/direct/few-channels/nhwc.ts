/**
 * Few channels in channels-last: vectors of channels of y, neighbouring positions at once, x broadcast (nhwc-tiles.ts).
 *
 * The group's channels of x lie in a line buffer with their padding. A row of the kernel that is not dilated meets one run of floats there.
 *
 *   slice 0 row 0 │ 0 0 0 0 | x00 x01 x02 x03 | x10 x11 x12 x13 | ...     a group of four channels, one column of padding
 */

import { Geometry } from '../../base/geometry';
import { bytes, copyRun, zeroRun } from '../../base/runs';
import { LineBuffer, layLines } from '../line-buffer';
import { columnWindow, rowWindow } from '../window';
import { Block, offsetsIn, roomBehind, usedBytes } from './weights';

/** Positions that a line buffer has more than a row: what the largest tile may meet. */
const TILE: i32 = 8;

/** False where it does not fit or this is not the layout. Behind the offsets and `behind` bytes a line buffer; the block gets runs and their offsets. */
export function layPixels(g: Geometry, buffer: LineBuffer, block: Block, behind: i64, workspace: usize): bool {
  if (!g.channelsLast || g.xChannel != 1 || g.yChannel != 1 || g.taps == 0) return false;
  const reach = (columnWindow(g) - 1) / g.strideWidth + 1 + TILE;
  const used = usedBytes(g.taps) + behind;
  const room = roomBehind(used);
  if (room < 0 || <i64>g.strideWidth * g.xGroup > room) return false;
  const at = workspace + <usize>used;
  const width = g.strideWidth * g.xGroup;
  if (!layLines(buffer, at, room, g.kernelDepth, g.yHeight, g.strideHeight, rowWindow(g), g.yWidth, width, reach)) return false;
  const dense = g.dilationWidth == 1 || g.kernelWidth == 1;
  const runs = dense ? 1 : g.kernelWidth;
  block.run = dense ? g.kernelWidth * g.xGroup : g.xGroup;
  block.offsets = offsetsIn(workspace);
  let offset = block.offsets;
  for (let kd = 0; kd < g.kernelDepth; kd++) {
    for (let kh = 0; kh < g.kernelHeight; kh++) {
      for (let run = 0; run < runs; run++, offset += 4) {
        store<usize>(offset, buffer.row(kd, kh * g.dilationHeight) + bytes(run * g.dilationWidth * g.xGroup));
      }
    }
  }
  block.end = offset;
  return true;
}

/** Rows [first, first + rows) from column `start` on, what so many outputs of a row meet. */
export function fillPixels(g: Geometry, buffer: LineBuffer, x: usize, od: i32, first: i32, rows: i32, start: i32, count: i32): void {
  // Outputs past the row's last are summed but not stored.
  const outputs = (count + TILE - 1) & -TILE;
  const columns = (outputs - 1) * g.strideWidth + (g.kernelWidth - 1) * g.dilationWidth + 1;
  // => x has columns [start + begin, start + end)
  const begin = start < 0 ? min(columns, -start) : 0;
  const end = start < g.xWidth ? max(begin, min(columns, g.xWidth - start)) : begin;
  const channels = g.xGroup;
  for (let kd = 0; kd < g.kernelDepth; kd++) {
    const slice = od * g.strideDepth + kd * g.dilationDepth - g.padDepth;
    for (let r = 0; r < rows; r++) {
      const row = first + r;
      const to = buffer.at + buffer.row(kd, r);
      if (<u32>slice >= <u32>g.xDepth || <u32>row >= <u32>g.xHeight) {
        zeroRun(to, columns * channels);
        continue;
      }
      zeroRun(to, begin * channels);
      zeroRun(to + bytes(end * channels), (columns - end) * channels);
      const from = x + bytes(((slice * g.xHeight + row) * g.xWidth + start + begin) * g.xSpace);
      copyPixels(to + bytes(begin * channels), from, end - begin, channels, bytes(g.xSpace));
    }
  }
}

function copyPixels(to: usize, from: usize, count: i32, channels: i32, step: usize): void {
  if (step == bytes(channels)) copyRun(to, from, count * channels);
  else if (channels == 4) for (; count > 0; count--, to += 16, from += step) v128.store(to, v128.load(from));
  else for (; count > 0; count--, to += bytes(channels), from += step) copyRun(to, from, channels);
}
