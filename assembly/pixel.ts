/** The inner loops along channels, four to a vector: sums over a table of taps at neighbouring positions, and products of positions of y with its taps. */
import { bytes } from './depthwise-element';
import { biasVector, finishFour } from './finish';
import { madd } from './simd';
import { TAP_BYTES, tapAt } from './tap';

/** What is known of the table: nothing, or that it has rows of three taps that stand one position apart, forward or backward. */
export const ANY: i32 = 0;
export const THREES: i32 = 1;
export const THREES_BACKWARD: i32 = 2;

/** Channels [from, to), at least four, of `count` positions: the last vector overlaps the one before. Positions of the output are `step` bytes apart. */
export function sumPixels(
  taps: usize,
  end: usize,
  kind: i32,
  count: i32,
  out: usize,
  step: usize,
  from: i32,
  to: i32,
  w: usize,
  bias: usize,
  finish: usize,
): void {
  let p = 0;
  for (; p + 4 <= count; p += 4, out += 4 * step) {
    for (let c = from; c < to; c += 4) {
      const channel = min(c, to - 4);
      const at = out + bytes(channel);
      const b = biasVector(bias, channel);
      if (kind == ANY) sumFourPixels(taps, end, p, at, step, bytes(channel), w, b, finish);
      else sumFourByThree(taps, end, kind == THREES_BACKWARD, p, at, step, bytes(channel), w, b, finish);
    }
  }
  for (; p < count; p++, out += step) {
    for (let c = from; c < to; c += 4) {
      const channel = min(c, to - 4);
      sumPixel(taps, end, p, out + bytes(channel), bytes(channel), w, biasVector(bias, channel), finish);
    }
  }
}

function sumFourPixels(
  taps: usize,
  end: usize,
  p: usize,
  out: usize,
  step: usize,
  channel: usize,
  w: usize,
  bias: v128,
  finish: usize,
): void {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  w += channel;
  for (let t = taps; t < end; t += TAP_BYTES) {
    const next = tapAt(t).step;
    const at = tapAt(t).at + p * next + channel;
    const weight = v128.load(w + tapAt(t).weight);
    s0 = madd(v128.load(at), weight, s0);
    s1 = madd(v128.load(at + next), weight, s1);
    s2 = madd(v128.load(at + 2 * next), weight, s2);
    s3 = madd(v128.load(at + 3 * next), weight, s3);
  }
  v128.store(out, finishFour(finish, s0, bias));
  v128.store(out + step, finishFour(finish, s1, bias));
  v128.store(out + 2 * step, finishFour(finish, s2, bias));
  v128.store(out + 3 * step, finishFour(finish, s3, bias));
}

/**
 * As sumFourPixels for rows of three taps that stand one position apart: six loads of x serve twelve products. In `backward` (dgrad) the first tap
 * of a row meets the last position.
 */
function sumFourByThree(
  taps: usize,
  end: usize,
  backward: bool,
  p: usize,
  out: usize,
  step: usize,
  channel: usize,
  w: usize,
  bias: v128,
  finish: usize,
): void {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  w += channel;
  for (let t = taps; t < end; t += 3 * TAP_BYTES) {
    const next = tapAt(t).step;
    let at = tapAt(backward ? t + 2 * TAP_BYTES : t).at + p * next + channel;
    const w0 = v128.load(w + tapAt(t).weight);
    const w1 = v128.load(w + tapAt(t + TAP_BYTES).weight);
    const w2 = v128.load(w + tapAt(t + 2 * TAP_BYTES).weight);
    const x0 = v128.load(at);
    const x1 = v128.load(at + next);
    at += 2 * next;
    const x2 = v128.load(at);
    const x3 = v128.load(at + next);
    at += 2 * next;
    const x4 = v128.load(at);
    const x5 = v128.load(at + next);
    if (backward) {
      s0 = madd(x0, w2, madd(x1, w1, madd(x2, w0, s0)));
      s1 = madd(x1, w2, madd(x2, w1, madd(x3, w0, s1)));
      s2 = madd(x2, w2, madd(x3, w1, madd(x4, w0, s2)));
      s3 = madd(x3, w2, madd(x4, w1, madd(x5, w0, s3)));
    } else {
      s0 = madd(x2, w2, madd(x1, w1, madd(x0, w0, s0)));
      s1 = madd(x3, w2, madd(x2, w1, madd(x1, w0, s1)));
      s2 = madd(x4, w2, madd(x3, w1, madd(x2, w0, s2)));
      s3 = madd(x5, w2, madd(x4, w1, madd(x3, w0, s3)));
    }
  }
  v128.store(out, finishFour(finish, s0, bias));
  v128.store(out + step, finishFour(finish, s1, bias));
  v128.store(out + 2 * step, finishFour(finish, s2, bias));
  v128.store(out + 3 * step, finishFour(finish, s3, bias));
}

function sumPixel(taps: usize, end: usize, p: usize, out: usize, channel: usize, w: usize, bias: v128, finish: usize): void {
  let sum = f32x4.splat(0);
  w += channel;
  for (let t = taps; t < end; t += TAP_BYTES) {
    sum = madd(v128.load(tapAt(t).at + p * tapAt(t).step + channel), v128.load(w + tapAt(t).weight), sum);
  }
  v128.store(out, finishFour(finish, sum, bias));
}

/** Adds to the weights of channels [from, to), a multiple of four, the sums over `count` positions of y. */
export function dotPixels(taps: usize, end: usize, count: i32, y: usize, step: usize, from: i32, to: i32, dw: usize): void {
  for (let c = bytes(from); c < bytes(to); c += 16) {
    let t = taps;
    for (; t + 5 * TAP_BYTES <= end; t += 5 * TAP_BYTES) dotFivePixels(t, count, y + c, step, c, dw + c);
    if (t + 4 * TAP_BYTES <= end) {
      dotFourPixels(t, count, y + c, step, c, dw + c);
      t += 4 * TAP_BYTES;
    }
    for (; t < end; t += TAP_BYTES) dotOnePixels(t, count, y + c, step, c, dw + c);
  }
}

function dotFivePixels(t: usize, count: i32, y: usize, step: usize, channel: usize, dw: usize): void {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let s4 = s0;
  let p0 = tapAt(t).at + channel;
  let p1 = tapAt(t + TAP_BYTES).at + channel;
  let p2 = tapAt(t + 2 * TAP_BYTES).at + channel;
  let p3 = tapAt(t + 3 * TAP_BYTES).at + channel;
  let p4 = tapAt(t + 4 * TAP_BYTES).at + channel;
  for (; count > 0; count--, y += step) {
    const v = v128.load(y);
    s0 = madd(v128.load(p0), v, s0);
    s1 = madd(v128.load(p1), v, s1);
    s2 = madd(v128.load(p2), v, s2);
    s3 = madd(v128.load(p3), v, s3);
    s4 = madd(v128.load(p4), v, s4);
    p0 += tapAt(t).step;
    p1 += tapAt(t + TAP_BYTES).step;
    p2 += tapAt(t + 2 * TAP_BYTES).step;
    p3 += tapAt(t + 3 * TAP_BYTES).step;
    p4 += tapAt(t + 4 * TAP_BYTES).step;
  }
  addTo(dw + tapAt(t).weight, s0);
  addTo(dw + tapAt(t + TAP_BYTES).weight, s1);
  addTo(dw + tapAt(t + 2 * TAP_BYTES).weight, s2);
  addTo(dw + tapAt(t + 3 * TAP_BYTES).weight, s3);
  addTo(dw + tapAt(t + 4 * TAP_BYTES).weight, s4);
}

function dotFourPixels(t: usize, count: i32, y: usize, step: usize, channel: usize, dw: usize): void {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let p0 = tapAt(t).at + channel;
  let p1 = tapAt(t + TAP_BYTES).at + channel;
  let p2 = tapAt(t + 2 * TAP_BYTES).at + channel;
  let p3 = tapAt(t + 3 * TAP_BYTES).at + channel;
  for (; count > 0; count--, y += step) {
    const v = v128.load(y);
    s0 = madd(v128.load(p0), v, s0);
    s1 = madd(v128.load(p1), v, s1);
    s2 = madd(v128.load(p2), v, s2);
    s3 = madd(v128.load(p3), v, s3);
    p0 += tapAt(t).step;
    p1 += tapAt(t + TAP_BYTES).step;
    p2 += tapAt(t + 2 * TAP_BYTES).step;
    p3 += tapAt(t + 3 * TAP_BYTES).step;
  }
  addTo(dw + tapAt(t).weight, s0);
  addTo(dw + tapAt(t + TAP_BYTES).weight, s1);
  addTo(dw + tapAt(t + 2 * TAP_BYTES).weight, s2);
  addTo(dw + tapAt(t + 3 * TAP_BYTES).weight, s3);
}

function dotOnePixels(t: usize, count: i32, y: usize, step: usize, channel: usize, dw: usize): void {
  let sum = f32x4.splat(0);
  for (let at = tapAt(t).at + channel; count > 0; count--, y += step, at += tapAt(t).step) sum = madd(v128.load(at), v128.load(y), sum);
  addTo(dw + tapAt(t).weight, sum);
}

function addTo(at: usize, v: v128): void {
  v128.store(at, f32x4.add(v128.load(at), v));
}
