/**
 * Which tiles Winograd may compute. Its transforms add all that a tile sees. So an output's error grows with the tile's largest magnitude, not with what the output
 * itself meets. A tile is left to the GEMM where
 *
 *   the largest magnitude of the tile > WINOGRAD_RATIO · the smallest of its outputs' largest (an output whose window is all zero aside)
 *
 * or where a transform might overflow, or where it sees NaN or infinity. Magnitudes are the largest over all channels of the group.
 *
 * An output whose window is all zero is the bias, exactly. Each tile is judged by itself, so that an image has the same bits in any batch.
 *
 *   x ──▶ largest of the channels at each position      those of two by two within the ratio of each other, as in most images? done
 *     ──▶ largest in the window of each output ──▶ each tile
 *
 * That takes 2 to 5 % of the time with 8 channels of x, under 2 % from 32 on (AMD EPYC Zen 5, Node 20.20.2 and 26.12.1; docs/accuracy.md has the others).
 */
import { WINOGRAD_RATIO, WINOGRAD_TILES } from '../base/config';
import { Geometry } from '../base/geometry';
import { bytes, copyRun, zeroRun } from '../base/runs';
import { wholeTiles } from '../pack/operand';
import { Block, TILE_BYTES, Tile } from './input-tiles';
import { largestOfChannels, largestOfLanes, smallestOfLanes } from './magnitude';

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
  /** The last row of tiles that was judged whole, and the states of its tiles: the next block may begin in it. */
  lastRow: i32;
  states: usize;

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

/**
 * Sets the state of the block's tiles. `x` is the group's first channel; magnitudes from `limit` on are too large. Rows of tiles are judged whole and once, though a
 * block may end within one; those of more tiles than a block has, by blocks.
 */
export function judgeTiles(b: Block, g: Geometry, x: usize, limit: f32, part: Part): void {
  b.apart = 0;
  b.zeros = 0;
  const whole = b.across <= WINOGRAD_TILES;
  const known = b.first > 0 ? part.lastRow : -1;
  const lastRow = (b.first + b.count - 1) / b.across;
  part.lastRow = whole ? lastRow : -1;
  for (let row = b.first / b.across; row <= lastRow; ) {
    if (row == known) {
      for (let c = 0; c < b.across; c++) setState(b, part, row, c, load<i32>(part.states + bytes(c)));
      row++;
      continue;
    }
    const rows = min(b.down - (row % b.down), lastRow + 1 - row);
    layPart(b, g, part, row, rows, whole ? 0 : b.first % b.across, whole ? b.across : b.count);
    if (fitsRoom(b, g, part)) judgePart(b, g, part, x, limit);
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

function fitsRoom(b: Block, g: Geometry, part: Part): bool {
  const windows = (part.height + g.kernelHeight) * pitchOf(g, part) + 4;
  return bytes(part.positions + windows) <= b.room;
}

/** One tile at a time; if that is too much too, its kernel is hundreds of taps wide. */
function judgeEach(b: Block, g: Geometry, part: Part, x: usize, limit: f32): void {
  const row = part.row;
  const column = part.column;
  for (let endRow = row + part.rows, r = row; r < endRow; r++) {
    for (let endColumn = column + part.columns, c = column; c < endColumn; c++) {
      layPart(b, g, part, r, 1, c, 1);
      if (fitsRoom(b, g, part)) judgePart(b, g, part, x, limit);
      else setState(b, part, r, c, APART);
    }
  }
}

function judgePart(b: Block, g: Geometry, part: Part, x: usize, limit: f32): void {
  const positions = part.positions;
  const plane = b.v;
  const width = part.xWidth;
  const from = x + bytes((part.row / b.down) * g.xBatch + (part.xTop * g.xWidth + part.xLeft) * g.xSpace);
  if (width == g.xWidth) largestOfChannels(plane, from, positions, g.xGroup, g.xChannel, g.xSpace);
  else {
    const step = bytes(g.xWidth * g.xSpace);
    for (let done = 0, at = from; done < positions; done += width, at += step) {
      largestOfChannels(plane + bytes(done), at, width, g.xGroup, g.xChannel, g.xSpace);
    }
  }
  if (isEven(g, part, plane, limit)) {
    for (let r = 0; r < part.rows; r++) for (let c = 0; c < part.columns; c++) setState(b, part, part.row + r, part.column + c, 0);
    return;
  }
  const windows = plane + bytes(positions);
  placePlane(g, part, plane, windows);
  const step = bytes(pitchOf(g, part));
  raiseTaps(windows, <usize>(part.height + g.kernelHeight - 1) * step, g.kernelWidth, 4);
  raiseTaps(windows, <usize>part.height * step, g.kernelHeight, step);
  judgeWindows(b, part, windows, step, limit);
}

/** Elements from one row of the padded plane to the next: windows of whole vectors of outputs. */
function pitchOf(g: Geometry, part: Part): i32 {
  return wholeTiles(part.width, 4) + g.kernelWidth - 1;
}

/** The fewest positions of x that a window sees along an axis: it is the first output's or the last's. */
function seen(first: i32, last: i32, taps: i32, size: i32): i32 {
  return min(min(first + taps, size) - max(first, 0), min(last + taps, size) - max(last, 0));
}

/**
 * Whether even the smallest magnitude that a window might meet keeps the ratio to the largest. Where every window sees two by two neighbours, it is the smallest of
 * these. Neighbours across the end of a row belong to no window and do no harm.
 */
function isEven(g: Geometry, part: Part, plane: usize, limit: f32): bool {
  const down = seen(part.top - g.padHeight, part.bottom - 1 - g.padHeight, g.kernelHeight, g.xHeight);
  const across = seen(part.left - g.padWidth, part.right - 1 - g.padWidth, g.kernelWidth, g.xWidth);
  const right: usize = across > 1 ? 4 : 0;
  const below: usize = down > 1 ? bytes(part.xWidth) : 0;
  const last = plane + bytes(part.positions) - right - below - 16;
  if (down < 1 || across < 1 || last < plane) return false;
  let most = i32x4.splat(0);
  let least = i32x4.splat(0x7fffffff);
  for (let at = plane; ; at = min(at + 16, last)) {
    const next = at + right;
    const upper = i32x4.max_s(v128.load(at), v128.load(next));
    const largest = i32x4.max_s(upper, i32x4.max_s(v128.load(at + below), v128.load(next + below)));
    most = i32x4.max_s(most, largest);
    least = i32x4.min_s(least, largest);
    if (at == last) break;
  }
  return isWithin(largestOfLanes(most), smallestOfLanes(least), limit);
}

/** The bits of two magnitudes; NaN is within nothing. */
function isWithin(largest: u32, smallest: u32, limit: f32): bool {
  const most = reinterpret<f32>(largest);
  return max<f32>(most, NORMAL) <= WINOGRAD_RATIO * reinterpret<f32>(smallest) && most < limit;
}

/** The plane with what the windows see beside x, which is zero. */
function placePlane(g: Geometry, part: Part, plane: usize, to: usize): void {
  const pitch = pitchOf(g, part);
  const width = part.xWidth;
  zeroRun(to, (part.height + g.kernelHeight - 1) * pitch);
  to += bytes((part.xTop - part.top + g.padHeight) * pitch + part.xLeft - part.left + g.padWidth);
  for (const end = plane + bytes(part.positions); plane < end; plane += bytes(width), to += bytes(pitch)) {
    copyRun(to, plane, width);
  }
}

/** Each value becomes the largest of `taps`, `step` bytes apart, from itself on. What is read past the end is of no output. */
function raiseTaps(at: usize, bytes: usize, taps: i32, step: usize): void {
  const reach = <usize>taps * step;
  for (const end = at + bytes; at < end; at += 16) {
    let largest = v128.load(at);
    for (let tap = at + step, stop = at + reach; tap < stop; tap += step) largest = i32x4.max_s(largest, v128.load(tap));
    v128.store(at, largest);
  }
}

function judgeWindows(b: Block, part: Part, windows: usize, step: usize, limit: f32): void {
  const size = b.size;
  for (let r = 0; r < part.rows; r++) {
    const rows = min(size, part.height - r * size);
    for (let c = 0; c < part.columns; c++) {
      const at = windows + <usize>(r * size) * step + bytes(c * size);
      setState(b, part, part.row + r, part.column + c, judgeTile(at, step, rows, min(size, part.width - c * size), limit));
    }
  }
}

/** A row of a tile is a vector. Less one, a value of zero is the largest unsigned number, and the only one with a sign. */
function judgeTile(windows: usize, step: usize, rows: i32, columns: i32, limit: f32): i32 {
  const inside = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(columns));
  const all = (1 << columns) - 1;
  let most = i32x4.splat(0);
  let least = i32x4.splat(-1);
  let zeros = 0;
  for (let i = 0; i < rows; i++, windows += step) {
    const values = v128.and(v128.load(windows), inside);
    const less = i32x4.sub(values, i32x4.splat(1));
    most = i32x4.max_s(most, values);
    least = i32x4.min_u(least, less);
    zeros |= (i32x4.bitmask(less) & all) << (4 * i);
  }
  const largest = largestOfLanes(most);
  // Of zeros Winograd makes zeros.
  if (largest == 0) return limit > 0 ? 0 : APART;
  return isWithin(largest, smallestOfLanes(least) + 1, limit) ? zeros : APART;
}

/** Of a tile that may lie outside the block, in its first row of tiles or its last. */
function setState(b: Block, part: Part, row: i32, column: i32, state: i32): void {
  if (row == part.lastRow) store<i32>(part.states + bytes(column), state);
  const index = row * b.across + column - b.first;
  if (<u32>index >= <u32>b.count) return;
  changetype<Tile>(b.tiles + <usize>index * TILE_BYTES).state = state;
  if (state == APART) b.apart++;
  else if (state != 0) b.zeros++;
}
