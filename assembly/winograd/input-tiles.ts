/**
 * Winograd's tiles: where they lie in x and y, and the moves between images and the panels of the products. Tiles are counted in raster order through all
 * images of the batch; a block is a run of them, in panels of eight: the NR columns of a B micropanel.
 *
 *   x  ──4 channels──▶  line buffer [row][column][4]   zero-padded, each tile m + 2 wide and m from its neighbours
 *      ──Bᵀ d B──────▶  [tile of 8][point][4]    transposed to V [point][tile / 8][channel][8 tiles]
 */

import { NR } from '../base/config';
import { Geometry } from '../base/geometry';
import { copyFour, spreadEight } from '../base/lanes';
import { bytes } from '../base/runs';
import { transformInput } from './transforms';

/** An array that tiles are read from. Strides in elements. */
@unmanaged
export class Image {
  batch: i32;
  channel: i32;
  space: i32;
  /** Elements from one row to the next. */
  row: i32;
  /** Rows and columns that are read; the rest counts as zero. */
  height: i32;
  width: i32;
  padHeight: i32;
  padWidth: i32;
}

export function imageOfX(g: Geometry, at: usize): Image {
  const image = changetype<Image>(at);
  image.batch = g.xBatch;
  image.channel = g.xChannel;
  image.space = g.xSpace;
  image.row = g.xWidth * g.xSpace;
  lookThrough(image, g, 0, 0);
  return image;
}

/** Sets what y's positions see of x through three by three taps of the kernel from [down, right] on: nothing else is read, for a NaN there must not meet a transform. */
export function lookThrough(image: Image, g: Geometry, down: i32, right: i32): void {
  image.padHeight = g.padHeight - down;
  image.padWidth = g.padWidth - right;
  image.height = min(g.xHeight, g.yHeight + min(g.kernelHeight, 3) - 1 - image.padHeight);
  image.width = min(g.xWidth, g.yWidth + min(g.kernelWidth, 3) - 1 - image.padWidth);
}

export function imageOfY(g: Geometry, at: usize): Image {
  const image = changetype<Image>(at);
  image.batch = g.yBatch;
  image.channel = g.yChannel;
  image.space = g.yWidthStep;
  image.row = g.yHeightStep;
  image.height = g.yHeight;
  image.width = g.yWidth;
  image.padHeight = 0;
  image.padWidth = 0;
  return image;
}

/** A block of tiles of one group of channels, and its rooms in the workspace. */
@unmanaged
export class Block {
  /** Outputs of a tile along an axis. */
  size: i32;
  /** Tiles of an image along its width and height. */
  across: i32;
  down: i32;
  /** Tiles [first, first + count). */
  first: i32;
  count: i32;
  tiles: usize;
  buffer: usize;
  scratch: usize;
  /** Bytes from one row of the line buffer to the next, and rows of all images. */
  bufferStep: usize;
  bufferRows: i32;
  v: usize;
  /** Bytes from one point to the next, and from one panel of tiles to the next. */
  vPoint: usize;
  vPanel: usize;
  /** Bytes from V to the end of the workspace. */
  room: usize;
  /** Tiles that Winograd does not compute, and others that have outputs whose windows are all zero. */
  apart: i32;
  zeros: i32;

  /** Panels of tiles. */
  get panels(): i32 {
    return (this.count + NR - 1) / NR;
  }
  get points(): i32 {
    return (this.size + 2) * (this.size + 2);
  }
}

/** A tile of the block. */
@unmanaged
export class Tile {
  /** Its first input in the line buffer, in bytes. */
  buffer: usize;
  /** Its first output in channel 0 of the group, elements from y. */
  y: i32;
  /** Outputs that lie in y. */
  rows: u8;
  columns: u8;
  /** What outliers.ts says of it. */
  state: i32;
}

export const TILE_BYTES: usize = 16;

/** Finds the block's tiles. The line buffer holds the tile rows of an image one below the other; of a single row only the block's part. */
export function placeTiles(b: Block, g: Geometry): void {
  const size = b.size;
  const across = b.across;
  const firstRow = b.first / across;
  const lastRow = (b.first + b.count - 1) / across;
  const firstImage = firstRow / b.down;
  const firstColumn = firstRow == lastRow ? b.first % across : 0;
  const columns = firstRow == lastRow ? b.count : across;
  b.bufferStep = (<usize>(columns * size + 2)) << 4;
  b.bufferRows = (lastRow - firstRow + 1) * size + (lastRow / b.down - firstImage + 1) * 2;
  assert(b.buffer + <usize>b.bufferRows * b.bufferStep <= b.v);

  let row = firstRow;
  let column = b.first % across;
  let at = b.tiles;
  for (let i = 0; i < b.count; i++, at += TILE_BYTES) {
    const image = row / b.down;
    const h = (row % b.down) * size;
    const tile = changetype<Tile>(at);
    tile.buffer = <usize>bufferRow(b, row, firstRow) * b.bufferStep + ((<usize>((column - firstColumn) * size)) << 4);
    tile.y = image * g.yBatch + h * g.yHeightStep + column * size * g.yWidthStep;
    tile.rows = <u8>min(size, g.yHeight - h);
    tile.columns = <u8>min(size, g.yWidth - column * size);
    if (++column == across) {
      column = 0;
      row++;
    }
  }
}

/** Before an image is copied into it, whose padding is never written. */
export function clearLines(b: Block): void {
  memory.fill(b.buffer, 0, <usize>b.bufferRows * b.bufferStep);
}

/** The line buffer's row where a row of tiles begins: each image has two rows more than its tiles have outputs. */
function bufferRow(b: Block, row: i32, firstRow: i32): i32 {
  return (row - firstRow) * b.size + (row / b.down - firstRow / b.down) * 2;
}

/** V of channels [0, channels) of x: x points to the first of them. */
export function gatherTiles(b: Block, image: Image, x: usize, channels: i32): void {
  const panels = b.panels;
  const last = b.count - 1;
  const tileBytes = (<usize>b.points) << 4;
  const transformed = b.scratch + tileBytes;
  clearLines(b);
  for (let c = 0; c < channels; c += 4) {
    fillLines(b, image, x + bytes(c * image.channel), min(4, channels - c));
    let to = b.v + bytes(c * NR);
    for (let panel = 0; panel < panels; panel++, to += b.vPanel) {
      for (let lane = 0; lane < NR; lane++) {
        // Lanes past the last tile repeat it: their products are never stored.
        const tile = changetype<Tile>(b.tiles + <usize>min(panel * NR + lane, last) * TILE_BYTES);
        transformTile(b, b.buffer + tile.buffer, transformed + <usize>lane * tileBytes);
      }
      spreadEight(transformed, tileBytes, b.points, to, b.vPoint);
    }
  }
}

/** Bᵀ d B of one tile and four channels. */
function transformTile(b: Block, from: usize, to: usize): void {
  const size = b.size;
  const line = (<usize>(size + 2)) << 4;
  for (let offset: usize = 0; offset < line; offset += 16) transformInput(size, from + offset, b.bufferStep, b.scratch + offset, line);
  const end = to + <usize>(size + 2) * line;
  for (let at = b.scratch; to < end; to += line, at += line) transformInput(size, at, 16, to, 16);
}

/** Copies four channels (or the `channels` that there are) of what the block's tiles see of x into the line buffer; the padding is zero from `clearLines` on. */
export function fillLines(b: Block, image: Image, x: usize, channels: i32): void {
  const size = b.size;
  const firstRow = b.first / b.across;
  const lastRow = (b.first + b.count - 1) / b.across;
  const oneRow = firstRow == lastRow;
  // LineBuffer column s is column s + left of x.
  const left = (oneRow ? (b.first % b.across) * size : 0) - image.padWidth;
  const right = left + <i32>(b.bufferStep >> 4);
  const begin = max(left, 0);
  const end = min(right, image.width);
  if (begin >= end) return;
  for (let row = firstRow; row <= lastRow; ) {
    const inImage = row % b.down;
    const rows = min(b.down - inImage, lastRow + 1 - row);
    const top = inImage * size - image.padHeight;
    const stop = min(top + rows * size + 2, image.height);
    const start = max(top, 0);
    let to = b.buffer + <usize>(bufferRow(b, row, firstRow) + start - top) * b.bufferStep + ((<usize>(begin - left)) << 4);
    let from = x + bytes((row / b.down) * image.batch + start * image.row + begin * image.space);
    for (let h = start; h < stop; h++, to += b.bufferStep, from += bytes(image.row)) {
      copyFour(to, from, end - begin, channels, image.channel, image.space);
    }
    row += rows;
  }
}
