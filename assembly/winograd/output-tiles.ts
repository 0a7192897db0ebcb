/**
 * From the products to y, bias and activation on the way:
 *
 *   M [tile / 8][channel / MR][point][MR channels][8 tiles]  ──Aᵀ m A──▶  [channel of 4][m][4 columns][4 tiles]  ──▶  y
 */

import { MR, NR } from '../base/config';
import { Epilogue, finishFour } from '../base/epilogue';
import { Geometry } from '../base/geometry';
import { transposeFour } from '../base/lanes';
import { bytes } from '../base/runs';
import { Block, TILE_BYTES, Tile } from './tiles';
import { transformOutput } from './transforms';

/** Bytes of M at one point. */
const POINT_BYTES: usize = bytes(MR * NR);

/** The scratch: what lies between the two passes, the outputs of four channels, and these with tiles apart and columns or channels together. */
const OUTPUTS: usize = 4 * 6 * 16;
const CHANNEL: usize = 4 * 4 * 16;
const TURNED: usize = OUTPUTS + 4 * CHANNEL;

/** Channels [0, channels) of the block's tiles: y points to channel 0 in the first image, the epilogue's bias to as many values as M has channels. */
export function storeTiles(b: Block, g: Geometry, m: usize, y: usize, channels: i32, e: Epilogue): void {
  const chunk = <usize>b.points * POINT_BYTES;
  for (let panel = 0; panel < b.count; panel += NR) {
    for (let c = 0; c < channels; c += MR, m += chunk) {
      for (let i = 0, rows = min(MR, channels - c); i < rows; i += 4) {
        const few = min(4, rows - i);
        for (let four = 0; four < NR && panel + four < b.count; four += 4) {
          const from = m + bytes(i * NR + four);
          for (let channel = 0; channel < few; channel++) {
            transformTiles(b, from + bytes(channel * NR), b.scratch + OUTPUTS + <usize>channel * CHANNEL);
          }
          const to = y + bytes((c + i) * g.yChannel);
          const bias = e.bias + bytes(c + i);
          if (g.yChannel == 1) storePixels(b, g, panel + four, to, few, bias, e);
          else storeRows(b, g, panel + four, to, few, bias, e);
        }
      }
    }
  }
}

/** Aᵀ m A of four tiles in one channel: [m][4], the columns past m undefined. */
function transformTiles(b: Block, from: usize, to: usize): void {
  const height = b.rows.size;
  const width = b.columns.size;
  if (height == 1) transformOutput(width, from, POINT_BYTES, to, 16);
  else if (width == 1) transformOutput(height, from, POINT_BYTES, to, 64);
  else {
    const line = (<usize>(width + 2)) << 4;
    for (let offset: usize = 0; offset < line; offset += 16, from += POINT_BYTES) {
      transformOutput(height, from, POINT_BYTES * <usize>(width + 2), b.scratch + offset, line);
    }
    for (let i = 0; i < height; i++) transformOutput(width, b.scratch + <usize>i * line, 16, to + ((<usize>i) << 6), 16);
  }
}

/** Channels are planes of y: the values of a tile's row are neighbours. */
function storeRows(b: Block, g: Geometry, first: i32, to: usize, channels: i32, bias: usize, e: Epilogue): void {
  const end = tileAt(b, min(first + 4, b.count));
  const widthStep = bytes(g.yWidthStep * b.columns.outputStep);
  const heightStep = bytes(g.yHeightStep * b.rows.outputStep);
  let at = b.scratch + OUTPUTS;
  for (let channel = 0; channel < channels; channel++, at += CHANNEL, to += bytes(g.yChannel), bias += 4) {
    const add = v128.load32_splat(bias);
    let from = b.scratch + TURNED;
    for (let row: usize = 0; row < (<usize>b.rows.size) << 6; row += 64)
      transposeFour(at + row, at + row + 16, at + row + 32, at + row + 48, from + row, 16);
    for (let t = tileAt(b, first); t < end; t += TILE_BYTES, from += 16) {
      const tile = changetype<Tile>(t);
      const columns = tile.columns;
      let run = to + bytes(tile.y);
      let four = from;
      for (const stop = from + ((<usize>tile.rows) << 6); four < stop; four += 64, run += heightStep) {
        storeRun(run, widthStep, finishFour(e, v128.load(four), add), columns);
      }
    }
  }
}

/** Channels are neighbours in y. */
function storePixels(b: Block, g: Geometry, first: i32, to: usize, channels: i32, bias: usize, e: Epilogue): void {
  const end = tileAt(b, min(first + 4, b.count));
  const widthStep = bytes(g.yWidthStep * b.columns.outputStep);
  const heightStep = bytes(g.yHeightStep * b.rows.outputStep);
  const add = v128.load(bias);
  let from = b.scratch + TURNED;
  let at = b.scratch + OUTPUTS;
  for (const stop = at + ((<usize>b.rows.size) << 6); at < stop; at += 16, from += 64) {
    transposeFour(at, at + CHANNEL, at + 2 * CHANNEL, at + 3 * CHANNEL, from, 16);
  }
  from = b.scratch + TURNED;
  for (let t = tileAt(b, first); t < end; t += TILE_BYTES, from += 16) {
    const tile = changetype<Tile>(t);
    let run = to + bytes(tile.y);
    for (let row = 0; row < <i32>tile.rows; row++, run += heightStep) {
      let pixel = run;
      let four = from + ((<usize>row) << 8);
      for (const stop = four + ((<usize>tile.columns) << 6); four < stop; four += 64, pixel += widthStep) {
        storeRun(pixel, 4, finishFour(e, v128.load(four), add), channels);
      }
    }
  }
}

function tileAt(b: Block, index: i32): usize {
  return b.tiles + <usize>index * TILE_BYTES;
}

/** The first `count` of four values, `step` bytes apart. */
export function storeRun(to: usize, step: usize, v: v128, count: i32): void {
  if (count == 4 && step == 4) {
    v128.store(to, v);
    return;
  }
  v128.store32_lane(to, v, 0);
  if (count > 1) v128.store32_lane(to + step, v, 1);
  if (count > 2) v128.store32_lane(to + 2 * step, v, 2);
  if (count > 3) v128.store32_lane(to + 3 * step, v, 3);
}
