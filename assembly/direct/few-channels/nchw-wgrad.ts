/**
 * The inner loops of the gradient of the weight along rows: dw = y · columns(x)ᵀ with the columns read from a line buffer, never built. Products of vectors along the
 * width, four channels of y by two rows of the column matrix.
 */

import { Geometry } from '../../base/geometry';
import { firstLanes, loadFirst } from '../../base/lanes';
import { bytes, madd } from '../../base/runs';
import { Block } from './weights';

/** Adds to the sums of all channels their products with a block of y. */
export function dotRows(g: Geometry, block: Block, sums: usize, y: usize): void {
  for (let o = 0; o < g.yGroup; o += 4) {
    block.out = y + bytes(o * g.yChannel);
    block.channels = min(4, g.yGroup - o);
    block.weights = sums + ((<usize>(o * g.rows)) << 4);
    dotBlock(block);
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
