/**
 * The gradient of the weight: the adjoint of Winograd's F(4×4). 36 multiplications for a tile of y and a block of 3×3 taps, where the direct sum takes 144.
 *
 *   y = Aᵀ [(G w Gᵀ) ⊙ (Bᵀ d B)] A  is linear in w   =>   dw = Gᵀ [Σ over the tiles of (A dy Aᵀ) ⊙ (Bᵀ d B)] G
 *
 *   for each group, block of channels of y, of x
 *     for each block of tiles
 *       y → A dy Aᵀ                             panels of the micro-kernel whose depth is the tiles
 *       for each block of taps
 *         x → Bᵀ d B
 *         for each of its points: S += A · B    the micro-kernel on whole panels
 *     S → Gᵀ S G → dw
 *
 * Blocks of taps, lattices and axes with one tap are those of axis.ts. A point that a block of taps does not have is of a tap that it does not have: its sums are of no tap that is stored.
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
import { Axis, endOf, firstOf, TapBlock } from './axis';
import { clearLines, fillLines } from './input-tiles';
import { storeRun } from './output-tiles';
import { layTaps, tapBlocks } from './tap-blocks';
import { Block, Image, imageOfX, imageOfY, layTiles, lookThrough, placeTiles, TILE_BYTES, Tile } from './tiles';
import { transformGradient, transformInput, transformSums } from './transforms';
import { isEvenBlock } from './wgrad-outliers';
import { LINES } from './workspace';

/** Of two transformed axes. */
const POINTS: i32 = 36;
/** Rows of a panel of A: a vector of channels. */
const LANES: i32 = 4;
/** Sums of a panel of A and one of B at a point. */
const CHUNK: usize = bytes(LANES * NR);

/**
 * The workspace of a call:
 *
 *   block | images, sides, axes, blocks of taps, plan | tiles | scratch of a tile | line buffer | S, A's and B's panels of a block
 */
/** Bytes of a side and its image. */
const SIDE: usize = 160;
const X_SIDE: usize = 96;
const Y_SIDE: usize = X_SIDE + SIDE;
const ROWS: usize = Y_SIDE + SIDE;
const COLUMNS: usize = ROWS + 48;
const DOWN: usize = COLUMNS + 48;
const ACROSS: usize = DOWN + 16;
const PLAN: usize = ACROSS + 16;
const TILES: usize = PLAN + 16;
const SCRATCH: usize = TILES + <usize>WINOGRAD_TILES * TILE_BYTES;
const STRIP: usize = SCRATCH + POINTS * 16;
const PANELS: usize = STRIP + bytes(4 * LINES);
/** Room at a point for a quarter of the most tiles at the most channels. */
const ROOM: i32 = WGRAD_CHANNELS * WGRAD_CHANNELS + (WGRAD_TILES / 4) * 2 * WGRAD_CHANNELS;
/** Between points, for a power of two would map every point to the same cache set. */
const GAP: usize = 64;
export const WINOGRAD_WGRAD_WORKSPACE: usize = PANELS + <usize>POINTS * (bytes(ROOM) + 3 * GAP);

/** How many tiles and blocks of taps are summed together, and the bytes of the sums of a block of taps. */
@unmanaged
class Plan {
  tiles: i32;
  taps: i32;
  sums: usize;
}

/** x or y as an operand of the products. */
@unmanaged
class Side {
  image: Image;
  gradient: bool;
  /** Points that it is transformed to, rows by columns. */
  down: i32;
  across: i32;
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
  const xImage = imageOfX(g, workspace + X_SIDE + 80);
  const yImage = imageOfY(g, workspace + Y_SIDE + 80);
  const down = changetype<TapBlock>(workspace + DOWN);
  const across = changetype<TapBlock>(workspace + ACROSS);
  for (let block = 0, blocks = tapBlocks(g); block < blocks; block++) {
    look(b, g, xImage, down, across, block);
    for (let group = 0; group < g.groups; group++) {
      const xg = x + bytes(group * g.xGroup * g.xChannel);
      const yg = y + bytes(group * g.yGroup * g.yChannel);
      if (!isEvenBlock(b, g, xImage, yImage, down, across, xg, yg, workspace + PANELS)) return false;
    }
  }
  return true;
}

/** The block of taps, and x as y sees it through them. Returns the slice of the kernel. */
function look(b: Block, g: Geometry, image: Image, down: TapBlock, across: TapBlock, block: i32): i32 {
  const slice = layTaps(g, b.rows, b.columns, down, across, block);
  lookThrough(image, g, slice, down, across);
  return slice;
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
  xs.image = imageOfX(g, workspace + X_SIDE + 80);
  ys.image = imageOfY(g, workspace + Y_SIDE + 80);
  xs.gradient = false;
  ys.gradient = true;
  const rows = g.channelsLast ? xs : ys;
  const columns = g.channelsLast ? ys : xs;
  rows.width = LANES;
  columns.width = NR;
  const down = changetype<TapBlock>(workspace + DOWN);
  const across = changetype<TapBlock>(workspace + ACROSS);
  const blocks = tapBlocks(g);
  ys.down = 0;
  ys.across = 0;
  for (let block = 0; block < blocks; block++) {
    look(b, g, xs.image, down, across, block);
    ys.down |= down.points;
    ys.across |= across.points;
  }

  const plan = changetype<Plan>(workspace + PLAN);
  layBlocks(plan, b, g, xs, ys, total, blocks);
  const most = plan.tiles;
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
        for (let begin = 0; begin < blocks; begin += plan.taps) {
          for (let first = 0; first < total; first += most) {
            const count = min(most, total - first);
            if (!whole || (c | begin) == 0) packTiles(b, g, ys, first, count);
            let sums = b.v;
            for (let block = begin, end = min(begin + plan.taps, blocks); block < end; block++, sums += plan.sums) {
              const slice = to + bytes(look(b, g, xs.image, down, across, block) * g.wTapDepth);
              xs.down = down.points;
              xs.across = across.points;
              packTiles(b, g, xs, first, count);
              for (columns.begin = 0; columns.begin < columns.channels; columns.begin += columns.step) {
                for (rows.begin = 0; rows.begin < rows.channels; rows.begin += rows.step) {
                  multiplyPoints(b, rows, columns, xs.down, xs.across, count, sums, first > 0);
                  if (first + most >= total) storeWeights(b, g, rows, columns, down, across, sums, slice);
                }
              }
            }
          }
        }
      }
    }
  }
}

/**
 * Where all tiles fit one block, the sums of few channels at a time are made, stored, and never leave the cache: then x's and y's panels are of as many channels
 * as there is room for. Else the sums of all the block's channels wait for the next block of tiles, of as many blocks of taps as there is room for: y's panels are made once for these.
 */
function layBlocks(plan: Plan, b: Block, g: Geometry, xs: Side, ys: Side, total: i32, blocks: i32): void {
  const points = b.points;
  const all = (ROOM * POINTS) / points;
  const room = all - WGRAD_SUMS * WGRAD_SUMS;
  const whole =
    total <=
    min(WGRAD_TILES, room / (min(wholeTiles(g.xGroup, NR), WGRAD_CHANNELS) + min(wholeTiles(g.packedChannels, NR), WGRAD_CHANNELS)));
  const channels = whole ? max(WGRAD_CHANNELS, (room / (2 * total)) & -NR) : WGRAD_CHANNELS;
  xs.most = likeBlocks(g.xGroup, channels, NR);
  ys.most = likeBlocks(g.packedChannels, channels, NR);
  xs.step = whole ? WGRAD_SUMS : xs.most;
  ys.step = whole ? WGRAD_SUMS : ys.most;
  const summed = xs.step * ys.step;
  const both = xs.most + ys.most;
  plan.taps = whole ? 1 : max(1, min(blocks, (all - WGRAD_TILES * both) / (summed + <i32>(GAP / 4))));
  plan.tiles = whole ? total : likeBlocks(total, min(WGRAD_TILES, (all - plan.taps * summed) / both), 1);
  plan.sums = <usize>points * (bytes(summed) + GAP);
  layPanels(xs, plan.tiles, b.v + <usize>plan.taps * plan.sums);
  layPanels(ys, plan.tiles, xs.panels + <usize>points * xs.point);
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
    transformTile(b, side, b.buffer + changetype<Tile>(tile).buffer, to);
  }
}

/** Bᵀ x B or A dy Aᵀ at the side's points. */
function transformTile(b: Block, side: Side, from: usize, to: usize): void {
  const step = (<usize>b.columns.outputStep) << 4;
  const point = side.point;
  const down = side.down;
  const across = side.across;
  if (b.rows.size == 1) transform(side, across, from, step, to, point);
  else if (b.columns.size == 1) transform(side, down, from, b.bufferStep, to, point);
  else {
    // A loop for each, for asking at every vector which it is takes 1.1 to 1.15 times as long with 16 channels.
    const line: usize = 96;
    const scratch = b.scratch;
    const fromStep = b.bufferStep;
    const toStep = 6 * point;
    const begin = <usize>firstOf(down) * line;
    const last = scratch + <usize>endOf(down) * line;
    to += <usize>firstOf(down) * toStep;
    if (side.gradient) {
      for (let at = scratch, end = at + 64; at < end; at += 16, from += step) transformGradient(down, from, fromStep, at, line);
      for (let at = scratch + begin; at < last; at += line, to += toStep) transformGradient(across, at, 16, to, point);
    } else {
      const first = <usize>firstOf(across);
      from += first * step;
      for (let at = scratch + (first << 4), end = scratch + ((<usize>endOf(across)) << 4); at < end; at += 16, from += step) {
        transformInput(4, down, from, fromStep, at, line);
      }
      for (let at = scratch + begin; at < last; at += line, to += toStep) transformInput(4, across, at, 16, to, point);
    }
  }
}

function transform(side: Side, points: i32, from: usize, fromStep: usize, to: usize, toStep: usize): void {
  if (side.gradient) transformGradient(points, from, fromStep, to, toStep);
  else transformInput(4, points, from, fromStep, to, toStep);
}

/** S [point][channel of B / 8][channel of A / 4][4][8] = (accumulate ? S : 0) + A · B, at points `down` by `across`. */
function multiplyPoints(b: Block, rows: Side, columns: Side, down: i32, across: i32, depth: i32, sums: usize, accumulate: bool): void {
  const pointBytes = sumsBytes(rows, columns);
  const m = rows.count;
  const n = columns.count;
  let ap = rows.summed;
  let bp = columns.summed;
  for (let row = b.rows.points; row > 0; row--, down >>= 1) {
    for (let column = b.columns.points, rest = across; column > 0; column--, rest >>= 1) {
      if (down & rest & 1) {
        let at = sums;
        for (let j = 0, right = bp; j < n; j += NR, right += columns.panel) {
          for (let i = 0, left = ap; i < m; i += LANES, left += rows.panel, at += CHUNK)
            kernelOfFour(depth, left, right, at, NR, accumulate);
        }
      }
      ap += rows.point;
      bp += columns.point;
      sums += pointBytes;
    }
  }
}

/** Of a point's sums. */
function sumsBytes(rows: Side, columns: Side): usize {
  return bytes(wholeTiles(rows.count, LANES) * wholeTiles(columns.count, NR)) + GAP;
}

/** dw = Gᵀ S G; `to` is the weight of the block's first channels, in a slice of the kernel. */
function storeWeights(b: Block, g: Geometry, rows: Side, columns: Side, down: TapBlock, across: TapBlock, sums: usize, to: usize): void {
  const pointBytes = sumsBytes(rows, columns);
  const rowStep = bytes(g.channelsLast ? g.wX : g.wY);
  const laneStep = bytes(g.channelsLast ? g.wY : g.wX);
  const m = rows.count;
  const n = columns.count;
  to += <usize>rows.begin * rowStep + <usize>columns.begin * laneStep;
  to += bytes(down.origin * g.wTapHeight + across.origin * g.wTapWidth);
  for (let j = 0; j < n; j += NR) {
    for (let i = 0; i < m; i += LANES, sums += CHUNK) {
      for (let row = i, end = min(i + LANES, m), from = sums; row < end; row++, from += bytes(NR)) {
        for (let lane = 0, lanes = min(NR, n - j); lane < lanes; lane += 4) {
          transformFilters(b, down, across, from + bytes(lane), pointBytes);
          storeTaps(b, g, down, across, to + <usize>row * rowStep + <usize>(j + lane) * laneStep, laneStep, min(4, lanes - lane));
        }
      }
    }
  }
}

/** To [places of the window][4 lanes] in the scratch. */
function transformFilters(b: Block, down: TapBlock, across: TapBlock, from: usize, fromStep: usize): void {
  const scratch = b.scratch;
  if (b.points < POINTS) {
    transformSums(from, fromStep, scratch, 16);
    return;
  }
  const half = scratch + 144;
  for (let column = <usize>firstOf(across.points), end = <usize>endOf(across.points); column < end; column++) {
    transformSums(from + column * fromStep, 6 * fromStep, half + (column << 4), 96);
  }
  for (let row = <usize>down.first; row < <usize>down.end; row++) transformSums(half + row * 96, 16, scratch + row * 48, 16);
}

/** The block's taps of `lanes` filters; where a filter's are nine neighbours, they are transposed in fours. */
function storeTaps(b: Block, g: Geometry, down: TapBlock, across: TapBlock, to: usize, laneStep: usize, lanes: i32): void {
  const below = bytes(b.rows.tapStep * g.wTapHeight);
  const beside = bytes(b.columns.tapStep * g.wTapWidth);
  const line = (<usize>b.columns.places) << 4;
  let taps = b.scratch;
  if (lanes == 4 && beside == 4 && below == 12 && down.end - down.first + across.end - across.first == 6) {
    for (const last = taps + 128; taps < last; taps += 64, to += 16) transposeFour(taps, taps + 16, taps + 32, taps + 48, to, laneStep);
    storeRun(to, laneStep, v128.load(taps), 4);
    return;
  }
  to += <usize>down.first * below;
  taps += <usize>down.first * line;
  for (let row = down.first; row < down.end; row++, to += below, taps += line) {
    for (let tap = across.first; tap < across.end; tap++) {
      storeRun(to + <usize>tap * beside, laneStep, v128.load(taps + ((<usize>tap) << 4)), lanes);
    }
  }
}
