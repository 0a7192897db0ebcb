/**
 * The Fourier transform of columns: n rows of complex numbers, `step` bytes from one to the next and all of it dense. A row is vectors of four real parts, each followed by one of
 * their imaginary parts: a column is a lane, which meets no other.
 *
 * Stockham's, by radix 4: to and fro between two rooms, with results in their natural order. The inverse is the same transform of numbers whose real and imaginary parts are
 * exchanged.
 */
import { madd, nmadd } from '../base/runs';

/** Bytes of four complex numbers, and of a root. */
export const FOUR: usize = 32;
const ROOT: usize = 8;

/** e^(-2πik/n) for k < n, each turned from the one before by one of cosine and sine. In doubles: 2^14 turns lose 4 of 16 digits. */
export function layRoots(to: usize, n: i32, cosine: f64, sine: f64): void {
  let re: f64 = 1;
  let im: f64 = 0;
  for (const end = to + <usize>n * ROOT; to < end; to += ROOT) {
    store<f32>(to, <f32>re);
    store<f32>(to, <f32>im, 4);
    const next = re * cosine + im * sine;
    im = im * cosine - re * sine;
    re = next;
  }
}

/** Returns the room of the result, `from` or `to`. There are `count` roots, of which every count/n-th is one of n. */
export function transform(from: usize, to: usize, n: i32, step: usize, roots: usize, count: i32): usize {
  for (let root = <usize>(count / n) * ROOT; n > 1; n >>= 2, step <<= 2, root <<= 2) {
    if (n == 2) {
      for (const end = from + step; from < end; from += FOUR, to += FOUR) {
        const re = v128.load(from);
        const im = v128.load(from, 16);
        const otherRe = v128.load(from + step);
        const otherIm = v128.load(from + step, 16);
        v128.store(to, f32x4.add(re, otherRe));
        v128.store(to, f32x4.add(im, otherIm), 16);
        v128.store(to + step, f32x4.sub(re, otherRe));
        v128.store(to + step, f32x4.sub(im, otherIm), 16);
      }
      return to - step;
    }
    const quarter = <usize>(n >> 2) * step;
    let at = from;
    let out = to;
    for (let turn: usize = 0; at < from + quarter; turn += root, out += 3 * step) {
      const re1 = v128.load32_splat(roots + turn);
      const im1 = v128.load32_splat(roots + turn, 4);
      const re2 = v128.load32_splat(roots + 2 * turn);
      const im2 = v128.load32_splat(roots + 2 * turn, 4);
      const re3 = v128.load32_splat(roots + 3 * turn);
      const im3 = v128.load32_splat(roots + 3 * turn, 4);
      for (const end = at + step; at < end; at += FOUR, out += FOUR) {
        const b = at + quarter;
        const c = b + quarter;
        const d = c + quarter;
        const sumRe = f32x4.add(v128.load(at), v128.load(c));
        const sumIm = f32x4.add(v128.load(at, 16), v128.load(c, 16));
        const otherRe = f32x4.add(v128.load(b), v128.load(d));
        const otherIm = f32x4.add(v128.load(b, 16), v128.load(d, 16));
        v128.store(out, f32x4.add(sumRe, otherRe));
        v128.store(out, f32x4.add(sumIm, otherIm), 16);
        storeTurned(out + 2 * step, f32x4.sub(sumRe, otherRe), f32x4.sub(sumIm, otherIm), re2, im2);
        const lessRe = f32x4.sub(v128.load(at), v128.load(c));
        const lessIm = f32x4.sub(v128.load(at, 16), v128.load(c, 16));
        const turnedRe = f32x4.sub(v128.load(b, 16), v128.load(d, 16));
        const turnedIm = f32x4.sub(v128.load(d), v128.load(b));
        storeTurned(out + step, f32x4.add(lessRe, turnedRe), f32x4.add(lessIm, turnedIm), re1, im1);
        storeTurned(out + 3 * step, f32x4.sub(lessRe, turnedRe), f32x4.sub(lessIm, turnedIm), re3, im3);
      }
    }
    const next = from;
    from = to;
    to = next;
  }
  return from;
}

function storeTurned(to: usize, re: v128, im: v128, rootRe: v128, rootIm: v128): void {
  v128.store(to, nmadd(im, rootIm, f32x4.mul(re, rootRe)));
  v128.store(to, madd(re, rootIm, f32x4.mul(im, rootRe)), 16);
}
