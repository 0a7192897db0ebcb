/**
 * y = f(a, b, c), element by element: what the memory gives is the limit, so that one loop for each f, with steps of 16 bytes or none, is as fast as several. An
 * operand that is the same along a row is read from a vector of it (a `cell`).
 */

import { bytes, copyRun, madd } from '../base/runs';
import { Axes } from './strided-copy';

/** Rows shorter than this are put together where an operand repeats: [416, 416, 3] + [3] takes 0.16 ms as [416, 416, 3] + [] does (tfjs's own kernel 2.2). */
const SHORT: i32 = 64;
const LONG: i32 = 2 * SHORT;

/** At `scratch`: a cell of each operand and of the result, and two repeated operands of up to LONG elements. */
const CELL: usize = 16;
const LINE: usize = bytes(LONG);

/** An f. Operands are addresses: an f that has no third does not read it. */
@unmanaged
class Add {
  of(a: usize, b: usize, _c: usize): v128 {
    return f32x4.add(v128.load(a), v128.load(b));
  }
}
@unmanaged
class Subtract {
  of(a: usize, b: usize, _c: usize): v128 {
    return f32x4.sub(v128.load(a), v128.load(b));
  }
}
@unmanaged
class Multiply {
  of(a: usize, b: usize, _c: usize): v128 {
    return f32x4.mul(v128.load(a), v128.load(b));
  }
}
@unmanaged
class Divide {
  of(a: usize, b: usize, _c: usize): v128 {
    return f32x4.div(v128.load(a), v128.load(b));
  }
}
/** b > a ? b : a, as tfjs's wasm backend has it: of a NaN and a number it gives the first. */
@unmanaged
class Maximum {
  of(a: usize, b: usize, _c: usize): v128 {
    return f32x4.pmax(v128.load(a), v128.load(b));
  }
}
@unmanaged
class Minimum {
  of(a: usize, b: usize, _c: usize): v128 {
    return f32x4.pmin(v128.load(a), v128.load(b));
  }
}
@unmanaged
class SquaredDifference {
  of(a: usize, b: usize, _c: usize): v128 {
    const d = f32x4.sub(v128.load(a), v128.load(b));
    return f32x4.mul(d, d);
  }
}
/** a < 0 ? a · b : a. */
@unmanaged
class Prelu {
  of(a: usize, b: usize, _c: usize): v128 {
    const v = v128.load(a);
    return v128.bitselect(f32x4.mul(v, v128.load(b)), v, f32x4.lt(v, f32x4.splat(0)));
  }
}
/** a > 0 ? 1 : b; NaN stays. */
@unmanaged
class Step {
  of(a: usize, b: usize, _c: usize): v128 {
    const v = v128.load(a);
    const steps = v128.bitselect(f32x4.splat(1), v128.load(b), f32x4.gt(v, f32x4.splat(0)));
    return v128.bitselect(v, steps, f32x4.ne(v, v));
  }
}
/** Between b and c; NaN stays, and so does a -0. */
@unmanaged
class Clip {
  of(a: usize, b: usize, c: usize): v128 {
    return f32x4.pmin(f32x4.pmax(v128.load(a), v128.load(b)), v128.load(c));
  }
}
/** Between 0 and b; NaN stays, and -0 becomes 0. */
@unmanaged
class Relu {
  of(a: usize, b: usize, _c: usize): v128 {
    const zero = f32x4.splat(0);
    return f32x4.pmin(f32x4.add(f32x4.pmax(v128.load(a), zero), zero), v128.load(b));
  }
}
/** a · b + c. */
@unmanaged
class Affine {
  of(a: usize, b: usize, c: usize): v128 {
    return madd(v128.load(a), v128.load(b), v128.load(c));
  }
}

/** The functions, by the number that src/wasm/array-ops.ts calls them by. */
export enum Elementwise {
  add,
  subtract,
  multiply,
  divide,
  maximum,
  minimum,
  squaredDifference,
  prelu,
  step,
  clip,
  relu,
  affine,
}

/** `f` is one of Elementwise; y is dense, c steps as b does. Of Axes, `from` are the steps of a and `to` those of b. */
export function elementwise(f: i32, g: Axes, a: usize, b: usize, c: usize, y: usize, scratch: usize): void {
  const rows = g.rows;
  const length = g.length;
  // Short rows side by side in a, and the same b for all: so many of them at a time, with b repeated; or the other way round.
  const short = rows > 1 && length > 0 && length < SHORT;
  const bRepeats = short && g.fromRow == length && g.fromStep == 1 && g.toRow == 0 && g.toStep == 1;
  const aRepeats = short && g.toRow == length && g.toStep == 1 && g.fromRow == 0 && g.fromStep == 1;
  const times = bRepeats || aRepeats ? LONG / length : 1;
  const together = length * times;
  const line = scratch + 4 * CELL;
  for (let plane = 0; plane < g.planes; plane++) {
    for (let slab = 0; slab < g.slabs; slab++) {
      let p = a + bytes(plane * g.fromPlane + slab * g.fromSlab);
      const second = bytes(plane * g.toPlane + slab * g.toSlab);
      let q = b + second;
      let r = c + second;
      if (aRepeats) p = repeat(p, length, times, line);
      else if (bRepeats) {
        r = repeat(r, length, times, line + LINE);
        q = repeat(q, length, times, line);
      }
      let left = rows * length;
      const aRow = bytes(aRepeats ? 0 : g.fromRow * times);
      const bRow = bytes(bRepeats ? 0 : g.toRow * times);
      for (; left > 0; left -= together, p += aRow, q += bRow, r += bRow) {
        y = eachRow(f, p, g.fromStep, q, r, g.toStep, y, min(left, together), scratch);
      }
    }
  }
}

function repeat(from: usize, length: i32, times: i32, to: usize): usize {
  const next = bytes(length);
  for (let at = to; times > 0; times--, at += next) copyRun(at, from, length);
  return to;
}

/** Steps of 0 or 1 element. Returns the end of y. */
function eachRow(f: i32, a: usize, aStep: i32, b: usize, c: usize, bStep: i32, y: usize, length: i32, cells: usize): usize {
  const few = length < 4;
  if (aStep == 0) a = splat(cells, a);
  else if (few) a = copyFew(cells, a, length);
  if (bStep == 0) {
    b = splat(cells + CELL, b);
    c = splat(cells + 2 * CELL, c);
  } else if (few) {
    b = copyFew(cells + CELL, b, length);
    c = copyFew(cells + 2 * CELL, c, length);
  }
  const s = (<usize>aStep) << 4;
  const t = (<usize>bStep) << 4;
  const to = few ? cells + 3 * CELL : y;
  const end = few ? to + CELL : y + bytes(length);
  switch (f) {
    case Elementwise.add:
      row<Add>(a, s, b, c, t, to, end);
      break;
    case Elementwise.subtract:
      row<Subtract>(a, s, b, c, t, to, end);
      break;
    case Elementwise.multiply:
      row<Multiply>(a, s, b, c, t, to, end);
      break;
    case Elementwise.divide:
      row<Divide>(a, s, b, c, t, to, end);
      break;
    case Elementwise.maximum:
      row<Maximum>(a, s, b, c, t, to, end);
      break;
    case Elementwise.minimum:
      row<Minimum>(a, s, b, c, t, to, end);
      break;
    case Elementwise.squaredDifference:
      row<SquaredDifference>(a, s, b, c, t, to, end);
      break;
    case Elementwise.prelu:
      row<Prelu>(a, s, b, c, t, to, end);
      break;
    case Elementwise.step:
      row<Step>(a, s, b, c, t, to, end);
      break;
    case Elementwise.clip:
      row<Clip>(a, s, b, c, t, to, end);
      break;
    case Elementwise.relu:
      row<Relu>(a, s, b, c, t, to, end);
      break;
    case Elementwise.affine:
      row<Affine>(a, s, b, c, t, to, end);
      break;
    default:
      unreachable();
  }
  if (few) copyFew(y, to, length);
  return y + bytes(length);
}

function splat(to: usize, from: usize): usize {
  v128.store(to, v128.load32_splat(from));
  return to;
}

function copyFew(to: usize, from: usize, count: i32): usize {
  for (let i: usize = 0; i < bytes(count); i += 4) store<f32>(to + i, load<f32>(from + i));
  return to;
}

/**
 * At least four elements; s and t are the bytes that an operand steps from four to the next, 16 or none. Of two vectors a turn, prelu takes 1.5 times as long in a cache on
 * V8 11; of four by pointers that step, all take 1.3 times as long (EPYC).
 */
function row<F>(a: usize, s: usize, b: usize, c: usize, t: usize, y: usize, end: usize): void {
  const f = changetype<F>(0);
  for (; y + 64 <= end; y += 64, a += 4 * s, b += 4 * t, c += 4 * t) {
    v128.store(y, f.of(a, b, c));
    v128.store(y, f.of(a + s, b + t, c + t), 16);
    v128.store(y, f.of(a + (s << 1), b + (t << 1), c + (t << 1)), 32);
    v128.store(y, f.of(a + (s << 1) + s, b + (t << 1) + t, c + (t << 1) + t), 48);
  }
  for (; y + 16 <= end; y += 16, a += s, b += t, c += t) v128.store(y, f.of(a, b, c));
  if (y == end) return;
  // The last four, some of them once more.
  const back = y + 16 - end;
  v128.store(y - back, f.of(s ? a - back : a, t ? b - back : b, t ? c - back : c));
}
