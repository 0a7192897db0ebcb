/**
 * The gradient of a 3×3 weight, stride 1, dilation 1: the adjoint of Winograd's F(4×4). 36 multiplications for a tile of y, where the direct sum takes 144.
 *
 *   y = Aᵀ [(G w Gᵀ) ⊙ (Bᵀ d B)] A  is linear in w   =>   dw = Gᵀ [Σ over the tiles of (A dy Aᵀ) ⊙ (Bᵀ d B)] G
 *
 *   for each group, block of channels of y, of x
 *     for each block of tiles
 *       x → Bᵀ d B, y → A dy Aᵀ                 panels of the micro-kernel whose depth is the tiles
 *       for each of the 36 points: S += A · B   the micro-kernel on whole panels
 *     S → Gᵀ S G → dw
 *
 * A vector is four channels of a tile, as the panels of both sides want them: nothing is transposed on the way in.
 *
 * What is contiguous in the weight is on B's side: x's channels in channels-first, y's in channels-last. So dw is stored four neighbours at a time.
 *
 * Each block of tiles is summed from zero, and the blocks are added in order. How many tiles a block has depends on the channels and on all the tiles.
 */

import { NR, WGRAD_CHANNELS, WGRAD_SUMS, WGRAD_TILES, WINOGRAD_TILES } from '../base/config';
import { Geometry } from '../base/geometry';
import { transposeFour } from '../base/lanes';
import { bytes } from '../base/runs';
import { kernelOfFour } from '../gemm/microkernel';
import { wholeTiles } from '../pack/operand';
import { Axis, layBlock, TapBlock } from './axis';
import {
  Block,
  clearLines,
  fillLines,
  Image,
  imageOfX,
  imageOfY,
  layTiles,
  lookThrough,
  placeTiles,
  TILE_BYTES,
  Tile,
} from './input-tiles';
import { storeRun } from './output-tiles';
import { transformGradient, transformInput, transformSums } from './transforms';
import { isEvenGradient } from './wgrad-outliers';

const POINTS: i32 = 36;
/** Every point along an axis. */
const ALL: i32 = 63;
/** Rows of a panel of A: a vector of channels. */
const LANES: i32 = 4;
/** Sums of a panel of A and one of B at a point. */
const CHUNK: usize = bytes(LANES * NR);

/**
 * The workspace of a call:
 *
 *   block | images, sides | tiles | scratch of a tile | line buffer | S, A's and B's panels of a block
 */
/** Bytes of a side and its image. */
const SIDE: usize = 144;
const X_SIDE: usize = 96;
const Y_SIDE: usize = X_SIDE + SIDE;
const ROWS: usize = Y_SIDE + SIDE;
const COLUMNS: usize = ROWS + 48;
const DOWN: usize = COLUMNS + 48;
const ACROSS: usize = DOWN + 16;
const TILES: usize = ACROSS + 16;
const SCRATCH: usize = TILES + <usize>WINOGRAD_TILES * TILE_BYTES;
const STRIP: usize = SCRATCH + POINTS * 16;
const PANELS: usize = STRIP + bytes(3 * 6 * (4 * WINOGRAD_TILES + 2) * 4);
/** Room for a quarter of the most tiles at the most channels. */
const ROOM: i32 = WGRAD_CHANNELS * WGRAD_CHANNELS + (WGRAD_TILES / 4) * 2 * WGRAD_CHANNELS;
/** Between points, for a power of two would map every point to the same cache set. */
const GAP: usize = 64;
export const WINOGRAD_WGRAD_WORKSPACE: usize = PANELS + <usize>POINTS * (bytes(ROOM) + 3 * GAP);

/** x or y as an operand of the products. */
@unmanaged
class Side {
  image: Image;
  gradient: bool;
  /** Channels of a panel: LANES of A, NR of B. */
  width: i32;
  /** Most channels of a block, and of the sums that are made at a time. */
  most: i32;
  step: i32;
  /** Of the block: its first channel in memory, how many there are, the first of those summed. */
  from: usize;
  channels: i32;
  begin: i32;
  panels: usize;
  /** Bytes from one panel to the next, and from one point to the next. */
  panel: usize;
  point: usize;

  /** Channels summed. */
  get count(): i32 {
    return min(this.step, this.channels - this.begin);
  }
  /** Their panels. */
  get summed(): usize {
    return this.panels + <usize>(this.begin / this.width) * this.panel;
  }
}

/** Whether Winograd may compute it; of operands that it would blur, the GEMM has to. Of all channels, whatever part of them is computed. */
export function isEven(g: Geometry, x: usize, y: usize, workspace: usize): bool {
  const b = changetype<Block>(workspace);
  layTiles(b, g, 4, changetype<Axis>(workspace + ROWS), changetype<Axis>(workspace + COLUMNS));
  return isEvenGradient(g, imageOfWindow(b, g, workspace), imageOfY(g, workspace + Y_SIDE + 64), x, y, workspace + PANELS);
}

/** x as y sees it through the kernel's block of taps. */
function imageOfWindow(b: Block, g: Geometry, workspace: usize): Image {
  const image = imageOfX(g, workspace + X_SIDE + 64);
  const down = changetype<TapBlock>(workspace + DOWN);
  const across = changetype<TapBlock>(workspace + ACROSS);
  layBlock(down, b.rows, 0);
  layBlock(across, b.columns, 0);
  lookThrough(image, g, 0, down, across);
  return image;
}

/** A part of y's channels is summed in the blocks of all `packedChannels` of a group. */
export function wgrad(g: Geometry, x: usize, y: usize, dw: usize, workspace: usize): void {
  const b = changetype<Block>(workspace);
  const total = layTiles(b, g, 4, changetype<Axis>(workspace + ROWS), changetype<Axis>(workspace + COLUMNS));
  b.tiles = workspace + TILES;
  b.buffer = workspace + STRIP;
  b.scratch = workspace + SCRATCH;
  b.v = workspace + PANELS;
  const xs = changetype<Side>(workspace + X_SIDE);
  const ys = changetype<Side>(workspace + Y_SIDE);
  xs.image = imageOfWindow(b, g, workspace);
  ys.image = imageOfY(g, workspace + Y_SIDE + 64);
  xs.gradient = false;
  ys.gradient = true;
  const rows = g.channelsLast ? xs : ys;
  const columns = g.channelsLast ? ys : xs;
  rows.width = LANES;
  columns.width = NR;

  const sums = b.v;
  const most = layBlocks(g, xs, ys, total, sums);
  const whole = most == total;
  for (let group = 0; group < g.groups; group++) {
    const xg = x + bytes(group * g.xGroup * g.xChannel);
    const yg = y + bytes(group * g.yGroup * g.yChannel);
    const dwg = dw + bytes(group * g.wGroup);
    for (let o = 0; o < g.yGroup; o += ys.most) {
      ys.from = yg + bytes(o * g.yChannel);
      ys.channels = min(ys.most, g.yGroup - o);
      for (let c = 0; c < g.xGroup; c += xs.most) {
        xs.from = xg + bytes(c * g.xChannel);
        xs.channels = min(xs.most, g.xGroup - c);
        const to = dwg + bytes(o * g.wY + c * g.wX);
        for (let first = 0; first < total; first += most) {
          const count = min(most, total - first);
          packTiles(b, g, xs, first, count);
          if (c == 0 || !whole) packTiles(b, g, ys, first, count);
          for (columns.begin = 0; columns.begin < columns.channels; columns.begin += columns.step) {
            for (rows.begin = 0; rows.begin < rows.channels; rows.begin += rows.step) {
              multiplyPoints(rows, columns, count, sums, first > 0);
              if (first + most >= total) storeWeights(b, g, rows, columns, sums, to);
            }
          }
        }
      }
    }
  }
}

/**
 * Where all tiles fit one block, the sums of few channels at a time are made, stored, and never leave the cache: then x's and y's panels are of as many channels
 * as there is room for. Else the sums of all the block's channels wait for the next block of tiles. Returns the tiles of a block.
 */
function layBlocks(g: Geometry, xs: Side, ys: Side, total: i32, sums: usize): i32 {
  const room = ROOM - WGRAD_SUMS * WGRAD_SUMS;
  const whole =
    total <=
    min(WGRAD_TILES, room / (min(wholeTiles(g.xGroup, NR), WGRAD_CHANNELS) + min(wholeTiles(g.packedChannels, NR), WGRAD_CHANNELS)));
  const channels = whole ? max(WGRAD_CHANNELS, (room / (2 * total)) & -NR) : WGRAD_CHANNELS;
  xs.most = likeBlocks(g.xGroup, channels, NR);
  ys.most = likeBlocks(g.packedChannels, channels, NR);
  xs.step = whole ? WGRAD_SUMS : xs.most;
  ys.step = whole ? WGRAD_SUMS : ys.most;
  const summed = xs.step * ys.step;
  const tiles = whole ? total : likeBlocks(total, min(WGRAD_TILES, (ROOM - summed) / (xs.most + ys.most)), 1);
  layPanels(xs, tiles, sums + <usize>POINTS * (bytes(summed) + GAP));
  layPanels(ys, tiles, xs.panels + <usize>POINTS * xs.point);
  return tiles;
}

/** The size of blocks of like size, at most `most`, a multiple of `unit`. */
function likeBlocks(total: i32, most: i32, unit: i32): i32 {
  const blocks = (total + most - 1) / most;
  return wholeTiles((total + blocks - 1) / blocks, unit);
}

function layPanels(side: Side, tiles: i32, at: usize): void {
  side.panels = at;
  side.panel = bytes(tiles * side.width);
  side.point = bytes(tiles * side.most) + GAP;
}

/** Panels of tiles [first, first + count), placed by runs that end with a row of tiles where they can: a run's line buffer is of whole rows, or of a part of one. */
function packTiles(b: Block, g: Geometry, side: Side, first: i32, count: i32): void {
  const width = side.width;
  const end = first + count;
  for (b.first = first; b.first < end; b.first += b.count) {
    const last = min(end, b.first + WINOGRAD_TILES);
    const inRow = last % b.across;
    b.count = last - b.first - (inRow < last - b.first ? inRow : 0);
    placeTiles(b, g);
    clearLines(b);
    const to = side.panels + bytes((b.first - first) * width);
    for (let c = 0; c < side.channels; c += LANES) {
      fillLines(b, g, side.image, side.from + bytes(c * side.image.channel), min(LANES, side.channels - c));
      transformTiles(b, side, to + <usize>(c / width) * side.panel + bytes(c % width));
    }
  }
}

/** The line buffer's tiles, four channels of each. */
function transformTiles(b: Block, side: Side, to: usize): void {
  const step = bytes(side.width);
  for (let tile = b.tiles, end = tile + <usize>b.count * TILE_BYTES; tile < end; tile += TILE_BYTES, to += step) {
    const from = b.buffer + changetype<Tile>(tile).buffer;
    if (side.gradient) transformY(from, b.bufferStep, b.scratch, to, side.point);
    else transformX(from, b.bufferStep, b.scratch, to, side.point);
  }
}

function transformX(from: usize, fromStep: usize, scratch: usize, to: usize, toStep: usize): void {
  for (let offset: usize = 0; offset < 96; offset += 16) transformInput(4, ALL, from + offset, fromStep, scratch + offset, 96);
  for (const end = scratch + 576; scratch < end; scratch += 96, to += 6 * toStep) transformInput(4, ALL, scratch, 16, to, toStep);
}

function transformY(from: usize, fromStep: usize, scratch: usize, to: usize, toStep: usize): void {
  for (let offset: usize = 0; offset < 64; offset += 16) transformGradient(from + offset, fromStep, scratch + offset, 64);
  for (const end = scratch + 384; scratch < end; scratch += 64, to += 6 * toStep) transformGradient(scratch, 16, to, toStep);
}

/** S [point][channel of B / 8][channel of A / 4][4][8] = (accumulate ? S : 0) + A · B. */
function multiplyPoints(rows: Side, columns: Side, depth: i32, sums: usize, accumulate: bool): void {
  const pointBytes = sumsBytes(rows, columns);
  const m = rows.count;
  const n = columns.count;
  let a = rows.summed;
  let b = columns.summed;
  for (let point = 0; point < POINTS; point++, a += rows.point, b += columns.point, sums += pointBytes) {
    let at = sums;
    for (let j = 0, bp = b; j < n; j += NR, bp += columns.panel) {
      for (let i = 0, ap = a; i < m; i += LANES, ap += rows.panel, at += CHUNK) kernelOfFour(depth, ap, bp, at, NR, accumulate);
    }
  }
}

/** Of a point's sums. */
function sumsBytes(rows: Side, columns: Side): usize {
  return bytes(wholeTiles(rows.count, LANES) * wholeTiles(columns.count, NR)) + GAP;
}

/** dw = Gᵀ S G; `to` is the weight of the block's first channels. */
function storeWeights(b: Block, g: Geometry, rows: Side, columns: Side, sums: usize, to: usize): void {
  const pointBytes = sumsBytes(rows, columns);
  const rowStep = bytes(g.channelsLast ? g.wX : g.wY);
  const laneStep = bytes(g.channelsLast ? g.wY : g.wX);
  const m = rows.count;
  const n = columns.count;
  to += <usize>rows.begin * rowStep + <usize>columns.begin * laneStep;
  for (let j = 0; j < n; j += NR) {
    for (let i = 0; i < m; i += LANES, sums += CHUNK) {
      for (let row = i, end = min(i + LANES, m), from = sums; row < end; row++, from += bytes(NR)) {
        for (let lane = 0, lanes = min(NR, n - j); lane < lanes; lane += 4) {
          transformFilters(from + bytes(lane), pointBytes, b.scratch);
          storeTaps(g, b.scratch, to + <usize>row * rowStep + <usize>(j + lane) * laneStep, laneStep, min(4, lanes - lane));
        }
      }
    }
  }
}

/** To [9 taps][4 lanes] in the scratch. */
function transformFilters(from: usize, fromStep: usize, scratch: usize): void {
  const half = scratch + 144;
  for (let offset: usize = 0; offset < 96; offset += 16, from += fromStep) transformSums(from, 6 * fromStep, half + offset, 96);
  for (let i: usize = 0; i < 3; i++) transformSums(half + i * 96, 16, scratch + i * 48, 16);
}

/** Nine taps of `lanes` filters; where a filter's taps are neighbours, they are transposed in fours. */
function storeTaps(g: Geometry, taps: usize, to: usize, laneStep: usize, lanes: i32): void {
  const down = bytes(g.wTapHeight);
  const across = bytes(g.wTapWidth);
  if (lanes == 4 && across == 4 && down == 12) {
    transposeFour(taps, taps + 16, taps + 32, taps + 48, to, laneStep);
    transposeFour(taps + 64, taps + 80, taps + 96, taps + 112, to + 16, laneStep);
    storeRun(to + 32, laneStep, v128.load(taps, 128), 4);
    return;
  }
  for (let row = 0; row < 3; row++, to += down, taps += 48) {
    storeRun(to, laneStep, v128.load(taps), lanes);
    storeRun(to + across, laneStep, v128.load(taps, 16), lanes);
    storeRun(to + 2 * across, laneStep, v128.load(taps, 32), lanes);
  }
}
