/**
 * Whether Winograd may compute a gradient of the weight. Its error is of what whole tiles hold, an element of dw only of what meets at its own tap:
 *
 *   Σ over tiles of (Σ |dy|)·(max |x|)   may be WINOGRAD_RATIO times   Σ over positions of |dy[p]|·|x[p + tap]|   for the tap that meets least
 *
 * at most, in each block of taps. Magnitudes are the largest of the channels of a group. So the GEMM computes the whole gradient where there is
 *
 *   an outlier beside the positions of a tap · a tap that meets zeros only · NaN or infinity · a number at the ends of float32
 *
 * Rows and columns are those of a lattice of axis.ts. A line of a plane holds all lattices of columns one after the other, each of whole tiles and four zeros. Along an axis with one tap
 * four outputs are taken for a tile, which holds no less than they do.
 */
import { WINOGRAD_RATIO } from '../base/config';
import { Geometry } from '../base/geometry';
import { bytes } from '../base/runs';
import { wholeTiles } from '../pack/operand';
import { ceilOf, TapBlock } from './axis';
import { largestOfChannels, largestOfLanes } from './magnitude';
import { NORMAL, RANGE } from './outliers';
import { Block, Image, planeOf } from './tiles';

/** Columns of y that are looked at together, those of at most 16 lattices, and rows of a tile of y and of x. */
const COLUMNS: i32 = 128;
const Y_ROWS: i32 = 4;
const X_ROWS: i32 = 6;
/** Bytes of a line of a plane. */
const ROW: usize = (COLUMNS + 16 * 4 + 8) * sizeof<f32>();
/** Columns of x further apart are left to the GEMM: a line of them has no room. */
const APART: i32 = 32;

/** The room: planes of x and y, sums of a block's taps, what tiles hold, and a line as it lies in memory. */
const Y_PLANE: usize = <usize>X_ROWS * ROW;
const TAPS: usize = Y_PLANE + <usize>Y_ROWS * ROW;
const TAP_ROW: usize = 3 * 16;
const HELD: usize = TAPS + 3 * TAP_ROW;
const LINE: usize = HELD + 16;

/** What tiles hold. */
@unmanaged
class Held {
  sum: f64;
  /** The largest factor, as the bits of a float32. */
  largest: u32;
}

/** Of a group: x and y are its first channels. */
export function isEvenBlock(
  b: Block,
  g: Geometry,
  xImage: Image,
  yImage: Image,
  down: TapBlock,
  across: TapBlock,
  x: usize,
  y: usize,
  room: usize,
): bool {
  const held = changetype<Held>(room + HELD);
  const lattices = b.columns.outputStep;
  const reach = b.rows.reach;
  const most = (COLUMNS / (4 * lattices)) * 4 * lattices;
  if (g.strideWidth > APART) return false;
  held.sum = 0;
  held.largest = 0;
  memory.fill(room + TAPS, 0, 3 * TAP_ROW);
  for (let plane = 0, planes = g.batch * g.yDepth; plane < planes; plane++) {
    const xPlane = planeOf(xImage, g, plane);
    const xp = xPlane < 0 ? 0 : x + bytes(xPlane);
    const yp = y + bytes(planeOf(yImage, g, plane));
    for (let lattice = 0; lattice < b.rows.outputStep; lattice++) {
      const outputs = b.rows.outputsOf(lattice);
      for (let column = 0; column < g.yWidth; column += most) {
        const columns = min(most, g.yWidth - column);
        const pitch = wholeTiles(ceilOf(columns, lattices), 4) + 4;
        for (let row = 0; row < outputs; row += Y_ROWS) {
          // A row of tiles shares two rows of x with the one before.
          const known = row > 0 ? reach : 0;
          memory.copy(room, room + Y_ROWS * ROW, <usize>known * ROW);
          const to = room + <usize>known * ROW;
          const wide = columns + b.columns.reach * lattices;
          fillPlane(b, xImage, xp, g.xGroup, lattice, row + known, Y_ROWS + reach - known, column, wide, pitch, to, room + LINE);
          fillPlane(b, yImage, yp, g.yGroup, lattice, row, Y_ROWS, column, columns, pitch, room + Y_PLANE, room + LINE);
          const length = bytes(lattices * pitch);
          for (let at = room, end = room + <usize>min(Y_ROWS, outputs - row) * ROW; at < end; at += ROW) {
            for (let place: usize = down.first; place < <usize>down.end; place++) {
              addTaps(at + Y_PLANE, at + place * ROW, length, room + TAPS + place * TAP_ROW);
            }
          }
          addTiles(b, held, room, length);
        }
      }
    }
  }
  // 2^113 times the transforms' 2117 leave 2^124.
  const small = held.largest < reinterpret<u32>(RANGE) && held.sum < 8192 * <f64>RANGE;
  return small && held.sum <= <f64>WINOGRAD_RATIO * <f64>leastOf(down, across, room + TAPS);
}

/** The largest of the channels in `rows` × `columns` of a lattice of rows, from output [top, left] on; zeros in the padding, where `from` is 0 all of it, and to the end of a line. */
function fillPlane(
  b: Block,
  image: Image,
  from: usize,
  channels: i32,
  lattice: i32,
  top: i32,
  rows: i32,
  left: i32,
  columns: i32,
  pitch: i32,
  to: usize,
  line: usize,
): void {
  const lattices = b.columns.outputStep;
  const down = image.strideHeight * b.rows.outputStep;
  const across = image.strideWidth;
  const atRow = image.top + lattice * image.strideHeight;
  const atColumn = image.left + left * across;
  const first = max(top, atRow < 0 ? ceilOf(-atRow, down) : 0);
  const end = min(min(ceilOf(image.height - atRow, down), b.rows.outputsOf(lattice) + image.lastRow), top + rows);
  const begin = atColumn < 0 ? ceilOf(-atColumn, across) : 0;
  const stop = min(ceilOf(image.width - atColumn, across), b.columns.outputs - left + image.lastColumn * lattices);
  const count = min(stop, columns) - begin;
  memory.fill(to, 0, <usize>rows * ROW);
  if (first >= end || count <= 0 || from == 0) return;
  from += bytes((atRow + first * down) * image.row + (atColumn + begin * across) * image.space);
  to += <usize>(first - top) * ROW;
  // Where channels are neighbours, positions are taken one by one, else with all that lie between them.
  const pixels = image.channel == 1;
  const space = pixels ? across * image.space : 1;
  const step = pixels ? 1 : across;
  const dense = lattices * step == 1;
  for (let row = first; row < end; row++, to += ROW, from += bytes(down * image.row)) {
    largestOfChannels(dense ? to + bytes(begin) : line, from, (count - 1) * step + 1, channels, image.channel, space, false);
    if (!dense) spread(line, step, begin, count, lattices, pitch, to);
  }
}

/** Positions [begin, begin + count) of all lattices to each its own. */
function spread(from: usize, step: i32, begin: i32, count: i32, lattices: i32, pitch: i32, to: usize): void {
  let lattice = begin % lattices;
  let at = begin / lattices;
  for (const end = from + bytes(count * step); from < end; from += bytes(step)) {
    store<u32>(to + bytes(lattice * pitch + at), load<u32>(from));
    if (++lattice == lattices) {
      lattice = 0;
      at++;
    }
  }
}

/** A row of y times what each tap of a row meets of x. */
function addTaps(y: usize, x: usize, line: usize, sums: usize): void {
  let s0 = v128.load(sums);
  let s1 = v128.load(sums, 16);
  let s2 = v128.load(sums, 32);
  for (const end = y + line; y < end; y += 16, x += 16) {
    const v = v128.load(y);
    s0 = f32x4.add(s0, f32x4.mul(v, v128.load(x)));
    s1 = f32x4.add(s1, f32x4.mul(v, v128.load(x, 4)));
    s2 = f32x4.add(s2, f32x4.mul(v, v128.load(x, 8)));
  }
  v128.store(sums, s0);
  v128.store(sums, s1, 16);
  v128.store(sums, s2, 32);
}

/** The tiles of a row. */
function addTiles(b: Block, held: Held, x: usize, line: usize): void {
  const reach = bytes(b.columns.reach);
  const rows = <usize>(Y_ROWS + b.rows.reach) * ROW;
  let sum = held.sum;
  let largest = held.largest;
  for (const end = x + line; x < end; x += 16) {
    let most = i32x4.splat(0);
    for (let at = x, stop = x + rows; at < stop; at += ROW) {
      most = i32x4.max_s(most, i32x4.max_s(v128.load(at), v128.load(at + reach)));
    }
    const y = x + Y_PLANE;
    const upper = f32x4.add(v128.load(y), v128.load(y, ROW));
    const four = f32x4.add(upper, f32x4.add(v128.load(y, 2 * ROW), v128.load(y, 3 * ROW)));
    const two = f32x4.add(four, v128.shuffle<f32>(four, four, 2, 3, 0, 1));
    const dy = f32x4.extract_lane(two, 0) + f32x4.extract_lane(two, 1);
    const bits = largestOfLanes(most);
    largest = max(largest, max(bits, reinterpret<u32>(dy)));
    const ofX = reinterpret<f32>(bits);
    // Below NORMAL transforms lose digits, as if of numbers there.
    if (ofX != 0 && dy != 0) sum += <f64>max<f32>(ofX, NORMAL) * <f64>max<f32>(dy, NORMAL);
  }
  held.sum = sum;
  held.largest = largest;
}

/** The smallest sum of a tap. */
function leastOf(down: TapBlock, across: TapBlock, sums: usize): f32 {
  let least: f32 = Infinity;
  for (let row = down.first; row < down.end; row++) {
    for (let tap = across.first; tap < across.end; tap++) {
      const four = v128.load(sums + <usize>row * TAP_ROW + ((<usize>tap) << 4));
      const two = f32x4.add(four, v128.shuffle<f32>(four, four, 2, 3, 0, 1));
      least = min<f32>(least, f32x4.extract_lane(two, 0) + f32x4.extract_lane(two, 1));
    }
  }
  return least;
}
