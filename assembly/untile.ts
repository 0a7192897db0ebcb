/**
 * From the products to y, bias and activation on the way:
 *
 *   M [tile / 4][channel / 8][point][4 tiles][8 channels]  ──Aᵀ m A──▶  [m][4 columns][4 channels]  ──▶  y
 */
import { MR, NR } from './config';
import { activate, Epilogue } from './epilogue';
import { Geometry } from './geometry';
import { transposeFour } from './lanes';
import { Block, TILE_BYTES, Tile } from './tiles';
import { transformOutput } from './transform';

/** Bytes of M at one point. */
const POINT_BYTES: usize = (<usize>(MR * NR)) << 2;

/** Channels [0, channels) of the block's tiles: y points to channel 0 in the first image, the epilogue's bias to as many values as M has channels. */
export function storeTiles(b: Block, g: Geometry, m: usize, y: usize, channels: i32, e: Epilogue): void {
  const chunk = <usize>b.points * POINT_BYTES;
  for (let four = 0; four < b.count; four += MR) {
    for (let c = 0; c < channels; c += NR, m += chunk) {
      for (let lane = 0, lanes = min(MR, b.count - four); lane < lanes; lane++) {
        const tile = changetype<Tile>(b.tiles + <usize>(four + lane) * TILE_BYTES);
        const from = m + ((<usize>(lane * NR)) << 2);
        for (let half = 0, width = min(NR, channels - c); half < width; half += 4) {
          transformTile(b, from + ((<usize>half) << 2));
          const to = y + ((<usize>(tile.y + (c + half) * g.yChannel)) << 2);
          storeTile(b, g, tile, to, min(4, width - half), e, e.bias + ((<usize>(c + half)) << 2));
        }
      }
    }
  }
}

/** Aᵀ m A of one tile and four channels, to the scratch: [m][4][4 channels], the columns past m undefined. */
function transformTile(b: Block, from: usize): void {
  const size = b.size;
  const line = (<usize>(size + 2)) << 4;
  const half = b.scratch + 256;
  for (let offset: usize = 0; offset < line; offset += 16, from += POINT_BYTES) {
    transformOutput(size, from, POINT_BYTES * <usize>(size + 2), half + offset, line);
  }
  for (let i = 0; i < size; i++) transformOutput(size, half + <usize>i * line, 16, b.scratch + ((<usize>i) << 6), 16);
}

function storeTile(b: Block, g: Geometry, tile: Tile, to: usize, channels: i32, e: Epilogue, bias: usize): void {
  const columns = tile.columns;
  const widthStep = (<usize>g.yWidthStep) << 2;
  const channelStep = (<usize>g.yChannel) << 2;
  const add = v128.load(bias);
  let from = b.scratch;
  for (const end = from + ((<usize>tile.rows) << 6); from < end; from += 64, to += (<usize>g.yHeightStep) << 2) {
    for (let at = from, last = from + ((<usize>columns) << 4); at < last; at += 16) {
      v128.store(at, activate(e, f32x4.add(v128.load(at), add)));
    }
    if (g.yChannel == 1) {
      for (let j = 0, at = to; j < columns; j++, at += widthStep) storeRun(at, 4, v128.load(from + ((<usize>j) << 4)), channels);
    } else {
      transposeFour(from, from + 16, from + 32, from + 48, from, 16);
      for (let c = 0, at = to; c < channels; c++, at += channelStep) storeRun(at, widthStep, v128.load(from + ((<usize>c) << 4)), columns);
    }
  }
}

/** The first `count` of four values. */
function storeRun(to: usize, step: usize, v: v128, count: i32): void {
  if (count == 4 && step == 4) {
    v128.store(to, v);
    return;
  }
  v128.store32_lane(to, v, 0);
  if (count > 1) v128.store32_lane(to + step, v, 1);
  if (count > 2) v128.store32_lane(to + 2 * step, v, 2);
  if (count > 3) v128.store32_lane(to + 3 * step, v, 3);
}
