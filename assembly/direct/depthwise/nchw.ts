/** The inner loops along a row of outputs, four to a vector: sums over a table of taps. */
import { Epilogue, finishFour } from '../../base/epilogue';
import { storeFirst, transposeFour } from '../../base/lanes';
import { bytes, madd } from '../../base/runs';
import { TAP_BYTES, tapAt } from '../taps';

/** `rows` output rows of `count` sums over the taps [taps, end), `step` bytes of the line buffer and `outStep` of the output apart. */
export function sumRows(
  taps: usize,
  end: usize,
  step: usize,
  rows: i32,
  out: usize,
  outStep: usize,
  count: i32,
  epilogue: Epilogue,
  bias: v128,
): void {
  for (let offset: usize = 0; rows > 0; rows--, offset += step, out += outStep) sumRow(taps, end, offset, out, count, epilogue, bias);
}

export function sumRow(taps: usize, end: usize, offset: usize, out: usize, count: i32, epilogue: Epilogue, bias: v128): void {
  for (; count >= 16; count -= 16, offset += 64, out += 64) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (let t = taps; t < end; t += TAP_BYTES) {
      const weight = v128.load(t);
      const at = tapAt(t).at + offset;
      s0 = madd(v128.load(at), weight, s0);
      s1 = madd(v128.load(at, 16), weight, s1);
      s2 = madd(v128.load(at, 32), weight, s2);
      s3 = madd(v128.load(at, 48), weight, s3);
    }
    v128.store(out, finishFour(epilogue, s0, bias));
    v128.store(out, finishFour(epilogue, s1, bias), 16);
    v128.store(out, finishFour(epilogue, s2, bias), 32);
    v128.store(out, finishFour(epilogue, s3, bias), 48);
  }
  for (; count > 4; count -= 8, offset += 32, out += 32) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    for (let t = taps; t < end; t += TAP_BYTES) {
      const weight = v128.load(t);
      const at = tapAt(t).at + offset;
      s0 = madd(v128.load(at), weight, s0);
      s1 = madd(v128.load(at, 16), weight, s1);
    }
    v128.store(out, finishFour(epilogue, s0, bias));
    storeFirst(out + 16, finishFour(epilogue, s1, bias), count - 4);
  }
  if (count > 0) {
    let s0 = f32x4.splat(0);
    for (let t = taps; t < end; t += TAP_BYTES) s0 = madd(v128.load(tapAt(t).at + offset), v128.load(t), s0);
    storeFirst(out, finishFour(epilogue, s0, bias), count);
  }
}

/**
 * As sumRows, in order, two rows at a time: what the second meets at a tap, the first meets `shared` bytes of taps further on. So a vector of x and
 * its address serve two products. Kernels of 5×5 and 7×7, 14 to 112 columns: 1.04 to 1.35 (Node 26: 1.18 to 1.69) times as fast (AMD Zen 4;
 * `npm run bench -- --against <old.wasm> --filter depthwise --resident`).
 */
export function sumRowPairs(
  taps: usize,
  end: usize,
  shared: usize,
  step: isize,
  rows: i32,
  out: usize,
  outStep: isize,
  count: i32,
  epilogue: Epilogue,
  bias: v128,
  offset: usize,
): void {
  for (; count >= 8 && rows > 1; rows -= 2, offset += 2 * step, out += 2 * outStep) {
    // The last tile overlaps the one before.
    for (let i = 0; i < count; ) {
      const four = i + 8 < count && count >= 16;
      const k = bytes(min(i, four ? count - 16 : count - 8));
      if (four) sumPairOfFour(taps, end, shared, step, offset + k, out + k, outStep);
      else sumPairOfTwo(taps, end, shared, step, offset + k, out + k, outStep);
      if (epilogue.active) {
        finishTile(epilogue, out + k, four, bias);
        finishTile(epilogue, out + outStep + k, four, bias);
      }
      i += four ? 16 : 8;
    }
  }
  for (; rows > 0; rows--, offset += step, out += outStep) sumRow(taps, end, offset, out, count, epilogue, bias);
}

function finishTile(epilogue: Epilogue, at: usize, four: bool, bias: v128): void {
  for (const stop = at + (four ? 64 : 32); at < stop; at += 16) v128.store(at, finishFour(epilogue, v128.load(at), bias));
}

function sumPairOfFour(taps: usize, end: usize, shared: usize, step: isize, offset: usize, out: usize, outStep: isize): void {
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let b0 = a0;
  let b1 = a0;
  let b2 = a0;
  let b3 = a0;
  let t = taps;
  for (const stop = taps + shared; t < stop; t += TAP_BYTES) {
    const at = tapAt(t).at + offset;
    const weight = v128.load(t);
    a0 = madd(v128.load(at), weight, a0);
    a1 = madd(v128.load(at, 16), weight, a1);
    a2 = madd(v128.load(at, 32), weight, a2);
    a3 = madd(v128.load(at, 48), weight, a3);
  }
  for (; t < end; t += TAP_BYTES) {
    const at = tapAt(t).at + offset;
    const first = v128.load(t);
    const second = v128.load(t - shared);
    let x = v128.load(at);
    a0 = madd(x, first, a0);
    b0 = madd(x, second, b0);
    x = v128.load(at, 16);
    a1 = madd(x, first, a1);
    b1 = madd(x, second, b1);
    x = v128.load(at, 32);
    a2 = madd(x, first, a2);
    b2 = madd(x, second, b2);
    x = v128.load(at, 48);
    a3 = madd(x, first, a3);
    b3 = madd(x, second, b3);
  }
  for (t = end - shared; t < end; t += TAP_BYTES) {
    const at = tapAt(t).at + offset + step;
    const weight = v128.load(t);
    b0 = madd(v128.load(at), weight, b0);
    b1 = madd(v128.load(at, 16), weight, b1);
    b2 = madd(v128.load(at, 32), weight, b2);
    b3 = madd(v128.load(at, 48), weight, b3);
  }
  v128.store(out, a0);
  v128.store(out, a1, 16);
  v128.store(out, a2, 32);
  v128.store(out, a3, 48);
  out += outStep;
  v128.store(out, b0);
  v128.store(out, b1, 16);
  v128.store(out, b2, 32);
  v128.store(out, b3, 48);
}

/** As sumPairOfFour, eight columns. */
function sumPairOfTwo(taps: usize, end: usize, shared: usize, step: isize, offset: usize, out: usize, outStep: isize): void {
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let b0 = a0;
  let b1 = a0;
  let t = taps;
  for (const stop = taps + shared; t < stop; t += TAP_BYTES) {
    const at = tapAt(t).at + offset;
    a0 = madd(v128.load(at), v128.load(t), a0);
    a1 = madd(v128.load(at, 16), v128.load(t), a1);
  }
  for (; t < end; t += TAP_BYTES) {
    const at = tapAt(t).at + offset;
    const first = v128.load(t);
    const second = v128.load(t - shared);
    let x = v128.load(at);
    a0 = madd(x, first, a0);
    b0 = madd(x, second, b0);
    x = v128.load(at, 16);
    a1 = madd(x, first, a1);
    b1 = madd(x, second, b1);
  }
  for (t = end - shared; t < end; t += TAP_BYTES) {
    const at = tapAt(t).at + offset + step;
    b0 = madd(v128.load(at), v128.load(t), b0);
    b1 = madd(v128.load(at, 16), v128.load(t), b1);
  }
  v128.store(out, a0);
  v128.store(out, a1, 16);
  out += outStep;
  v128.store(out, b0);
  v128.store(out, b1, 16);
}

/** A row of `count` outputs, those at even columns summed over the taps [taps, middle), those at odd ones over [middle, end). */
export function sumRowOfTwo(
  taps: usize,
  middle: usize,
  end: usize,
  offset: usize,
  out: usize,
  count: i32,
  epilogue: Epilogue,
  bias: v128,
): void {
  for (; count > 0; count -= 16, offset += 32, out += 64) {
    let a0 = f32x4.splat(0);
    let a1 = a0;
    for (let t = taps; t < middle; t += TAP_BYTES) {
      const at = tapAt(t).at + offset;
      a0 = madd(v128.load(at), v128.load(t), a0);
      a1 = madd(v128.load(at, 16), v128.load(t), a1);
    }
    let b0 = f32x4.splat(0);
    let b1 = b0;
    for (let t = middle; t < end; t += TAP_BYTES) {
      const at = tapAt(t).at + offset;
      b0 = madd(v128.load(at), v128.load(t), b0);
      b1 = madd(v128.load(at, 16), v128.load(t), b1);
    }
    storeFirst(out, finishFour(epilogue, v128.shuffle<f32>(a0, b0, 0, 4, 1, 5), bias), count);
    if (count > 4) storeFirst(out + 16, finishFour(epilogue, v128.shuffle<f32>(a0, b0, 2, 6, 3, 7), bias), count - 4);
    if (count > 8) storeFirst(out + 32, finishFour(epilogue, v128.shuffle<f32>(a1, b1, 0, 4, 1, 5), bias), count - 8);
    if (count > 12) storeFirst(out + 48, finishFour(epilogue, v128.shuffle<f32>(a1, b1, 2, 6, 3, 7), bias), count - 12);
  }
}

/** to[i · step + k] = line k [i]: `count` floats from `step` lines, `pitch` floats apart. */
export function interleave(to: usize, lines: usize, step: i32, pitch: i32, count: i32): void {
  const next = bytes(pitch);
  const stride = bytes(step);
  for (let k = 0; k < step; k++, lines += next, to += 4) {
    // Counted: past the last of a row at the top of memory, an address and a large stride would pass 4 GiB.
    let at = to;
    for (let i = k, line = lines; i < count; i += step, at += stride, line += 4) store<f32>(at, load<f32>(line));
  }
}

/** `rows` lines of `count` floats, `pitch` bytes apart, to places `next` bytes apart in rows that are `step` bytes apart. */
export function scatter(to: usize, step: usize, next: usize, lines: usize, pitch: usize, rows: i32, count: i32): void {
  for (; rows > 0; rows--, to += step, lines += pitch) {
    const end = lines + bytes(count);
    for (let at = to, line = lines; line < end; at += next, line += 4) store<f32>(at, load<f32>(line));
  }
}

/** As scatter, of four sets of lines that are `apart` bytes apart, to four neighbours. */
export function scatterFour(to: usize, step: usize, next: usize, lines: usize, apart: usize, pitch: usize, rows: i32, count: i32): void {
  for (; rows > 0; rows--, to += step, lines += pitch) {
    let i = 0;
    for (; i + 4 <= count; i += 4) {
      const from = lines + bytes(i);
      transposeFour(from, from + apart, from + 2 * apart, from + 3 * apart, to + <usize>i * next, next);
    }
    for (let k: usize = 0; k < 4; k++) scatter(to + <usize>i * next + 4 * k, 0, next, lines + k * apart + bytes(i), 0, 1, count - i);
  }
}
