/**
 * The inner loops of the gradient of the weight along pixels: a vector of four channels of y by eight rows of the column matrix, x broadcast from the line buffer of
 * nhwc.
 */

import { Geometry } from '../../base/geometry';
import { bytes, madd } from '../../base/runs';
import { Block } from './weights';

/** Rows of the column matrix, in eights. */
export function paddedRows(g: Geometry): i32 {
  return (g.rows + 7) & -8;
}

/** Bytes of where each of them meets the line buffer. */
export function offsetsBytes(g: Geometry): i64 {
  return ((<i64>g.rows + 11) << 2) & -16;
}

/** From runs of rows to rows; those past the last meet what the last one meets. Returns where the sums begin. */
export function layOffsets(g: Geometry, block: Block, offsets: usize): usize {
  const rows = g.rows;
  let run = block.offsets;
  for (let row = 0, k = 0; row < rows; row++) {
    store<usize>(offsets + bytes(row), load<usize>(run) + bytes(k));
    if (++k == block.run) {
      k = 0;
      run += 4;
    }
  }
  const last = load<usize>(offsets + bytes(rows - 1));
  for (let row = rows; row < paddedRows(g); row++) store<usize>(offsets + bytes(row), last);
  block.offsets = offsets;
  return offsets + <usize>offsetsBytes(g);
}

/** Adds to the sums of all channels their products with a block of y. */
export function dotPixels(g: Geometry, block: Block, sums: usize, y: usize): void {
  for (let o = 0; o < g.yGroup; o += 4, y += 16) {
    block.out = y;
    for (let row = 0; row < g.rows; row += 8, sums += 128) dotEight(block, block.offsets + bytes(row), sums);
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
