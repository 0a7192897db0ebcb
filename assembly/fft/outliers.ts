/**
 * Which outputs Fourier transforms may compute. They add all that a tile and its neighbour see: so an output's error grows with the largest magnitude there, not with what the output
 * itself meets. Outputs are left to direct sums where
 *
 *   the largest magnitude of the pair > FFT_RATIO · the largest of an output's window
 *
 * or where the pair sees NaN, infinity or what is out of range, as is zero. Both are judged by blocks, so that it costs little: what a block of outputs sees in common are at least two
 * blocks along an axis with three taps, of which the largest is known. In a window of zeros that is 0: such an output is the bias, exactly.
 *
 *   outputs  │ block │             kernel of taps ≥ 3 blocks
 *   sees     │ block │ block │ block │ rest │
 *   all see          │ block │ block │
 */
import { Epilogue } from '../base/epilogue';
import { Geometry } from '../base/geometry';
import { bytes } from '../base/runs';
import { forward } from '../direct/depthwise/index';
import { largestOfLanes, magnitude } from '../winograd/magnitude';
import { Tile } from './tiles';
import { FOUR } from './transform';

const RATIO: f32 = 32;

/** Magnitudes of x and of the weight, within which no sum or product overflows or loses digits: 2^-40 and 2^40. */
const LEAST: f32 = 9.094947017729282e-13;
const LIMIT: f32 = 1099511627776;

/** Whether a largest magnitude is one that transforms may have. */
export function isInRange(most: u32): bool {
  const value = reinterpret<f32>(most);
  return value >= LEAST && value < LIMIT;
}

/** log₂ of a block's size: the width of one has whole vectors. */
export function blockOf(taps: i32): i32 {
  return 31 - clz(max(1, taps / 3));
}
export function blockAcross(taps: i32): i32 {
  return max(2, blockOf(taps));
}

/** A tile's lines to the real or the imaginary parts of a plane, and the largest magnitudes of each block, of four lanes, to `blocks`, which are zero before. Returns the largest of all. */
export function weave(lines: usize, to: usize, rows: i32, width: i32, blocks: usize, down: i32, across: i32): u32 {
  let most = i32x4.splat(0);
  for (let row = 0; row < rows; row++) {
    const line = blocks + <usize>((row >> down) * (width >> across)) * FOUR;
    for (let column = 0; column < width; column += 4, lines += 16, to += FOUR) {
      const v = v128.load(lines);
      v128.store(to, v);
      const block = line + <usize>(column >> across) * FOUR;
      const largest = i32x4.max_s(v128.load(block), magnitude(v));
      v128.store(block, largest);
      most = i32x4.max_s(most, largest);
    }
  }
  return largestOfLanes(most);
}

/** Whether the outputs of a block may have been computed, of which all see the blocks behind it up to `taps` on. */
function isEven(tile: Tile, all: u32, row: i32, column: i32, g: Geometry, down: i32, across: i32, pitch: usize): bool {
  let most = i32x4.splat(0);
  const lastRow = (row + g.kernelHeight) >> down;
  const lastColumn = (column + g.kernelWidth) >> across;
  for (let r = (row >> down) + (down > 0 ? 1 : 0); r < lastRow; r++) {
    for (let c = (column >> across) + 1; c < lastColumn; c++) {
      most = i32x4.max_s(most, v128.load(tile.blocks + (<usize>r * pitch + <usize>c) * FOUR));
    }
  }
  return reinterpret<f32>(largestOfLanes(most)) * RATIO >= reinterpret<f32>(all);
}

/** Direct sums of what transforms may not compute of a tile, in runs of blocks; of all where `serves` is false. `w` are the taps of the channel, dense. */
export function sumOthers(
  g: Geometry,
  tile: Tile,
  most: u32,
  serves: bool,
  down: i32,
  across: i32,
  pitch: usize,
  w: usize,
  bias: usize,
  e: Epilogue,
  part: Geometry,
  workspace: usize,
): void {
  serves = serves && isInRange(most);
  const high = serves ? 1 << down : tile.rows;
  const wide = 1 << across;
  for (let row = 0; row < tile.rows; row += high) {
    // Columns from `first` on may not.
    for (let column = 0, first = 0; first < tile.columns; column += wide) {
      if (column < tile.columns && !(serves && isEven(tile, most, row, column, g, down, across, pitch))) continue;
      if (column > first) {
        part.yHeight = min(high, tile.rows - row);
        part.yWidth = min(column, tile.columns) - first;
        part.padHeight = g.padHeight - tile.top - row;
        part.padWidth = g.padWidth - tile.left - first;
        const to = tile.y + bytes(row * g.yHeightStep + first * g.yWidthStep);
        forward(part, tile.x, w, to, bias, e.activation, f32x4.extract_lane(e.slope, 0), workspace);
      }
      first = column + wide;
    }
  }
}
