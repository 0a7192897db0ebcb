/** The inner loops along a row for dense 3×3 kernels: nine weights in registers. Sums are those of nchw.ts. */
import { Epilogue, finishFour } from '../../base/epilogue';
import { storeFirst } from '../../base/lanes';
import { madd } from '../../base/runs';
import { TAP_BYTES, tapAt } from '../taps';

/**
 * As sumRows for a dense 3×3 kernel: a column of four outputs goes through the rows with its three sums in the making, so that three
 * loads serve nine products: 1.1 times as fast at 56 columns, 1.3 times at 14 and 7. `at` is what the first tap meets first; taps of a
 * row are `column` (±4) bytes apart, rows `step`.
 */
export function sumRows3x3(
  taps: usize,
  at: usize,
  column: isize,
  step: isize,
  rows: i32,
  out: usize,
  outStep: isize,
  count: i32,
  epilogue: Epilogue,
  bias: v128,
): void {
  for (; count > 0; count -= 4, at += 16, out += 16) sumColumnOfNine(taps, at, column, step, rows, out, outStep, count, epilogue, bias);
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
  epilogue: Epilogue,
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
    storeFirst(out, finishFour(epilogue, third, bias), count);
    third = madd(x2, w5, madd(x1, w4, madd(x0, w3, second)));
    second = madd(x2, w2, madd(x1, w1, madd(x0, w0, zero)));
  }
}

/**
 * As sumRows3x3 for stride 2, where a line buffer row holds its even columns, `odd` bytes on its odd ones, and the next row stands `step`
 * bytes on: a row that two outputs share is loaded once. 1.1 (Node 26: 1.25) times as fast.
 */
export function sumRows3x3ByTwo(
  taps: usize,
  at: usize,
  odd: usize,
  step: usize,
  rows: i32,
  out: usize,
  outStep: usize,
  count: i32,
  epilogue: Epilogue,
  bias: v128,
): void {
  for (; count > 0; count -= 4, at += 16, out += 16) sumColumnOfNineByTwo(taps, at, odd, step, rows, out, outStep, count, epilogue, bias);
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
  epilogue: Epilogue,
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
    storeFirst(out, finishFour(epilogue, sum, bias), count);
  }
}

/**
 * As sumRowOfTwo for a dense 3×3 kernel: in each kernel row two taps meet the columns of one phase and one those of the other; of the
 * three rows one or two meet this row. Weights stay in registers: 1.2 times as fast.
 */
export function sumRowOfTwo3x3(
  taps: usize,
  middle: usize,
  end: usize,
  offset: usize,
  out: usize,
  count: i32,
  epilogue: Epilogue,
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
    a = finishFour(epilogue, a, bias);
    b = finishFour(epilogue, b, bias);
    if (twoFirst) {
      storeFirst(out, v128.shuffle<f32>(a, b, 0, 4, 1, 5), count);
      if (count > 4) storeFirst(out + 16, v128.shuffle<f32>(a, b, 2, 6, 3, 7), count - 4);
    } else {
      storeFirst(out, v128.shuffle<f32>(b, a, 0, 4, 1, 5), count);
      if (count > 4) storeFirst(out + 16, v128.shuffle<f32>(b, a, 2, 6, 3, 7), count - 4);
    }
  }
}
