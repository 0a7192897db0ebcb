/**
 * A strip: rows of one channel's plane copied into the workspace with their padding, so that nothing beyond it has to ask where an edge is.
 *
 *                 ┌ pitch floats: a phase ┐
 *   slice 0 row 0 │ 0 0 x0 x2 x4 .. 0 0   │ 0 x1 x3 x5 .. 0 0 0 │     stride 2: columns of the same remainder stand together,
 *           row 1 │ ..                                                so that four outputs always meet four neighbours
 *   slice 1 row 0 │ ..
 */
import { bytes } from './depthwise-element';
import { copyRun, zeroRun } from './simd';

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

  /** Bytes to a row of a slice. */
  row(slice: i32, row: i32): usize {
    return bytes((slice * this.rows + row) * this.phases * this.pitch);
  }
}

export const STRIP_BYTES: usize = 32;

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

/** Copies rows [row, row + rows) of one slice, columns from `column` on; `plane` is 0 where the slice is padding. */
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
  let to = strip.at + strip.row(slice, 0);
  const phases = strip.phases;
  const pitch = strip.pitch;
  for (let r = row; r < row + rows; r++) {
    if (plane == 0 || <u32>r >= <u32>height) {
      zeroRun(to, phases * pitch);
      to += bytes(phases * pitch);
    } else {
      const from = plane + bytes(r * rowStep);
      for (let phase = 0; phase < phases; phase++, to += bytes(pitch)) fillLine(to, from, width, column + phase, phases, pitch);
    }
  }
}

/** line[i] = row[start + i · step], zero outside of [0, width). */
function fillLine(line: usize, row: usize, width: i32, start: i32, step: i32, pitch: i32): void {
  const begin = start < 0 ? min(pitch, (-start - 1) / step + 1) : 0;
  const end = start < width ? max(begin, min(pitch, (width - 1 - start) / step + 1)) : begin;
  zeroRun(line, begin);
  zeroRun(line + bytes(end), pitch - end);
  const at = start + begin * step;
  if (step == 1) copyRun(line + bytes(begin), row + bytes(at), end - begin);
  else copyEvery(line + bytes(begin), row + bytes(at), step, end - begin, width - at);
}

/** Every step-th of the `available` floats at `from`; pairs by shuffles. */
function copyEvery(to: usize, from: usize, step: i32, count: i32, available: i32): void {
  let i = 0;
  if (step == 2) {
    for (; i + 4 <= count && 2 * i + 8 <= available; i += 4, to += 16, from += 32) {
      v128.store(to, v128.shuffle<f32>(v128.load(from), v128.load(from, 16), 0, 2, 4, 6));
    }
  }
  for (; i < count; i++, to += 4, from += bytes(step)) store<f32>(to, load<f32>(from));
}
