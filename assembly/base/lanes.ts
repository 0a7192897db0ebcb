/** Four lanes: moves between arrays whose neighbours are columns, channels or tiles, by 4×4 transposes in registers. */
import { bytes } from './runs';

/** to[column][4] = four channels of a row of x; of `channels` < 4 the last is repeated. Strides in elements. */
export function copyFour(to: usize, from: usize, columns: i32, channels: i32, channelStride: i32, columnStride: i32): void {
  const next = bytes(channelStride);
  const p1 = channels > 1 ? next : 0;
  const p2 = channels > 2 ? p1 + next : p1;
  const p3 = channels > 3 ? p2 + next : p2;
  const step = bytes(columnStride);
  const end = to + ((<usize>columns) << 4);
  if (channelStride == 1 && channels == 4) {
    for (; to < end; to += 16, from += step) v128.store(to, v128.load(from));
    return;
  }
  if (columnStride == 1) {
    for (; to + 64 <= end; to += 64, from += 16) transposeFour(from, from + p1, from + p2, from + p3, to, 16);
  }
  for (; to < end; to += 16, from += step) {
    store<f32>(to, load<f32>(from));
    store<f32>(to, load<f32>(from + p1), 4);
    store<f32>(to, load<f32>(from + p2), 8);
    store<f32>(to, load<f32>(from + p3), 12);
  }
}

/** Eight arrays of `count` vectors, `fromStep` bytes apart: vectors i of the eight are transposed to the 128 bytes at to + i · toStep, eight to a row. */
export function spreadEight(from: usize, fromStep: usize, count: i32, to: usize, toStep: usize): void {
  const p1 = fromStep;
  const p2 = fromStep + p1;
  const p3 = fromStep + p2;
  const p4 = 4 * fromStep;
  for (const end = from + ((<usize>count) << 4); from < end; from += 16, to += toStep) {
    transposeFour(from, from + p1, from + p2, from + p3, to, 32);
    const next = from + p4;
    transposeFour(next, next + p1, next + p2, next + p3, to + 16, 32);
  }
}

export function transposeFour(p0: usize, p1: usize, p2: usize, p3: usize, to: usize, toStep: usize): void {
  const r0 = v128.load(p0);
  const r1 = v128.load(p1);
  const r2 = v128.load(p2);
  const r3 = v128.load(p3);
  const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
  v128.store(to + toStep, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7));
  v128.store(to + 2 * toStep, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5));
  v128.store(to + 3 * toStep, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7));
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

export function firstLanes(count: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
}

/** One to three floats, zeros behind them. */
export function loadFirst(from: usize, count: i32): v128 {
  if (count == 1) return v128.load32_zero(from);
  const two = v128.load64_zero(from);
  return count == 2 ? two : v128.load32_lane(from + 8, two, 2);
}
