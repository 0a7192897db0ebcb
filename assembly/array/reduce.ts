/** Sums over axes. A sum in float32 has at most BLOCK terms; those are added in float64 and rounded once, so that the error is that of a short sum. */
import { bytes } from '../base/runs';

const BLOCK: i32 = 32;

/** What is summed: sizes of two axes that stay, then of two that are summed over, and the steps of x along them, in elements; y is dense. */
@unmanaged
export class Sums {
  planes: i32;
  length: i32;
  outer: i32;
  inner: i32;
  xPlane: i32;
  xStep: i32;
  xOuter: i32;
  xInner: i32;
}

/** y = Σ x / divisor. */
export function sums(g: Sums, x: usize, divisor: f64, y: usize): void {
  const length = g.length;
  for (let plane = 0; plane < g.planes; plane++, x += bytes(g.xPlane)) {
    let i = 0;
    let from = x;
    if (g.xInner != 1 && g.xStep == 1) {
      for (; i + 16 <= length; i += 16, from += 64, y += 64) sixteen(g, from, divisor, y);
      for (; i + 4 <= length; i += 4, from += 16, y += 16) four(g, from, divisor, y);
    }
    for (; i < length; i++, from += bytes(g.xStep), y += 4) {
      let sum: f64 = 0;
      let row = from;
      for (let outer = g.outer; outer > 0; outer--, row += bytes(g.xOuter)) {
        sum += g.xInner == 1 ? run(row, g.inner) : strided(row, g.inner, bytes(g.xInner));
      }
      store<f32>(y, <f32>(sum / divisor));
    }
  }
}

/** The sum of neighbours: sixteen sums of at most BLOCK terms, then two additions more. */
function run(from: usize, count: i32): f64 {
  const end = from + bytes(count);
  let sum = f64x2.splat(0);
  while (from + 64 <= end) {
    let a = v128.load(from);
    let b = v128.load(from, 16);
    let c = v128.load(from, 32);
    let d = v128.load(from, 48);
    from += 64;
    for (let more = BLOCK - 1; more > 0 && from + 64 <= end; more--, from += 64) {
      a = f32x4.add(a, v128.load(from));
      b = f32x4.add(b, v128.load(from, 16));
      c = f32x4.add(c, v128.load(from, 32));
      d = f32x4.add(d, v128.load(from, 48));
    }
    a = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
    sum = f64x2.add(sum, f64x2.add(lowOf(a), highOf(a)));
  }
  let rest: f64 = 0;
  for (; from < end; from += 4) rest += <f64>load<f32>(from);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1) + rest;
}

function strided(from: usize, count: i32, step: usize): f64 {
  let sum: f64 = 0;
  for (; count > 0; count--, from += step) sum += <f64>load<f32>(from);
  return sum;
}

function lowOf(v: v128): v128 {
  return f64x2.promote_low_f32x4(v);
}

function highOf(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3));
}

/** Sixteen neighbours that stay: a line of the cache is read once. */
function sixteen(g: Sums, x: usize, divisor: f64, y: usize): void {
  const step = bytes(g.xInner);
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let s4 = s0;
  let s5 = s0;
  let s6 = s0;
  let s7 = s0;
  for (let outer = g.outer; outer > 0; outer--, x += bytes(g.xOuter)) {
    let from = x;
    for (let left = g.inner; left > 0; ) {
      let a = v128.load(from);
      let b = v128.load(from, 16);
      let c = v128.load(from, 32);
      let d = v128.load(from, 48);
      from += step;
      const block = min(left, BLOCK);
      left -= block;
      for (let more = block - 1; more > 0; more--, from += step) {
        a = f32x4.add(a, v128.load(from));
        b = f32x4.add(b, v128.load(from, 16));
        c = f32x4.add(c, v128.load(from, 32));
        d = f32x4.add(d, v128.load(from, 48));
      }
      s0 = f64x2.add(s0, lowOf(a));
      s1 = f64x2.add(s1, highOf(a));
      s2 = f64x2.add(s2, lowOf(b));
      s3 = f64x2.add(s3, highOf(b));
      s4 = f64x2.add(s4, lowOf(c));
      s5 = f64x2.add(s5, highOf(c));
      s6 = f64x2.add(s6, lowOf(d));
      s7 = f64x2.add(s7, highOf(d));
    }
  }
  storeFour(y, s0, s1, divisor);
  storeFour(y + 16, s2, s3, divisor);
  storeFour(y + 32, s4, s5, divisor);
  storeFour(y + 48, s6, s7, divisor);
}

function four(g: Sums, x: usize, divisor: f64, y: usize): void {
  const step = bytes(g.xInner);
  let low = f64x2.splat(0);
  let high = low;
  for (let outer = g.outer; outer > 0; outer--, x += bytes(g.xOuter)) {
    let from = x;
    for (let left = g.inner; left > 0; left--, from += step) {
      const v = v128.load(from);
      low = f64x2.add(low, lowOf(v));
      high = f64x2.add(high, highOf(v));
    }
  }
  storeFour(y, low, high, divisor);
}

function storeFour(y: usize, low: v128, high: v128, divisor: f64): void {
  const by = f64x2.splat(divisor);
  const a = f32x4.demote_f64x2_zero(f64x2.div(low, by));
  const b = f32x4.demote_f64x2_zero(f64x2.div(high, by));
  v128.store(y, v128.shuffle<f32>(a, b, 0, 1, 4, 5));
}
