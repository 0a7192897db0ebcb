/**
 * Convolution to few channels along the width. Rows of all the group's channels lie in a line buffer with their padding. Eight outputs of up to four channels are
 * summed in registers, over a table of offsets into it.
 */

import { epilogueAt } from '../../base/epilogue';
import { Geometry } from '../../base/geometry';
import { bytes } from '../../base/runs';
import { fillLines, LineBuffer, layLines } from '../line-buffer';
import { sumRowTiles } from './nchw-tiles';
import { blockIn, lineBufferIn, offsetsIn, roomBehind, setChannels, setTable, usedBytes, weightsBytes, weightsIn } from './weights';

/** Vectors of a tile: what it reads beyond a row's last column is within the line buffer's pitch. */
const TILE_REACH: i32 = 4;

/** False, and nothing done, where a line buffer does not fit or rows of x are not contiguous. The workspace begins with the prepared epilogue. */
export function forwardNchw(g: Geometry, x: usize, w: usize, y: usize, bias: usize, workspace: usize): bool {
  const buffer = lineBufferIn(workspace);
  const block = blockIn(workspace);
  if (!layRows(g, buffer, weightsBytes(g), workspace)) return false;
  const rows = g.rows;
  const xGroup = g.xGroup;
  const yGroup = g.yGroup;
  const weights = weightsIn(workspace, rows);
  block.epilogue = epilogueAt(workspace);
  block.offsets = offsetsIn(workspace);
  block.end = block.offsets + bytes(rows);
  block.at = buffer.at;
  block.rowStep = buffer.row(0, g.strideHeight);
  block.outChannel = bytes(g.yChannel);
  block.outRow = bytes(g.yHeightStep);
  block.outColumn = bytes(g.yWidthStep);
  for (let group = 0; group < g.groups; group++) {
    setTable(g, w + bytes(group * g.wGroup), bias ? bias + bytes(group * yGroup) : 0, weights, 4);
    for (let n = 0; n < g.batch; n++) {
      const from = x + bytes(n * g.xBatch + group * xGroup * g.xChannel);
      const to = y + bytes(n * g.yBatch + group * yGroup * g.yChannel);
      for (let od = 0; od < g.yDepth; od++) {
        for (let oh = 0; oh < g.yHeight; oh += buffer.outRows) {
          block.rows = min(buffer.outRows, g.yHeight - oh);
          for (let ow = 0; ow < g.yWidth; ow += buffer.outColumns) {
            block.columns = min(buffer.outColumns, g.yWidth - ow);
            fillRows(g, buffer, from, od, oh, block.rows, ow);
            const out = to + bytes(od * g.yDepthStep + oh * g.yHeightStep + ow * g.yWidthStep);
            for (let o = 0; o < yGroup; o += 4) {
              setChannels(g, block, o, weights, out, 4);
              sumRowTiles(block);
            }
          }
        }
      }
    }
  }
  return true;
}

/**
 * Lays out a line buffer of all channels of a group behind the offsets and `behind` bytes, slices of depth one after the other. The offsets say where in it the rows of the
 * column matrix begin.
 */
export function layRows(g: Geometry, buffer: LineBuffer, behind: i64, workspace: usize): bool {
  if (g.xSpace != 1 || g.taps == 0) return false;
  const rows = g.rows;
  const window = (g.kernelHeight - 1) * g.dilationHeight + 1;
  const reach = ((g.kernelWidth - 1) * g.dilationWidth) / g.strideWidth + TILE_REACH;
  const used = usedBytes(rows) + behind;
  const slices = g.xGroup * g.kernelDepth;
  const at = workspace + <usize>used;
  if (!layLines(buffer, at, roomBehind(used), slices, g.yHeight, g.strideHeight, window, g.yWidth, g.strideWidth, reach)) return false;
  let offset = offsetsIn(workspace);
  for (let row = 0; row < rows; row++, offset += 4) {
    const channel = g.channelsLast ? row % g.xGroup : row / g.taps;
    const tap = g.channelsLast ? row / g.xGroup : row % g.taps;
    const column = (tap % g.kernelWidth) * g.dilationWidth;
    const height = (tap / g.kernelWidth) % g.kernelHeight;
    const depth = tap / (g.kernelWidth * g.kernelHeight);
    const line = (column % g.strideWidth) * buffer.pitch + column / g.strideWidth;
    store<usize>(offset, buffer.row(channel * g.kernelDepth + depth, height * g.dilationHeight) + bytes(line));
  }
  return true;
}

export function fillRows(g: Geometry, buffer: LineBuffer, x: usize, od: i32, oh: i32, rows: i32, ow: i32): void {
  const row = oh * g.strideHeight - g.padHeight;
  const column = ow * g.strideWidth - g.padWidth;
  const count = (rows - 1) * g.strideHeight + (g.kernelHeight - 1) * g.dilationHeight + 1;
  const depths = g.kernelDepth;
  for (let channel = 0; channel < g.xGroup; channel++, x += bytes(g.xChannel)) {
    for (let kd = 0; kd < depths; kd++) {
      const slice = od * g.strideDepth + kd * g.dilationDepth - g.padDepth;
      const from = <u32>slice < <u32>g.xDepth ? x + bytes(slice * g.xHeight * g.xWidth) : 0;
      fillLines(buffer, channel * depths + kd, from, g.xWidth, g.xHeight, g.xWidth, row, count, column);
    }
  }
}
