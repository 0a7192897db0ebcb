/**
 * The largest magnitude at each position over the channels: what an output can meet there. Magnitudes are compared as integers: without their signs float32 values
 * lie in the order of their bits, infinity above the finite ones and NaN above infinity, so neither is lost.
 */
import { bytes } from '../base/runs';

/**
 * to[i] = max over `channels` of |x| at position i, and of what stands in `to` where there is `more`. Positions or channels are neighbours in x; strides in elements.
 */
export function largestOfChannels(
  to: usize,
  from: usize,
  positions: i32,
  channels: i32,
  channelStride: i32,
  positionStride: i32,
  more: bool,
): void {
  if (positionStride == 1) largestOfPlanes(to, from, positions, channels, bytes(channelStride), more);
  else largestOfPixels(to, from, positions, channels, bytes(positionStride), more);
}

/** The last vector overlaps the one before: a maximum may be taken twice. */
function largestOfPlanes(to: usize, from: usize, positions: i32, channels: i32, plane: usize, more: bool): void {
  if (positions < 4) {
    for (let i = 0; i < positions; i++, to += 4, from += 4) {
      let largest: u32 = more ? load<u32>(to) : 0;
      for (let c = 0, at = from; c < channels; c++, at += plane) largest = max(largest, load<u32>(at) & 0x7fffffff);
      store<u32>(to, largest);
    }
    return;
  }
  const last = bytes(positions) - 16;
  let c = 0;
  for (; c + 4 <= channels; c += 4, from += 4 * plane) {
    const p1 = from + plane;
    const p2 = p1 + plane;
    const p3 = p2 + plane;
    for (let at: usize = 0; ; at = min(at + 16, last)) {
      const low = i32x4.max_s(magnitude(v128.load(from + at)), magnitude(v128.load(p1 + at)));
      const high = i32x4.max_s(magnitude(v128.load(p2 + at)), magnitude(v128.load(p3 + at)));
      let largest = i32x4.max_s(low, high);
      if (more || c > 0) largest = i32x4.max_s(largest, v128.load(to + at));
      v128.store(to + at, largest);
      if (at == last) break;
    }
  }
  for (; c < channels; c++, from += plane) {
    for (let at: usize = 0; ; at = min(at + 16, last)) {
      let largest = magnitude(v128.load(from + at));
      if (more || c > 0) largest = i32x4.max_s(largest, v128.load(to + at));
      v128.store(to + at, largest);
      if (at == last) break;
    }
  }
}

/** Four pixels at a time; the last four overlap those before, the last vector of a pixel too. */
function largestOfPixels(to: usize, from: usize, positions: i32, channels: i32, step: usize, more: bool): void {
  if (positions < 4 || channels < 4) {
    for (let i = 0; i < positions; i++, to += 4, from += step)
      store<u32>(to, max<u32>(more ? load<u32>(to) : 0, largestOfPixel(from, channels)));
    return;
  }
  const last = bytes(channels) - 16;
  for (let i = 0; ; i = min(i + 4, positions - 4)) {
    let at = from + <usize>i * step;
    const end = at + last;
    const s1 = step;
    const s2 = step + step;
    const s3 = s2 + step;
    let p0 = magnitude(v128.load(end));
    let p1 = magnitude(v128.load(end + s1));
    let p2 = magnitude(v128.load(end + s2));
    let p3 = magnitude(v128.load(end + s3));
    for (; at < end; at += 16) {
      p0 = i32x4.max_s(p0, magnitude(v128.load(at)));
      p1 = i32x4.max_s(p1, magnitude(v128.load(at + s1)));
      p2 = i32x4.max_s(p2, magnitude(v128.load(at + s2)));
      p3 = i32x4.max_s(p3, magnitude(v128.load(at + s3)));
    }
    const p01 = i32x4.max_s(v128.shuffle<f32>(p0, p1, 0, 1, 4, 5), v128.shuffle<f32>(p0, p1, 2, 3, 6, 7));
    const p23 = i32x4.max_s(v128.shuffle<f32>(p2, p3, 0, 1, 4, 5), v128.shuffle<f32>(p2, p3, 2, 3, 6, 7));
    const p = i32x4.max_s(v128.shuffle<f32>(p01, p23, 0, 2, 4, 6), v128.shuffle<f32>(p01, p23, 1, 3, 5, 7));
    v128.store(to + bytes(i), more ? i32x4.max_s(p, v128.load(to + bytes(i))) : p);
    if (i == positions - 4) return;
  }
}

function largestOfPixel(from: usize, channels: i32): u32 {
  let largest: u32 = 0;
  for (const end = from + bytes(channels); from < end; from += 4) largest = max(largest, load<u32>(from) & 0x7fffffff);
  return largest;
}

/** The bits of |v|. */
export function magnitude(v: v128): v128 {
  return v128.and(v, i32x4.splat(0x7fffffff));
}

export function largestOfLanes(v: v128): u32 {
  const two = i32x4.max_s(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return <u32>max(i32x4.extract_lane(two, 0), i32x4.extract_lane(two, 1));
}

export function smallestOfLanes(v: v128): u32 {
  const two = i32x4.min_u(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return min(<u32>i32x4.extract_lane(two, 0), <u32>i32x4.extract_lane(two, 1));
}
