/**
 * The inner loops along channels for kernels of three or five columns without dilation, with stride 1 or 2: four neighbouring positions by
 * four channels. A column is loaded once for all positions that meet it, and so is its address: against the tile of any taps (pixel.ts)
 * 1.4 to 1.7 times as fast with stride 1, 1.1 to 1.5 times with stride 2.
 *
 * Four positions of one channel after the other are not an order in which a processor guesses what comes next. So a tile reads ahead, in
 * the order of memory, a float of each cache line that the next one meets first, in the kernel's last rows: 1.2 to 1.5 times as fast where
 * x is not in the second cache, as in most models, elsewhere 0.96 to 1.1 times.
 */

import { finishRun, KEPT } from '../../base/finish';
import { madd } from '../../base/runs';
import { TAP_BYTES, tapAt } from '../taps';
import { bytes } from './scalar';

/** As sumPixels, at least four positions; `columns` taps in a row. */
export function sumDense(
  taps: usize,
  end: usize,
  offset: usize,
  out: usize,
  next: usize,
  count: i32,
  channels: i32,
  w: usize,
  bias: usize,
  finish: usize,
  columns: i32,
  phases: i32,
): void {
  const row = <usize>columns * TAP_BYTES;
  const size = (end - taps) / (TAP_BYTES / 16);
  const first = tapAt(taps).at;
  const last = tapAt(end - row).at;
  const down = last > first ? tapAt(taps + row).at - first : 0;
  // With stride 2 columns of the same remainder stand together: `line` bytes behind the even ones the odd.
  const line = tapAt(taps + TAP_BYTES).at - first;
  let kept = 0;
  for (let i = 0; i < count; i += 4) {
    const position = min(i, count - 4);
    const place = offset + bytes(position);
    const at = first + place;
    const to = out + <usize>position * next;
    const more = i + 8 <= count;
    if (phases == 1) {
      const near = last + place + bytes(columns + 3);
      const ahead = more ? aheadOf(near, near + 12, 4 * channels, w) : w;
      if (columns == 3) kept |= sumThree(at, down, to, next, channels, w, size, ahead);
      else kept |= sumFive(at, down, to, next, channels, w, size, ahead);
    } else {
      const near = last + place + line + bytes((columns + 5) >> 1);
      const far = last + place + bytes((columns + 13) >> 1);
      const ahead = more ? aheadOf(near, far, 8 * channels, w) : w;
      const above = more ? aheadOf(near - down, far - down, 8 * channels, w) : w;
      if (columns == 3) kept |= sumThreeByTwo(at, line, down, to, next, channels, w, size, ahead, above);
      else kept |= sumFiveByTwo(at, line, down, to, next, channels, w, size, ahead, above);
    }
    for (let p = 0; p < 4; p++) finishRun(finish, to + <usize>p * next, channels, bias);
  }
  store<i32>(finish, kept, KEPT);
}

/**
 * The address that stands at `near` if so many floats lie from there on: if that at `far`, of the last position, is where it would be.
 * Else `other`: padding, or channels in blocks.
 */
function aheadOf(near: usize, far: usize, floats: i32, other: usize): usize {
  const from = load<usize>(near);
  return load<usize>(far) - from < bytes(floats) ? from : other;
}

function sumThree(strip: usize, down: usize, out: usize, next: usize, channels: i32, w: usize, size: usize, ahead: usize): i32 {
  let kept = 0;
  for (let i = 0; i < channels; i += 4, ahead += 64) {
    const channel = bytes(min(i, channels - 4));
    kept |= load<i32>(ahead);
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    let at = strip;
    for (const stop = w + size; w < stop; w += 48, at += down) {
      const u = v128.load(w);
      const v = v128.load(w, 16);
      const t = v128.load(w, 32);
      const x0 = v128.load(load<usize>(at) + channel);
      a = madd(x0, u, a);
      const x1 = v128.load(load<usize>(at, 4) + channel);
      a = madd(x1, v, a);
      b = madd(x1, u, b);
      const x2 = v128.load(load<usize>(at, 8) + channel);
      a = madd(x2, t, a);
      b = madd(x2, v, b);
      c = madd(x2, u, c);
      const x3 = v128.load(load<usize>(at, 12) + channel);
      b = madd(x3, t, b);
      c = madd(x3, v, c);
      d = madd(x3, u, d);
      const x4 = v128.load(load<usize>(at, 16) + channel);
      c = madd(x4, t, c);
      d = madd(x4, v, d);
      const x5 = v128.load(load<usize>(at, 20) + channel);
      d = madd(x5, t, d);
    }
    let to = out + channel;
    v128.store(to, a);
    to += next;
    v128.store(to, b);
    to += next;
    v128.store(to, c);
    to += next;
    v128.store(to, d);
  }
  return kept;
}

function sumThreeByTwo(
  strip: usize,
  line: usize,
  down: usize,
  out: usize,
  next: usize,
  channels: i32,
  w: usize,
  size: usize,
  ahead: usize,
  above: usize,
): i32 {
  let kept = 0;
  for (let i = 0; i < channels; i += 4, ahead += 128, above += 128) {
    const channel = bytes(min(i, channels - 4));
    kept |= load<i32>(ahead) | load<i32>(ahead, 64) | load<i32>(above) | load<i32>(above, 64);
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    let at = strip;
    for (const stop = w + size; w < stop; w += 48, at += down) {
      const odd = at + line;
      const u = v128.load(w);
      const v = v128.load(w, 16);
      const t = v128.load(w, 32);
      const e0 = v128.load(load<usize>(at) + channel);
      a = madd(e0, u, a);
      const o0 = v128.load(load<usize>(odd) + channel);
      a = madd(o0, v, a);
      const e1 = v128.load(load<usize>(at, 4) + channel);
      a = madd(e1, t, a);
      b = madd(e1, u, b);
      const o1 = v128.load(load<usize>(odd, 4) + channel);
      b = madd(o1, v, b);
      const e2 = v128.load(load<usize>(at, 8) + channel);
      b = madd(e2, t, b);
      c = madd(e2, u, c);
      const o2 = v128.load(load<usize>(odd, 8) + channel);
      c = madd(o2, v, c);
      const e3 = v128.load(load<usize>(at, 12) + channel);
      c = madd(e3, t, c);
      d = madd(e3, u, d);
      const o3 = v128.load(load<usize>(odd, 12) + channel);
      d = madd(o3, v, d);
      const e4 = v128.load(load<usize>(at, 16) + channel);
      d = madd(e4, t, d);
    }
    let to = out + channel;
    v128.store(to, a);
    to += next;
    v128.store(to, b);
    to += next;
    v128.store(to, c);
    to += next;
    v128.store(to, d);
  }
  return kept;
}

function sumFive(strip: usize, down: usize, out: usize, next: usize, channels: i32, w: usize, size: usize, ahead: usize): i32 {
  let kept = 0;
  for (let i = 0; i < channels; i += 4, ahead += 64) {
    const channel = bytes(min(i, channels - 4));
    kept |= load<i32>(ahead);
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    let at = strip;
    for (const stop = w + size; w < stop; w += 80, at += down) {
      const u = v128.load(w);
      const v = v128.load(w, 16);
      const t = v128.load(w, 32);
      const p = v128.load(w, 48);
      const q = v128.load(w, 64);
      const x0 = v128.load(load<usize>(at) + channel);
      a = madd(x0, u, a);
      const x1 = v128.load(load<usize>(at, 4) + channel);
      a = madd(x1, v, a);
      b = madd(x1, u, b);
      const x2 = v128.load(load<usize>(at, 8) + channel);
      a = madd(x2, t, a);
      b = madd(x2, v, b);
      c = madd(x2, u, c);
      const x3 = v128.load(load<usize>(at, 12) + channel);
      b = madd(x3, t, b);
      c = madd(x3, v, c);
      d = madd(x3, u, d);
      const x4 = v128.load(load<usize>(at, 16) + channel);
      c = madd(x4, t, c);
      d = madd(x4, v, d);
      const x5 = v128.load(load<usize>(at, 20) + channel);
      d = madd(x5, t, d);
      a = madd(x3, p, a);
      a = madd(x4, q, a);
      b = madd(x4, p, b);
      b = madd(x5, q, b);
      c = madd(x5, p, c);
      const x6 = v128.load(load<usize>(at, 24) + channel);
      c = madd(x6, q, c);
      d = madd(x6, p, d);
      const x7 = v128.load(load<usize>(at, 28) + channel);
      d = madd(x7, q, d);
    }
    let to = out + channel;
    v128.store(to, a);
    to += next;
    v128.store(to, b);
    to += next;
    v128.store(to, c);
    to += next;
    v128.store(to, d);
  }
  return kept;
}

function sumFiveByTwo(
  strip: usize,
  line: usize,
  down: usize,
  out: usize,
  next: usize,
  channels: i32,
  w: usize,
  size: usize,
  ahead: usize,
  above: usize,
): i32 {
  let kept = 0;
  for (let i = 0; i < channels; i += 4, ahead += 128, above += 128) {
    const channel = bytes(min(i, channels - 4));
    kept |= load<i32>(ahead) | load<i32>(ahead, 64) | load<i32>(above) | load<i32>(above, 64);
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    let at = strip;
    for (const stop = w + size; w < stop; w += 80, at += down) {
      const odd = at + line;
      const u = v128.load(w);
      const v = v128.load(w, 16);
      const t = v128.load(w, 32);
      const p = v128.load(w, 48);
      const q = v128.load(w, 64);
      const e0 = v128.load(load<usize>(at) + channel);
      a = madd(e0, u, a);
      const o0 = v128.load(load<usize>(odd) + channel);
      a = madd(o0, v, a);
      const e1 = v128.load(load<usize>(at, 4) + channel);
      a = madd(e1, t, a);
      b = madd(e1, u, b);
      const o1 = v128.load(load<usize>(odd, 4) + channel);
      b = madd(o1, v, b);
      const e2 = v128.load(load<usize>(at, 8) + channel);
      b = madd(e2, t, b);
      c = madd(e2, u, c);
      const o2 = v128.load(load<usize>(odd, 8) + channel);
      c = madd(o2, v, c);
      const e3 = v128.load(load<usize>(at, 12) + channel);
      c = madd(e3, t, c);
      d = madd(e3, u, d);
      const o3 = v128.load(load<usize>(odd, 12) + channel);
      d = madd(o3, v, d);
      const e4 = v128.load(load<usize>(at, 16) + channel);
      d = madd(e4, t, d);
      a = madd(o1, p, a);
      a = madd(e2, q, a);
      b = madd(o2, p, b);
      b = madd(e3, q, b);
      c = madd(o3, p, c);
      c = madd(e4, q, c);
      const o4 = v128.load(load<usize>(odd, 16) + channel);
      d = madd(o4, p, d);
      const e5 = v128.load(load<usize>(at, 20) + channel);
      d = madd(e5, q, d);
    }
    let to = out + channel;
    v128.store(to, a);
    to += next;
    v128.store(to, b);
    to += next;
    v128.store(to, c);
    to += next;
    v128.store(to, d);
  }
  return kept;
}
