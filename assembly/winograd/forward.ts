/**
 * Winograd's convolution: tiles of m × m outputs (m = 4 or 2), for 3×3 taps in (m + 2)² multiplications, where the direct sum takes 9m². Other kernels, strides and dilations are
 * sums over blocks of up to 3×3 taps on the lattices of axis.ts, and over the slices of a kernel in three dimensions; their products are added before there is one transform to y. An
 * axis with one tap has tiles of one output: 1×k kernels, and convolutions in one dimension.
 *
 *   for each group, block of tiles
 *     for each block of taps
 *       x → V                                 input-tiles.ts: (m + 2)² points, each a matrix of channels × tiles as B panels
 *       for each point: M += U · V            the micro-kernel on whole panels; U, often larger than L2, is read once a block of tiles
 *     M → y                                   output-tiles.ts: bias, activation and store
 *
 * U is the transformed weight (filters.ts), packed once. Sums run over the blocks of taps and in each over the channels of x in blocks of KC, each from zero, added in
 * order: the same at every tile position, batch size and block of tiles.
 *
 * 5×5, 64→64 @128: 2.4 times as fast as GEMM (45 of 111 ms), where 121 products take the place of 400; the products are at the GEMM's speed, gathering V is 23 %.
 */
import { KC, MR, NR, WINOGRAD_INPUTS, WINOGRAD_OUTPUTS, WINOGRAD_TILES } from '../base/config';
import { Epilogue, prepareEpilogue } from '../base/epilogue';
import { Geometry } from '../base/geometry';
import { bytes } from '../base/runs';
import { packedWeightBytes } from '../conv/implicit-gemm';
import { kernel } from '../gemm/microkernel';
import { wholeTiles } from '../pack/operand';
import { Axis, TapBlock } from './axis';
import { multiplyApart, storeZeros } from './exact';
import { blockBytes, groupBytes, largestWeight, pointBytes } from './filters';
import { gatherTiles } from './input-tiles';
import { judgeTiles, Part, RANGE } from './outliers';
import { storeTiles } from './output-tiles';
import { layTaps, tapBlocks, tapBlocksAcross } from './tap-blocks';
import { Block, Image, imageOfX, layTiles, lookThrough, placeTiles } from './tiles';
import {
  ACROSS,
  BIAS,
  COLUMNS,
  DOWN,
  EPILOGUE,
  GEOMETRY,
  IMAGE,
  PANEL_BYTES,
  PANELS,
  PART,
  ROWS,
  SCRATCH,
  STATES,
  STRIP,
  TILES,
} from './workspace';

/** `w` is the weight for the GEMM of tiles that are set apart: as it lies in memory, or `wPacked` by `packWeight`. */
export function winograd(
  g: Geometry,
  size: i32,
  x: usize,
  packed: usize,
  w: usize,
  wPacked: bool,
  y: usize,
  bias: usize,
  activation: i32,
  slope: f32,
  workspace: usize,
): void {
  const b = changetype<Block>(workspace);
  const e = prepareEpilogue(workspace + EPILOGUE, bias, activation, slope);
  e.bias = workspace + BIAS;
  const image = imageOfX(g, workspace + IMAGE);
  const total = layTiles(b, g, size, changetype<Axis>(workspace + ROWS), changetype<Axis>(workspace + COLUMNS));
  b.tiles = workspace + TILES;
  b.buffer = workspace + STRIP;
  b.scratch = workspace + SCRATCH;
  b.v = workspace + PANELS;
  b.room = PANEL_BYTES;
  const part = changetype<Part>(workspace + PART);
  part.states = workspace + STATES;
  const wGroup = wPacked ? packedWeightBytes(g) / <usize>g.groups : bytes(g.wGroup);
  const most = tilesOfBlock(g, b, total);
  for (let group = 0; group < g.groups; group++) {
    const xg = x + bytes(group * g.xGroup * g.xChannel);
    const yg = y + bytes(group * g.yGroup * g.yChannel);
    const u = packed + <usize>group * groupBytes(g, size);
    const biasGroup = bias ? bias + bytes(group * g.yGroup) : 0;
    const limit = limitOf(g, largestWeight(g, size, u));
    for (b.first = 0; b.first < total; b.first += b.count) {
      b.count = min(most, total - b.first);
      if (b.across >= most) b.count = min(b.count, b.across - (b.first % b.across));
      placeTiles(b, g);
      judgeTiles(b, g, image, xg, limit, part);
      if (b.apart < b.count) multiplyBlock(b, g, image, workspace, xg, u, yg, biasGroup, e);
      if (b.apart > 0) {
        const few = changetype<Geometry>(workspace + GEOMETRY);
        multiplyApart(b, g, xg, w + <usize>group * wGroup, wPacked, yg, biasGroup, e, few);
      }
    }
  }
}

/**
 * The magnitude of x from which on the transforms may overflow: |Bᵀ d B| is at most 21 |d|, |G w Gᵀ| 2.2 |w|, |Aᵀ m A| 55 |m|, a sum of every channel and block of
 * taps. It is 0, which nothing is below, where the largest |w| is itself out of range.
 */
function limitOf(g: Geometry, largest: f64): f32 {
  const sums = g.xGroup * tapBlocks(g);
  // 2^113 times the transforms' 4096 leave 2^125.
  return largest < RANGE ? <f32>min<f64>(RANGE, (8192 * <f64>RANGE) / (<f64>sums * largest)) : 0;
}

/** As many as the workspace has room for, in blocks of like size. */
function tilesOfBlock(g: Geometry, b: Block, total: i32): i32 {
  const channels = min(wholeTiles(g.xGroup, 4), WINOGRAD_INPUTS) + min(wholeTiles(g.yGroup, MR), WINOGRAD_OUTPUTS);
  const room = <i32>((PANEL_BYTES - <usize>b.points * 64) / bytes(b.points * channels));
  const most = min(WINOGRAD_TILES, room & -NR);
  const blocks = (total + most - 1) / most;
  return wholeTiles((total + blocks - 1) / max(blocks, 1), NR);
}

/** The block's outputs: by blocks of y's channels, in each the sum over blocks of taps and of x's channels. */
function multiplyBlock(
  b: Block,
  g: Geometry,
  image: Image,
  workspace: usize,
  x: usize,
  u: usize,
  y: usize,
  bias: usize,
  e: Epilogue,
): void {
  const inputs = g.xGroup;
  const outputs = g.yGroup;
  const down = changetype<TapBlock>(workspace + DOWN);
  const across = changetype<TapBlock>(workspace + ACROSS);
  const blocks = tapBlocks(g);
  const perRow = tapBlocksAcross(g);
  const all = (1 << b.columns.points) - 1;
  b.vPanel = bytes(wholeTiles(min(inputs, WINOGRAD_INPUTS), 4) * NR);
  b.vPoint = <usize>b.panels * b.vPanel + 64;
  const m = b.v + <usize>b.points * b.vPoint;
  for (let o = 0; o < outputs; o += WINOGRAD_OUTPUTS) {
    const oCount = min(WINOGRAD_OUTPUTS, outputs - o);
    let filters = u + bytes((g.packedFirst + o) * inputs);
    // Points that blocks of taps had, by rows: those of blocks above, and those of blocks to the left too.
    let above = 0;
    let left = 0;
    for (let block = 0; block < blocks; block++, filters += blockBytes(g)) {
      const slice = layTaps(g, b.rows, b.columns, down, across, block);
      lookThrough(image, g, slice, down, across);
      if (block % perRow == 0) left = 0;
      for (let c = 0; c < inputs; c += WINOGRAD_INPUTS) {
        const cCount = min(WINOGRAD_INPUTS, inputs - c);
        if (o == 0 || inputs > WINOGRAD_INPUTS || blocks > 1)
          gatherTiles(b, g, image, down.points, across.points, x + bytes(c * image.channel), cCount);
        multiplyPoints(b, g, down.points, across.points, above, left, filters + bytes(c * MR), inputs, m, cCount, oCount, c > 0);
      }
      left |= across.points;
      if (block % perRow == perRow - 1) above |= down.points;
    }
    if (above != (1 << b.rows.points) - 1 || left != all) clearPoints(b, above, left, m, oCount);
    copyBias(e.bias, bias ? bias + bytes(o) : 0, oCount);
    const to = y + bytes(o * g.yChannel);
    storeTiles(b, g, m, to, oCount, e);
    if (b.zeros > 0) storeZeros(b, g, to, oCount, e);
  }
}

/** Whether a row or column of points is among those of a block of taps. */
function has(points: i32, point: i32): bool {
  return ((points >> point) & 1) != 0;
}

/**
 * M = U · V at the points of a block of taps, rows `down` by columns `across`; M += U · V where there was a block with that point: above it, or to its left, or the channels before,
 * `more`. u has panels of `depth` channels, of which `inputs` are multiplied.
 */
function multiplyPoints(
  b: Block,
  g: Geometry,
  down: i32,
  across: i32,
  above: i32,
  left: i32,
  u: usize,
  depth: i32,
  m: usize,
  inputs: i32,
  outputs: i32,
  more: bool,
): void {
  const height = b.rows.points;
  const width = b.columns.points;
  const uPoint = pointBytes(g);
  const tile = bytes(MR * NR);
  const chunk = <usize>b.points * tile;
  const blocks = (outputs + MR - 1) / MR;
  const mPanel = <usize>blocks * chunk;
  const end = m + <usize>b.panels * mPanel;
  let v = b.v;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++, u += uPoint, v += b.vPoint, m += tile) {
      if (!has(down, row) || !has(across, column)) continue;
      const adds = more || has(above, row) || has(left, column);
      for (let block = 0; block < blocks; block++) {
        const ap = u + bytes(block * MR * depth);
        for (let k = 0; k < inputs; k += KC) {
          const kBlock = min(KC, inputs - k);
          let bp = v + bytes(k * NR);
          for (let at = m + <usize>block * chunk; at < end; at += mPanel, bp += b.vPanel) {
            kernel(kBlock, ap + bytes(k * MR), bp, at, NR, adds || k > 0);
          }
        }
      }
    }
  }
}

/** M = 0 at points that no block of taps has: of two taps at ∞. */
function clearPoints(b: Block, down: i32, across: i32, m: usize, outputs: i32): void {
  const tile = bytes(MR * NR);
  const chunk = <usize>b.points * tile;
  const end = m + <usize>b.panels * <usize>((outputs + MR - 1) / MR) * chunk;
  for (let row = 0; row < b.rows.points; row++) {
    for (let column = 0; column < b.columns.points; column++, m += tile) {
      if (has(down, row) && has(across, column)) continue;
      for (let at = m; at < end; at += chunk) memory.fill(at, 0, tile);
    }
  }
}

/** -0 where there is none, and after the last: v + -0 is v, its sign included. */
function copyBias(to: usize, bias: usize, count: i32): void {
  if (bias) memory.copy(to, bias, bytes(count));
  for (let i = bias ? count : 0; i < count + 3; i++) store<f32>(to + bytes(i), -0.0);
}
