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
