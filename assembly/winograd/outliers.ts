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
import { bytes, copyRun } from '../base/runs';
import { wholeTiles } from '../pack/operand';
import { Axis, ceilOf, floorOf } from './axis';
import { largestOfChannels, largestOfLanes, smallestOfLanes } from './magnitude';
import { Block, Image, planeOf, TILE_BYTES, Tile } from './tiles';

/** Of a tile that the GEMM computes; else its state has bit 4 · row + column for every output whose window is all zero. */
export const APART: i32 = 1 << 16;

/** Below it float32 has fewer digits: transforms of such numbers would lose some. */
export const NORMAL: f32 = 1.1754943508222875e-38;

/** 2^100: with smaller numbers no transform overflows by itself. */
export const RANGE: f32 = 1.2676506002282294e30;

/**
 * Tiles of one lattice of rows in a block, their outputs, and what the windows of these see of x: rows a dilation apart, of which the first in the image is `firstRow`, and all columns. Counts
 * of rows are of those rows; the outputs of a lattice are `step` of them apart.
 */
@unmanaged
export class Part {
  row: i32;
  rows: i32;
  column: i32;
  columns: i32;
  plane: i32;
  /** Outputs [top, bottom) of the lattice and [left, right) of a row. */
  top: i32;
  bottom: i32;
  left: i32;
  right: i32;
  firstRow: i32;
  step: i32;
  /** The row and the column that the first window begins with, which may lie in the padding. */
  windowTop: i32;
  windowLeft: i32;
  xTop: i32;
  xBottom: i32;
  xLeft: i32;
  xRight: i32;
  xHeight: i32;
  /** The last row of tiles that was judged whole, and the states of its tiles: the next block may begin in it. */
  lastRow: i32;
  states: usize;

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
export function judgeTiles(b: Block, g: Geometry, image: Image, x: usize, limit: f32, part: Part): void {
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
    if (fitsRoom(b, part)) judgePart(b, g, image, part, x, limit);
    else judgeEach(b, g, image, part, x, limit);
    row += rows;
  }
}

function layPart(b: Block, g: Geometry, part: Part, row: i32, rows: i32, column: i32, columns: i32): void {
  const down = b.rows;
  const across = b.columns;
  const lattice = b.latticeOf(row);
  const tile = across.size * across.outputStep;
  part.row = row;
  part.rows = rows;
  part.column = column;
  part.columns = columns;
  part.plane = b.planeOf(row);
  part.top = (row % b.down) * down.size;
  part.bottom = min(part.top + rows * down.size, down.outputsOf(lattice));
  part.left = (column / across.outputStep) * tile;
  part.right = min(((column + columns - 1) / across.outputStep + 1) * tile, g.yWidth);
  const begin = lattice * down.stride - down.pad;
  const before = floorOf(begin, down.dilation);
  part.firstRow = begin - before * down.dilation;
  part.step = down.tapStep;
  part.xHeight = max(0, ceilOf(down.xSize - part.firstRow, down.dilation));
  part.windowTop = part.top * part.step + before;
  part.windowLeft = part.left * across.stride - across.pad;
  const lastWindow = (part.bottom - 1 - part.top) * part.step + part.windowTop;
  part.xTop = max(0, part.windowTop);
  part.xBottom = max(part.xTop, min(part.xHeight, lastWindow + down.taps));
  part.xLeft = max(0, part.windowLeft);
  part.xRight = max(part.xLeft, min(g.xWidth, (part.right - 1) * across.stride - across.pad + reachOf(across)));
}

/** Columns of a window. */
function reachOf(axis: Axis): i32 {
  return (axis.taps - 1) * axis.dilation + 1;
}

/** Rows and columns of the windows' plane: a window's first place at each; and from one row to the next, windows of whole vectors. */
function placesDown(part: Part): i32 {
  return (part.bottom - part.top - 1) * part.step + 1;
}
function pitchOf(b: Block, part: Part): i32 {
  return wholeTiles((part.right - part.left - 1) * b.columns.stride + 1, 4) + reachOf(b.columns) - 1;
}

function fitsRoom(b: Block, part: Part): bool {
  const windows = (placesDown(part) + b.rows.taps) * pitchOf(b, part) + 4;
  return bytes(part.positions + windows) <= b.room;
}

/** One tile at a time; if that is too much too, its kernel is hundreds of taps wide. */
function judgeEach(b: Block, g: Geometry, image: Image, part: Part, x: usize, limit: f32): void {
  const row = part.row;
  const column = part.column;
  for (let endRow = row + part.rows, r = row; r < endRow; r++) {
    for (let endColumn = column + part.columns, c = column; c < endColumn; c++) {
      layPart(b, g, part, r, 1, c, 1);
      if (fitsRoom(b, part)) judgePart(b, g, image, part, x, limit);
      else setState(b, part, r, c, APART);
    }
  }
}

function judgePart(b: Block, g: Geometry, image: Image, part: Part, x: usize, limit: f32): void {
  const plane = b.v;
  const windows = plane + bytes(part.positions);
  if (part.bottom <= part.top) {
    setStates(b, part, 0);
    return;
  }
  fillPlane(b, g, image, part, x, plane);
  if (isEven(b, part, plane, limit)) {
    setStates(b, part, 0);
    return;
  }
  placePlane(b, part, plane, windows);
  const step = bytes(pitchOf(b, part));
  const down = placesDown(part);
  raiseTaps(windows, <usize>(down + b.rows.taps - 1) * step, b.columns.taps, bytes(b.columns.dilation));
  raiseTaps(windows, <usize>down * step, b.rows.taps, step);
  judgeWindows(b, part, windows, step, limit);
}

function setStates(b: Block, part: Part, state: i32): void {
  for (let r = 0; r < part.rows; r++) for (let c = 0; c < part.columns; c++) setState(b, part, part.row + r, part.column + c, state);
}

/** The largest of the channels at each position, and of the slices that a kernel in three dimensions meets there. */
function fillPlane(b: Block, g: Geometry, image: Image, part: Part, x: usize, to: usize): void {
  const positions = part.positions;
  const width = part.xWidth;
  const rowStep = b.rows.dilation;
  const first = (part.firstRow + part.xTop * rowStep) * image.row + part.xLeft * image.space;
  let more = false;
  for (let slice = 0; slice < g.kernelDepth; slice++) {
    image.front = slice * g.dilationDepth - g.padDepth;
    const plane = planeOf(image, g, part.plane);
    if (plane < 0) continue;
    let from = x + bytes(plane + first);
    if (rowStep == 1 && width == g.xWidth) largestOfChannels(to, from, positions, g.xGroup, g.xChannel, g.xSpace, more);
    else {
      const step = bytes(rowStep * image.row);
      for (let done = 0; done < positions; done += width, from += step) {
        largestOfChannels(to + bytes(done), from, width, g.xGroup, g.xChannel, g.xSpace, more);
      }
    }
    more = true;
  }
  if (!more) memory.fill(to, 0, bytes(positions));
}

/** The fewest places that a window sees of `size` positions along an axis: it is the first output's, which begins at `first`, or the last's. */
function seen(first: i32, last: i32, taps: i32, dilation: i32, size: i32): i32 {
  return min(seenFrom(first, taps, dilation, size), seenFrom(last, taps, dilation, size));
}
function seenFrom(first: i32, taps: i32, dilation: i32, size: i32): i32 {
  const begin = first < 0 ? ceilOf(-first, dilation) : 0;
  return min(taps, first < size ? ceilOf(size - first, dilation) : 0) - begin;
}

/**
 * Whether even the smallest magnitude that a window might meet keeps the ratio to the largest. Where every window sees two by two neighbours, it is the smallest of
 * these. Neighbours across the end of a row belong to no window and do no harm.
 */
function isEven(b: Block, part: Part, plane: usize, limit: f32): bool {
  const axis = b.columns;
  const lastTop = part.windowTop + placesDown(part) - 1;
  const down = seen(part.windowTop, lastTop, b.rows.taps, 1, part.xHeight);
  const lastLeft = part.windowLeft + (part.right - part.left - 1) * axis.stride;
  const across = seen(part.windowLeft, lastLeft, axis.taps, axis.dilation, axis.xSize);
  const right: usize = across > 1 ? bytes(axis.dilation) : 0;
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
function placePlane(b: Block, part: Part, plane: usize, to: usize): void {
  const pitch = pitchOf(b, part);
  const width = part.xWidth;
  memory.fill(to, 0, bytes((placesDown(part) + b.rows.taps - 1) * pitch));
  to += bytes((part.xTop - part.windowTop) * pitch + part.xLeft - part.windowLeft);
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
  const rows = b.rows.size;
  const columns = b.columns.size;
  const lattices = b.columns.outputStep;
  const columnStep = bytes(b.columns.stride * lattices);
  for (let r = 0; r < part.rows; r++) {
    const high = min(rows, part.bottom - part.top - r * rows);
    for (let c = part.column, end = c + part.columns; c < end; c++) {
      const left = b.leftOf(c);
      const wide = min(columns, ceilOf(b.columns.outputs - left, lattices));
      const at = windows + <usize>(r * rows * part.step) * step + bytes((left - part.left) * b.columns.stride);
      setState(b, part, part.row + r, c, judgeTile(at, <usize>part.step * step, columnStep, high, wide, limit));
    }
  }
}

/** A row of a tile is a vector. Less one, a value of zero is the largest unsigned number, and the only one with a sign. */
function judgeTile(windows: usize, step: usize, columnStep: usize, rows: i32, columns: i32, limit: f32): i32 {
  if (columns <= 0) return 0;
  const all = (1 << columns) - 1;
  let most = i32x4.splat(0);
  let least = i32x4.splat(-1);
  let zeros = 0;
  for (let i = 0; i < rows; i++, windows += step) {
    const values = loadApart(windows, columnStep, columns);
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

/** At most four values, `step` bytes apart, zeros behind them. */
function loadApart(from: usize, step: usize, count: i32): v128 {
  let v = v128.load32_zero(from);
  if (count > 1) v = v128.load32_lane(from + step, v, 1);
  if (count > 2) v = v128.load32_lane(from + 2 * step, v, 2);
  return count > 3 ? v128.load32_lane(from + 3 * step, v, 3) : v;
}

/** Of a tile that may lie outside the block, in its first row of tiles or its last. */
function setState(b: Block, part: Part, row: i32, column: i32, state: i32): void {
  if (row == part.lastRow) store<i32>(part.states + bytes(column), state);
  const index = row * b.across + column - b.first;
  if (<u32>index >= <u32>b.count) return;
  const tile = changetype<Tile>(b.tiles + <usize>index * TILE_BYTES);
  if (tile.rows == 0) state = 0;
  tile.state = state;
  if (state == APART) b.apart++;
  else if (state != 0) b.zeros++;
}
