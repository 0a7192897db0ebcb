/**
 * The inner loops along channels: four neighbouring positions by eight channels, over a table of taps whose addresses stand in a strip. The few
 * positions or channels that make no such tile go one position by four channels at a time.
 */
import { bytes } from './depthwise-element';
import { biasVector, finishFour } from './finish';
import { madd } from './simd';
import { TAP_BYTES, tapAt } from './tap';

/**
 * `rows` output rows of `count` positions, `step` bytes of the strip and `outRow` of the output apart; positions are `next` bytes apart. Tiles at an
 * end overlap the one before. `column` is ±4 where the taps come in threes that stand so many bytes apart, else 0. At least four channels.
 */
export function sumPixels(
  taps: usize,
  end: usize,
  column: isize,
  step: usize,
  rows: i32,
  out: usize,
  outRow: usize,
  count: i32,
  next: usize,
  channels: i32,
  w: usize,
  bias: usize,
  finish: usize,
): void {
  const tiles = count >= 4 && channels >= 8;
  for (let row: usize = 0; rows > 0; rows--, row += step, out += outRow) {
    for (let i = 0; i < count; i += tiles ? 4 : 1) {
      const position = tiles ? min(i, count - 4) : i;
      const at = row + bytes(position);
      const to = out + <usize>position * next;
      if (!tiles) sumPixel(taps, end, at, to, channels, w, bias, finish);
      else if (column == 0) sumTile(taps, end, at, to, next, channels, w, bias, finish);
      else if (column > 0) sumTileOfThrees(taps, end, at, 4, to, next, channels, w, bias, finish);
      else sumTileOfThrees(taps, end, at + 12, -4, to + 3 * next, -(<isize>next), channels, w, bias, finish);
    }
  }
}

function sumPixel(taps: usize, end: usize, offset: usize, out: usize, channels: i32, w: usize, bias: usize, finish: usize): void {
  for (let c = 0; c < channels; c += 4) {
    const channel = bytes(min(c, channels - 4));
    let sum = f32x4.splat(0);
    for (let t = taps; t < end; t += TAP_BYTES) {
      sum = madd(v128.load(load<usize>(tapAt(t).at + offset) + channel), v128.load(w + tapAt(t).weight + channel), sum);
    }
    v128.store(out + channel, finishFour(finish, sum, biasVector(bias, channel)));
  }
}

function sumTile(
  taps: usize,
  end: usize,
  offset: usize,
  out: usize,
  next: usize,
  channels: i32,
  w: usize,
  bias: usize,
  finish: usize,
): void {
  for (let c = 0; c < channels; c += 8) {
    const channel = bytes(min(c, channels - 8));
    let a0 = f32x4.splat(0);
    let b0 = a0;
    let a1 = a0;
    let b1 = a0;
    let a2 = a0;
    let b2 = a0;
    let a3 = a0;
    let b3 = a0;
    for (let t = taps; t < end; t += TAP_BYTES) {
      const at = tapAt(t).at + offset;
      const weights = w + tapAt(t).weight + channel;
      const u = v128.load(weights);
      const v = v128.load(weights, 16);
      let x = load<usize>(at) + channel;
      a0 = madd(v128.load(x), u, a0);
      b0 = madd(v128.load(x, 16), v, b0);
      x = load<usize>(at, 4) + channel;
      a1 = madd(v128.load(x), u, a1);
      b1 = madd(v128.load(x, 16), v, b1);
      x = load<usize>(at, 8) + channel;
      a2 = madd(v128.load(x), u, a2);
      b2 = madd(v128.load(x, 16), v, b2);
      x = load<usize>(at, 12) + channel;
      a3 = madd(v128.load(x), u, a3);
      b3 = madd(v128.load(x, 16), v, b3);
    }
    let to = out + channel;
    const u = biasVector(bias, channel);
    const v = biasVector(bias, channel + 16);
    storeEight(to, a0, b0, u, v, finish);
    to += next;
    storeEight(to, a1, b1, u, v, finish);
    to += next;
    storeEight(to, a2, b2, u, v, finish);
    to += next;
    storeEight(to, a3, b3, u, v, finish);
  }
}

function storeEight(to: usize, a: v128, b: v128, u: v128, v: v128, finish: usize): void {
  v128.store(to, finishFour(finish, a, u));
  v128.store(to, finishFour(finish, b, v), 16);
}

/** As sumTile for taps in threes at neighbouring positions, `column` bytes of the strip apart: six addresses serve twelve products. */
function sumTileOfThrees(
  taps: usize,
  end: usize,
  offset: usize,
  column: isize,
  out: usize,
  next: isize,
  channels: i32,
  w: usize,
  bias: usize,
  finish: usize,
): void {
  for (let c = 0; c < channels; c += 8) {
    const channel = bytes(min(c, channels - 8));
    let a0 = f32x4.splat(0);
    let b0 = a0;
    let a1 = a0;
    let b1 = a0;
    let a2 = a0;
    let b2 = a0;
    let a3 = a0;
    let b3 = a0;
    for (let t = taps; t < end; t += 3 * TAP_BYTES) {
      let at = tapAt(t).at + offset;
      const p0 = load<usize>(at) + channel;
      at += column;
      const p1 = load<usize>(at) + channel;
      at += column;
      const p2 = load<usize>(at) + channel;
      at += column;
      const p3 = load<usize>(at) + channel;
      at += column;
      const p4 = load<usize>(at) + channel;
      at += column;
      const p5 = load<usize>(at) + channel;
      const q0 = w + tapAt(t).weight + channel;
      const q1 = w + tapAt(t + TAP_BYTES).weight + channel;
      const q2 = w + tapAt(t + 2 * TAP_BYTES).weight + channel;
      let w0 = v128.load(q0);
      let w1 = v128.load(q1);
      let w2 = v128.load(q2);
      let x = v128.load(p0);
      a0 = madd(x, w0, a0);
      x = v128.load(p1);
      a0 = madd(x, w1, a0);
      a1 = madd(x, w0, a1);
      x = v128.load(p2);
      a0 = madd(x, w2, a0);
      a1 = madd(x, w1, a1);
      a2 = madd(x, w0, a2);
      x = v128.load(p3);
      a1 = madd(x, w2, a1);
      a2 = madd(x, w1, a2);
      a3 = madd(x, w0, a3);
      x = v128.load(p4);
      a2 = madd(x, w2, a2);
      a3 = madd(x, w1, a3);
      a3 = madd(v128.load(p5), w2, a3);
      w0 = v128.load(q0, 16);
      w1 = v128.load(q1, 16);
      w2 = v128.load(q2, 16);
      x = v128.load(p0, 16);
      b0 = madd(x, w0, b0);
      x = v128.load(p1, 16);
      b0 = madd(x, w1, b0);
      b1 = madd(x, w0, b1);
      x = v128.load(p2, 16);
      b0 = madd(x, w2, b0);
      b1 = madd(x, w1, b1);
      b2 = madd(x, w0, b2);
      x = v128.load(p3, 16);
      b1 = madd(x, w2, b1);
      b2 = madd(x, w1, b2);
      b3 = madd(x, w0, b3);
      x = v128.load(p4, 16);
      b2 = madd(x, w2, b2);
      b3 = madd(x, w1, b3);
      b3 = madd(v128.load(p5, 16), w2, b3);
    }
    let to = out + channel;
    const u = biasVector(bias, channel);
    const v = biasVector(bias, channel + 16);
    storeEight(to, a0, b0, u, v, finish);
    to += next;
    storeEight(to, a1, b1, u, v, finish);
    to += next;
    storeEight(to, a2, b2, u, v, finish);
    to += next;
    storeEight(to, a3, b3, u, v, finish);
  }
}

/** Adds to the weights of `channels`, a multiple of four, their products with `rows` rows of `count` positions of y. */
export function dotPixels(
  taps: usize,
  end: usize,
  step: usize,
  rows: i32,
  y: usize,
  yRow: usize,
  count: i32,
  next: usize,
  channels: i32,
  dw: usize,
): void {
  const eights = channels & -8;
  for (let row: usize = 0; rows > 0; rows--, row += step, y += yRow) {
    let i = 0;
    for (; i + 4 <= count; i += 4) {
      const at = row + bytes(i);
      const from = y + <usize>i * next;
      dotTile(taps, end, at, from, next, bytes(eights), dw);
      if (eights < channels) for (let k = 0; k < 4; k++) dotPixel(taps, end, at + bytes(k), from + k * next, bytes(eights), bytes(channels), dw);
    }
    for (; i < count; i++) dotPixel(taps, end, row + bytes(i), y + <usize>i * next, 0, bytes(channels), dw);
  }
}

function dotTile(taps: usize, end: usize, offset: usize, y: usize, next: usize, stop: usize, dw: usize): void {
  for (let channel: usize = 0; channel < stop; channel += 32) {
    let from = y + channel;
    const a0 = v128.load(from);
    const b0 = v128.load(from, 16);
    from += next;
    const a1 = v128.load(from);
    const b1 = v128.load(from, 16);
    from += next;
    const a2 = v128.load(from);
    const b2 = v128.load(from, 16);
    from += next;
    const a3 = v128.load(from);
    const b3 = v128.load(from, 16);
    for (let t = taps; t < end; t += TAP_BYTES) {
      const at = tapAt(t).at + offset;
      const to = dw + tapAt(t).weight + channel;
      let x = load<usize>(at) + channel;
      let a = f32x4.mul(v128.load(x), a0);
      let b = f32x4.mul(v128.load(x, 16), b0);
      x = load<usize>(at, 4) + channel;
      a = madd(v128.load(x), a1, a);
      b = madd(v128.load(x, 16), b1, b);
      x = load<usize>(at, 8) + channel;
      a = madd(v128.load(x), a2, a);
      b = madd(v128.load(x, 16), b2, b);
      x = load<usize>(at, 12) + channel;
      a = madd(v128.load(x), a3, a);
      b = madd(v128.load(x, 16), b3, b);
      v128.store(to, f32x4.add(v128.load(to), a));
      v128.store(to, f32x4.add(v128.load(to, 16), b), 16);
    }
  }
}

function dotPixel(taps: usize, end: usize, offset: usize, y: usize, channel: usize, stop: usize, dw: usize): void {
  for (; channel < stop; channel += 16) {
    const v = v128.load(y + channel);
    for (let t = taps; t < end; t += TAP_BYTES) {
      const to = dw + tapAt(t).weight + channel;
      v128.store(to, madd(v128.load(load<usize>(tapAt(t).at + offset) + channel), v, v128.load(to)));
    }
  }
}
