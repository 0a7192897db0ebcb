/**
 * The inner loops along channels for kernels of three or five columns without dilation, with stride 1 or 2: four neighbouring positions by
 * four channels. A column is loaded once for all positions that meet it, and so is its address: against the tile of any taps (nhwc.ts)
 * 1.4 to 1.7 times as fast with stride 1, 1.1 to 1.5 times with stride 2.
 *
 * The hardware prefetcher does not follow four positions of one channel after the other. So a tile touches, in the order of memory, one float of
 * each cache line that the next tile meets first. Where x is not in L2, as in most models, that is 1.4 to 2 times as fast with stride 2, with stride 1
 * up to 1.5 times on Node 20 and 1.2 on Node 26; elsewhere 0.95 to 1.08 times (AMD Zen 5).
 */

import { Five, One, Three, Two } from '../../base/counts';
import { Epilogue, finishRun } from '../../base/epilogue';
import { bytes, madd } from '../../base/runs';
import { TAP_BYTES, tapAt } from '../taps';

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
  epilogue: Epilogue,
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
      if (columns == 3) kept |= sumTile<Three, One>(at, 0, down, to, next, channels, w, size, ahead, w);
      else kept |= sumTile<Five, One>(at, 0, down, to, next, channels, w, size, ahead, w);
    } else {
      const near = last + place + line + bytes((columns + 5) >> 1);
      const far = last + place + bytes((columns + 13) >> 1);
      const ahead = more ? aheadOf(near, far, 8 * channels, w) : w;
      const above = more ? aheadOf(near - down, far - down, 8 * channels, w) : w;
      if (columns == 3) kept |= sumTile<Three, Two>(at, line, down, to, next, channels, w, size, ahead, above);
      else kept |= sumTile<Five, Two>(at, line, down, to, next, channels, w, size, ahead, above);
    }
    for (let p = 0; p < 4; p++) finishRun(epilogue, to + <usize>p * next, channels, bias);
  }
  epilogue.kept = kept;
}

/**
 * The lower of the addresses at `near` and at `far`, of the first and the last position ahead, if so many floats lie from there on. Else `other`: padding, or channels in
 * blocks.
 */
function aheadOf(near: usize, far: usize, floats: i32, other: usize): usize {
  const a = load<usize>(near);
  const b = load<usize>(far);
  const from = min(a, b);
  return max(a, b) - from < bytes(floats) ? from : other;
}

/** Four positions a, b, c, d of all channels. Column k of the window at position p meets tap k - p · stride, of w0 to w4, where there is such a tap. */
function sumTile<Columns, Stride>(
  buffer: usize,
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
  const five = offsetof<Columns>() == offsetof<Five>();
  const byTwo = offsetof<Stride>() == offsetof<Two>();
  let kept = 0;
  for (let i = 0; i < channels; i += 4) {
    const channel = bytes(min(i, channels - 4));
    kept |= load<i32>(ahead);
    if (byTwo) kept |= load<i32>(ahead, 64) | load<i32>(above) | load<i32>(above, 64);
    ahead += byTwo ? 128 : 64;
    above += 128;
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    let at = buffer;
    for (const stop = w + size; w < stop; w += five ? 80 : 48, at += down) {
      const w0 = v128.load(w);
      const w1 = v128.load(w, 16);
      const w2 = v128.load(w, 32);
      const w3 = five ? v128.load(w, 48) : w0;
      const w4 = five ? v128.load(w, 64) : w0;
      let x = v128.load(load<usize>(at) + channel);
      a = madd(x, w0, a);
      if (byTwo) {
        const odd = at + line;
        x = v128.load(load<usize>(odd) + channel);
        a = madd(x, w1, a);
        x = v128.load(load<usize>(at, 4) + channel);
        a = madd(x, w2, a);
        b = madd(x, w0, b);
        x = v128.load(load<usize>(odd, 4) + channel);
        if (five) a = madd(x, w3, a);
        b = madd(x, w1, b);
        x = v128.load(load<usize>(at, 8) + channel);
        if (five) a = madd(x, w4, a);
        b = madd(x, w2, b);
        c = madd(x, w0, c);
        x = v128.load(load<usize>(odd, 8) + channel);
        if (five) b = madd(x, w3, b);
        c = madd(x, w1, c);
        x = v128.load(load<usize>(at, 12) + channel);
        if (five) b = madd(x, w4, b);
        c = madd(x, w2, c);
        d = madd(x, w0, d);
        x = v128.load(load<usize>(odd, 12) + channel);
        if (five) c = madd(x, w3, c);
        d = madd(x, w1, d);
        x = v128.load(load<usize>(at, 16) + channel);
        if (five) c = madd(x, w4, c);
        d = madd(x, w2, d);
        if (five) d = madd(v128.load(load<usize>(odd, 16) + channel), w3, d);
        if (five) d = madd(v128.load(load<usize>(at, 20) + channel), w4, d);
      } else {
        x = v128.load(load<usize>(at, 4) + channel);
        a = madd(x, w1, a);
        b = madd(x, w0, b);
        x = v128.load(load<usize>(at, 8) + channel);
        a = madd(x, w2, a);
        b = madd(x, w1, b);
        c = madd(x, w0, c);
        x = v128.load(load<usize>(at, 12) + channel);
        if (five) a = madd(x, w3, a);
        b = madd(x, w2, b);
        c = madd(x, w1, c);
        d = madd(x, w0, d);
        x = v128.load(load<usize>(at, 16) + channel);
        if (five) a = madd(x, w4, a);
        if (five) b = madd(x, w3, b);
        c = madd(x, w2, c);
        d = madd(x, w1, d);
        x = v128.load(load<usize>(at, 20) + channel);
        if (five) b = madd(x, w4, b);
        if (five) c = madd(x, w3, c);
        d = madd(x, w2, d);
        if (five) {
          x = v128.load(load<usize>(at, 24) + channel);
          c = madd(x, w4, c);
          d = madd(x, w3, d);
          d = madd(v128.load(load<usize>(at, 28) + channel), w4, d);
        }
      }
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
