/**
 * The moves between images and the panels of the products.
 *
 *   x  ──4 channels──▶  line buffer [row][column][4]   zero-padded, each tile m + 2 wide; a row holds all lattices of columns, as x does
 *      ──Bᵀ d B──────▶  [tile of 8][point][4]    transposed to V [point][tile / 8][channel][8 tiles]
 */
import { NR } from '../base/config';
import { Geometry } from '../base/geometry';
import { copyFour, spreadEight } from '../base/lanes';
import { bytes } from '../base/runs';
import { ceilOf, endOf, firstOf } from './axis';
import { Block, bufferRow, Image, planeOf, TILE_BYTES, Tile } from './tiles';
import { transformInput } from './transforms';

/** Before an image is copied into it, whose padding is never written. */
export function clearLines(b: Block): void {
  memory.fill(b.buffer, 0, <usize>b.bufferRows * b.bufferStep);
}

/** V of channels [0, channels) of x at the points of a block of taps, rows `down` by columns `across`: x points to the first of them. */
export function gatherTiles(b: Block, g: Geometry, image: Image, down: i32, across: i32, x: usize, channels: i32): void {
  const panels = b.panels;
  const last = b.count - 1;
  const tileBytes = (<usize>b.points) << 4;
  const transformed = b.scratch + tileBytes;
  clearLines(b);
  for (let c = 0; c < channels; c += 4) {
    fillLines(b, g, image, x + bytes(c * image.channel), min(4, channels - c));
    let to = b.v + bytes(c * NR);
    for (let panel = 0; panel < panels; panel++, to += b.vPanel) {
      for (let lane = 0; lane < NR; lane++) {
        // Lanes past the last tile repeat it: their products are never stored.
        const tile = changetype<Tile>(b.tiles + <usize>min(panel * NR + lane, last) * TILE_BYTES);
        transformTile(b, down, across, b.buffer + tile.buffer, transformed + <usize>lane * tileBytes);
      }
      for (let row = firstOf(down); row < endOf(down); row++) {
        const at = row * b.columns.points + firstOf(across);
        spreadEight(transformed + ((<usize>at) << 4), tileBytes, endOf(across) - firstOf(across), to + <usize>at * b.vPoint, b.vPoint);
      }
    }
  }
}

/** Bᵀ d B of one tile and four channels. */
function transformTile(b: Block, down: i32, across: i32, from: usize, to: usize): void {
  const height = b.rows.size;
  const width = b.columns.size;
  const step = (<usize>b.columns.outputStep) << 4;
  if (height == 1) transformInput(width, across, from, step, to, 16);
  else if (width == 1) transformInput(height, down, from, b.bufferStep, to, 16);
  else {
    const line = (<usize>(width + 2)) << 4;
    for (let column = firstOf(across); column < endOf(across); column++) {
      transformInput(height, down, from + <usize>column * step, b.bufferStep, b.scratch + ((<usize>column) << 4), line);
    }
    for (let row = <usize>firstOf(down) * line, end = <usize>endOf(down) * line; row < end; row += line) {
      transformInput(width, across, b.scratch + row, 16, to + row, 16);
    }
  }
}

/** Copies four channels (or the `channels` that there are) of what the block's tiles see of x into the line buffer; the padding is zero from `clearLines` on. */
export function fillLines(b: Block, g: Geometry, image: Image, x: usize, channels: i32): void {
  const lattices = b.rows.outputStep;
  const size = b.rows.size;
  // Column i of the line buffer is column left + i · stride of x.
  const stride = image.strideWidth;
  const left = image.left + b.left * stride;
  const begin = left < 0 ? ceilOf(-left, stride) : 0;
  const seen = min(<i32>(b.bufferStep >> 4), b.columns.outputs - b.left + image.lastColumn * b.columns.outputStep);
  const end = min(seen, ceilOf(image.width - left, stride));
  if (begin >= end) return;
  const firstRow = b.first / b.across;
  const lastRow = (b.first + b.count - 1) / b.across;
  const step = image.strideHeight * lattices;
  for (let row = firstRow; row <= lastRow; ) {
    const inLattice = row % b.down;
    const rows = min(b.down - inLattice, lastRow + 1 - row);
    const top = image.top + b.topOf(row) * image.strideHeight;
    const lines = min(rows * size + b.rows.reach, b.rows.outputsOf(b.latticeOf(row)) - inLattice * size + image.lastRow);
    const plane = planeOf(image, g, b.planeOf(row));
    const start = top < 0 ? ceilOf(-top, step) : 0;
    const stop = plane < 0 ? 0 : min(lines, ceilOf(image.height - top, step));
    let to = b.buffer + <usize>(bufferRow(b, row, firstRow) + start) * b.bufferStep + ((<usize>begin) << 4);
    let from = x + bytes(plane + (top + start * step) * image.row + (left + begin * stride) * image.space);
    for (let i = start; i < stop; i++, to += b.bufferStep, from += bytes(step * image.row)) {
      copyFour(to, from, end - begin, channels, image.channel, stride * image.space);
    }
    row += rows;
  }
}
