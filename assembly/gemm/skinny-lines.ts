/**
 * A row of A by lines of B that run along k. Blocks of 4×4 are transposed in registers, so that each sum keeps its order. There are four sums: of eight V8 keeps
 * some in memory.
 *
 * It reads B at half the speed of a plain read from a cache, at 0.65 to 0.77 of it from memory (EPYC). A block of 64 bytes takes 8 shuffles to turn, 4 multiplications
 * and 4 additions, on four pipes: half of what two loads a cycle can read. The rest is the order of the additions, which may not change.
 */
import { bytes, madd } from '../base/runs';

/** Lines that are read side by side: as many streams, each read ahead. */
export const LINES_AT_ONCE: i32 = 16;

/**
 * left[8], right[8] = a · 16 lines, `step` bytes from one to the next. A cache line of eight of them in a turn: lines a power of two apart share their place in the
 * cache, and are done with before they meet again. Of four in a turn the sums wait for each other, 1.1 times as long and fused 1.3 (EPYC, V8 11 and 14). Written out, for
 * called for each block it takes 1.3 times as long.
 */
export function dotSixteen(depth: i32, a: usize, lines: usize, step: usize, left: usize, right: usize): void {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let r0 = s0;
  let r1 = s0;
  let r2 = s0;
  let r3 = s0;
  let low01 = s0;
  let low23 = s0;
  let high01 = s0;
  let high23 = s0;
  let a0 = s0;
  let a1 = s0;
  let a2 = s0;
  let a3 = s0;
  const eight = 8 * step;
  const last = a + bytes(depth);
  for (const whole = a + bytes(depth & -4); a < whole; ) {
    const stop = min(a + 64, whole);
    let p = lines;
    for (let at = a; at < stop; at += 16, p += 16) {
      a0 = ASC_FEATURE_RELAXED_SIMD ? v128.load32_splat(at) : v128.load(at);
      if (ASC_FEATURE_RELAXED_SIMD) {
        a1 = v128.load32_splat(at, 4);
        a2 = v128.load32_splat(at, 8);
        a3 = v128.load32_splat(at, 12);
      }
      r0 = product(a0, v128.load(p));
      let next = p + step;
      r1 = product(a0, v128.load(next));
      next += step;
      r2 = product(a0, v128.load(next));
      next += step;
      r3 = product(a0, v128.load(next));
      next += step;
      low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
      low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
      high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
      high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
      s0 = add(a0, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5), s0);
      s0 = add(a1, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7), s0);
      s0 = add(a2, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), s0);
      s0 = add(a3, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7), s0);
      r0 = product(a0, v128.load(next));
      next += step;
      r1 = product(a0, v128.load(next));
      next += step;
      r2 = product(a0, v128.load(next));
      next += step;
      r3 = product(a0, v128.load(next));
      low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
      low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
      high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
      high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
      s1 = add(a0, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5), s1);
      s1 = add(a1, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7), s1);
      s1 = add(a2, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), s1);
      s1 = add(a3, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7), s1);
    }
    p += eight - (stop - a);
    for (let at = a; at < stop; at += 16, p += 16) {
      a0 = ASC_FEATURE_RELAXED_SIMD ? v128.load32_splat(at) : v128.load(at);
      if (ASC_FEATURE_RELAXED_SIMD) {
        a1 = v128.load32_splat(at, 4);
        a2 = v128.load32_splat(at, 8);
        a3 = v128.load32_splat(at, 12);
      }
      r0 = product(a0, v128.load(p));
      let next = p + step;
      r1 = product(a0, v128.load(next));
      next += step;
      r2 = product(a0, v128.load(next));
      next += step;
      r3 = product(a0, v128.load(next));
      next += step;
      low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
      low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
      high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
      high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
      s2 = add(a0, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5), s2);
      s2 = add(a1, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7), s2);
      s2 = add(a2, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), s2);
      s2 = add(a3, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7), s2);
      r0 = product(a0, v128.load(next));
      next += step;
      r1 = product(a0, v128.load(next));
      next += step;
      r2 = product(a0, v128.load(next));
      next += step;
      r3 = product(a0, v128.load(next));
      low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
      low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
      high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
      high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
      s3 = add(a0, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5), s3);
      s3 = add(a1, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7), s3);
      s3 = add(a2, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), s3);
      s3 = add(a3, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7), s3);
    }
    lines += stop - a;
    a = stop;
  }
  const four = 4 * step;
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

/** Where product and sum are two instructions, the products are transposed: one load of a for four broadcasts. */
function product(a: v128, line: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? line : f32x4.mul(a, line);
}

function add(a: v128, line: v128, sum: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? madd(a, line, sum) : f32x4.add(sum, line);
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
