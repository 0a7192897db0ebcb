/** The inner loops along channels, four to a vector: sums over a table of taps at neighbouring positions, and products of positions of y with its taps. */
import { bytes } from './depthwise-element';
import { biasVector, finishFour } from './finish';
import { madd } from './simd';
import { TAP_BYTES, tapAt } from './tap';

/** Channels [from, to), at least four, of `count` positions: the last vector overlaps the one before. Positions of the output are `step` bytes apart. */
export function sumPixels(
  taps: usize,
  end: usize,
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
      sumFourPixels(taps, end, p, out + bytes(channel), step, bytes(channel), w, biasVector(bias, channel), finish);
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
