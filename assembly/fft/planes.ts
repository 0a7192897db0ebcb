/**
 * Planes of complex numbers, whose rows are vectors of four real parts, each followed by one of their imaginary parts. Two tiles of x make one: the kernel is real, so its spectrum
 * times theirs is the spectrum of both results, one in the real parts, the other in the imaginary ones.
 */
import { transposeFour } from '../base/lanes';
import { madd, nmadd } from '../base/runs';
import { FOUR, transform } from './transform';

/** Bytes of a complex number. */
export const VALUE: usize = 8;

/**
 * The transform of a plane of rows × width down its columns, of n = rows or none, n = 1; turned, it is done again with the other n. Of a plane that is already a spectrum this turns it
 * back. Returns its room, `from` or `to`. There are `count` roots.
 */
export function transformBoth(from: usize, to: usize, rows: i32, width: i32, n: i32, other: i32, roots: usize, count: i32): usize {
  const both = from + to;
  from = transform(from, to, n, <usize>width * VALUE, roots, count);
  to = both - from;
  turn(from, to, rows, width);
  return transform(to, from, other, <usize>rows * VALUE, roots, count);
}

function turn(from: usize, to: usize, rows: i32, width: i32): void {
  const row = <usize>width * VALUE;
  const turned = <usize>rows * VALUE;
  for (const end = to + turned; to < end; to += FOUR, from += 3 * row) {
    let out = to;
    // Real parts, then imaginary ones.
    let next: usize = 16;
    for (const stop = from + row; from < stop; from += 16, out += next, next = 4 * turned - next) {
      transposeFour(from, from + row, from + 2 * row, from + 3 * row, out, turned);
    }
  }
}

/** a = a · conj b, with real and imaginary parts exchanged: of these the transform is the inverse one. The conjugate turns the kernel round. */
export function multiply(a: usize, b: usize, end: usize): void {
  for (; a < end; a += FOUR, b += FOUR) {
    const re = v128.load(a);
    const im = v128.load(a, 16);
    const otherRe = v128.load(b);
    const otherIm = v128.load(b, 16);
    v128.store(a, nmadd(re, otherIm, f32x4.mul(im, otherRe)));
    v128.store(a, madd(re, otherRe, f32x4.mul(im, otherIm)), 16);
  }
}
