/**
 * Tiles of y, and what they see of x. A pair of neighbours in a row of tiles is computed together (planes.ts). Pairs are counted through rows of tiles and images; none has tiles of
 * two images, whose bits so do not depend on each other.
 */
import { Epilogue, finishFour } from '../base/epilogue';
import { Geometry } from '../base/geometry';
import { bytes } from '../base/runs';
import { gather } from '../direct/line-buffer';
import { ceilOf } from '../winograd/axis';
import { storeRun } from '../winograd/output-tiles';
import { FOUR } from './transform';

@unmanaged
export class Tile {
  /** Its first output, and outputs: of a second tile that is not there, no columns or fewer. */
  top: i32;
  left: i32;
  rows: i32;
  columns: i32;
  /** The channel of its image, in x and in y. */
  x: usize;
  y: usize;
  /** The bits of the largest magnitude that its pair sees. */
  most: u32;
  /** Where the largest magnitudes of its blocks are: outliers.ts. */
  blocks: usize;
}

export const TILE_BYTES: usize = 32;

/** Pairs of all images, of tiles of `height` × `width` outputs. */
export function pairsOf(g: Geometry, height: i32, width: i32): i32 {
  return g.batch * ceilOf(g.yHeight, height) * ceilOf(g.yWidth, 2 * width);
}

export function placeTile(g: Geometry, tile: Tile, index: i32, height: i32, width: i32, x: usize, y: usize): void {
  const across = 2 * ceilOf(g.yWidth, 2 * width);
  const down = ceilOf(g.yHeight, height);
  const row = index / across;
  const image = row / down;
  tile.top = (row % down) * height;
  tile.left = (index % across) * width;
  tile.rows = image < g.batch ? min(height, g.yHeight - tile.top) : 0;
  tile.columns = min(width, g.yWidth - tile.left);
  tile.x = x + bytes(image * g.xBatch);
  tile.y = y + bytes(image * g.yBatch + tile.top * g.yHeightStep + tile.left * g.yWidthStep);
}

/** Copies what its outputs see to lines, `pitch` bytes apart. They are zero before. */
export function gatherTile(g: Geometry, tile: Tile, lines: usize, pitch: usize): void {
  if (tile.rows <= 0 || tile.columns <= 0) return;
  const top = tile.top - g.padHeight;
  const left = tile.left - g.padWidth;
  const above = max(0, -top);
  const before = max(0, -left);
  const rows = min(tile.rows + g.kernelHeight - 1, g.xHeight - top) - above;
  const columns = min(tile.columns + g.kernelWidth - 1, g.xWidth - left) - before;
  const step = g.xWidth * g.xSpace;
  const from = tile.x + bytes((top + above) * step + (left + before) * g.xSpace);
  gather(lines + <usize>above * pitch + bytes(before), pitch, from, bytes(step), g.xSpace, rows, columns);
}

/** Of rows `pitch` bytes apart the real or the imaginary parts. */
export function storeTile(g: Geometry, tile: Tile, from: usize, pitch: usize, bias: v128, e: Epilogue): void {
  const step = bytes(g.yWidthStep);
  for (let row = 0, line = tile.y; row < tile.rows; row++, from += pitch, line += bytes(g.yHeightStep)) {
    let at = from;
    let to = line;
    for (let rest = tile.columns; rest > 0; rest -= 4, at += FOUR, to += 4 * step) {
      storeRun(to, step, finishFour(e, v128.load(at), bias), min(4, rest));
    }
  }
}
