/**
 * The inner loops along channels: four neighbouring positions by eight channels, over a table of taps whose addresses stand in a line buffer.
 * The few positions or channels that make no such tile go one position at a time. Kernels of three or five dense columns have tiles of
 * their own (nhwc-3-5.ts).
 */

import { Epilogue, finishRun } from '../../base/epilogue';
import { bytes, madd } from '../../base/runs';
import { TAP_BYTES, tapAt } from '../taps';
import { sumDense } from './nhwc-3-5';

/**
 * An output row of `count` positions, `next` bytes apart, over the taps [taps, end), `offset` bytes of the line buffer from where they stand. A
 * tile at an end overlaps the one before. At least four channels; w are packed weights; `dense` columns of the kernel, or 0, meet a line buffer
 * of so many phases.
 */
export function sumPixels(
  taps: usize,
  end: usize,
  offset: usize,
  out: usize,
  next: usize,
  count: i32,
  channels: i32,
  w: usize,
  bias: usize,
  epilogue: Epilogue,
  dense: i32,
  phases: i32,
): void {
  if (dense && count >= 4) {
    sumDense(taps, end, offset, out, next, count, channels, w, bias, epilogue, dense, phases);
    return;
  }
  const tiles = !dense && count >= 4 && channels >= 8;
  const width = tiles ? 4 : 1;
  for (let i = 0; i < count; i += width) {
    const position = min(i, count - width);
    const at = offset + bytes(position);
    const to = out + <usize>position * next;
    if (tiles) sumTile(taps, end, at, to, next, channels, w);
    else sumPixel(taps, end, at, to, channels, w, dense);
    for (let p = 0; p < width; p++) finishRun(epilogue, to + <usize>p * next, channels, bias);
  }
}

/** Channels of a tile. */
function widthOf(channels: i32, dense: i32): i32 {
  return dense || channels < 8 ? 4 : 8;
}

/**
 * Weights as tiles read them: tile after tile of channels, the last overlapping the one before, the weights of each tap. That they lie one
 * behind the other made tiles 1.2 to 1.7 times as fast. Three taps in a turn of the loop were slower: 0.75 to 1 times on Node 20.
 */
export function packWeights(taps: usize, end: usize, channels: i32, w: usize, to: usize, dense: i32): void {
  const width = widthOf(channels, dense);
  const eight = width == 8;
  for (let c = 0; c < channels; c += width) {
    const from = w + bytes(min(c, channels - width));
    for (let t = taps; t < end; t += TAP_BYTES, to += bytes(width)) {
      v128.store(to, v128.load(from + tapAt(t).weight));
      if (eight) v128.store(to, v128.load(from + tapAt(t).weight, 16), 16);
    }
  }
}

/** One position: what a row of fewer than four has, or a position of fewer than eight channels. */
function sumPixel(taps: usize, end: usize, offset: usize, out: usize, channels: i32, w: usize, dense: i32): void {
  const width = widthOf(channels, dense);
  const eight = width == 8;
  for (let c = 0; c < channels; c += width) {
    const channel = bytes(min(c, channels - width));
    let a = f32x4.splat(0);
    let b = a;
    for (let t = taps; t < end; t += TAP_BYTES, w += bytes(width)) {
      const x = load<usize>(tapAt(t).at + offset) + channel;
      a = madd(v128.load(x), v128.load(w), a);
      if (eight) b = madd(v128.load(x, 16), v128.load(w, 16), b);
    }
    v128.store(out + channel, a);
    if (eight) v128.store(out + channel, b, 16);
  }
}

/** Four positions by eight channels: two vectors of weights and four addresses serve eight products. */
function sumTile(taps: usize, end: usize, offset: usize, out: usize, next: usize, channels: i32, w: usize): void {
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
    for (let t = taps; t < end; t += TAP_BYTES, w += 32) {
      const at = tapAt(t).at + offset;
      const u = v128.load(w);
      const v = v128.load(w, 16);
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
    v128.store(to, a0);
    v128.store(to, b0, 16);
    to += next;
    v128.store(to, a1);
    v128.store(to, b1, 16);
    to += next;
    v128.store(to, a2);
    v128.store(to, b2, 16);
    to += next;
    v128.store(to, a3);
    v128.store(to, b3, 16);
  }
}

/** Adds to the weights of `channels`, a multiple of four, their products with a row of `count` positions of y. */
export function dotPixels(taps: usize, end: usize, offset: usize, y: usize, next: usize, count: i32, channels: i32, dw: usize): void {
  const stop = bytes(channels);
  const eights = bytes(channels & -8);
  let i = 0;
  for (; i + 4 <= count; i += 4, offset += 16) {
    dotTile(taps, end, offset, y, next, eights, dw);
    for (let k: usize = 0; k < 4; k++, y += next) dotPixel(taps, end, offset + 4 * k, y, eights, stop, dw);
  }
  for (; i < count; i++, offset += 4, y += next) dotPixel(taps, end, offset, y, 0, stop, dw);
}

/** Eight vectors of y stay in registers while the taps pass by. */
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
