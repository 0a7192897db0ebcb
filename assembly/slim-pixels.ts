/**
 * Slim convolution for channels-last: four channels of y to a vector, eight neighbouring positions at once, x broadcast. The group's channels of x lie in
 * a strip with their padding, where a row of the kernel meets one run of floats if it is not dilated.
 *
 *   slice 0 row 0 │ 0 0 0 0 | x00 x01 x02 x03 | x10 x11 x12 x13 | ...     a group of four channels, one column of padding
 */
import { bytes } from './depthwise-element';
import { finishFour } from './finish';
import { Geometry } from './geometry';
import { storeFirst } from './row';
import { copyRun, madd, zeroRun } from './simd';
import {
  Block,
  blockIn,
  offsetsIn,
  roomBehind,
  runAt,
  setChannels,
  setTable,
  stripIn,
  usedBytes,
  weightsBytes,
  weightsIn,
} from './slim-table';
import { layStrip, Strip } from './strip';

/** Positions of a tile. */
const TILE: i32 = 8;

/** False, and nothing done, where a strip does not fit or this is not the layout. The workspace begins with the prepared finish. */
export function slimPixels(g: Geometry, x: usize, w: usize, y: usize, bias: usize, workspace: usize): bool {
  const strip = stripIn(workspace);
  const block = blockIn(workspace);
  if (!layPixels(g, strip, block, weightsBytes(g), workspace)) return false;
  const xGroup = g.xGroup;
  const yGroup = g.yGroup;
  const weights = weightsIn(workspace, g.taps);
  block.finish = workspace;
  block.at = strip.at;
  block.rowStep = strip.row(0, g.strideHeight);
  block.columnStep = bytes(g.strideWidth * xGroup);
  block.outRow = bytes(g.yHeightStep);
  block.outColumn = bytes(g.yWidthStep);
  for (let group = 0; group < g.groups; group++) {
    setTable(g, w + bytes(group * g.wGroup), bias ? bias + bytes(group * yGroup) : 0, weights);
    for (let n = 0; n < g.batch; n++) {
      const from = x + bytes(n * g.xBatch + group * xGroup);
      const to = y + bytes(n * g.yBatch + group * yGroup);
      for (let od = 0; od < g.yDepth; od++) {
        for (let oh = 0; oh < g.yHeight; oh += strip.outRows) {
          block.rows = min(strip.outRows, g.yHeight - oh);
          for (let ow = 0; ow < g.yWidth; ow += strip.outColumns) {
            block.columns = min(strip.outColumns, g.yWidth - ow);
            fillPixels(g, strip, from, od, oh, ow, block);
            const out = to + bytes(od * g.yDepthStep + oh * g.yHeightStep + ow * g.yWidthStep);
            for (let o = 0; o < yGroup; o += 4) {
              setChannels(g, block, o, weights, out);
              sumPixelTiles(block);
            }
          }
        }
      }
    }
  }
  return true;
}

/** Behind the offsets and `behind` bytes a strip; the block gets runs and their offsets. */
export function layPixels(g: Geometry, strip: Strip, block: Block, behind: i64, workspace: usize): bool {
  if (!g.channelsLast || g.xChannel != 1 || g.yChannel != 1 || g.taps == 0) return false;
  const window = (g.kernelHeight - 1) * g.dilationHeight + 1;
  const reach = ((g.kernelWidth - 1) * g.dilationWidth) / g.strideWidth + 1 + TILE;
  const used = usedBytes(g.taps) + behind;
  const room = roomBehind(used);
  if (room < 0 || <i64>g.strideWidth * g.xGroup > room) return false;
  const at = workspace + <usize>used;
  const width = g.strideWidth * g.xGroup;
  if (!layStrip(strip, at, room, g.kernelDepth, g.yHeight, g.strideHeight, window, g.yWidth, width, reach)) return false;
  const dense = g.dilationWidth == 1 || g.kernelWidth == 1;
  const runs = dense ? 1 : g.kernelWidth;
  block.run = dense ? g.kernelWidth * g.xGroup : g.xGroup;
  block.offsets = offsetsIn(workspace);
  let offset = block.offsets;
  for (let kd = 0; kd < g.kernelDepth; kd++) {
    for (let kh = 0; kh < g.kernelHeight; kh++) {
      for (let run = 0; run < runs; run++, offset += 4) {
        store<usize>(offset, strip.row(kd, kh * g.dilationHeight) + bytes(run * g.dilationWidth * g.xGroup));
      }
    }
  }
  block.end = offset;
  return true;
}

export function fillPixels(g: Geometry, strip: Strip, x: usize, od: i32, oh: i32, ow: i32, block: Block): void {
  const first = oh * g.strideHeight - g.padHeight;
  const start = ow * g.strideWidth - g.padWidth;
  const rows = (block.rows - 1) * g.strideHeight + (g.kernelHeight - 1) * g.dilationHeight + 1;
  // Outputs past the row's last are summed but not stored.
  const outputs = (block.columns + TILE - 1) & -TILE;
  const columns = (outputs - 1) * g.strideWidth + (g.kernelWidth - 1) * g.dilationWidth + 1;
  // => x has columns [start + begin, start + end)
  const begin = start < 0 ? min(columns, -start) : 0;
  const end = start < g.xWidth ? max(begin, min(columns, g.xWidth - start)) : begin;
  const channels = g.xGroup;
  for (let kd = 0; kd < g.kernelDepth; kd++) {
    const slice = od * g.strideDepth + kd * g.dilationDepth - g.padDepth;
    for (let r = 0; r < rows; r++) {
      const row = first + r;
      const to = strip.at + strip.row(kd, r);
      if (<u32>slice >= <u32>g.xDepth || <u32>row >= <u32>g.xHeight) {
        zeroRun(to, columns * channels);
        continue;
      }
      zeroRun(to, begin * channels);
      zeroRun(to + bytes(end * channels), (columns - end) * channels);
      const from = x + bytes(((slice * g.xHeight + row) * g.xWidth + start + begin) * g.xSpace);
      copyPixels(to + bytes(begin * channels), from, end - begin, channels, bytes(g.xSpace));
    }
  }
}

function copyPixels(to: usize, from: usize, count: i32, channels: i32, step: usize): void {
  if (step == bytes(channels)) copyRun(to, from, count * channels);
  else if (channels == 4) for (; count > 0; count--, to += 16, from += step) v128.store(to, v128.load(from));
  else for (; count > 0; count--, to += bytes(channels), from += step) copyRun(to, from, channels);
}

function sumPixelTiles(block: Block): void {
  for (let row = 0; row < block.rows; row++) {
    let at = block.at + <usize>row * block.rowStep;
    let out = block.out + <usize>row * block.outRow;
    for (let column = 0; column < block.columns; column += TILE) {
      runAt(block, 0).at = at;
      sumEight(block);
      storePixels(block, out, min(TILE, block.columns - column));
      at += <usize>TILE * block.columnStep;
      out += <usize>TILE * block.outColumn;
    }
  }
}

/** Four channels of eight positions: a vector of weights serves eight products. */
function sumEight(block: Block): void {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let s4 = s0;
  let s5 = s0;
  let s6 = s0;
  let s7 = s0;
  const at = runAt(block, 0).at;
  const next = block.columnStep;
  const end = block.end;
  const run = bytes(block.run);
  let w = block.weights;
  for (let offset = block.offsets; offset < end; offset += 4) {
    let p = at + load<usize>(offset);
    for (const stop = p + run; p < stop; p += 4, w += 16) {
      const weight = v128.load(w);
      let q = p + next;
      s0 = madd(v128.load32_splat(p), weight, s0);
      s1 = madd(v128.load32_splat(q), weight, s1);
      q += next;
      s2 = madd(v128.load32_splat(q), weight, s2);
      q += next;
      s3 = madd(v128.load32_splat(q), weight, s3);
      q += next;
      s4 = madd(v128.load32_splat(q), weight, s4);
      q += next;
      s5 = madd(v128.load32_splat(q), weight, s5);
      q += next;
      s6 = madd(v128.load32_splat(q), weight, s6);
      q += next;
      s7 = madd(v128.load32_splat(q), weight, s7);
    }
  }
  const sums = block.sums;
  v128.store(sums, s0);
  v128.store(sums, s1, 16);
  v128.store(sums, s2, 32);
  v128.store(sums, s3, 48);
  v128.store(sums, s4, 64);
  v128.store(sums, s5, 80);
  v128.store(sums, s6, 96);
  v128.store(sums, s7, 112);
}

function storePixels(block: Block, out: usize, count: i32): void {
  const bias = v128.load(block.bias);
  const stop = block.sums + ((<usize>count) << 4);
  for (let sum = block.sums; sum < stop; sum += 16, out += block.outColumn) {
    storeFirst(out, finishFour(block.finish, v128.load(sum), bias), block.channels);
  }
}
