/**
 * The gradient of the weight for few channels of y in a group: dw = y · columns(x)ᵀ with the columns read from a line buffer, never built.
 *
 * Channels-first: products of vectors along the width, four channels of y by two rows of the column matrix.
 *
 * Order of the sum: an image is summed in four lanes (column modulo four), through blocks of columns and rows as the line buffer has them. The lanes are added at
 * the end of the image, and images are added in order.
 */

import { Geometry } from '../../base/geometry';
import { firstLanes, loadFirst } from '../../base/lanes';
import { bytes, madd, zeroRun } from '../../base/runs';
import { fillRows, layRows } from './nchw';
import { Block, blockIn, lineBufferIn, offsetsIn } from './weights';

/** False, and nothing done, where line buffer and sums do not fit or rows are not contiguous. */
export function wgradRows(g: Geometry, x: usize, y: usize, dw: usize, workspace: usize): bool {
  const rows = g.rows;
  const yGroup = g.yGroup;
  if (g.yWidthStep != 1 || !layRows(g, lineBufferIn(workspace), sumsBytes(g), workspace)) return false;
  const buffer = lineBufferIn(workspace);
  const block = blockIn(workspace);
  const sums = sumsIn(g, workspace);
  block.offsets = offsetsIn(workspace);
  block.end = block.offsets + bytes(rows);
  block.at = buffer.at;
  block.rowStep = buffer.row(0, g.strideHeight);
  block.outChannel = bytes(g.yChannel);
  block.outRow = bytes(g.yHeightStep);
  for (let group = 0; group < g.groups; group++) {
    for (let n = 0; n < g.batch; n++) {
      const from = x + bytes(n * g.xBatch + group * g.xGroup * g.xChannel);
      const yg = y + bytes(n * g.yBatch + group * yGroup * g.yChannel);
      zeroRun(sums, <i32>(sumsBytes(g) >> 2));
      for (let od = 0; od < g.yDepth; od++) {
        for (let oh = 0; oh < g.yHeight; oh += buffer.outRows) {
          block.rows = min(buffer.outRows, g.yHeight - oh);
          for (let ow = 0; ow < g.yWidth; ow += buffer.outColumns) {
            block.columns = min(buffer.outColumns, g.yWidth - ow);
            fillRows(g, buffer, from, od, oh, block.rows, ow);
            const at = yg + bytes(od * g.yDepthStep + oh * g.yHeightStep + ow);
            for (let o = 0; o < yGroup; o += 4) {
              block.out = at + bytes(o * g.yChannel);
              block.channels = min(4, yGroup - o);
              block.weights = sums + ((<usize>(o * rows)) << 4);
              dotBlock(block);
            }
          }
        }
      }
      addSums(g, sums, dw + bytes(group * g.wGroup), n > 0);
    }
  }
  return true;
}

/** Four lanes for each of the group's weights: [channels of y in fours][row][4], an odd row having a partner. */
function sumsBytes(g: Geometry): i64 {
  return (<i64>((g.yGroup + 3) & -4) * g.rows + 4) << 4;
}

function sumsIn(g: Geometry, workspace: usize): usize {
  return offsetsIn(workspace) + (bytes(g.rows + 3) & -16);
}

function addSums(g: Geometry, sums: usize, dw: usize, accumulate: bool): void {
  const rows = g.rows;
  for (let row = 0; row < rows; row++) {
    let at = dw + bytes(g.wRowOffset(row));
    for (let o = 0; o < g.yGroup; o++, at += bytes(g.wY)) {
      const from = sums + ((<usize>((o & -4) * rows + row * 4 + (o & 3))) << 4);
      const sum = load<f32>(from) + load<f32>(from, 4) + (load<f32>(from, 8) + load<f32>(from, 12));
      store<f32>(at, accumulate ? load<f32>(at) + sum : sum);
    }
  }
}

/** Two rows of the column matrix at a time; the last has itself for a partner, whose sums go behind those of all. */
function dotBlock(block: Block): void {
  let sums = block.weights;
  for (let offset = block.offsets; offset < block.end; offset += 8, sums += 128) {
    const odd = offset + 4 >= block.end;
    dotTwo(block, block.at + load<usize>(offset), block.at + load<usize>(odd ? offset : offset + 4), sums, odd);
  }
}

/** Channels of y past the last one are the last again. Lanes past a row's end are masked in both factors. */
function dotTwo(block: Block, p0: usize, p1: usize, sums: usize, odd: bool): void {
  const next = block.outChannel;
  const last = block.channels - 1;
  const o1 = <usize>min(1, last) * next;
  const o2 = <usize>min(2, last) * next;
  const o3 = <usize>min(3, last) * next;
  let a0 = v128.load(sums);
  let a1 = v128.load(sums, 16);
  let a2 = v128.load(sums, 32);
  let a3 = v128.load(sums, 48);
  const other = odd ? sums : sums + 64;
  let b0 = v128.load(other);
  let b1 = v128.load(other, 16);
  let b2 = v128.load(other, 32);
  let b3 = v128.load(other, 48);
  const whole = (<usize>(block.columns >> 2)) << 4;
  const rest = block.columns & 3;
  const mask = firstLanes(rest);
  let y = block.out;
  for (let rows = block.rows; rows > 0; rows--) {
    let q = y;
    let i: usize = 0;
    for (; i < whole; i += 16, q += 16) {
      const x0 = v128.load(p0 + i);
      const x1 = v128.load(p1 + i);
      let v = v128.load(q);
      a0 = madd(x0, v, a0);
      b0 = madd(x1, v, b0);
      v = v128.load(q + o1);
      a1 = madd(x0, v, a1);
      b1 = madd(x1, v, b1);
      v = v128.load(q + o2);
      a2 = madd(x0, v, a2);
      b2 = madd(x1, v, b2);
      v = v128.load(q + o3);
      a3 = madd(x0, v, a3);
      b3 = madd(x1, v, b3);
    }
    if (rest) {
      const x0 = v128.and(v128.load(p0 + i), mask);
      const x1 = v128.and(v128.load(p1 + i), mask);
      let v = loadFirst(q, rest);
      a0 = madd(x0, v, a0);
      b0 = madd(x1, v, b0);
      v = loadFirst(q + o1, rest);
      a1 = madd(x0, v, a1);
      b1 = madd(x1, v, b1);
      v = loadFirst(q + o2, rest);
      a2 = madd(x0, v, a2);
      b2 = madd(x1, v, b2);
      v = loadFirst(q + o3, rest);
      a3 = madd(x0, v, a3);
      b3 = madd(x1, v, b3);
    }
    p0 += block.rowStep;
    p1 += block.rowStep;
    y += block.outRow;
  }
  v128.store(sums, a0);
  v128.store(sums, a1, 16);
  v128.store(sums, a2, 32);
  v128.store(sums, a3, 48);
  if (odd) return;
  v128.store(sums, b0, 64);
  v128.store(sums, b1, 80);
  v128.store(sums, b2, 96);
  v128.store(sums, b3, 112);
}
