/**
 * Where Winograd's tiles lie, in x, in y and in the line buffer. A block is a run of tiles, in panels of eight: the NR columns of a B micropanel.
 */
import { NR } from '../base/config';
import { Geometry } from '../base/geometry';
import { Axis, ceilOf, layAxis, TapBlock } from './axis';

/** An array that tiles are read from, and what of it a block of taps meets. Strides in elements. */
@unmanaged
export class Image {
  batch: i32;
  channel: i32;
  plane: i32;
  row: i32;
  space: i32;
  depth: i32;
  height: i32;
  width: i32;
  /** Positions from what an output meets to what the next one does. */
  strideDepth: i32;
  strideHeight: i32;
  strideWidth: i32;
  /** The position that the first output meets at the first place of the window: less than 0 in the padding. */
  front: i32;
  top: i32;
  left: i32;
  /** The last place of the window that has a tap. */
  lastRow: i32;
  lastColumn: i32;
}

export function imageOfX(g: Geometry, at: usize): Image {
  const image = changetype<Image>(at);
  image.batch = g.xBatch;
  image.channel = g.xChannel;
  image.plane = g.xHeight * g.xWidth * g.xSpace;
  image.row = g.xWidth * g.xSpace;
  image.space = g.xSpace;
  image.depth = g.xDepth;
  image.height = g.xHeight;
  image.width = g.xWidth;
  image.strideDepth = g.strideDepth;
  image.strideHeight = g.strideHeight;
  image.strideWidth = g.strideWidth;
  return image;
}

/** Sets what y's positions see of x through a block of taps, of the depth-th slice of the kernel: nothing past its last tap is read, for a NaN there must not meet a transform. */
export function lookThrough(image: Image, g: Geometry, depth: i32, down: TapBlock, across: TapBlock): void {
  image.front = depth * g.dilationDepth - g.padDepth;
  image.top = down.origin * g.dilationHeight - g.padHeight;
  image.left = across.origin * g.dilationWidth - g.padWidth;
  image.lastRow = down.end - 1;
  image.lastColumn = across.end - 1;
}

export function imageOfY(g: Geometry, at: usize): Image {
  const image = changetype<Image>(at);
  image.batch = g.yBatch;
  image.channel = g.yChannel;
  image.plane = g.yDepthStep;
  image.row = g.yHeightStep;
  image.space = g.yWidthStep;
  image.depth = g.yDepth;
  image.height = g.yHeight;
  image.width = g.yWidth;
  image.strideDepth = 1;
  image.strideHeight = 1;
  image.strideWidth = 1;
  image.front = 0;
  image.top = 0;
  image.left = 0;
  image.lastRow = 0;
  image.lastColumn = 0;
  return image;
}

/** Where the plane of x that a plane of y meets begins, elements from x; -1 where it is padding. Planes of y are counted through all images. */
export function planeOf(image: Image, g: Geometry, plane: i32): i32 {
  const depth = (plane % g.yDepth) * image.strideDepth + image.front;
  if (depth < 0 || depth >= image.depth) return -1;
  return (plane / g.yDepth) * image.batch + depth * image.plane;
}

/**
 * A block of tiles of one group of channels, and its rooms in the workspace. A row of tiles holds those of all lattices of columns, neighbours first; rows of tiles are
 * counted through the tiles of a lattice of rows, the lattices of a plane, and the planes.
 */
@unmanaged
export class Block {
  rows: Axis;
  columns: Axis;
  points: i32;
  /** Tiles of a row, and rows of tiles of a lattice. */
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
  /** The output whose first input is the first column of the line buffer. */
  left: i32;
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
  /** The lattice of rows, and the plane of y, of a row of tiles. */
  latticeOf(row: i32): i32 {
    return (row / this.down) % this.rows.outputStep;
  }
  planeOf(row: i32): i32 {
    return row / this.down / this.rows.outputStep;
  }
  /** The first row of y that a row of tiles has, and its first column of y of a column of tiles. */
  topOf(row: i32): i32 {
    return (row % this.down) * this.rows.size * this.rows.outputStep + this.latticeOf(row);
  }
  leftOf(column: i32): i32 {
    const step = this.columns.outputStep;
    return (column / step) * this.columns.size * step + (column % step);
  }
}

/** All tiles of y. */
export function layTiles(b: Block, g: Geometry, size: i32, rows: Axis, columns: Axis): i32 {
  layAxis(rows, size, g.kernelHeight, g.strideHeight, g.dilationHeight, g.padHeight, g.yHeight, g.xHeight);
  layAxis(columns, size, g.kernelWidth, g.strideWidth, g.dilationWidth, g.padWidth, g.yWidth, g.xWidth);
  b.rows = rows;
  b.columns = columns;
  b.points = rows.points * columns.points;
  b.across = columns.outputStep * columns.tiles;
  b.down = rows.tiles;
  return g.batch * g.yDepth * rows.outputStep * b.down * b.across;
}

/** A tile of the block. */
@unmanaged
export class Tile {
  /** Its first input in the line buffer, in bytes. */
  buffer: usize;
  /** Its first output in channel 0 of the group, elements from y. */
  y: i32;
  /** Outputs that lie in y; no rows where there is none, of a lattice that is smaller than others. */
  rows: u8;
  columns: u8;
  /** What outliers.ts says of it. */
  state: i32;
}

export const TILE_BYTES: usize = 16;

/** Finds the block's tiles. The line buffer holds the tile rows of a lattice one below the other; of a single row only the block's part. */
export function placeTiles(b: Block, g: Geometry): void {
  const rows = b.rows;
  const columns = b.columns;
  const across = b.across;
  const firstRow = b.first / across;
  const lastRow = (b.first + b.count - 1) / across;
  const oneRow = firstRow == lastRow;
  const step = columns.outputStep;
  const firstTile = oneRow ? (b.first % across) / step : 0;
  const lastTile = (oneRow ? (b.first + b.count - 1) % across : across - 1) / step;
  b.left = firstTile * columns.size * step;
  b.bufferStep = (<usize>(((lastTile - firstTile + 1) * columns.size + columns.reach) * step)) << 4;
  b.bufferRows = (lastRow - firstRow + 1) * rows.size + (lastRow / b.down - firstRow / b.down + 1) * rows.reach;
  assert(b.buffer + <usize>b.bufferRows * b.bufferStep <= b.v);

  let row = firstRow;
  let column = b.first % across;
  let at = b.tiles;
  for (let i = 0; i < b.count; i++, at += TILE_BYTES) {
    const top = b.topOf(row);
    const left = b.leftOf(column);
    const plane = b.planeOf(row);
    const tile = changetype<Tile>(at);
    tile.buffer = <usize>bufferRow(b, row, firstRow) * b.bufferStep + ((<usize>(left - b.left)) << 4);
    tile.y = (plane / g.yDepth) * g.yBatch + (plane % g.yDepth) * g.yDepthStep + top * g.yHeightStep + left * g.yWidthStep;
    const wide = max(0, min(columns.size, ceilOf(g.yWidth - left, step)));
    tile.columns = <u8>wide;
    tile.rows = <u8>(wide > 0 ? max(0, min(rows.size, ceilOf(g.yHeight - top, rows.outputStep))) : 0);
    if (++column == across) {
      column = 0;
      row++;
    }
  }
}

/** The line buffer's row where a row of tiles begins: each lattice has so many rows more than its tiles have outputs as a window reaches. */
export function bufferRow(b: Block, row: i32, firstRow: i32): i32 {
  return (row - firstRow) * b.rows.size + (row / b.down - firstRow / b.down) * b.rows.reach;
}
