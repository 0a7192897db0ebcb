/**
 * Convolution by Fourier transforms, where a group has one channel of x: of stride and dilation 1, one slice deep, with 8 taps or more along the width. It pays from a hundred taps on.
 *
 * Overlap-save: a tile of n points, a power of two along each axis, has n - taps + 1 outputs, those that do not go round its end.
 *
 *   x ──▶ two tiles ──▶ a plane (planes.ts), judged on the way (outliers.ts) ──▶ its spectrum · that of the kernel ──▶ two tiles of y
 *                                                                                outputs that transforms may not compute, by direct sums
 *
 * With `height` 1 the kernel is one row, and a plane is four pairs of tiles. Tiles of a plane are neighbours in a row of tiles, of one image, whose bits so depend on no other.
 */
import { Epilogue, finish, prepareEpilogue } from '../base/epilogue';
import { Geometry } from '../base/geometry';
import { bytes } from '../base/runs';
import { forward } from '../direct/depthwise/index';
import { gather } from '../direct/line-buffer';
import { blockOf, isEven, isInRange, weave } from './outliers';
import { multiply, transformBoth, VALUE } from './planes';
import { FOUR, layRoots } from './transform';
import { PART, ROOTS, SPECTRUM, TILES } from './workspace';

/** The tiles of a plane, of so many points each, and where in the workspace they are. */
@unmanaged
export class Tiles {
  height: i32;
  width: i32;
  count: i32;
  /** Outputs of a tile. */
  high: i32;
  wide: i32;
  /** log₂ of the rows and columns of a block: outliers.ts. */
  down: i32;
  across: i32;
  /** Largest magnitudes of blocks. */
  blocks: usize;
  /** Lines of x, and two rooms of a plane, of which they are the first. */
  lines: usize;
  plane: usize;
  size: usize;
  /** Bytes of a tile's lines. */
  half: usize;

  /** Where, behind this, the largest magnitude is of the pair that the i-th tile belongs to. */
  pair(i: i32): usize {
    return changetype<usize>(this) + bytes(i >> 1);
  }
  /** Where the i-th tile is in planes and blocks: the first of a pair in the real parts, the second in the imaginary ones. */
  placeOf(i: i32): usize {
    return <usize>(i & -2) * this.half + <usize>((i & 1) << 4);
  }
}

export function fft(
  g: Geometry,
  height: i32,
  width: i32,
  cosine: f64,
  sine: f64,
  x: usize,
  w: usize,
  y: usize,
  bias: usize,
  activation: i32,
  slope: f32,
  workspace: usize,
): void {
  const e = prepareEpilogue(workspace, bias, activation, slope);
  e.rowStep = e.columnStep = 0;
  const line = height == 1;
  const rows = line ? 4 : height;
  const spectrum = workspace + SPECTRUM;
  const t = layTiles(g, height, width, line ? 8 : 2, <usize>(rows * width) * VALUE, workspace);
  const roots = workspace + ROOTS;
  const count = max(height, width);
  layRoots(roots, count, cosine, sine);
  const part = changetype<Geometry>(workspace + PART);
  memory.copy(workspace + PART, changetype<usize>(g), offsetof<Geometry>());
  part.batch = part.groups = part.xChannels = part.yChannels = 1;
  for (let o = 0; o < g.groups; o++, w += bytes(g.wGroup)) {
    e.bias = bias ? bias + bytes(o) : 0;
    memory.fill(t.blocks, 0, 3 * t.size);
    // Of a line the same in every row.
    gather(t.lines, bytes(width), w, line ? 0 : bytes(g.wTapHeight), g.wTapWidth, line ? rows : g.kernelHeight, g.kernelWidth);
    const serves = isInRange(weave(t.lines, t.plane, rows, width, t.blocks, t.down, t.across));
    memory.copy(spectrum, transformBoth(t.plane, t.lines, rows, width, height, width, roots, count), t.size);
    for (let n = 0; n < g.batch; n++) {
      const from = x + bytes(n * g.xBatch + o * g.xChannel);
      const to = y + bytes(n * g.yBatch + o * g.yChannel);
      for (let top = 0; top < g.yHeight; top += t.high) {
        for (let left = 0; left < g.yWidth; left += t.count * t.wide) {
          gatherTiles(t, g, from, top, left);
          let result = transformBoth(t.plane, t.lines, rows, width, height, width, roots, count);
          multiply(result, spectrum, result + t.size);
          result = transformBoth(result, t.plane + t.lines - result, width, rows, width, height, roots, count);
          for (let i = 0, column = left; i < t.count && column < g.yWidth; i++, column += t.wide) {
            part.yHeight = min(t.high, g.yHeight - top);
            part.yWidth = min(t.wide, g.yWidth - column);
            part.padHeight = g.padHeight - top;
            part.padWidth = g.padWidth - column;
            const at = to + bytes(top * g.yHeightStep + column * g.yWidthStep);
            // Real and imaginary parts have changed places.
            storeTile(part, e, result + (t.placeOf(i) ^ 16), width, at, 1 / <f32>(height * width));
            mend(t, part, i, serves, from, w, at, e.bias, activation, slope);
          }
        }
      }
    }
  }
}

function layTiles(g: Geometry, height: i32, width: i32, count: i32, size: usize, workspace: usize): Tiles {
  const t = changetype<Tiles>(workspace + TILES);
  t.height = height;
  t.width = width;
  t.count = count;
  t.high = height - g.kernelHeight + 1;
  t.wide = width - g.kernelWidth + 1;
  t.down = blockOf(g.kernelHeight, 0);
  t.across = blockOf(g.kernelWidth, 2);
  t.size = size;
  t.half = size / <usize>count;
  t.blocks = workspace + SPECTRUM + size;
  t.lines = t.blocks + size;
  t.plane = t.lines + size;
  return t;
}

/** A plane of tiles of x from that with output (top, left) on, zeros where there are no more, and what is to be known of their magnitudes. */
function gatherTiles(t: Tiles, g: Geometry, x: usize, top: i32, left: i32): void {
  memory.fill(t.blocks, 0, 2 * t.size);
  for (let i = 0, most: u32 = 0; i < t.count; i++, left += t.wide) {
    const lines = t.lines + <usize>i * t.half;
    if (left < g.yWidth) gatherTile(g, x, lines, bytes(t.width), top, left, min(t.high, g.yHeight - top), min(t.wide, g.yWidth - left));
    const place = t.placeOf(i);
    most = max(i & 1 ? most : 0, weave(lines, t.plane + place, t.height, t.width, t.blocks + place, t.down, t.across));
    store<u32>(t.pair(i), most, offsetof<Tiles>());
  }
}

/** Direct sums for those outputs of the i-th tile that transforms may not compute: `part` is its view. */
function mend(
  t: Tiles,
  part: Geometry,
  i: i32,
  serves: bool,
  x: usize,
  w: usize,
  y: usize,
  bias: usize,
  activation: i32,
  slope: f32,
): void {
  const most = load<u32>(t.pair(i), offsetof<Tiles>());
  const all = !serves || !isInRange(most);
  // From outputs to what they see in common it is a block further on, along each axis that has two taps.
  const deep = min(1, part.kernelHeight - 1);
  const rows = part.yHeight;
  const columns = part.yWidth;
  const top = part.padHeight;
  const left = part.padWidth;
  const rowStep = all ? rows : 1 << t.down;
  const columnStep = all ? columns : 1 << t.across;
  for (let r = 0; r < rows; r += rowStep) {
    for (let c = 0; c < columns; c += columnStep) {
      const next = ((r >> t.down) + deep) * (t.width >> t.across) + (c >> t.across) + 1;
      if (!all && isEven(t.blocks + t.placeOf(i) + <usize>next * FOUR, most)) continue;
      part.yHeight = min(rowStep, rows - r);
      part.yWidth = min(columnStep, columns - c);
      part.padHeight = top - r;
      part.padWidth = left - c;
      forward(part, x, w, y + bytes(r * part.yHeightStep + c * part.yWidthStep), bias, activation, slope, t.plane + t.size);
    }
  }
}

/** What `rows` × `columns` outputs from (top, left) on see of x, to lines that are zero before. */
function gatherTile(g: Geometry, x: usize, lines: usize, pitch: usize, top: i32, left: i32, rows: i32, columns: i32): void {
  const step = g.xWidth * g.xSpace;
  top -= g.padHeight;
  left -= g.padWidth;
  const above = max(0, -top);
  const before = max(0, -left);
  gather(
    lines + <usize>above * pitch + bytes(before),
    pitch,
    x + bytes((top + above) * step + (left + before) * g.xSpace),
    bytes(step),
    g.xSpace,
    min(rows + g.kernelHeight - 1, g.xHeight - top) - above,
    min(columns + g.kernelWidth - 1, g.xWidth - left) - before,
  );
}

/** A view's y = `by` times the real or the imaginary parts, which begin at `from`, of rows of `width` values. */
function storeTile(part: Geometry, e: Epilogue, from: usize, width: i32, to: usize, by: f32): void {
  let at = to;
  for (let row = 0; row < part.yHeight; row++, from += <usize>width * VALUE, at += bytes(part.yHeightStep)) {
    for (let c = 0; c < part.yWidth; c++) {
      store<f32>(at + bytes(c * part.yWidthStep), by * load<f32>(from + <usize>(((c & -4) << 3) | ((c & 3) << 2))));
    }
  }
  if (e.active) finish(e, to, part.yHeight, part.yWidth, part.yHeightStep, part.yWidthStep, 0, 0);
}
