/**
 * The gradient of the weight for channels-last: a vector of four channels of y by eight rows of the column matrix, x broadcast from the line buffer of
 * nhwc. An image is summed in raster order of y from zero in blocks as the line buffer has them; images are added in order.
 */

import { Geometry } from '../../base/geometry';
import { bytes, madd, zeroRun } from '../../base/runs';
import { fillPixels, layPixels } from './nhwc';
import { Block, blockIn, lineBufferIn, offsetsIn } from './weights';

/** False, and nothing done, where this is not the layout, channels of y are no vectors, or the line buffer does not fit. */
export function wgradPixels(g: Geometry, x: usize, y: usize, dw: usize, workspace: usize): bool {
  const rows = g.rows;
  const yGroup = g.yGroup;
  if ((yGroup & 3) != 0 || !layPixels(g, lineBufferIn(workspace), blockIn(workspace), sumsBytes(g), workspace)) return false;
  const buffer = lineBufferIn(workspace);
  const block = blockIn(workspace);
  // Where each row of the column matrix meets the line buffer, then the sums.
  const offsets = offsetsIn(workspace) + (bytes(g.taps + 3) & -16);
  const sums = offsets + (bytes(rows + 11) & -16);
  setOffsets(block, rows, offsets);
  block.offsets = offsets;
  block.end = offsets + bytes(rows);
  block.at = buffer.at;
  block.rowStep = buffer.row(0, g.strideHeight);
  block.columnStep = bytes(g.strideWidth * g.xGroup);
  block.outRow = bytes(g.yHeightStep);
  block.outColumn = bytes(g.yWidthStep);
  for (let group = 0; group < g.groups; group++) {
    for (let n = 0; n < g.batch; n++) {
      const from = x + bytes(n * g.xBatch + group * g.xGroup);
      const yg = y + bytes(n * g.yBatch + group * yGroup);
      zeroRun(sums, (yGroup >> 2) * ((rows + 7) & -8) * 4);
      for (let od = 0; od < g.yDepth; od++) {
        for (let oh = 0; oh < g.yHeight; oh += buffer.outRows) {
          block.rows = min(buffer.outRows, g.yHeight - oh);
          for (let ow = 0; ow < g.yWidth; ow += buffer.outColumns) {
            block.columns = min(buffer.outColumns, g.yWidth - ow);
            fillPixels(g, buffer, from, od, oh, ow, block);
            const at = yg + bytes(od * g.yDepthStep + oh * g.yHeightStep + ow * g.yWidthStep);
            for (let o = 0; o < yGroup; o += 4) {
              block.out = at + bytes(o);
              block.weights = sums + ((<usize>((o >> 2) * ((rows + 7) & -8))) << 4);
              for (let row = 0; row < rows; row += 8) dotEight(block, offsets + bytes(row), block.weights + ((<usize>row) << 4));
            }
          }
        }
      }
      addSums(g, sums, dw + bytes(group * g.wGroup), n > 0);
    }
  }
  return true;
}

/** Of the offsets of all rows, padded to eights, and their sums. */
function sumsBytes(g: Geometry): i64 {
  return (((<i64>g.rows + 11) * 4) & -16) + ((<i64>(g.yGroup >> 2) * ((<i64>g.rows + 7) & -8)) << 4);
}

/** From runs of rows to rows; those past the last meet what the last one meets. */
function setOffsets(block: Block, rows: i32, offsets: usize): void {
  let run = block.offsets;
  for (let row = 0, k = 0; row < rows; row++) {
    store<usize>(offsets + bytes(row), load<usize>(run) + bytes(k));
    if (++k == block.run) {
      k = 0;
      run += 4;
    }
  }
  const last = load<usize>(offsets + bytes(rows - 1));
  for (let row = rows; row < ((rows + 7) & -8); row++) store<usize>(offsets + bytes(row), last);
}

function addSums(g: Geometry, sums: usize, dw: usize, accumulate: bool): void {
  const rows = g.rows;
  for (let row = 0; row < rows; row++) {
    let at = dw + bytes(g.wRowOffset(row));
    for (let o = 0; o < g.yGroup; o++, at += bytes(g.wY)) {
      const sum = load<f32>(sums + ((<usize>((o >> 2) * ((rows + 7) & -8) + row)) << 4) + bytes(o & 3));
      store<f32>(at, accumulate ? load<f32>(at) + sum : sum);
    }
  }
}

function dotEight(block: Block, offsets: usize, sums: usize): void {
  let s0 = v128.load(sums);
  let s1 = v128.load(sums, 16);
  let s2 = v128.load(sums, 32);
  let s3 = v128.load(sums, 48);
  let s4 = v128.load(sums, 64);
  let s5 = v128.load(sums, 80);
  let s6 = v128.load(sums, 96);
  let s7 = v128.load(sums, 112);
  const o0 = load<usize>(offsets);
  const o1 = load<usize>(offsets, 4);
  const o2 = load<usize>(offsets, 8);
  const o3 = load<usize>(offsets, 12);
  const o4 = load<usize>(offsets, 16);
  const o5 = load<usize>(offsets, 20);
  const o6 = load<usize>(offsets, 24);
  const o7 = load<usize>(offsets, 28);
  const step = block.columnStep;
  const outStep = block.outColumn;
  let row = block.at;
  let y = block.out;
  for (let rows = block.rows; rows > 0; rows--, row += block.rowStep, y += block.outRow) {
    let at = row;
    let from = y;
    for (let count = block.columns; count > 0; count--, at += step, from += outStep) {
      const v = v128.load(from);
      s0 = madd(v128.load32_splat(at + o0), v, s0);
      s1 = madd(v128.load32_splat(at + o1), v, s1);
      s2 = madd(v128.load32_splat(at + o2), v, s2);
      s3 = madd(v128.load32_splat(at + o3), v, s3);
      s4 = madd(v128.load32_splat(at + o4), v, s4);
      s5 = madd(v128.load32_splat(at + o5), v, s5);
      s6 = madd(v128.load32_splat(at + o6), v, s6);
      s7 = madd(v128.load32_splat(at + o7), v, s7);
    }
  }
  v128.store(sums, s0);
  v128.store(sums, s1, 16);
  v128.store(sums, s2, 32);
  v128.store(sums, s3, 48);
  v128.store(sums, s4, 64);
  v128.store(sums, s5, 80);
  v128.store(sums, s6, 96);
  v128.store(sums, s7, 112);
}
