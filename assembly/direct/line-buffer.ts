/**
 * A line buffer: rows of one channel's plane, copied into the workspace with their padding. The inner loops need no test for edges.
 *
 * In channels-last it holds the address of each position instead of an element. Then nothing is copied, and padding is the address of a line of
 * zeros.
 *
 *                 ┌ pitch floats: a phase ┐
 *   slice 0 row 0 │ 0 0 x0 x2 x4 .. 0 0   │ 0 x1 x3 x5 .. 0 0 0 │     stride 2: columns of the same remainder stand together,
 *           row 1 │ ..                                                so that four outputs always meet four neighbours
 *   slice 1 row 0 │ ..
 */

import { bytes, copyRun } from '../base/runs';

@unmanaged
export class LineBuffer {
  at: usize;
  slices: i32;
  rows: i32;
  phases: i32;
  pitch: i32;
  /** Of the outputs that it serves: columns, and rows in units of `rowStep` line buffer rows. */
  outColumns: i32;
  outRows: i32;
  /** Elements from one column of the plane to the next. */
  space: i32;
  /** The line of zeros, in a line buffer of addresses; else 0. */
  zeros: usize;

  /** Where it ends. */
  get end(): usize {
    return this.at + this.row(this.slices, 0);
  }

  /** Bytes to a row of a slice. */
  row(slice: i32, row: i32): usize {
    return bytes((slice * this.rows + row) * this.phases * this.pitch);
  }
}

export const LINE_BUFFER_BYTES: usize = 48;

/** What a line buffer of about this many floats gains in L1 outweighs the rows that neighbouring line buffers copy twice. */
const CACHED: i32 = 8192;

/**
 * Lays out a line buffer for as many output rows as are kept in cache: an output row spans `window` line buffer rows, the next stands `rowStep`
 * lower; `reach` phase columns are met beyond its own. False if not even one row of 16 columns fits in `room` floats.
 */
export function layLines(
  buffer: LineBuffer,
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
  buffer.at = at;
  buffer.slices = slices;
  buffer.phases = phases;
  buffer.space = 1;
  buffer.zeros = 0;
  for (let columns = outColumns; ; columns = ((columns >> 1) + 15) & -16) {
    // Vectors at the end of a row read up to three floats further.
    const pitch = (<i64>columns + reach + 6) & -4;
    const line = pitch * phases * slices;
    let rows = rowsIn(min(CACHED, room), line, rowStep, window);
    if (rows < min(outRows, window)) rows = rowsIn(room, line, rowStep, window);
    if (rows >= 1) {
      buffer.pitch = <i32>pitch;
      buffer.outColumns = columns;
      buffer.outRows = <i32>min<i64>(rows, outRows);
      buffer.rows = (buffer.outRows - 1) * rowStep + window;
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

/** Of the line buffer just laid out: elements from one column of the plane to the next; for addresses instead of elements, the line of zeros. */
export function takeColumns(buffer: LineBuffer, space: i32, zeros: usize): void {
  buffer.space = space;
  buffer.zeros = zeros;
}

/** Takes rows [row, row + rows) of one slice, columns from `column` on; `plane` is 0 where the slice is padding. */
export function fillLines(
  buffer: LineBuffer,
  slice: i32,
  plane: usize,
  rowStep: i32,
  height: i32,
  width: i32,
  row: i32,
  rows: i32,
  column: i32,
): void {
  const phases = buffer.phases;
  const pitch = buffer.pitch;
  const space = buffer.space;
  const padding = i32x4.splat(<i32>buffer.zeros);
  const next = bytes(phases * pitch);
  const halves = phases == 2 && space == 1 && buffer.zeros == 0;
  for (let phase = 0; phase < phases; phase++) {
    // => line[i] is row[start + i · phases], inside for i in [begin, end)
    const start = column + phase;
    const begin = start < 0 ? min(pitch, (-start - 1) / phases + 1) : 0;
    const end = start < width ? max(begin, min(pitch, (width - 1 - start) / phases + 1)) : begin;
    const from = plane + bytes((start + begin * phases) * space);
    let to = buffer.at + buffer.row(slice, 0) + bytes(phase * pitch);
    for (let r = row; r < row + rows; r++, to += next) {
      const inside = plane != 0 && <u32>r < <u32>height;
      const first = inside ? begin : pitch;
      const last = inside ? end : pitch;
      for (let i = 0; i < first; i += 4) v128.store(to + bytes(i), padding);
      for (let i = last & -4; i < pitch; i += 4) v128.store(to + bytes(i), padding);
      if (!inside || halves) continue;
      if (buffer.zeros) layAddresses(to + bytes(begin), from + bytes(r * rowStep), bytes(phases * space), end - begin);
      else copyEvery(to + bytes(begin), from + bytes(r * rowStep), phases * space, end - begin);
    }
  }
  if (!halves || plane == 0) return;
  // Both phases of a row in one pass, from its first column inside on.
  const skip = max(0, -column);
  const count = min(width, column + 2 * pitch) - column - skip;
  const a = buffer.at + buffer.row(slice, 0) + bytes((skip & 1) * pitch + (skip >> 1));
  const b = buffer.at + buffer.row(slice, 0) + bytes((~skip & 1) * pitch + ((skip + 1) >> 1));
  const from = plane + bytes(column + skip);
  const stop = min(row + rows, height);
  for (let r = max(row, 0); r < stop; r++) {
    const down = <usize>(r - row) * next;
    copyHalves(a + down, b + down, from + bytes(r * rowStep), count);
  }
}

/** Floats 0, 2, 4, .. to one line, 1, 3, 5, .. to another. */
function copyHalves(a: usize, b: usize, from: usize, count: i32): void {
  const last = (count - 8) & -2;
  for (let i = 0; last >= 0 && i < count - 1; i += 8) {
    const k = min(i, last);
    const low = v128.load(from + bytes(k));
    const high = v128.load(from + bytes(k), 16);
    v128.store(a + bytes(k >> 1), v128.shuffle<f32>(low, high, 0, 2, 4, 6));
    v128.store(b + bytes(k >> 1), v128.shuffle<f32>(low, high, 1, 3, 5, 7));
  }
  for (let i = last < 0 ? 0 : count & -2; i < count; i++) store<f32>((i & 1 ? b : a) + bytes(i >> 1), load<f32>(from + bytes(i)));
}

/** `rows` rows, `step` bytes apart, of `count` floats that lie `next` floats apart, to lines `pitch` bytes apart. */
export function gather(lines: usize, pitch: usize, from: usize, step: usize, next: i32, rows: i32, count: i32): void {
  for (; rows > 0; rows--, from += step, lines += pitch) copyEvery(lines, from, next, count);
}

/** Whole vectors wherever there are four, without a step the last over the one before; of four floats apart, 1.1 to 1.2 times as fast. */
function copyEvery(to: usize, from: usize, step: i32, count: i32): void {
  if (step == 1) {
    copyRun(to, from, count);
    return;
  }
  const next = bytes(step);
  for (; count >= 4; count -= 4, to += 16, from += 4 * next) {
    let four = v128.load32_zero(from);
    four = v128.load32_lane(from + next, four, 1);
    four = v128.load32_lane(from + 2 * next, four, 2);
    v128.store(to, v128.load32_lane(from + 3 * next, four, 3));
  }
  for (; count > 0; count--, to += 4, from += next) store<f32>(to, load<f32>(from));
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
