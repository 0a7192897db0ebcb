/**
 * A strip: rows of one channel's plane copied into the workspace with their padding, so that nothing beyond it has to ask where an edge is. Or not the
 * elements but their addresses, where channels lie behind each: then padding is the address of a line of zeros, and nothing is copied.
 *
 *                 ┌ pitch floats: a phase ┐
 *   slice 0 row 0 │ 0 0 x0 x2 x4 .. 0 0   │ 0 x1 x3 x5 .. 0 0 0 │     stride 2: columns of the same remainder stand together,
 *           row 1 │ ..                                                so that four outputs always meet four neighbours
 *   slice 1 row 0 │ ..
 */
import { bytes } from './depthwise-element';
import { zeroRun } from './simd';

@unmanaged
export class Strip {
  at: usize;
  slices: i32;
  rows: i32;
  phases: i32;
  pitch: i32;
  /** Of the outputs that it serves: columns, and rows in units of `rowStep` strip rows. */
  outColumns: i32;
  outRows: i32;
  /** Elements from one column of the plane to the next. */
  space: i32;
  /** The line of zeros, in a strip of addresses; else 0. */
  zeros: usize;

  /** Bytes to a row of a slice. */
  row(slice: i32, row: i32): usize {
    return bytes((slice * this.rows + row) * this.phases * this.pitch);
  }
}

export const STRIP_BYTES: usize = 48;

/** What a strip of about this many floats gains in L1 outweighs the rows that neighbouring strips copy twice. */
const CACHED: i32 = 8192;

/**
 * Lays out a strip for as many output rows as are kept in cache: an output row spans `window` strip rows, the next stands `rowStep` lower; `reach`
 * phase columns are met beyond its own. False if not even one row of 16 columns fits in `room` floats.
 */
export function layStrip(
  strip: Strip,
  at: usize,
  room: i32,
  slices: i32,
  outRows: i32,
  rowStep: i32,
  window: i32,
  outColumns: i32,
  phases: i32,
  reach: i32,
): bool {
  strip.at = at;
  strip.slices = slices;
  strip.phases = phases;
  strip.space = 1;
  strip.zeros = 0;
  for (let columns = outColumns; ; columns = ((columns >> 1) + 15) & -16) {
    // Vectors at the end of a row read up to three floats further.
    const pitch = ((<i64>columns + reach + 6) >> 2) << 2;
    const line = pitch * phases * slices;
    let rows = rowsIn(min(CACHED, room), line, rowStep, window);
    if (rows < min(outRows, window)) rows = rowsIn(room, line, rowStep, window);
    if (rows >= 1) {
      strip.pitch = <i32>pitch;
      strip.outColumns = columns;
      strip.outRows = <i32>min<i64>(rows, outRows);
      strip.rows = (strip.outRows - 1) * rowStep + window;
      return true;
    }
    if (columns <= 16) break;
  }
  return false;
}

function rowsIn(room: i32, line: i64, rowStep: i32, window: i32): i64 {
  const rows = <i64>room / line - window;
  return rows < 0 ? 0 : rows / rowStep + 1;
}

/** Makes of the strip just laid out one of addresses. */
export function holdAddresses(strip: Strip, space: i32, zeros: usize): void {
  strip.space = space;
  strip.zeros = zeros;
}

/** Takes rows [row, row + rows) of one slice, columns from `column` on; `plane` is 0 where the slice is padding. */
export function fillStrip(
  strip: Strip,
  slice: i32,
  plane: usize,
  rowStep: i32,
  height: i32,
  width: i32,
  row: i32,
  rows: i32,
  column: i32,
): void {
  const phases = strip.phases;
  const pitch = strip.pitch;
  const space = strip.space;
  const padding = i32x4.splat(<i32>strip.zeros);
  const next = bytes(phases * pitch);
  for (let phase = 0; phase < phases; phase++) {
    // => line[i] is row[start + i · phases], inside for i in [begin, end)
    const start = column + phase;
    const begin = start < 0 ? min(pitch, (-start - 1) / phases + 1) : 0;
    const end = start < width ? max(begin, min(pitch, (width - 1 - start) / phases + 1)) : begin;
    const from = plane + bytes((start + begin * phases) * space);
    let to = strip.at + strip.row(slice, 0) + bytes(phase * pitch);
    for (let r = row; r < row + rows; r++, to += next) {
      const inside = plane != 0 && <u32>r < <u32>height;
      const first = inside ? begin : pitch;
      const last = inside ? end : pitch;
      for (let i = 0; i < first; i += 4) v128.store(to + bytes(i), padding);
      for (let i = last & -4; i < pitch; i += 4) v128.store(to + bytes(i), padding);
      if (!inside) continue;
      if (strip.zeros) layAddresses(to + bytes(begin), from + bytes(r * rowStep), bytes(phases * space), end - begin);
      else copyEvery(to + bytes(begin), from + bytes(r * rowStep), phases, end - begin);
    }
  }
}

/** Whole vectors wherever there are four, the last over the one before: about 2x at stride 2 and on small planes, where copies cost as much as sums. */
function copyEvery(to: usize, from: usize, step: i32, count: i32): void {
  let i = 0;
  if (count >= 4 && step <= 2) {
    for (; i < count; i += 4) {
      const k = min(i, count - 4);
      v128.store(to + bytes(k), step == 1 ? v128.load(from + bytes(k)) : loadEven(from + bytes(2 * k)));
    }
    return;
  }
  for (; i < count; i++) store<f32>(to + bytes(i), load<f32>(from + bytes(i * step)));
}

function layAddresses(to: usize, from: usize, step: usize, count: i32): void {
  let four = i32x4.add(i32x4.splat(<i32>from), i32x4.mul(i32x4(0, 1, 2, 3), i32x4.splat(<i32>step)));
  const next = i32x4.splat(<i32>(4 * step));
  for (; count >= 4; count -= 4, to += 16, from += 4 * step) {
    v128.store(to, four);
    four = i32x4.add(four, next);
  }
  for (; count > 0; count--, to += 4, from += step) store<usize>(to, from);
}

/** Floats 0, 2, 4 and 6, without a look at the eighth. */
function loadEven(from: usize): v128 {
  return v128.shuffle<f32>(v128.load(from), v128.load(from, 12), 0, 2, 5, 7);
}
