/**
 * The register tiles of a product of few rows: 1, 2, 3, 4 or (fused) 6 rows of A by micropanels of 8 columns of B. A is packed as [k][row]; B is packed, or lies in
 * rows. Sums are [panel][row][8] and go on from what they are, so that a block of k may come in parts.
 *
 *            b0 (4 columns)  b1 (4 columns)        k of a panel to the next: bStep bytes; a panel to the next: bNext
 *   a0 ×     c00             c01
 *   a1 ×     c10             c11
 */

import { MR } from '../base/config';
import { Four, One, Six, Three, Two } from '../base/counts';
import { Element } from '../base/element';
import { bytes, madd } from '../base/runs';

/** Adds a · b over `depth` to the sums of `panels` panels, `next` bytes from one to the next. */
export function multiplyTile(
  rows: i32,
  depth: i32,
  panels: i32,
  a: usize,
  b: usize,
  bStep: usize,
  bNext: usize,
  sums: usize,
  next: usize,
): void {
  if (rows == 1) {
    for (; panels >= 4; panels -= 4, b += 4 * bNext, sums += 4 * next) fourPanels(depth, a, b, bStep, bNext, sums, next);
    tile<One>(depth, panels, a, b, bStep, bNext, sums, next);
  } else if (rows == 2) tile<Two>(depth, panels, a, b, bStep, bNext, sums, next);
  else if (rows == 3) tile<Three>(depth, panels, a, b, bStep, bNext, sums, next);
  else if (rows == 4) tile<Four>(depth, panels, a, b, bStep, bNext, sums, next);
  else if (MR == 6) tile<Six>(depth, panels, a, b, bStep, bNext, sums, next);
}

/**
 * One row by four panels: eight sums hide the latency of an addition.
 *
 * It has two callers, so that asc does not inline it: V8 11 would unroll the loop within a loop and keep sums in memory, which takes twice as long.
 */
export function fourPanels(depth: i32, a: usize, b: usize, bStep: usize, bNext: usize, sums: usize, next: usize): void {
  let at = sums;
  let c00 = v128.load(at);
  let c01 = v128.load(at, 16);
  at += next;
  let c10 = v128.load(at);
  let c11 = v128.load(at, 16);
  at += next;
  let c20 = v128.load(at);
  let c21 = v128.load(at, 16);
  at += next;
  let c30 = v128.load(at);
  let c31 = v128.load(at, 16);
  let p1 = b + bNext;
  let p2 = p1 + bNext;
  let p3 = p2 + bNext;
  for (const end = a + bytes(depth); a < end; a += sizeof<Element>(), b += bStep, p1 += bStep, p2 += bStep, p3 += bStep) {
    const value = v128.load_splat<Element>(a);
    c00 = madd(value, v128.load(b), c00);
    c01 = madd(value, v128.load(b, 16), c01);
    c10 = madd(value, v128.load(p1), c10);
    c11 = madd(value, v128.load(p1, 16), c11);
    c20 = madd(value, v128.load(p2), c20);
    c21 = madd(value, v128.load(p2, 16), c21);
    c30 = madd(value, v128.load(p3), c30);
    c31 = madd(value, v128.load(p3, 16), c31);
  }
  v128.store(sums, c00);
  v128.store(sums, c01, 16);
  sums += next;
  v128.store(sums, c10);
  v128.store(sums, c11, 16);
  sums += next;
  v128.store(sums, c20);
  v128.store(sums, c21, 16);
  sums += next;
  v128.store(sums, c30);
  v128.store(sums, c31, 16);
}

/** Rows of A by panels of B, one after the other. */
function tile<Rows>(depth: i32, panels: i32, a: usize, b: usize, bStep: usize, bNext: usize, sums: usize, next: usize): void {
  const rows = offsetof<Rows>();
  const end = a + bytes(depth) * rows;
  for (; panels > 0; panels--, b += bNext, sums += next) {
    let c00 = v128.load(sums);
    let c01 = v128.load(sums, 16);
    let c10 = rows > 1 ? v128.load(sums, 32) : c00;
    let c11 = rows > 1 ? v128.load(sums, 48) : c00;
    let c20 = rows > 2 ? v128.load(sums, 64) : c00;
    let c21 = rows > 2 ? v128.load(sums, 80) : c00;
    let c30 = rows > 3 ? v128.load(sums, 96) : c00;
    let c31 = rows > 3 ? v128.load(sums, 112) : c00;
    let c40 = rows > 4 ? v128.load(sums, 128) : c00;
    let c41 = rows > 4 ? v128.load(sums, 144) : c00;
    let c50 = rows > 4 ? v128.load(sums, 160) : c00;
    let c51 = rows > 4 ? v128.load(sums, 176) : c00;
    let bp = b;
    for (let ap = a; ap < end; ap += rows * sizeof<Element>(), bp += bStep) {
      const b0 = v128.load(bp);
      const b1 = v128.load(bp, 16);
      let row = v128.load_splat<Element>(ap);
      c00 = madd(row, b0, c00);
      c01 = madd(row, b1, c01);
      if (rows > 1) {
        row = v128.load_splat<Element>(ap, sizeof<Element>());
        c10 = madd(row, b0, c10);
        c11 = madd(row, b1, c11);
      }
      if (rows > 2) {
        row = v128.load_splat<Element>(ap, 2 * sizeof<Element>());
        c20 = madd(row, b0, c20);
        c21 = madd(row, b1, c21);
      }
      if (rows > 3) {
        row = v128.load_splat<Element>(ap, 3 * sizeof<Element>());
        c30 = madd(row, b0, c30);
        c31 = madd(row, b1, c31);
      }
      if (rows > 4) {
        row = v128.load_splat<Element>(ap, 4 * sizeof<Element>());
        c40 = madd(row, b0, c40);
        c41 = madd(row, b1, c41);
        row = v128.load_splat<Element>(ap, 5 * sizeof<Element>());
        c50 = madd(row, b0, c50);
        c51 = madd(row, b1, c51);
      }
    }
    v128.store(sums, c00);
    v128.store(sums, c01, 16);
    if (rows > 1) {
      v128.store(sums, c10, 32);
      v128.store(sums, c11, 48);
    }
    if (rows > 2) {
      v128.store(sums, c20, 64);
      v128.store(sums, c21, 80);
    }
    if (rows > 3) {
      v128.store(sums, c30, 96);
      v128.store(sums, c31, 112);
    }
    if (rows > 4) {
      v128.store(sums, c40, 128);
      v128.store(sums, c41, 144);
      v128.store(sums, c50, 160);
      v128.store(sums, c51, 176);
    }
  }
}
