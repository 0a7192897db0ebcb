/**
 * What a convolution to few channels prepares in the workspace: the weights of a group for the inner loops, in blocks of four or eight channels of y.
 *
 *   finish | block | line buffer's layout | offsets | weights | line buffer
 *
 *   weights of channels 0-3: row 0 │ w0 w1 w2 w3 │ row 1 │ ... │ bias │    rows in the order of the column matrix; absent channels are 0
 *           of channels 4-7: ...
 */

import { WORKSPACE } from '../../base/config';
import { EPILOGUE_BYTES, Epilogue } from '../../base/epilogue';
import { Geometry } from '../../base/geometry';
import { bytes } from '../../base/runs';
import { LINE_BUFFER_BYTES, LineBuffer } from '../line-buffer';

/** A block of outputs of four or eight channels, as the inner loops take it. Addresses and steps in bytes. */
@unmanaged
export class Block {
  epilogue: Epilogue;
  /** Offsets of what each row (nchw) or run of rows (nhwc) meets. */
  offsets: usize;
  end: usize;
  weights: usize;
  bias: usize;
  /** Rows of a run (nhwc). */
  run: i32;
  /** In the line buffer: where the first output's window begins, steps to the output below and (nhwc) to the next. */
  at: usize;
  rowStep: usize;
  columnStep: usize;
  /** In y. */
  out: usize;
  outChannel: usize;
  outRow: usize;
  outColumn: usize;
  channels: i32;
  rows: i32;
  columns: i32;
  /** Where the next run begins. */
  row: i32;
  column: i32;

  /** Eight vectors of sums on their way to y (nhwc: up to twelve). */
  get sums(): usize {
    return changetype<usize>(this) + SUMS;
  }
}

/** Up to eight outputs of a row: where the first meets its row of the line buffer, where it lies, and how many they are. */
@unmanaged
export class Run {
  at: usize;
  out: usize;
  count: i32;
  spare: i32;
}

export function runAt(block: Block, index: i32): Run {
  return changetype<Run>(changetype<usize>(block) + RUNS + ((<usize>index) << 4));
}

const RUNS: usize = 80;
const SUMS: usize = RUNS + 4 * 16;
const BLOCK_BYTES: usize = SUMS + 12 * 16;
const TABLE: usize = EPILOGUE_BYTES + BLOCK_BYTES + LINE_BUFFER_BYTES;

export function blockIn(workspace: usize): Block {
  return changetype<Block>(workspace + EPILOGUE_BYTES);
}

export function lineBufferIn(workspace: usize): LineBuffer {
  return changetype<LineBuffer>(workspace + EPILOGUE_BYTES + BLOCK_BYTES);
}

export function offsetsIn(workspace: usize): usize {
  return workspace + TABLE;
}

export function weightsIn(workspace: usize, entries: i32): usize {
  return workspace + TABLE + (bytes(entries + 3) & -16);
}

/** Bytes of the weights of a group. */
export function weightsBytes(g: Geometry): i64 {
  return (<i64>(g.yGroup + 3) >> 2) * ((<i64>g.rows + 1) << 4);
}

/** Bytes before the weights, with a table of so many offsets. */
export function usedBytes(entries: i32): i64 {
  return <i64>TABLE + (((<i64>entries + 3) * 4) & -16);
}

/** Floats that are left for the line buffer; negative if there are none. */
export function roomBehind(used: i64): i32 {
  return used > <i64>WORKSPACE ? -1 : <i32>((<i64>WORKSPACE - used) >> 2);
}

/** Channels of a block with so many left: eight where they are more than four, if the loops take so many. */
function widthOf(left: i32, most: i32): i32 {
  return left > 4 ? most : 4;
}

/** The weights of the group's channels of y, w at its first, in blocks of at most four or eight. Without divisions row by row: 64→4, 14×14: 1.12 times as fast (AMD Zen 5, simd). */
export function setTable(g: Geometry, w: usize, bias: usize, weights: usize, most: i32): void {
  const rows = g.rows;
  const channels = g.yGroup;
  const run = g.wRowRun;
  const step = bytes(g.wRowStep);
  for (let first = 0; first < rows; first += run) {
    let from = w + bytes(g.wRowOffset(first));
    for (let row = first; row < first + run; row++, from += step) setRow(channels, rows, from, g.wY, row, weights, most, 0);
  }
  setRow(channels, rows, bias, 1, rows, weights, most, -0.0);
}

/** One row of each block; `from` may be 0: then all are `none`. */
function setRow(channels: i32, rows: i32, from: usize, step: i32, row: i32, weights: usize, most: i32, none: f32): void {
  for (let o = 0; o < channels; o += 4) {
    const first = o & -most;
    const to = weights + bytes(first * (rows + 1) + row * widthOf(channels - first, most) + o - first);
    if (from && step == 1 && o + 4 <= channels) v128.store(to, v128.load(from + bytes(o)));
    else {
      for (let lane = 0; lane < 4; lane++) {
        store<f32>(to + bytes(lane), from && o + lane < channels ? load<f32>(from + bytes((o + lane) * step)) : none);
      }
    }
  }
}

/** Gives the block channel o of the group, a multiple of `most`, and those behind it; returns how many it has room for. */
export function setChannels(g: Geometry, block: Block, o: i32, weights: usize, y: usize, most: i32): i32 {
  const width = widthOf(g.yGroup - o, most);
  block.weights = weights + bytes(o * (g.rows + 1));
  block.bias = block.weights + bytes(g.rows * width);
  block.channels = min(width, g.yGroup - o);
  block.out = y + bytes(o * g.yChannel);
  return width;
}
