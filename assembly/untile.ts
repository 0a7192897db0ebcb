/**
 * From the products to y, bias and activation on the way:
 *
 *   M [tile / 4][channel / 8][point][4 tiles][8 channels]  ──Aᵀ m A──▶  [m][4 columns][4 channels]  ──▶  y
 */
import { MR, NR } from './config';
import { activate, Epilogue } from './epilogue';
import { Geometry } from './geometry';
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

/** Rows of four pixels with four channels each: as they are where channels are neighbours in y, else transposed. */
function storeTile(b: Block, g: Geometry, tile: Tile, to: usize, channels: i32, e: Epilogue, bias: usize): void {
  const columns = tile.columns;
  const widthStep = (<usize>g.yWidthStep) << 2;
  const heightStep = (<usize>g.yHeightStep) << 2;
  const channelStep = (<usize>g.yChannel) << 2;
  const add = v128.load(bias);
  let from = b.scratch;
  const end = from + ((<usize>tile.rows) << 6);
  if (channelStep == 4) {
    for (; from < end; from += 64, to += heightStep) {
      for (let j = 0, at = to; j < columns; j++, at += widthStep) storeRun(at, 4, finished(e, from + ((<usize>j) << 4), add), channels);
    }
    return;
  }
  for (; from < end; from += 64, to += heightStep) {
    const r0 = finished(e, from, add);
    const r1 = finished(e, from + 16, add);
    const r2 = finished(e, from + 32, add);
    const r3 = finished(e, from + 48, add);
    const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    storeRun(to, widthStep, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5), columns);
    if (channels > 1) storeRun(to + channelStep, widthStep, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7), columns);
    if (channels > 2) storeRun(to + 2 * channelStep, widthStep, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), columns);
    if (channels > 3) storeRun(to + 3 * channelStep, widthStep, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7), columns);
  }
}

function finished(e: Epilogue, at: usize, bias: v128): v128 {
  return activate(e, f32x4.add(v128.load(at), bias));
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
