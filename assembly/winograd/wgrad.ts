/**
 * The gradient of the weight: the adjoint of Winograd's F(4×4). 36 multiplications for a tile of y and a block of 3×3 taps, where the direct sum takes 144.
 *
 *   y = Aᵀ [(G w Gᵀ) ⊙ (Bᵀ d B)] A  is linear in w   =>   dw = Gᵀ [Σ over the tiles of (A dy Aᵀ) ⊙ (Bᵀ d B)] G
 *
 *   for each group, block of channels of y, of x
 *     for each block of tiles
 *       y → A dy Aᵀ                             wgrad-panels.ts: panels of the micro-kernel whose depth is the tiles
 *       for each block of taps
 *         x → Bᵀ d B
 *         for each of its points: S += A · B    the micro-kernel on whole panels
 *     S → Gᵀ S G → dw                           wgrad-filters.ts
 *
 * Blocks of taps, lattices and axes with one tap are those of axis.ts. A point that a block of taps does not have is of a tap that it does not have: its sums are of no tap that is stored.
 *
 * A vector is four channels of a tile, as the panels of both sides want them: nothing is transposed on the way in.
 *
 * What is contiguous in the weight is on B's side: x's channels in channels-first, y's in channels-last. So dw is stored four neighbours at a time.
 *
 * Each block of tiles is summed from zero, and the blocks are added in order. How many tiles a block has (wgrad-sides.ts) depends on the channels and on all the tiles.
 */

import { NR, WINOGRAD_TILES } from '../base/config';
import { Geometry } from '../base/geometry';
import { bytes } from '../base/runs';
import { kernelOfFour } from '../gemm/microkernel';
import { Axis, TapBlock } from './axis';
import { layTaps, tapBlocks } from './tap-blocks';
import { Block, Image, imageOfX, imageOfY, layTiles, lookThrough, TILE_BYTES } from './tiles';
import { storeWeights } from './wgrad-filters';
import { isEvenBlock } from './wgrad-outliers';
import { packTiles } from './wgrad-panels';
import { CHUNK, GAP, LANES, layBlocks, Plan, POINTS, ROOM, Side, sumsBytes } from './wgrad-sides';
import { LINES } from './workspace';

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
export const WINOGRAD_WGRAD_WORKSPACE: usize = PANELS + <usize>POINTS * (bytes(ROOM) + 3 * GAP);

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
