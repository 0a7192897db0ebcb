/**
 * Depthwise convolution along the channels, for channels-last with one channel of y to each of x: four channels to a vector, four positions at once,
 * so that a weight vector is loaded once for four products. x is read where it lies: positions of a row whose window stays inside share one table of
 * taps, those at its ends have one each, where a padded tap meets a line of zeros.
 */
import { WORKSPACE } from './config';
import { bytes, isFar, meeting, wgradElements } from './depthwise-element';
import { FINISH_BYTES } from './finish';
import { Geometry } from './geometry';
import { ANY, dotPixels, sumPixels, THREES, THREES_BACKWARD } from './pixel';
import { zeroRun } from './simd';
import { TAP_BYTES, tapAt } from './tap';

/** The workspace: finish | table of taps | zeros. */
const TABLE: usize = FINISH_BYTES;

/** Channels of a block: as long as the line of zeros that fits, a multiple of four or all; 0 if this is not the layout or nothing fits. */
function channelBlock(g: Geometry): i32 {
  if (g.xChannel != 1 || g.yChannel != 1 || g.wY != 1 || g.yGroup != 1 || g.xChannels < 4) return 0;
  const room = (<i64>WORKSPACE - TABLE - <i64>g.taps * TAP_BYTES) >> 2;
  return room < 16 ? 0 : room < g.xChannels ? <i32>room & -4 : g.xChannels;
}

export function forwardPixels(g: Geometry, x: usize, w: usize, y: usize, bias: usize, workspace: usize): bool {
  const block = channelBlock(g);
  if (block == 0) return false;
  const table = workspace + TABLE;
  const zeros = table + <usize>g.taps * TAP_BYTES;
  zeroRun(zeros, block);
  const first = firstInside(g);
  const end = endInside(g);
  const threes = isThrees(g) ? THREES : ANY;
  for (let channel = 0; channel < g.xChannels; channel += block) {
    // The last block overlaps the one before.
    const from = min(channel, g.xChannels - block);
    const zero = zeros - bytes(from);
    for (let n = 0; n < g.batch; n++) {
      for (let od = 0; od < g.yDepth; od++) {
        for (let oh = 0; oh < g.yHeight; oh++) {
          const out = y + bytes(n * g.yBatch + od * g.yDepthStep + oh * g.yHeightStep);
          for (let ow = 0; ow < g.yWidth; ) {
            const count = ow >= first && ow < end ? end - ow : 1;
            const last = layWindow(g, table, x + bytes(n * g.xBatch), zero, od, oh, ow);
            const at = out + bytes(ow * g.yWidthStep);
            sumPixels(table, last, threes, count, at, bytes(g.yWidthStep), from, from + block, w, bias, workspace);
            ow += count;
          }
        }
      }
    }
  }
  return true;
}

function isThrees(g: Geometry): bool {
  return g.kernelWidth == 3 && (g.strideWidth | g.dilationWidth) == 1;
}

/** The first position of a row whose window stays inside, and the one after the last. */
function firstInside(g: Geometry): i32 {
  return g.padWidth > 0 ? (g.padWidth - 1) / g.strideWidth + 1 : 0;
}

function endInside(g: Geometry): i32 {
  const last = g.xWidth - 1 + g.padWidth - (g.kernelWidth - 1) * g.dilationWidth;
  return last < 0 ? 0 : min(g.yWidth, last / g.strideWidth + 1);
}

/** What the taps meet at a position of y; returns the table's end. */
function layWindow(g: Geometry, table: usize, x: usize, zero: usize, od: i32, oh: i32, ow: i32): usize {
  const step = bytes(g.strideWidth * g.xSpace);
  for (let kd = 0; kd < g.kernelDepth; kd++) {
    const slice = od * g.strideDepth + kd * g.dilationDepth - g.padDepth;
    for (let kh = 0; kh < g.kernelHeight; kh++) {
      const row = oh * g.strideHeight + kh * g.dilationHeight - g.padHeight;
      const inside = <u32>slice < <u32>g.xDepth && <u32>row < <u32>g.xHeight;
      const line = (slice * g.xHeight + row) * g.xWidth;
      for (let kw = 0; kw < g.kernelWidth; kw++, table += TAP_BYTES) {
        const column = ow * g.strideWidth + kw * g.dilationWidth - g.padWidth;
        const real = inside && <u32>column < <u32>g.xWidth;
        tapAt(table).at = real ? x + bytes((line + column) * g.xSpace) : zero;
        tapAt(table).step = real ? step : 0;
        tapAt(table).weight = bytes(kd * g.wTapDepth + kh * g.wTapHeight + kw * g.wTapWidth);
      }
    }
  }
  return table;
}

/** Positions of x with the same remainder by the stride meet the same taps, if they are not near an end; taps that meet nothing have no entry. */
export function dgradPixels(g: Geometry, y: usize, w: usize, x: usize, bias: usize, workspace: usize): bool {
  if (channelBlock(g) == 0 || isFar(g)) return false;
  const table = workspace + TABLE;
  const stride = g.strideWidth;
  for (let n = 0; n < g.batch; n++) {
    for (let depth = 0; depth < g.xDepth; depth++) {
      for (let height = 0; height < g.xHeight; height++) {
        const row = x + bytes(n * g.xBatch + (depth * g.xHeight + height) * g.xWidth * g.xSpace);
        for (let phase = 0; phase < min(stride, g.xWidth); phase++) {
          for (let width = phase; width < g.xWidth; ) {
            const count = meetingAlike(g, width);
            const inside = width + g.padWidth >= 2 && width + g.padWidth < g.yWidth;
            const kind = inside && isThrees(g) ? THREES_BACKWARD : ANY;
            const last = layMeeting(g, table, y + bytes(n * g.yBatch), depth, height, width);
            const at = row + bytes(width * g.xSpace);
            sumPixels(table, last, kind, count, at, bytes(stride * g.xSpace), 0, g.xChannels, w, bias, workspace);
            width += count * stride;
          }
        }
      }
    }
  }
  return true;
}

/** How many positions, a stride apart from `width` on, meet the same taps. */
function meetingAlike(g: Geometry, width: i32): i32 {
  const stride = g.strideWidth;
  let count = (g.xWidth - 1 - width) / stride + 1;
  for (let kw = 0; kw < g.kernelWidth; kw++) {
    const reach = width + g.padWidth - kw * g.dilationWidth;
    if (reach % stride != 0) continue;
    const o = reach / stride;
    if (o < 0) count = min(count, -o);
    else if (o < g.yWidth) count = min(count, g.yWidth - o);
  }
  return count;
}

function layMeeting(g: Geometry, table: usize, y: usize, depth: i32, height: i32, width: i32): usize {
  for (let kd = 0; kd < g.kernelDepth; kd++) {
    const od = meeting(depth + g.padDepth - kd * g.dilationDepth, g.strideDepth, g.yDepth);
    if (od < 0) continue;
    for (let kh = 0; kh < g.kernelHeight; kh++) {
      const oh = meeting(height + g.padHeight - kh * g.dilationHeight, g.strideHeight, g.yHeight);
      if (oh < 0) continue;
      for (let kw = 0; kw < g.kernelWidth; kw++) {
        const ow = meeting(width + g.padWidth - kw * g.dilationWidth, g.strideWidth, g.yWidth);
        if (ow < 0) continue;
        tapAt(table).at = y + bytes(od * g.yDepthStep + oh * g.yHeightStep + ow * g.yWidthStep);
        tapAt(table).step = bytes(g.yWidthStep);
        tapAt(table).weight = bytes(kd * g.wTapDepth + kh * g.wTapHeight + kw * g.wTapWidth);
        table += TAP_BYTES;
      }
    }
  }
  return table;
}

/** Positions in raster order, images in order: the inner positions of a row are summed from zero and added, those at its ends one by one. */
export function wgradPixels(g: Geometry, x: usize, y: usize, dw: usize, workspace: usize): bool {
  const block = channelBlock(g) & -4;
  if (block == 0) return false;
  const channels = g.xChannels & -4;
  const table = workspace + TABLE;
  const zeros = table + <usize>g.taps * TAP_BYTES;
  zeroRun(zeros, block);
  const first = firstInside(g);
  const end = endInside(g);
  for (let from = 0; from < channels; from += block) {
    const to = min(from + block, channels);
    const zero = zeros - bytes(from);
    zeroTaps(g, dw + bytes(from), to - from);
    for (let n = 0; n < g.batch; n++) {
      for (let od = 0; od < g.yDepth; od++) {
        for (let oh = 0; oh < g.yHeight; oh++) {
          const row = y + bytes(n * g.yBatch + od * g.yDepthStep + oh * g.yHeightStep);
          for (let ow = 0; ow < g.yWidth; ) {
            const count = ow >= first && ow < end ? end - ow : 1;
            const last = layWindow(g, table, x + bytes(n * g.xBatch), zero, od, oh, ow);
            dotPixels(table, last, count, row + bytes(ow * g.yWidthStep), bytes(g.yWidthStep), from, to, dw);
            ow += count;
          }
        }
      }
    }
  }
  wgradElements(g, channels, g.xChannels, x, y, dw);
  return true;
}

function zeroTaps(g: Geometry, dw: usize, count: i32): void {
  for (let kd = 0; kd < g.kernelDepth; kd++) {
    for (let kh = 0; kh < g.kernelHeight; kh++) {
      for (let kw = 0; kw < g.kernelWidth; kw++) zeroRun(dw + bytes(kd * g.wTapDepth + kh * g.wTapHeight + kw * g.wTapWidth), count);
    }
  }
}
