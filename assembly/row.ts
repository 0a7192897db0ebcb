/** The inner loops along a row of outputs, four to a vector: sums over a table of taps, and the dot products of a row of y with its taps. */
import { finishFour } from './finish';
import { madd } from './simd';
import { TAP_BYTES, tapAt } from './tap';

/** `rows` output rows of `count` sums over the taps [taps, end), `step` bytes of the strip and `outStep` of the output apart. */
export function sumRows(
  taps: usize,
  end: usize,
  step: usize,
  rows: i32,
  out: usize,
  outStep: usize,
  count: i32,
  finish: usize,
  bias: v128,
): void {
  for (let offset: usize = 0; rows > 0; rows--, offset += step, out += outStep) sumRow(taps, end, offset, out, count, finish, bias);
}

export function sumRow(taps: usize, end: usize, offset: usize, out: usize, count: i32, finish: usize, bias: v128): void {
  for (; count >= 16; count -= 16, offset += 64, out += 64) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (let t = taps; t < end; t += TAP_BYTES) {
      const weight = v128.load(t);
      const at = tapAt(t).at + offset;
      s0 = madd(v128.load(at), weight, s0);
      s1 = madd(v128.load(at, 16), weight, s1);
      s2 = madd(v128.load(at, 32), weight, s2);
      s3 = madd(v128.load(at, 48), weight, s3);
    }
    v128.store(out, finishFour(finish, s0, bias));
    v128.store(out, finishFour(finish, s1, bias), 16);
    v128.store(out, finishFour(finish, s2, bias), 32);
    v128.store(out, finishFour(finish, s3, bias), 48);
  }
  for (; count > 4; count -= 8, offset += 32, out += 32) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    for (let t = taps; t < end; t += TAP_BYTES) {
      const weight = v128.load(t);
      const at = tapAt(t).at + offset;
      s0 = madd(v128.load(at), weight, s0);
      s1 = madd(v128.load(at, 16), weight, s1);
    }
    v128.store(out, finishFour(finish, s0, bias));
    storeFirst(out + 16, finishFour(finish, s1, bias), count - 4);
  }
  if (count > 0) {
    let s0 = f32x4.splat(0);
    for (let t = taps; t < end; t += TAP_BYTES) s0 = madd(v128.load(tapAt(t).at + offset), v128.load(t), s0);
    storeFirst(out, finishFour(finish, s0, bias), count);
  }
}

/**
 * As sumRows for a dense 3×3 kernel: a column of four outputs goes through the rows with its three sums in the making, so that three loads serve nine
 * products: 1.1 times as fast at 56 columns, 1.3 times at 14 and 7. `at` is what the first tap meets first; taps of a row are `column` (±4) bytes apart, rows `step`.
 */
export function sumRowsOfNine(
  taps: usize,
  at: usize,
  column: isize,
  step: isize,
  rows: i32,
  out: usize,
  outStep: isize,
  count: i32,
  finish: usize,
  bias: v128,
): void {
  for (; count > 0; count -= 4, at += 16, out += 16) sumColumnOfNine(taps, at, column, step, rows, out, outStep, count, finish, bias);
}

function sumColumnOfNine(
  taps: usize,
  at: usize,
  column: isize,
  step: isize,
  rows: i32,
  out: usize,
  outStep: isize,
  count: i32,
  finish: usize,
  bias: v128,
): void {
  const w0 = v128.load(taps);
  const w1 = v128.load(taps + TAP_BYTES);
  const w2 = v128.load(taps + 2 * TAP_BYTES);
  const w3 = v128.load(taps + 3 * TAP_BYTES);
  const w4 = v128.load(taps + 4 * TAP_BYTES);
  const w5 = v128.load(taps + 5 * TAP_BYTES);
  const w6 = v128.load(taps + 6 * TAP_BYTES);
  const w7 = v128.load(taps + 7 * TAP_BYTES);
  const w8 = v128.load(taps + 8 * TAP_BYTES);
  const zero = f32x4.splat(0);
  let x0 = v128.load(at);
  let x1 = v128.load(at + column);
  let x2 = v128.load(at + 2 * column);
  let second = madd(x2, w2, madd(x1, w1, madd(x0, w0, zero)));
  at += step;
  x0 = v128.load(at);
  x1 = v128.load(at + column);
  x2 = v128.load(at + 2 * column);
  let third = madd(x2, w5, madd(x1, w4, madd(x0, w3, second)));
  second = madd(x2, w2, madd(x1, w1, madd(x0, w0, zero)));
  for (; rows > 0; rows--, out += outStep) {
    at += step;
    x0 = v128.load(at);
    x1 = v128.load(at + column);
    x2 = v128.load(at + 2 * column);
    third = madd(x2, w8, madd(x1, w7, madd(x0, w6, third)));
    storeFirst(out, finishFour(finish, third, bias), count);
    third = madd(x2, w5, madd(x1, w4, madd(x0, w3, second)));
    second = madd(x2, w2, madd(x1, w1, madd(x0, w0, zero)));
  }
}

/**
 * As sumRowsOfNine for stride 2, where a strip row holds its even columns, `odd` bytes on its odd ones, and the next row stands `step` bytes on: a row that two outputs share is
 * loaded once.
 */
export function sumRowsOfNineByTwo(
  taps: usize,
  at: usize,
  odd: usize,
  step: usize,
  rows: i32,
  out: usize,
  outStep: usize,
  count: i32,
  finish: usize,
  bias: v128,
): void {
  for (; count > 0; count -= 4, at += 16, out += 16) sumColumnOfNineByTwo(taps, at, odd, step, rows, out, outStep, count, finish, bias);
}

function sumColumnOfNineByTwo(
  taps: usize,
  at: usize,
  odd: usize,
  step: usize,
  rows: i32,
  out: usize,
  outStep: usize,
  count: i32,
  finish: usize,
  bias: v128,
): void {
  const w0 = v128.load(taps);
  const w1 = v128.load(taps + TAP_BYTES);
  const w2 = v128.load(taps + 2 * TAP_BYTES);
  const w3 = v128.load(taps + 3 * TAP_BYTES);
  const w4 = v128.load(taps + 4 * TAP_BYTES);
  const w5 = v128.load(taps + 5 * TAP_BYTES);
  const w6 = v128.load(taps + 6 * TAP_BYTES);
  const w7 = v128.load(taps + 7 * TAP_BYTES);
  const w8 = v128.load(taps + 8 * TAP_BYTES);
  const zero = f32x4.splat(0);
  let x0 = v128.load(at);
  let x1 = v128.load(at + odd);
  let x2 = v128.load(at, 4);
  for (; rows > 0; rows--, out += outStep) {
    let sum = madd(x2, w2, madd(x1, w1, madd(x0, w0, zero)));
    at += step;
    sum = madd(v128.load(at, 4), w5, madd(v128.load(at + odd), w4, madd(v128.load(at), w3, sum)));
    at += step;
    x0 = v128.load(at);
    x1 = v128.load(at + odd);
    x2 = v128.load(at, 4);
    sum = madd(x2, w8, madd(x1, w7, madd(x0, w6, sum)));
    storeFirst(out, finishFour(finish, sum, bias), count);
  }
}

/** A row of `count` outputs, those at even columns summed over the taps [taps, middle), those at odd ones over [middle, end). */
export function sumRowOfTwo(
  taps: usize,
  middle: usize,
  end: usize,
  offset: usize,
  out: usize,
  count: i32,
  finish: usize,
  bias: v128,
): void {
  for (; count > 0; count -= 16, offset += 32, out += 64) {
    let a0 = f32x4.splat(0);
    let a1 = a0;
    for (let t = taps; t < middle; t += TAP_BYTES) {
      const at = tapAt(t).at + offset;
      a0 = madd(v128.load(at), v128.load(t), a0);
      a1 = madd(v128.load(at, 16), v128.load(t), a1);
    }
    let b0 = f32x4.splat(0);
    let b1 = b0;
    for (let t = middle; t < end; t += TAP_BYTES) {
      const at = tapAt(t).at + offset;
      b0 = madd(v128.load(at), v128.load(t), b0);
      b1 = madd(v128.load(at, 16), v128.load(t), b1);
    }
    storeFirst(out, finishFour(finish, v128.shuffle<f32>(a0, b0, 0, 4, 1, 5), bias), count);
    if (count > 4) storeFirst(out + 16, finishFour(finish, v128.shuffle<f32>(a0, b0, 2, 6, 3, 7), bias), count - 4);
    if (count > 8) storeFirst(out + 32, finishFour(finish, v128.shuffle<f32>(a1, b1, 0, 4, 1, 5), bias), count - 8);
    if (count > 12) storeFirst(out + 48, finishFour(finish, v128.shuffle<f32>(a1, b1, 2, 6, 3, 7), bias), count - 12);
  }
}

/**
 * As sumRowOfTwo for a dense 3×3 kernel: in each kernel row two taps meet the columns of one phase and one those of the other; of the three rows one or two meet this row.
 * Weights stay in registers: 1.5 times as fast.
 */
export function sumRowOfTwoByNine(
  taps: usize,
  middle: usize,
  end: usize,
  offset: usize,
  out: usize,
  count: i32,
  finish: usize,
  bias: v128,
): void {
  const twoFirst = middle - taps > end - middle;
  const two = twoFirst ? taps : middle;
  const one = twoFirst ? middle : taps;
  const both = end - taps == 6 * TAP_BYTES;
  // With one kernel row the taps of a second are the first's, and not summed.
  const next = both ? 2 * TAP_BYTES : 0;
  const w0 = v128.load(two);
  const w1 = v128.load(two + TAP_BYTES);
  const w2 = v128.load(two + next);
  const w3 = v128.load(two + next + TAP_BYTES);
  const v0 = v128.load(one);
  const v1 = v128.load(one + (next >> 1));
  const p0 = tapAt(two).at;
  const p1 = tapAt(two + TAP_BYTES).at;
  const p2 = tapAt(two + next).at;
  const p3 = tapAt(two + next + TAP_BYTES).at;
  const q0 = tapAt(one).at;
  const q1 = tapAt(one + (next >> 1)).at;
  const zero = f32x4.splat(0);
  for (; count > 0; count -= 8, offset += 16, out += 32) {
    let a = madd(v128.load(p1 + offset), w1, madd(v128.load(p0 + offset), w0, zero));
    let b = madd(v128.load(q0 + offset), v0, zero);
    if (both) {
      a = madd(v128.load(p3 + offset), w3, madd(v128.load(p2 + offset), w2, a));
      b = madd(v128.load(q1 + offset), v1, b);
    }
    a = finishFour(finish, a, bias);
    b = finishFour(finish, b, bias);
    if (twoFirst) {
      storeFirst(out, v128.shuffle<f32>(a, b, 0, 4, 1, 5), count);
      if (count > 4) storeFirst(out + 16, v128.shuffle<f32>(a, b, 2, 6, 3, 7), count - 4);
    } else {
      storeFirst(out, v128.shuffle<f32>(b, a, 0, 4, 1, 5), count);
      if (count > 4) storeFirst(out + 16, v128.shuffle<f32>(b, a, 2, 6, 3, 7), count - 4);
    }
  }
}

/** The first `count` lanes, at most four. */
export function storeFirst(to: usize, v: v128, count: i32): void {
  if (count >= 4) {
    v128.store(to, v);
    return;
  }
  store<f32>(to, f32x4.extract_lane(v, 0));
  if (count > 1) store<f32>(to, f32x4.extract_lane(v, 1), 4);
  if (count > 2) store<f32>(to, f32x4.extract_lane(v, 2), 8);
}

/**
 * Adds to the four lanes of each tap in [taps, end) its products with `rows` rows of `count` floats at y. Lanes past a row's end are masked in both
 * factors: nothing beyond it is read from y, and what the strip has there may be infinite.
 */
export function dotRows(taps: usize, end: usize, step: usize, rows: i32, y: usize, yStep: usize, count: i32): void {
  for (; taps + 4 * TAP_BYTES <= end; taps += 4 * TAP_BYTES) dotRowsOfFour(taps, step, rows, y, yStep, count);
  for (; taps < end; taps += TAP_BYTES) dotRowsOfOne(taps, step, rows, y, yStep, count);
}

/**
 * As dotRows for the taps of a dense 3×3 kernel, all nine in one pass. The second and third tap of a row meet what is `second` and `third` bytes behind
 * what its first meets, rows are `down` bytes apart: 1.3 to 1.4 times as fast relaxed, 1.05 to 1.1 times without.
 */
export function dotRowsOfNine(
  taps: usize,
  second: usize,
  third: usize,
  down: usize,
  step: usize,
  rows: i32,
  y: usize,
  yStep: usize,
  count: i32,
): void {
  let s0 = v128.load(taps);
  let s1 = v128.load(taps + TAP_BYTES);
  let s2 = v128.load(taps + 2 * TAP_BYTES);
  let s3 = v128.load(taps + 3 * TAP_BYTES);
  let s4 = v128.load(taps + 4 * TAP_BYTES);
  let s5 = v128.load(taps + 5 * TAP_BYTES);
  let s6 = v128.load(taps + 6 * TAP_BYTES);
  let s7 = v128.load(taps + 7 * TAP_BYTES);
  let s8 = v128.load(taps + 8 * TAP_BYTES);
  const rest = count & 3;
  const mask = firstLanes(rest);
  const whole = (<usize>(count >> 2)) << 4;
  for (let at = tapAt(taps).at; rows > 0; rows--, at += step, y += yStep) {
    let i: usize = 0;
    for (; i < whole; i += 16) {
      const v = v128.load(y + i);
      let p = at + i;
      s0 = madd(v128.load(p), v, s0);
      s1 = madd(v128.load(p + second), v, s1);
      s2 = madd(v128.load(p + third), v, s2);
      p += down;
      s3 = madd(v128.load(p), v, s3);
      s4 = madd(v128.load(p + second), v, s4);
      s5 = madd(v128.load(p + third), v, s5);
      p += down;
      s6 = madd(v128.load(p), v, s6);
      s7 = madd(v128.load(p + second), v, s7);
      s8 = madd(v128.load(p + third), v, s8);
    }
    if (rest) {
      const v = loadFirst(y + i, rest);
      let p = at + i;
      s0 = madd(v128.and(v128.load(p), mask), v, s0);
      s1 = madd(v128.and(v128.load(p + second), mask), v, s1);
      s2 = madd(v128.and(v128.load(p + third), mask), v, s2);
      p += down;
      s3 = madd(v128.and(v128.load(p), mask), v, s3);
      s4 = madd(v128.and(v128.load(p + second), mask), v, s4);
      s5 = madd(v128.and(v128.load(p + third), mask), v, s5);
      p += down;
      s6 = madd(v128.and(v128.load(p), mask), v, s6);
      s7 = madd(v128.and(v128.load(p + second), mask), v, s7);
      s8 = madd(v128.and(v128.load(p + third), mask), v, s8);
    }
  }
  v128.store(taps, s0);
  v128.store(taps + TAP_BYTES, s1);
  v128.store(taps + 2 * TAP_BYTES, s2);
  v128.store(taps + 3 * TAP_BYTES, s3);
  v128.store(taps + 4 * TAP_BYTES, s4);
  v128.store(taps + 5 * TAP_BYTES, s5);
  v128.store(taps + 6 * TAP_BYTES, s6);
  v128.store(taps + 7 * TAP_BYTES, s7);
  v128.store(taps + 8 * TAP_BYTES, s8);
}

function dotRowsOfFour(taps: usize, step: usize, rows: i32, y: usize, yStep: usize, count: i32): void {
  let s0 = v128.load(taps);
  let s1 = v128.load(taps + TAP_BYTES);
  let s2 = v128.load(taps + 2 * TAP_BYTES);
  let s3 = v128.load(taps + 3 * TAP_BYTES);
  const p0 = tapAt(taps).at;
  const p1 = tapAt(taps + TAP_BYTES).at;
  const p2 = tapAt(taps + 2 * TAP_BYTES).at;
  const p3 = tapAt(taps + 3 * TAP_BYTES).at;
  const whole = (<usize>(count >> 2)) << 4;
  const rest = count & 3;
  const mask = firstLanes(rest);
  for (let offset: usize = 0; rows > 0; rows--, offset += step, y += yStep) {
    let i = offset;
    let from = y;
    for (const stop = offset + whole; i < stop; i += 16, from += 16) {
      const v = v128.load(from);
      s0 = madd(v128.load(p0 + i), v, s0);
      s1 = madd(v128.load(p1 + i), v, s1);
      s2 = madd(v128.load(p2 + i), v, s2);
      s3 = madd(v128.load(p3 + i), v, s3);
    }
    if (rest) {
      const v = loadFirst(from, rest);
      s0 = madd(v128.and(v128.load(p0 + i), mask), v, s0);
      s1 = madd(v128.and(v128.load(p1 + i), mask), v, s1);
      s2 = madd(v128.and(v128.load(p2 + i), mask), v, s2);
      s3 = madd(v128.and(v128.load(p3 + i), mask), v, s3);
    }
  }
  v128.store(taps, s0);
  v128.store(taps + TAP_BYTES, s1);
  v128.store(taps + 2 * TAP_BYTES, s2);
  v128.store(taps + 3 * TAP_BYTES, s3);
}

function dotRowsOfOne(taps: usize, step: usize, rows: i32, y: usize, yStep: usize, count: i32): void {
  let sum = v128.load(taps);
  const whole = (<usize>(count >> 2)) << 4;
  const rest = count & 3;
  for (let at = tapAt(taps).at; rows > 0; rows--, at += step, y += yStep) {
    let i: usize = 0;
    for (; i < whole; i += 16) sum = madd(v128.load(at + i), v128.load(y + i), sum);
    if (rest) sum = madd(v128.and(v128.load(at + i), firstLanes(rest)), loadFirst(y + i, rest), sum);
  }
  v128.store(taps, sum);
}

export function firstLanes(count: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
}

/** One to three floats, zeros behind them. */
export function loadFirst(from: usize, count: i32): v128 {
  if (count == 1) return v128.load32_zero(from);
  const two = v128.load64_zero(from);
  return count == 2 ? two : v128.load32_lane(from + 8, two, 2);
}

/** to[i · step + k] = line k [i]: `count` floats from `step` lines, `pitch` floats apart. */
export function interleave(to: usize, lines: usize, step: i32, pitch: i32, count: i32): void {
  const next = (<usize>pitch) << 2;
  const end = to + ((<usize>count) << 2);
  const stride = (<usize>step) << 2;
  for (let k = 0; k < step; k++, lines += next, to += 4) {
    for (let at = to, line = lines; at < end; at += stride, line += 4) store<f32>(at, load<f32>(line));
  }
}
