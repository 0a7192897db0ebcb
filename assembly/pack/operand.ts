/** One side of a product: how its panels come to be. `at` runs along the tile (m of A, n of B), `k` along the depth. */

import { KC } from '../base/config';
import { Geometry } from '../base/geometry';
import { bytes } from '../base/runs';
import { columnLine } from '../im2col/im2col';
import { packWindows } from './nhwc-windows';
import { pack, packLine } from './panels';

/** A strided matrix at `base`. */
export const STRIDED: i32 = 0;
/** Panels made earlier by `packWhole`. */
export const PACKED: i32 = 1;
/** The column matrix of the image at `base`: the tile runs along positions, the depth along rows. */
export const COLUMNS: i32 = 2;
/** The same transposed: the tile runs along rows, the depth along positions. */
export const COLUMNS_TRANSPOSED: i32 = 3;
/** The weight of a group at `base`: the tile runs along y's channels, the depth along the column matrix's rows. */
export const WEIGHT: i32 = 4;
/** LineBuffers of columns made by `packStrips`, for a product of one row. */
export const STRIPS: i32 = 5;

@unmanaged
export class Operand {
  kind: i32;
  base: usize;
  /** STRIDED: elements from one `at` to the next, and from one `k` to the next. */
  atStride: i32;
  depthStride: i32;
  /** PACKED: extent along the tile. */
  extent: i32;
  /** Where along the tile this product begins (PACKED: a multiple of the tile). */
  first: i32;
  geometry: Geometry;

  strided(base: usize, atStride: i32, depthStride: i32): Operand {
    this.kind = STRIDED;
    this.base = base;
    this.atStride = atStride;
    this.depthStride = depthStride;
    this.first = 0;
    return this;
  }

  packed(base: usize, extent: i32): Operand {
    this.kind = PACKED;
    this.base = base;
    this.extent = extent;
    this.first = 0;
    return this;
  }

  strips(base: usize): Operand {
    this.kind = STRIPS;
    this.base = base;
    return this;
  }

  columns(g: Geometry, x: usize, transposed: bool): Operand {
    if (g.pointwise) return transposed ? this.strided(x, g.xChannel, g.xSpace) : this.strided(x, g.xSpace, g.xChannel);
    this.kind = transposed ? COLUMNS_TRANSPOSED : COLUMNS;
    this.base = x;
    this.geometry = g;
    this.first = 0;
    return this;
  }

  weight(g: Geometry, w: usize): Operand {
    this.kind = WEIGHT;
    this.base = w;
    this.geometry = g;
    this.first = 0;
    return this;
  }

  get isPacked(): bool {
    return this.kind == PACKED;
  }

  /** The same operand from `first` on along the tile. */
  from(first: i32): Operand {
    this.first = first;
    return this;
  }
}

/** The panels of [at, at + count) × [k, k + depth): packed to `to`, or where they already are. */
export function panels(o: Operand, tile: i32, at: i32, count: i32, k: i32, depth: i32, to: usize, lines: usize): usize {
  at += o.first;
  if (o.kind == PACKED) return o.base + bytes(k * wholeTiles(o.extent, tile) + at * depth);
  if (o.kind == STRIDED) {
    pack(to, o.base + bytes(at * o.atStride + k * o.depthStride), tile, count, depth, o.atStride, o.depthStride, depth);
  } else if (o.kind == WEIGHT) {
    packWeightRows(o.geometry, o.base, tile, at, count, k, depth, to);
  } else {
    packColumns(o.geometry, o.base, o.kind == COLUMNS_TRANSPOSED, tile, at, count, k, depth, to, lines);
  }
  return to;
}

/** The column matrix a line at a time: a line along the tile is spread over the panels, lines along the depth are transposed into them. */
function packColumns(
  g: Geometry,
  x: usize,
  transposed: bool,
  tile: i32,
  at: i32,
  count: i32,
  k: i32,
  depth: i32,
  to: usize,
  lines: usize,
): void {
  const linesAlongTile = transposed == (g.channelsLast != 0);
  if (linesAlongTile) {
    for (let i = 0; i < depth; i++) {
      columnLine(g, x, k + i, at, at + count, lines);
      packLine(to, lines, tile, count, depth, i);
    }
  } else {
    const panelBytes = bytes(depth * tile);
    for (let i = 0; i < count; i += tile) {
      const width = min(tile, count - i);
      if (width == tile && !transposed) {
        packWindows(g, x, tile, at + i, k, depth, to + <usize>(i / tile) * panelBytes, lines);
        continue;
      }
      for (let lane = 0; lane < width; lane++) {
        columnLine(g, x, at + i + lane, k, k + depth, lines + bytes(lane * depth));
      }
      pack(to + <usize>(i / tile) * panelBytes, lines, tile, width, depth, depth, 1, depth);
    }
  }
}

/**
 * Rows of the column matrix are (channel, tap) in channels-first, (tap, channel) in channels-last. Within the weight they lie a constant step apart
 * for a run: the taps of a kernel row, or the channels of a tap; for a weight as it lies in memory that is all of them.
 */
function packWeightRows(g: Geometry, w: usize, tile: i32, at: i32, count: i32, row: i32, rows: i32, to: usize): void {
  const start = w + bytes(at * g.wY);
  const step = g.wRowStep;
  const whole = g.wRowRun;
  for (let done = 0; done < rows; ) {
    const run = min(whole - ((row + done) % whole), rows - done);
    const from = start + bytes(g.wRowOffset(row + done));
    pack(to + bytes(done * tile), from, tile, count, run, g.wY, step, rows);
    done += run;
  }
}

/**
 * Packs an operand of `count` × `depth` once for all products: block after block of KC, each with all its panels. It may be a part of `extent`, from `first` on, a multiple of
 * the tile.
 */
export function packWhole(
  o: Operand,
  tile: i32,
  count: i32,
  depth: i32,
  to: usize,
  lines: usize,
  extent: i32 = count,
  first: i32 = 0,
): void {
  for (let k = 0; k < depth; k += KC) {
    const block = min(KC, depth - k);
    panels(o, tile, 0, count, k, block, to + bytes(k * wholeTiles(extent, tile) + first * block), lines);
  }
}

export function wholeTiles(count: i32, tile: i32): i32 {
  return ((count + tile - 1) / tile) * tile;
}
