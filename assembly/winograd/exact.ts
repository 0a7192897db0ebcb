/** The outputs of a block that Winograd leaves: tiles set apart (outliers.ts), by the GEMM and to its bits, and those whose windows are all zero. */

import { Epilogue, finishFour } from '../base/epilogue';
import { Geometry } from '../base/geometry';
import { bytes } from '../base/runs';
import { fprop } from '../conv/implicit-gemm';
import { ceilOf } from './axis';
import { APART } from './outliers';
import { storeRun } from './output-tiles';
import { Block, TILE_BYTES, Tile } from './tiles';

/** Rectangles of neighbouring tiles, each a GEMM. x, w (as it lies in memory or packed), y and bias are the group's; `part` is room for a geometry. */
export function multiplyApart(
  b: Block,
  g: Geometry,
  x: usize,
  w: usize,
  packed: bool,
  y: usize,
  bias: usize,
  e: Epilogue,
  part: Geometry,
): void {
  const down = b.rows.outputStep;
  const across = b.columns.outputStep;
  memory.copy(changetype<usize>(part), changetype<usize>(g), offsetof<Geometry>());
  part.batch = 1;
  part.yDepth = 1;
  part.strideHeight = g.strideHeight * down;
  part.strideWidth = g.strideWidth * across;
  part.yHeightStep = g.yHeightStep * down;
  part.yWidthStep = g.yWidthStep * across;
  part.groups = 1;
  part.xChannels = g.xGroup;
  part.yChannels = g.yGroup;
  for (let i = 0; i < b.count; i++) {
    const columns = apartFrom(b, i);
    if (columns == 0) continue;
    const row = (b.first + i) / b.across;
    let rows = 1;
    while ((row + rows) % b.down != 0 && apartFrom(b, i + rows * b.across) >= columns) rows++;
    for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) tileAt(b, i + r * b.across + c).state = 0;
    const top = b.topOf(row);
    const left = b.leftOf((b.first + i) % b.across);
    const plane = b.planeOf(row);
    part.yHeight = min(rows * b.rows.size, ceilOf(g.yHeight - top, down));
    part.yWidth = min(columns * b.columns.size, ceilOf(g.yWidth - left, across));
    part.padDepth = g.padDepth - (plane % g.yDepth) * g.strideDepth;
    part.padHeight = g.padHeight - top * g.strideHeight;
    part.padWidth = g.padWidth - left * g.strideWidth;
    const from = x + bytes((plane / g.yDepth) * g.xBatch);
    const to = y + bytes(tileAt(b, i).y);
    fprop(part, from, w, packed, to, bias, e.activation, f32x4.extract_lane(e.slope, 0), b.v);
  }
}

/** How many neighbours in a row are apart from the i-th tile of the block on; those of several lattices stand between each other. */
function apartFrom(b: Block, i: i32): i32 {
  const most = b.columns.outputStep > 1 ? 1 : b.across - ((b.first + i) % b.across);
  const end = min(b.count, i + most);
  let at = i;
  while (at < end && tileAt(b, at).state == APART) at++;
  return at - i;
}

/** As `storeTiles`, only outputs whose windows are all zero: what a sum of zeros is, +0, and the bias. */
export function storeZeros(b: Block, g: Geometry, y: usize, channels: i32, e: Epilogue): void {
  const step = bytes(g.yChannel);
  for (let i = 0; i < b.count; i++) {
    const tile = tileAt(b, i);
    if (tile.state == APART) continue;
    for (let rest = tile.state; rest != 0; rest &= rest - 1) {
      const place = ctz(rest);
      let to = y + bytes(tile.y + (place >> 2) * g.yHeightStep * b.rows.outputStep + (place & 3) * g.yWidthStep * b.columns.outputStep);
      for (let c = 0; c < channels; c += 4, to += 4 * step) {
        const bias = v128.load(e.bias + bytes(c));
        storeRun(to, step, finishFour(e, f32x4.splat(0), bias), min(4, channels - c));
      }
    }
  }
}

function tileAt(b: Block, index: i32): Tile {
  return changetype<Tile>(b.tiles + <usize>index * TILE_BYTES);
}
