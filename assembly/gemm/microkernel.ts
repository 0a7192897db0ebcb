/**
 * The micro-kernel: an MR×NR tile of C from one micropanel of A and one of B. Here of 4 rows:
 *
 *            b0 (4 columns)  b1 (4 columns)
 *   a0 ×     c00             c01
 *   a1 ×     c10             c11        for every k: 2 loads, 4 broadcasts, 8 multiply-adds
 *   a2 ×     c20             c21
 *   a3 ×     c30             c31
 *
 * Where a product and its addition are two instructions, a turn of the loop is three such steps. V8 up to 12 asks in every turn whether to stop, and extends both pointers: 11 of its
 * 33 instructions were neither loads nor arithmetic. GEMMs are 1.06 to 1.11 times as fast, Winograd 1.05 (V8 11 and 12 on an EPYC, Zen 4), of two steps 1.03 to 1.07, of four no more than of three.
 * V8 from 13 on unrolls by itself: no gain, no loss. With no way out between the steps it makes the loads of all of them first, and spills: 0.7 times as fast.
 */

import { MR, NR } from '../base/config';
import { Four, Six } from '../base/counts';
import { Element } from '../base/element';
import { bytes, madd } from '../base/runs';

/** c = (accumulate ? c : 0) + ap·bp over `depth`; c has unit column stride and a row stride in elements. */
export function kernel(depth: i32, ap: usize, bp: usize, c: usize, rowStride: i32, accumulate: bool): void {
  if (MR == 6) tile<Six>(depth, ap, bp, c, rowStride, accumulate);
  else tile<Four>(depth, ap, bp, c, rowStride, accumulate);
}

/** Of four rows: for Winograd's gradient of the weight in every build. */
export function kernelOfFour(depth: i32, ap: usize, bp: usize, c: usize, rowStride: i32, accumulate: bool): void {
  tile<Four>(depth, ap, bp, c, rowStride, accumulate);
}

function tile<Rows>(depth: i32, ap: usize, bp: usize, c: usize, rowStride: i32, accumulate: bool): void {
  const six = offsetof<Rows>() == 6;
  let c00 = v128.splat<Element>(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  let c40 = c00;
  let c41 = c00;
  let c50 = c00;
  let c51 = c00;
  const end = ap + <usize>depth * (offsetof<Rows>() * sizeof<Element>());
  while (ap < end) {
    let b0 = v128.load(bp);
    let b1 = v128.load(bp, 16);
    let a0 = v128.load_splat<Element>(ap);
    c00 = madd(a0, b0, c00);
    c01 = madd(a0, b1, c01);
    let a1 = v128.load_splat<Element>(ap, sizeof<Element>());
    c10 = madd(a1, b0, c10);
    c11 = madd(a1, b1, c11);
    let a2 = v128.load_splat<Element>(ap, 2 * sizeof<Element>());
    c20 = madd(a2, b0, c20);
    c21 = madd(a2, b1, c21);
    let a3 = v128.load_splat<Element>(ap, 3 * sizeof<Element>());
    c30 = madd(a3, b0, c30);
    c31 = madd(a3, b1, c31);
    if (six) {
      const a4 = v128.load_splat<Element>(ap, 4 * sizeof<Element>());
      c40 = madd(a4, b0, c40);
      c41 = madd(a4, b1, c41);
      const a5 = v128.load_splat<Element>(ap, 5 * sizeof<Element>());
      c50 = madd(a5, b0, c50);
      c51 = madd(a5, b1, c51);
    }
    ap += offsetof<Rows>() * sizeof<Element>();
    bp += bytes(NR);
    if (six || ASC_FEATURE_RELAXED_SIMD) continue; // no gain
    if (ap >= end) break;
    b0 = v128.load(bp);
    b1 = v128.load(bp, 16);
    a0 = v128.load_splat<Element>(ap);
    c00 = madd(a0, b0, c00);
    c01 = madd(a0, b1, c01);
    a1 = v128.load_splat<Element>(ap, sizeof<Element>());
    c10 = madd(a1, b0, c10);
    c11 = madd(a1, b1, c11);
    a2 = v128.load_splat<Element>(ap, 2 * sizeof<Element>());
    c20 = madd(a2, b0, c20);
    c21 = madd(a2, b1, c21);
    a3 = v128.load_splat<Element>(ap, 3 * sizeof<Element>());
    c30 = madd(a3, b0, c30);
    c31 = madd(a3, b1, c31);
    ap += offsetof<Rows>() * sizeof<Element>();
    bp += bytes(NR);
    if (ap >= end) break;
    b0 = v128.load(bp);
    b1 = v128.load(bp, 16);
    a0 = v128.load_splat<Element>(ap);
    c00 = madd(a0, b0, c00);
    c01 = madd(a0, b1, c01);
    a1 = v128.load_splat<Element>(ap, sizeof<Element>());
    c10 = madd(a1, b0, c10);
    c11 = madd(a1, b1, c11);
    a2 = v128.load_splat<Element>(ap, 2 * sizeof<Element>());
    c20 = madd(a2, b0, c20);
    c21 = madd(a2, b1, c21);
    a3 = v128.load_splat<Element>(ap, 3 * sizeof<Element>());
    c30 = madd(a3, b0, c30);
    c31 = madd(a3, b1, c31);
    ap += offsetof<Rows>() * sizeof<Element>();
    bp += bytes(NR);
  }
  const step = bytes(rowStride);
  storeRow(c, c00, c01, accumulate);
  storeRow(c + step, c10, c11, accumulate);
  storeRow(c + 2 * step, c20, c21, accumulate);
  storeRow(c + 3 * step, c30, c31, accumulate);
  if (!six) return;
  storeRow(c + 4 * step, c40, c41, accumulate);
  storeRow(c + 5 * step, c50, c51, accumulate);
}

/** Without `accumulate` C is not read: it may hold anything, NaN too. */
function storeRow(c: usize, left: v128, right: v128, accumulate: bool): void {
  if (accumulate) {
    left = v128.add<Element>(v128.load(c), left);
    right = v128.add<Element>(v128.load(c, 16), right);
  }
  v128.store(c, left);
  v128.store(c, right, 16);
}
