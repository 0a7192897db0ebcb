/** The two sides of the products of a gradient of the weight (wgrad.ts), x and dy, and how much of each is taken at a time. */
import { NR, WGRAD_CHANNELS, WGRAD_SUMS, WGRAD_TILES } from '../base/config';
import { Geometry } from '../base/geometry';
import { bytes } from '../base/runs';
import { wholeTiles } from '../pack/operand';
import { Block, Image } from './tiles';

/** Of two transformed axes. */
export const POINTS: i32 = 36;
/** Rows of a panel of A: a vector of channels. */
export const LANES: i32 = 4;
/** Sums of a panel of A and one of B at a point. */
export const CHUNK: usize = bytes(LANES * NR);

/** Room at a point for a quarter of the most tiles at the most channels. */
export const ROOM: i32 = WGRAD_CHANNELS * WGRAD_CHANNELS + (WGRAD_TILES / 4) * 2 * WGRAD_CHANNELS;
/** Between points, for a power of two would map every point to the same cache set. */
export const GAP: usize = 64;

/** How many tiles and blocks of taps are summed together, and the bytes of the sums of a block of taps. */
@unmanaged
export class Plan {
  tiles: i32;
  taps: i32;
  sums: usize;
}

/** x or y as an operand of the products. */
@unmanaged
export class Side {
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

/**
 * Where all tiles fit one block, the sums of few channels at a time are made, stored, and never leave the cache: then x's and y's panels are of as many channels
 * as there is room for. Else the sums of all the block's channels wait for the next block of tiles, of as many blocks of taps as there is room for: y's panels are made once for these.
 */
export function layBlocks(plan: Plan, b: Block, g: Geometry, xs: Side, ys: Side, total: i32, blocks: i32): void {
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

/** Of a point's sums. */
export function sumsBytes(rows: Side, columns: Side): usize {
  return bytes(wholeTiles(rows.count, LANES) * wholeTiles(columns.count, NR)) + GAP;
}
