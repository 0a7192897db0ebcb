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
import { finish, prepareEpilogue } from '../base/epilogue';
import { Geometry } from '../base/geometry';
import { bytes } from '../base/runs';
import { forward } from '../direct/depthwise/index';
import { gather } from '../direct/line-buffer';
import { blockOf, isEven, isInRange, weave } from './outliers';
import { multiply, transformBoth, VALUE } from './planes';
import { FOUR, layRoots } from './transform';
import { LARGEST, PART, ROOTS, SPECTRUM } from './workspace';

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
  const tiles = line ? 8 : 2;
  const size = <usize>(rows * width) * VALUE;
  const half = size / <usize>tiles;
  const pitch = bytes(width);
  const spectrum = workspace + SPECTRUM;
  const blocks = spectrum + size;
  const lines = blocks + size;
  const plane = lines + size;
  const roots = workspace + ROOTS;
  const count = max(height, width);
  layRoots(roots, count, cosine, sine);
  const down = blockOf(g.kernelHeight, 0);
  const across = blockOf(g.kernelWidth, 2);
  const deep = min(1, g.kernelHeight - 1);
  const high = height - g.kernelHeight + 1;
  const wide = width - g.kernelWidth + 1;
  const scale: f32 = 1 / <f32>(height * width);
  const part = changetype<Geometry>(workspace + PART);
  memory.copy(workspace + PART, changetype<usize>(g), offsetof<Geometry>());
  part.batch = part.groups = part.xChannels = part.yChannels = 1;
  for (let o = 0; o < g.groups; o++, w += bytes(g.wGroup)) {
    const own = bias ? bias + bytes(o) : 0;
    e.bias = own;
    memory.fill(blocks, 0, 3 * size);
    // Of a line the same in every row.
    gather(lines, pitch, w, line ? 0 : bytes(g.wTapHeight), g.wTapWidth, line ? rows : g.kernelHeight, g.kernelWidth);
    const serves = isInRange(weave(lines, plane, rows, width, blocks, down, across));
    memory.copy(spectrum, transformBoth(plane, lines, rows, width, height, width, roots, count), size);
    for (let n = 0; n < g.batch; n++) {
      const from = x + bytes(n * g.xBatch + o * g.xChannel);
      for (let top = 0; top < g.yHeight; top += high) {
        const outRows = min(high, g.yHeight - top);
        for (let left = 0; left < g.yWidth; left += tiles * wide) {
          memory.fill(blocks, 0, 2 * size);
          for (let i = 0, most: u32 = 0; i < tiles; i++) {
            const column = left + i * wide;
            const tile = lines + <usize>i * half;
            if (column < g.yWidth) gatherTile(g, from, tile, pitch, top, column, outRows, min(wide, g.yWidth - column));
            const place = placeOf(i, half);
            most = max(i & 1 ? most : 0, weave(tile, plane + place, height, width, blocks + place, down, across));
            store<u32>(workspace + LARGEST + bytes(i >> 1), most);
          }
          let result = transformBoth(plane, lines, rows, width, height, width, roots, count);
          multiply(result, spectrum, result + size);
          result = transformBoth(result, plane + lines - result, width, rows, width, height, roots, count);
          for (let i = 0; i < tiles; i++) {
            const column = left + i * wide;
            const columns = min(wide, g.yWidth - column);
            const to = y + bytes(n * g.yBatch + o * g.yChannel + top * g.yHeightStep + column * g.yWidthStep);
            const place = placeOf(i, half);
            // Real and imaginary parts have changed places.
            storeTile(g, result + (place ^ 16), width, outRows, columns, to, scale);
            if (e.active) finish(e, to, outRows, columns, g.yHeightStep, g.yWidthStep, 0, 0);
            const most = load<u32>(workspace + LARGEST + bytes(i >> 1));
            const all = !serves || !isInRange(most);
            const rowStep = all ? outRows : 1 << down;
            const columnStep = all ? columns : 1 << across;
            for (let r = 0; r < outRows; r += rowStep) {
              for (let c = 0; c < columns; c += columnStep) {
                const next = ((r >> down) + deep) * (width >> across) + (c >> across) + 1;
                if (!all && isEven(blocks + place + <usize>next * FOUR, most)) continue;
                part.yHeight = min(rowStep, outRows - r);
                part.yWidth = min(columnStep, columns - c);
                part.padHeight = g.padHeight - top - r;
                part.padWidth = g.padWidth - column - c;
                forward(part, from, w, to + bytes(r * g.yHeightStep + c * g.yWidthStep), own, activation, slope, plane + size);
              }
            }
          }
        }
      }
    }
  }
}

/** Where the i-th tile is in planes and blocks: the first of a pair in the real parts, the second in the imaginary ones. */
function placeOf(i: i32, half: usize): usize {
  return <usize>(i & -2) * half + <usize>((i & 1) << 4);
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

/** y = `by` times the real or the imaginary parts, which begin at `from`, of rows of `width` values. */
function storeTile(g: Geometry, from: usize, width: i32, rows: i32, columns: i32, to: usize, by: f32): void {
  for (let row = 0; row < rows; row++, from += <usize>width * VALUE, to += bytes(g.yHeightStep)) {
    for (let c = 0; c < columns; c++) {
      store<f32>(to + bytes(c * g.yWidthStep), by * load<f32>(from + <usize>(((c & -4) << 3) | ((c & 3) << 2))));
    }
  }
}
