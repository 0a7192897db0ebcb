/**
 * Which tiles Winograd may compute. Its transforms add all that a tile sees, so an output's error is of the tile's largest magnitude, not of what the output itself
 * meets. A tile is set apart, for the GEMM, where
 *
 *   the largest magnitude of the tile > WINOGRAD_RATIO · the smallest of its outputs' largest (an output whose window is all zero aside)
 *
 * or where a transform might overflow; NaN and infinity always are. An output whose window is all zero is the bias, exactly. Each tile is judged by itself, so that
 * an image has the same bits in any batch; magnitudes are the largest over all channels of the group.
 *
 *   x ──▶ largest of the channels at each position      all within the ratio of each other, as in most images? done
 *     ──▶ largest in the window of each output ──▶ each tile
 */
import { WINOGRAD_RATIO } from './config';
import { Geometry } from './geometry';
import { largestOfChannels, largestOfLanes, raiseRun, smallestOfLanes } from './magnitude';
import { zeroRun } from './simd';
import { Block, TILE_BYTES, Tile } from './tiles';

/** Of a tile that the GEMM computes; else its state has bit 4 · row + column for every output whose window is all zero. */
export const APART: i32 = 1 << 16;

/** Below it float32 has fewer digits: transforms of such numbers would lose some. */
export const NORMAL: f32 = 1.1754943508222875e-38;

/** 2^100: with smaller numbers no transform overflows by itself. */
export const RANGE: f32 = 1.2676506002282294e30;

/** Tiles of one image in a block, the outputs of theirs [top, bottom) × [left, right), and what their windows see of x. */
@unmanaged
export class Part {
  row: i32;
  rows: i32;
  column: i32;
  columns: i32;
  top: i32;
  bottom: i32;
  left: i32;
  right: i32;
  xTop: i32;
  xBottom: i32;
  xLeft: i32;
  xRight: i32;

  get height(): i32 {
    return this.bottom - this.top;
  }
  get width(): i32 {
    return this.right - this.left;
  }
  get xWidth(): i32 {
    return this.xRight - this.xLeft;
  }
  /** Positions of x. */
  get positions(): i32 {
    return (this.xBottom - this.xTop) * this.xWidth;
  }
}

/** Sets the state of the block's tiles. `x` is the group's first channel; magnitudes from `limit` on are too large. */
export function judgeTiles(b: Block, g: Geometry, x: usize, limit: f32, part: Part): void {
  b.apart = 0;
  b.zeros = 0;
  const end = b.first + b.count;
  const lastRow = (end - 1) / b.across;
  for (let row = b.first / b.across; row <= lastRow; ) {
    const rows = min(b.down - (row % b.down), lastRow + 1 - row);
    const column = rows == 1 ? max(0, b.first - row * b.across) : 0;
    const columns = (rows == 1 ? min(b.across, end - row * b.across) : b.across) - column;
    layPart(b, g, part, row, rows, column, columns);
    if (fitsRoom(b, part)) judgePart(b, g, part, x, limit);
    else judgeEach(b, g, part, x, limit);
    row += rows;
  }
}

function layPart(b: Block, g: Geometry, part: Part, row: i32, rows: i32, column: i32, columns: i32): void {
  part.row = row;
  part.rows = rows;
  part.column = column;
  part.columns = columns;
  part.top = (row % b.down) * b.size;
  part.bottom = min(part.top + rows * b.size, g.yHeight);
  part.left = column * b.size;
  part.right = min(part.left + columns * b.size, g.yWidth);
  part.xTop = max(0, part.top - g.padHeight);
  part.xBottom = max(part.xTop, min(g.xHeight, part.bottom - 1 - g.padHeight + g.kernelHeight));
  part.xLeft = max(0, part.left - g.padWidth);
  part.xRight = max(part.xLeft, min(g.xWidth, part.right - 1 - g.padWidth + g.kernelWidth));
}

function fitsRoom(b: Block, part: Part): bool {
  return (<usize>(part.positions + (part.height + 1) * part.width)) << 2 <= b.room;
}

/** One tile at a time; if that is too much too, its kernel is hundreds of taps wide. */
function judgeEach(b: Block, g: Geometry, part: Part, x: usize, limit: f32): void {
  const row = part.row;
  const column = part.column;
  for (let endRow = row + part.rows, r = row; r < endRow; r++) {
    for (let endColumn = column + part.columns, c = column; c < endColumn; c++) {
      layPart(b, g, part, r, 1, c, 1);
      if (fitsRoom(b, part)) judgePart(b, g, part, x, limit);
      else setState(b, r, c, APART);
    }
  }
}

function judgePart(b: Block, g: Geometry, part: Part, x: usize, limit: f32): void {
  const positions = part.positions;
  const plane = b.v;
  const width = part.xWidth;
  const from = x + ((<usize>((part.row / b.down) * g.xBatch + (part.xTop * g.xWidth + part.xLeft) * g.xSpace)) << 2);
  if (width == g.xWidth) largestOfChannels(plane, from, positions, g.xGroup, g.xChannel, g.xSpace);
  else {
    const step = (<usize>(g.xWidth * g.xSpace)) << 2;
    for (let done = 0, at = from; done < positions; done += width, at += step) {
      largestOfChannels(plane + ((<usize>done) << 2), at, width, g.xGroup, g.xChannel, g.xSpace);
    }
  }
  if (meetsX(g, part) && isEven(plane, positions, limit)) {
    for (let r = 0; r < part.rows; r++) for (let c = 0; c < part.columns; c++) setState(b, part.row + r, part.column + c, 0);
    return;
  }
  const windows = plane + ((<usize>positions) << 2);
  raiseWindows(g, part, plane, windows + ((<usize>part.width) << 2), windows);
  judgeWindows(b, part, windows + ((<usize>part.width) << 2), limit);
}

/** Whether every output's window has a position of x. */
function meetsX(g: Geometry, part: Part): bool {
  const down = part.top - g.padHeight + g.kernelHeight > 0 && part.bottom - 1 - g.padHeight < g.xHeight;
  return down && part.left - g.padWidth + g.kernelWidth > 0 && part.right - 1 - g.padWidth < g.xWidth;
}

/** Whether even the smallest of the values keeps the ratio to the largest. */
function isEven(plane: usize, count: i32, limit: f32): bool {
  let largest: u32 = 0;
  let smallest: u32 = 0x7fffffff;
  if (count < 4) {
    for (const end = plane + ((<usize>count) << 2); plane < end; plane += 4) {
      largest = max(largest, load<u32>(plane));
      smallest = min(smallest, load<u32>(plane));
    }
    return isWithin(largest, smallest, limit);
  }
  const last = plane + ((<usize>count) << 2) - 16;
  let most = v128.load(last);
  let least = most;
  for (; plane < last; plane += 16) {
    const v = v128.load(plane);
    most = i32x4.max_s(most, v);
    least = i32x4.min_s(least, v);
  }
  return isWithin(largestOfLanes(most), smallestOfLanes(least), limit);
}

/** The bits of two magnitudes; NaN is within nothing. */
function isWithin(largest: u32, smallest: u32, limit: f32): bool {
  const most = reinterpret<f32>(largest);
  return max<f32>(most, NORMAL) <= WINOGRAD_RATIO * reinterpret<f32>(smallest) && most < limit;
}

/** The largest of each output's window: along the rows of the plane, then down. */
function raiseWindows(g: Geometry, part: Part, plane: usize, windows: usize, line: usize): void {
  const width = part.width;
  const height = part.height;
  zeroRun(windows, width * height);
  for (let row = part.xTop; row < part.xBottom; row++, plane += (<usize>part.xWidth) << 2) {
    zeroRun(line, width);
    for (let tap = 0; tap < g.kernelWidth; tap++) {
      // Output o meets column o + offset of the plane.
      const offset = part.left - g.padWidth + tap - part.xLeft;
      const begin = max(0, -offset);
      raiseRun(line + ((<usize>begin) << 2), plane + ((<usize>(begin + offset)) << 2), min(width, part.xWidth - offset) - begin);
    }
    const first = max(0, row + g.padHeight - part.top - g.kernelHeight + 1);
    const end = min(height, row + g.padHeight - part.top + 1);
    for (let output = first; output < end; output++) raiseRun(windows + ((<usize>(output * width)) << 2), line, width);
  }
}

function judgeWindows(b: Block, part: Part, windows: usize, limit: f32): void {
  const size = b.size;
  const step = (<usize>part.width) << 2;
  for (let r = 0; r < part.rows; r++) {
    const rows = min(size, part.height - r * size);
    for (let c = 0; c < part.columns; c++) {
      const at = windows + <usize>(r * size) * step + ((<usize>(c * size)) << 2);
      setState(b, part.row + r, part.column + c, judgeTile(at, step, rows, min(size, part.width - c * size), limit));
    }
  }
}

function judgeTile(windows: usize, step: usize, rows: i32, columns: i32, limit: f32): i32 {
  let largest: u32 = 0;
  let smallest: u32 = 0xffffffff;
  let zeros = 0;
  for (let i = 0; i < rows; i++, windows += step) {
    for (let j = 0; j < columns; j++) {
      const value = load<u32>(windows + ((<usize>j) << 2));
      if (value == 0) zeros |= 1 << (4 * i + j);
      else smallest = min(smallest, value);
      largest = max(largest, value);
    }
  }
  // Of zeros Winograd makes zeros.
  if (largest == 0) return limit > 0 ? 0 : APART;
  return isWithin(largest, smallest, limit) ? zeros : APART;
}

/** Of a tile that may lie outside the block, in its first row of tiles or its last. */
function setState(b: Block, row: i32, column: i32, state: i32): void {
  const index = row * b.across + column - b.first;
  if (<u32>index >= <u32>b.count) return;
  changetype<Tile>(b.tiles + <usize>index * TILE_BYTES).state = state;
  if (state == APART) b.apart++;
  else if (state != 0) b.zeros++;
}
