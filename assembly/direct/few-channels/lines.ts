/**
 * Few channels over line buffers, the blocks of an image one after the other: y = C x and the gradient of the weight, along rows in channels-first and along pixels in
 * channels-last.
 *
 * The gradient's order. An image is summed in blocks as the line buffer has them, along rows in four lanes (column modulo four) that are added at its end, along pixels
 * in raster order. Images are added in order.
 */

import { epilogueAt } from '../../base/epilogue';
import { Geometry } from '../../base/geometry';
import { bytes } from '../../base/runs';
import { fill, rowWindow } from '../window';
import { layRows } from './nchw';
import { sumRowTiles } from './nchw-tiles';
import { dotRows } from './nchw-wgrad';
import { fillPixels, layPixels } from './nhwc';
import { sumPixelRow } from './nhwc-tiles';
import { dotPixels, layOffsets, offsetsBytes, paddedRows } from './nhwc-wgrad';
import { blockIn, lineBufferIn, setChannels, setTable, weightsBytes, weightsIn } from './weights';

/** False, and nothing done, where a line buffer does not fit or the layout is another. The workspace begins with the prepared epilogue. */
export function forwardLines(g: Geometry, x: usize, w: usize, y: usize, bias: usize, workspace: usize, rowwise: bool): bool {
  return overLines(g, x, w, y, bias, workspace, rowwise, false);
}

/**
 * As forwardLines, also false where channels of y are no vectors, or rows not contiguous. A part of y's channels is summed in the blocks of all `packedChannels` of a group.
 */
export function wgradLines(g: Geometry, x: usize, y: usize, dw: usize, workspace: usize, rowwise: bool): bool {
  if (rowwise ? g.yWidthStep != 1 : (g.packedChannels & 3) != 0) return false;
  return overLines(g, x, dw, y, 0, workspace, rowwise, true);
}

function overLines(g: Geometry, x: usize, w: usize, y: usize, bias: usize, workspace: usize, rowwise: bool, gradient: bool): bool {
  const buffer = lineBufferIn(workspace);
  const block = blockIn(workspace);
  const behind = gradient ? sumsBytes(g, g.packedChannels, rowwise) + (rowwise ? 0 : offsetsBytes(g)) : weightsBytes(g);
  if (!(rowwise ? layRows(g, buffer, block, behind, workspace) : layPixels(g, buffer, block, behind, workspace))) return false;
  const yGroup = g.yGroup;
  // Weights, or sums on their way to one.
  let table = weightsIn(workspace, rowwise ? g.rows : g.taps);
  if (gradient && !rowwise) table = layOffsets(g, block, table);
  const window = rowWindow(g);
  const most = rowwise ? 4 : 8;
  block.epilogue = epilogueAt(workspace);
  block.rowStep = buffer.row(0, g.strideHeight);
  block.columnStep = bytes(g.strideWidth * g.xGroup);
  block.outChannel = bytes(g.yChannel);
  block.outRow = bytes(g.yHeightStep);
  block.outColumn = bytes(g.yWidthStep);
  for (let group = 0; group < g.groups; group++) {
    const weights = w + bytes(group * g.wGroup);
    if (!gradient) setTable(g, weights, bias ? bias + bytes(group * yGroup) : 0, table, most);
    for (let n = 0; n < g.batch; n++) {
      const from = x + bytes(n * g.xBatch + group * g.xGroup * g.xChannel);
      const to = y + bytes(n * g.yBatch + group * yGroup * g.yChannel);
      if (gradient) memory.fill(table, 0, <usize>sumsBytes(g, yGroup, rowwise));
      for (let od = 0; od < g.yDepth; od++) {
        for (let oh = 0; oh < g.yHeight; oh += buffer.outRows) {
          block.rows = min(buffer.outRows, g.yHeight - oh);
          for (let ow = 0; ow < g.yWidth; ow += buffer.outColumns) {
            block.columns = min(buffer.outColumns, g.yWidth - ow);
            const row = oh * g.strideHeight - g.padHeight;
            const column = ow * g.strideWidth - g.padWidth;
            const met = (block.rows - 1) * g.strideHeight + window;
            if (rowwise) fill(g, buffer, from, od, row, met, column);
            else fillPixels(g, buffer, from, od, row, met, column, block.columns);
            const out = to + bytes(od * g.yDepthStep + oh * g.yHeightStep + ow * g.yWidthStep);
            block.at = buffer.at;
            if (gradient) {
              if (rowwise) dotRows(g, block, table, out);
              else dotPixels(g, block, table, out);
              continue;
            }
            if (rowwise) {
              for (let o = 0; o < yGroup; o += 4) {
                setChannels(g, block, o, table, out, most);
                sumRowTiles(block);
              }
              continue;
            }
            for (let row = 0; row < block.rows; row++) {
              for (let o = 0; o < yGroup; ) {
                const width = setChannels(g, block, o, table, out + <usize>row * block.outRow, most);
                sumPixelRow(block, buffer.at + <usize>row * block.rowStep, width);
                o += width;
              }
            }
          }
        }
      }
      if (gradient) addSums(g, table, weights, n > 0, rowwise);
    }
  }
  return true;
}

/** Of the weights of channels of a group, in fours: along rows four lanes for each, [row][channel][lane], an odd row having a partner; along pixels [row][channel]. */
function sumsBytes(g: Geometry, channels: i32, rowwise: bool): i64 {
  const fours = (channels + 3) >> 2;
  return (rowwise ? <i64>(fours << 2) * g.rows + 4 : <i64>fours * paddedRows(g)) << 4;
}

function addSums(g: Geometry, sums: usize, dw: usize, accumulate: bool, rowwise: bool): void {
  const rows = g.rows;
  const four = rowwise ? rows << 6 : paddedRows(g) << 4;
  for (let row = 0; row < rows; row++) {
    let at = dw + bytes(g.wRowOffset(row));
    for (let o = 0; o < g.yGroup; o++, at += bytes(g.wY)) {
      const from = sums + <usize>((o >> 2) * four);
      const lanes = from + ((<usize>((row << 2) + (o & 3))) << 4);
      const sum: f32 = rowwise
        ? load<f32>(lanes) + load<f32>(lanes, 4) + (load<f32>(lanes, 8) + load<f32>(lanes, 12))
        : load<f32>(from + bytes((row << 2) + (o & 3)));
      store<f32>(at, accumulate ? load<f32>(at) + sum : sum);
    }
  }
}
