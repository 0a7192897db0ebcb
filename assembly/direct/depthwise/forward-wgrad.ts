/**
 * Depthwise convolution over line buffers: rows of x stand in a line buffer with their padding, and an output row is a sum over a table of taps.
 *
 * Along channels (nhwc.ts): in channels-last, with one channel of y to each of at least four of x. The line buffer holds the addresses of positions.
 *
 * Along the width (nchw.ts): all others. The line buffer holds the rows themselves. Where the channels lie closer together than the columns, rows
 * are gathered into it, and results are scattered from lines behind it.
 */

import { WORKSPACE } from '../../base/config';
import { biasSplat, EPILOGUE_BYTES, epilogueAt } from '../../base/epilogue';
import { Geometry } from '../../base/geometry';
import { bytes, copyRun, zeroRun } from '../../base/runs';
import { fillLines, gather, LINE_BUFFER_BYTES, LineBuffer, layLines, takeColumns } from '../line-buffer';
import { setWeights, TAP_BYTES, tapAt } from '../taps';
import { scatter, scatterFour, sumRows } from './nchw';
import { sumRows3x3, sumRows3x3ByTwo } from './nchw-3x3';
import { dotRows, dotRows3x3 } from './nchw-wgrad';
import { dotPixels, packWeights, sumPixels } from './nhwc';
import { wgradElements } from './scalar';

/** The workspace: finish | line buffer's layout | table of taps | zeros | packed weights | line buffer. */
export const TABLE: usize = EPILOGUE_BYTES + LINE_BUFFER_BYTES;

/** Floats that are left for the line buffer behind `used` bytes; negative if there are none. */
export function room(used: i64): i32 {
  return used > <i64>WORKSPACE ? -1 : <i32>((<i64>WORKSPACE - used) >> 2);
}

export function alongRows(g: Geometry): bool {
  return g.xChannel != 1 || g.yChannel != 1 || g.wY != 1 || g.yGroup != 1 || g.xChannels < 4;
}

/**
 * How many channels of x are summed together: one along rows; along channels at least four, as many as zeros and packed weights have room
 * for behind `used` bytes if the line buffer has as much; 0 if there is no room.
 */
export function channelBlock(g: Geometry, used: i64): i32 {
  if (alongRows(g)) return 1;
  const most = (room(used) / (2 * (g.taps + 1))) & -8;
  return most < 8 ? 0 : min(g.xChannels, most);
}

/** Floats of a line of zeros, and of the packed weights of a tap. */
export function lineOf(block: i32): i32 {
  return (block + 7) & -8;
}

/** Bytes of the zeros and of the packed weights. */
export function channelBytes(g: Geometry, block: i32): i64 {
  return alongRows(g) ? 0 : <i64>lineOf(block) * (g.taps + 1) * 4;
}

/** False, and nothing done, where a line buffer does not fit. The workspace begins with the prepared epilogue. */
export function forwardLines(g: Geometry, x: usize, w: usize, y: usize, bias: usize, workspace: usize): bool {
  const epilogue = epilogueAt(workspace);
  const buffer = changetype<LineBuffer>(workspace + EPILOGUE_BYTES);
  const table = workspace + TABLE;
  const block = layForward(g, buffer, table, 1);
  if (block == 0) return false;
  const end = table + <usize>g.taps * TAP_BYTES;
  const rowwise = alongRows(g);
  const nine = isNine(g, 1);
  const nineByTwo = isNine(g, 2);
  const packed = end + bytes(lineOf(block));
  const dense = denseColumns(g);
  const step = buffer.row(0, g.strideHeight);
  const apart = g.yWidthStep != 1;
  const lines = buffer.end;
  const outRow = bytes(apart ? lineOf(buffer.outColumns) : g.yHeightStep);
  const fours = apart && hasFours(g);
  const outLines = fours ? <usize>buffer.outRows * outRow : 0;
  for (let n = 0; n < g.batch; n++) {
    for (let channel = 0; channel < g.xChannels; channel += block) {
      // The last block overlaps the one before.
      const c = min(channel, g.xChannels - block);
      const plane = x + bytes(n * g.xBatch + c * g.xChannel);
      if (!rowwise) packWeights(table, end, block, w + bytes(c), packed, dense);
      for (let od = 0; od < g.yDepth; od++) {
        for (let oh = 0; oh < g.yHeight; oh += buffer.outRows) {
          const rows = min(buffer.outRows, g.yHeight - oh);
          for (let ow = 0; ow < g.yWidth; ow += buffer.outColumns) {
            const columns = min(buffer.outColumns, g.yWidth - ow);
            fillForward(g, buffer, plane, od, oh, rows, ow);
            const to = y + bytes(n * g.yBatch + od * g.yDepthStep + oh * g.yHeightStep + ow * g.yWidthStep);
            if (!rowwise) {
              const own = bias ? bias + bytes(c) : 0;
              for (let row = 0; row < rows; row++) {
                const out = to + bytes(c + row * g.yHeightStep);
                const from = <usize>row * step;
                sumPixels(table, end, from, out, bytes(g.yWidthStep), columns, block, packed, own, epilogue, dense, buffer.phases);
              }
              continue;
            }
            for (let o = c * g.yGroup; o < (c + 1) * g.yGroup; o++) {
              setWeights(table, end, w + bytes(o * g.wY));
              const result = to + bytes(o * g.yChannel);
              const out = apart ? lines + <usize>(o & 3) * outLines : result;
              if (nine) sumRows3x3(table, buffer.at, 4, step, rows, out, outRow, columns, epilogue, biasSplat(bias, o));
              else if (nineByTwo)
                sumRows3x3ByTwo(
                  table,
                  buffer.at,
                  bytes(buffer.pitch),
                  buffer.row(0, 1),
                  rows,
                  out,
                  outRow,
                  columns,
                  epilogue,
                  biasSplat(bias, o),
                );
              else sumRows(table, end, step, rows, out, outRow, columns, epilogue, biasSplat(bias, o));
              if (fours && (o & 3) < 3) continue;
              if (fours) scatterFour(result - 12, bytes(g.yHeightStep), bytes(g.yWidthStep), lines, outLines, outRow, rows, columns);
              else if (apart) scatter(result, bytes(g.yHeightStep), bytes(g.yWidthStep), lines, outRow, rows, columns);
            }
          }
        }
      }
    }
  }
  return true;
}

/** A dense 3×3 kernel with this stride. */
export function isNine(g: Geometry, stride: i32): bool {
  const dense = g.kernelDepth == 1 && g.kernelHeight == 3 && g.kernelWidth == 3 && (g.dilationHeight | g.dilationWidth) == 1;
  return dense && g.strideHeight == stride && g.strideWidth == stride;
}

/** Whether four channels of y that lie together come from one of x: their rows are scattered together, 1.5 to 2.1 times as fast. */
function hasFours(g: Geometry): bool {
  return g.yChannel == 1 && (g.yGroup & 3) == 0;
}

/** Columns of a kernel whose sums share what neighbouring positions meet, 3 or 5; 0 for others. */
function denseColumns(g: Geometry): i32 {
  const width = g.kernelWidth;
  return (width == 3 || width == 5) && g.kernelDepth == 1 && g.dilationWidth == 1 && g.strideWidth <= 2 && g.yWidth >= 4 ? width : 0;
}

/** A line buffer of x behind a table with the taps of `channels` channels of y; returns how many channels of x it is for, or 0. */
function layForward(g: Geometry, buffer: LineBuffer, table: usize, channels: i32): i32 {
  const window = (g.kernelHeight - 1) * g.dilationHeight + 1;
  const reach = ((g.kernelWidth - 1) * g.dilationWidth) / g.strideWidth;
  const tapBytes = <i64>(g.taps * channels) * TAP_BYTES;
  const block = channelBlock(g, <i64>TABLE + tapBytes);
  const zeros = table + <usize>tapBytes;
  const behind = tapBytes + channelBytes(g, block);
  // Lines of outputs take no more than the line buffer.
  const lines = !alongRows(g) || g.yWidthStep == 1 ? 0 : hasFours(g) ? 4 : 1;
  const left = room(<i64>TABLE + behind) / (1 + lines);
  const at = table + <usize>behind;
  if (block == 0) return 0;
  if (!layLines(buffer, at, left, g.kernelDepth, g.yHeight, g.strideHeight, window, g.yWidth, g.strideWidth, reach)) return 0;
  if (!alongRows(g)) zeroRun(zeros, lineOf(block));
  takeColumns(buffer, g.xSpace, alongRows(g) ? 0 : zeros);
  for (let o = 0; o < channels; o++) {
    for (let kd = 0; kd < g.kernelDepth; kd++) {
      for (let kh = 0; kh < g.kernelHeight; kh++) {
        for (let kw = 0; kw < g.kernelWidth; kw++, table += TAP_BYTES) {
          const column = kw * g.dilationWidth;
          const line = (column % g.strideWidth) * buffer.pitch + column / g.strideWidth;
          tapAt(table).at = buffer.at + buffer.row(kd, kh * g.dilationHeight) + bytes(line);
          tapAt(table).weight = bytes(o * g.wY + kd * g.wTapDepth + kh * g.wTapHeight + kw * g.wTapWidth);
        }
      }
    }
  }
  return block;
}

function fillForward(g: Geometry, buffer: LineBuffer, plane: usize, od: i32, oh: i32, rows: i32, ow: i32): void {
  const row = oh * g.strideHeight - g.padHeight;
  const column = ow * g.strideWidth - g.padWidth;
  const count = (rows - 1) * g.strideHeight + (g.kernelHeight - 1) * g.dilationHeight + 1;
  const rowStep = g.xWidth * g.xSpace;
  for (let kd = 0; kd < g.kernelDepth; kd++) {
    const slice = od * g.strideDepth + kd * g.dilationDepth - g.padDepth;
    const from = <u32>slice < <u32>g.xDepth ? plane + bytes(slice * g.xHeight * rowStep) : 0;
    fillLines(buffer, kd, from, rowStep, g.xHeight, g.xWidth, row, count, column);
  }
}

/**
 * The order of the sum. Along rows an image is summed in four lanes (column modulo four), through blocks of columns and rows as the line buffer has
 * them; the lanes are added at its end, and images are added in order. Along channels four neighbouring positions are summed and added, in raster
 * order through all images.
 */
export function wgradLines(g: Geometry, x: usize, y: usize, dw: usize, workspace: usize): bool {
  const buffer = changetype<LineBuffer>(workspace + EPILOGUE_BYTES);
  const table = workspace + TABLE;
  const block = layForward(g, buffer, table, g.yGroup);
  if (block == 0) return false;
  const rowwise = alongRows(g);
  const step = buffer.row(0, g.strideHeight);
  const bytesOfTaps = <usize>g.taps * TAP_BYTES;
  const end = table + <usize>g.yGroup * bytesOfTaps;
  const nine = isNine(g, 1) || isNine(g, 2);
  const second = nine ? tapAt(table + TAP_BYTES).at - tapAt(table).at : 0;
  const third = nine ? tapAt(table + 2 * TAP_BYTES).at - tapAt(table).at : 0;
  const apart = g.yWidthStep != 1;
  const lines = buffer.end;
  const yRow = bytes(apart ? lineOf(buffer.outColumns) : g.yHeightStep);
  // Along channels whole vectors, and once more the last four where that leaves some: in place of the packed weights, if all have room.
  const channels = rowwise ? g.xChannels : g.xChannels & -4;
  const four = channels < g.xChannels && block == g.xChannels;
  const sums = end + bytes(lineOf(block));
  const stop = four ? g.xChannels : channels;
  const advance = four ? channels : block;
  for (let n = 0; n < g.batch; n++) {
    for (let channel = 0; channel < stop; channel += advance) {
      const again = channel >= channels;
      const c = again ? g.xChannels - 4 : channel;
      const count = again ? 4 : min(block, channels - c);
      const to = (again ? sums : dw) + bytes(c);
      const plane = x + bytes(n * g.xBatch + c * g.xChannel);
      if (rowwise) for (let t = table; t < end; t += TAP_BYTES) v128.store(t, f32x4.splat(0));
      else if (n == 0) for (let t = table; t < end; t += TAP_BYTES) zeroRun(to + tapAt(t).weight, count);
      for (let od = 0; od < g.yDepth; od++) {
        for (let oh = 0; oh < g.yHeight; oh += buffer.outRows) {
          const rows = min(buffer.outRows, g.yHeight - oh);
          for (let ow = 0; ow < g.yWidth; ow += buffer.outColumns) {
            const columns = min(buffer.outColumns, g.yWidth - ow);
            fillForward(g, buffer, plane, od, oh, rows, ow);
            const space = od * g.yDepthStep + oh * g.yHeightStep + ow * g.yWidthStep;
            let from = y + bytes(n * g.yBatch + c * g.yGroup * g.yChannel + space);
            if (!rowwise) {
              for (let row = 0; row < rows; row++, from += bytes(g.yHeightStep)) {
                dotPixels(table, end, <usize>row * step, from, bytes(g.yWidthStep), columns, count, to);
              }
              continue;
            }
            for (let t = table; t < end; t += bytesOfTaps, from += bytes(g.yChannel)) {
              if (apart) gather(lines, yRow, from, bytes(g.yHeightStep), g.yWidthStep, rows, columns);
              const given = apart ? lines : from;
              if (nine) dotRows3x3(t, second, third, buffer.row(0, 1), step, rows, given, yRow, columns);
              else dotRows(t, t + bytesOfTaps, step, rows, given, yRow, columns);
            }
          }
        }
      }
      if (rowwise) addLanes(table, end, dw + bytes(c * g.yGroup * g.wY), n > 0);
    }
  }
  if (!four) wgradElements(g, channels * g.yGroup, g.yChannels, x, y, dw);
  else {
    const left = g.xChannels - channels;
    for (let t = table; t < end; t += TAP_BYTES)
      copyRun(dw + bytes(channels) + tapAt(t).weight, sums + bytes(channels) + tapAt(t).weight, left);
  }
  return true;
}

function addLanes(taps: usize, end: usize, dw: usize, accumulate: bool): void {
  for (; taps < end; taps += TAP_BYTES) {
    const at = dw + tapAt(taps).weight;
    const sum = load<f32>(taps) + load<f32>(taps, 4) + (load<f32>(taps, 8) + load<f32>(taps, 12));
    store<f32>(at, accumulate ? load<f32>(at) + sum : sum);
  }
}
