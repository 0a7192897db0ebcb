/**
 * A row of A by lines of B that run along k: blocks of 4×4 are transposed in registers, so that each sum keeps its order. Four sums, for with eight V8 keeps some
 * in memory.
 */
import { madd } from './simd';

/** Lines that are read side by side: as many streams, each read ahead. */
export const LINES_AT_ONCE: i32 = 16;

/**
 * left[8], right[8] = a · 16 lines, `step` bytes from one to the next. A cache line of each in a turn: from memory 1.15 times as fast as a quarter of it, and
 * lines a power of two apart, which share their place in the cache, are done with before they meet.
 */
export function dotSixteen(depth: i32, a: usize, lines: usize, step: usize, left: usize, right: usize): void {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  const four = step << 2;
  const last = a + ((<usize>depth) << 2);
  for (const end = a + ((<usize>(depth & -16)) << 2); a < end; a += 64, lines += 64) {
    let p = lines;
    s0 = addLine(p, step, a, s0);
    p += four;
    s1 = addLine(p, step, a, s1);
    p += four;
    s2 = addLine(p, step, a, s2);
    p += four;
    s3 = addLine(p, step, a, s3);
  }
  for (; a < last; a += 4, lines += 4) {
    const value = v128.load32_splat(a);
    let p = lines;
    s0 = madd(value, gather(p, step), s0);
    p += four;
    s1 = madd(value, gather(p, step), s1);
    p += four;
    s2 = madd(value, gather(p, step), s2);
    p += four;
    s3 = madd(value, gather(p, step), s3);
  }
  v128.store(left, s0);
  v128.store(left, s1, 16);
  v128.store(right, s2);
  v128.store(right, s3, 16);
}

/** Sixteen of k of four lines. */
function addLine(p0: usize, step: usize, a: usize, sum: v128): v128 {
  const p1 = p0 + step;
  const p2 = p1 + step;
  const p3 = p2 + step;
  sum = addBlock(v128.load(p0), v128.load(p1), v128.load(p2), v128.load(p3), a, sum);
  sum = addBlock(v128.load(p0, 16), v128.load(p1, 16), v128.load(p2, 16), v128.load(p3, 16), a + 16, sum);
  sum = addBlock(v128.load(p0, 32), v128.load(p1, 32), v128.load(p2, 32), v128.load(p3, 32), a + 32, sum);
  sum = addBlock(v128.load(p0, 48), v128.load(p1, 48), v128.load(p2, 48), v128.load(p3, 48), a + 48, sum);
  return sum;
}

/** Four of k. Where product and sum are two instructions the products are transposed: one load of a for four broadcasts. */
function addBlock(r0: v128, r1: v128, r2: v128, r3: v128, a: usize, sum: v128): v128 {
  if (!ASC_FEATURE_RELAXED_SIMD) {
    const values = v128.load(a);
    r0 = f32x4.mul(values, r0);
    r1 = f32x4.mul(values, r1);
    r2 = f32x4.mul(values, r2);
    r3 = f32x4.mul(values, r3);
  }
  const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  const t0 = v128.shuffle<f32>(low01, low23, 0, 1, 4, 5);
  const t1 = v128.shuffle<f32>(low01, low23, 2, 3, 6, 7);
  const t2 = v128.shuffle<f32>(high01, high23, 0, 1, 4, 5);
  const t3 = v128.shuffle<f32>(high01, high23, 2, 3, 6, 7);
  if (!ASC_FEATURE_RELAXED_SIMD) return f32x4.add(f32x4.add(f32x4.add(f32x4.add(sum, t0), t1), t2), t3);
  sum = madd(v128.load32_splat(a), t0, sum);
  sum = madd(v128.load32_splat(a, 4), t1, sum);
  sum = madd(v128.load32_splat(a, 8), t2, sum);
  return madd(v128.load32_splat(a, 12), t3, sum);
}

/** One of k of four lines. */
function gather(p: usize, step: usize): v128 {
  let v = v128.load32_splat(p);
  p += step;
  v = v128.load32_lane(p, v, 1);
  p += step;
  v = v128.load32_lane(p, v, 2);
  return v128.load32_lane(p + step, v, 3);
}
