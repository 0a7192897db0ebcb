/**
 * Whether Winograd may compute a gradient of the weight. Its error is of what whole tiles hold, an element of dw only of what meets at its own tap:
 *
 *   Σ over tiles of (Σ |dy|)·(max |x|)   may be WINOGRAD_RATIO times   Σ over positions of |dy[p]|·|x[p + tap]|   for the tap that meets least
 *
 * at most. Magnitudes are the largest of the channels of a group. So the GEMM computes the whole gradient where there is
 *
 *   an outlier beside the positions of a tap · a tap that meets zeros only · NaN or infinity · a number at the ends of float32
 */
import { WINOGRAD_RATIO } from '../base/config';
import { Geometry } from '../base/geometry';
import { bytes, copyRun } from '../base/runs';
import { Image } from './input-tiles';
import { largestOfChannels, largestOfLanes } from './magnitude';
import { NORMAL, RANGE } from './outliers';

/** Columns of y that are looked at together, rows of a tile of y and of x. */
const COLUMNS: i32 = 128;
const Y_ROWS: i32 = 4;
const X_ROWS: i32 = 6;
/** Bytes of a row of a plane. */
const ROW: usize = (COLUMNS + 8) * sizeof<f32>();

/** The room: planes of x and y, sums of the nine taps, and a plane as it lies in memory. */
const Y_PLANE: usize = <usize>X_ROWS * ROW;
const Y_BYTES: usize = <usize>Y_ROWS * ROW;
const TAPS: usize = Y_PLANE + Y_BYTES;
const LINES: usize = TAPS + 9 * 16;

/** What tiles hold. */
@unmanaged
class Held {
  sum: f64;
  /** The largest factor, as the bits of a float32. */
  largest: u32;
}
const HELD: usize = LINES + <usize>X_ROWS * ROW;

export function isEvenGradient(g: Geometry, xImage: Image, yImage: Image, x: usize, y: usize, room: usize): bool {
  for (let group = 0; group < g.groups; group++) {
    const xg = x + bytes(group * g.xGroup * g.xChannel);
    const yg = y + bytes(group * g.yGroup * g.yChannel);
    if (!isEvenGroup(g, xImage, yImage, xg, yg, room)) return false;
  }
  return true;
}

function isEvenGroup(g: Geometry, xImage: Image, yImage: Image, x: usize, y: usize, room: usize): bool {
  const held = changetype<Held>(room + HELD);
  held.sum = 0;
  held.largest = 0;
  memory.fill(room + TAPS, 0, 9 * 16);
  for (let n = 0; n < g.batch; n++, x += bytes(g.xBatch), y += bytes(g.yBatch)) {
    for (let column = 0; column < g.yWidth; column += COLUMNS) {
      const columns = min(COLUMNS, g.yWidth - column);
      for (let row = 0; row < g.yHeight; row += Y_ROWS) {
        // A row of tiles shares two rows of x with the one before.
        if (row > 0) memory.copy(room, room + Y_BYTES, 2 * ROW);
        const known: i32 = row > 0 ? 2 : 0;
        fillPlane(g, xImage, x, g.xGroup, row + known, X_ROWS - known, column, columns + 2, room + <usize>known * ROW, room + LINES);
        fillPlane(g, yImage, y, g.yGroup, row, Y_ROWS, column, columns, room + Y_PLANE, room + LINES);
        for (let at = room; at < room + Y_BYTES; at += ROW) addTaps(at + Y_PLANE, at, columns, room + TAPS);
        addTiles(held, room, room + Y_PLANE, columns);
      }
    }
  }
  // 2^113 times the transforms' 2117 leave 2^124.
  const small = held.largest < reinterpret<u32>(RANGE) && held.sum < 8192 * <f64>RANGE;
  return small && held.sum <= <f64>WINOGRAD_RATIO * <f64>leastOf(room + TAPS);
}

/** The largest of the channels in `rows` × `columns` of a padded image from [top, left] on, zeros in the padding and to the end of a row. */
function fillPlane(
  g: Geometry,
  image: Image,
  from: usize,
  channels: i32,
  top: i32,
  rows: i32,
  left: i32,
  columns: i32,
  to: usize,
  lines: usize,
): void {
  top += image.top;
  left += image.left;
  const first = max(0, top);
  const end = min(min(image.height, g.yHeight + image.top + image.lastRow), top + rows);
  const begin = max(0, left);
  const width = min(min(image.width, g.yWidth + image.left + image.lastColumn), left + columns) - begin;
  memory.fill(to, 0, <usize>rows * ROW);
  if (first >= end || width <= 0) return;
  from += bytes(first * image.row + begin * image.space);
  to += <usize>(first - top) * ROW + bytes(begin - left);
  const whole = image.row == width * image.space;
  if (whole) largestOfChannels(lines, from, (end - first) * width, channels, image.channel, image.space, false);
  for (let row = first; row < end; row++, to += ROW) {
    if (whole) {
      copyRun(to, lines, width);
      lines += bytes(width);
    } else {
      largestOfChannels(to, from, width, channels, image.channel, image.space, false);
      from += bytes(image.row);
    }
  }
}

/** A row of y times what each tap meets of x. */
function addTaps(y: usize, x: usize, columns: i32, sums: usize): void {
  let s00 = v128.load(sums);
  let s01 = v128.load(sums, 16);
  let s02 = v128.load(sums, 32);
  let s10 = v128.load(sums, 48);
  let s11 = v128.load(sums, 64);
  let s12 = v128.load(sums, 80);
  let s20 = v128.load(sums, 96);
  let s21 = v128.load(sums, 112);
  let s22 = v128.load(sums, 128);
  for (const end = y + bytes(columns); y < end; y += 16, x += 16) {
    const v = v128.load(y);
    s00 = f32x4.add(s00, f32x4.mul(v, v128.load(x)));
    s01 = f32x4.add(s01, f32x4.mul(v, v128.load(x, 4)));
    s02 = f32x4.add(s02, f32x4.mul(v, v128.load(x, 8)));
    s10 = f32x4.add(s10, f32x4.mul(v, v128.load(x, ROW)));
    s11 = f32x4.add(s11, f32x4.mul(v, v128.load(x, ROW + 4)));
    s12 = f32x4.add(s12, f32x4.mul(v, v128.load(x, ROW + 8)));
    s20 = f32x4.add(s20, f32x4.mul(v, v128.load(x, 2 * ROW)));
    s21 = f32x4.add(s21, f32x4.mul(v, v128.load(x, 2 * ROW + 4)));
    s22 = f32x4.add(s22, f32x4.mul(v, v128.load(x, 2 * ROW + 8)));
  }
  v128.store(sums, s00);
  v128.store(sums, s01, 16);
  v128.store(sums, s02, 32);
  v128.store(sums, s10, 48);
  v128.store(sums, s11, 64);
  v128.store(sums, s12, 80);
  v128.store(sums, s20, 96);
  v128.store(sums, s21, 112);
  v128.store(sums, s22, 128);
}

/** The tiles of a row. */
function addTiles(held: Held, x: usize, y: usize, columns: i32): void {
  let sum = held.sum;
  let largest = held.largest;
  for (const end = y + bytes(columns); y < end; y += 16, x += 16) {
    let most = i32x4.splat(0);
    for (let at = x, stop = x + Y_PLANE; at < stop; at += ROW) {
      most = i32x4.max_s(most, i32x4.max_s(v128.load(at), v128.load(at, 8)));
    }
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
function leastOf(sums: usize): f32 {
  let least: f32 = Infinity;
  for (const end = sums + 9 * 16; sums < end; sums += 16) {
    least = min<f32>(least, load<f32>(sums) + load<f32>(sums, 4) + load<f32>(sums, 8) + load<f32>(sums, 12));
  }
  return least;
}
