/**
 * The gradient of a depthwise convolution's x, over line buffers of y, phase by phase of the stride.
 *
 * Positions of x with the same remainder by the stride are a phase. They meet the same taps, and neighbours among them meet neighbours of y. So
 * each phase is a dense sum with stride 1: no zero is multiplied, nothing is scattered.
 *
 * The padding of y is multiplied by every weight. Its zeros add nothing to finite weights. Channels with other weights are done again, an element
 * at a time.
 */

import { biasSplat, EPILOGUE_BYTES, Epilogue, epilogueAt } from '../../base/epilogue';
import { Geometry } from '../../base/geometry';
import { allFinite, bytes, zeroRun } from '../../base/runs';
import { fillLines, LineBuffer, layLines, takeColumns } from '../line-buffer';
import { setWeights, TAP_BYTES, tapAt } from '../taps';
import { alongRows, channelBlock, channelBytes, isNine, lineOf, room, TABLE } from './forward-wgrad';
import { interleave, scatter, sumRow, sumRowOfTwo, sumRows } from './nchw';
import { sumRowOfTwo3x3, sumRows3x3 } from './nchw-3x3';
import { packWeights, sumPixels } from './nhwc';
import { dgradElements, isFar } from './scalar';

/**
 * False, and nothing done, where a line buffer does not fit or the layout is neither. The workspace: as for forward, before the taps where each
 * phase's end, and behind the zeros along rows a line for each phase of columns.
 */
export function dgradLines(g: Geometry, y: usize, w: usize, x: usize, bias: usize, workspace: usize): bool {
  if (isFar(g)) return false;
  const epilogue = epilogueAt(workspace);
  const buffer = changetype<LineBuffer>(workspace + EPILOGUE_BYTES);
  const rowwise = alongRows(g);
  const ends = workspace + TABLE;
  const endBytes = (<i64>g.strideHeight * g.strideWidth * 4 + 15) & -16;
  const tableBytes = <i64>TABLE + endBytes + <i64>(g.taps * g.yGroup) * TAP_BYTES;
  const block = room(tableBytes) < 0 ? 0 : channelBlock(g, tableBytes);
  if (block == 0) return false;
  const taps = ends + <usize>endBytes;
  const used = tableBytes + channelBytes(g, block);
  // => x row ih · strideHeight + phase meets y rows ih + firstRow .. ih + firstRow + window - 1; columns alike
  const firstRow = floorOf(g.padHeight - (g.kernelHeight - 1) * g.dilationHeight, g.strideHeight);
  const firstColumn = floorOf(g.padWidth - (g.kernelWidth - 1) * g.dilationWidth, g.strideWidth);
  const window = (g.strideHeight - 1 + g.padHeight) / g.strideHeight - firstRow + 1;
  // Two vectors at once read four floats further.
  const reach = (g.strideWidth - 1 + g.padWidth) / g.strideWidth - firstColumn + 4;
  const height = (g.xHeight - 1) / g.strideHeight + 1;
  const width = (g.xWidth - 1) / g.strideWidth + 1;
  // A line for each phase of a row, before they are interleaved.
  const lined = rowwise && g.strideWidth > 2;
  const most = lined ? min(width, max(16, (room(used) / (4 * g.strideWidth)) & -16)) : width;
  const pitch = lined ? (most + 3) & -4 : 0;
  const lines = workspace + <usize>used;
  const at = used + <i64>g.strideWidth * pitch * 4;
  // Behind the line buffer, where positions of x lie apart, its rows: for each output of the line buffer one of each phase.
  const apart = rowwise && g.xSpace != 1;
  const left = apart ? room(at) / (1 + g.strideHeight * g.strideWidth) : room(at);
  if (!layLines(buffer, workspace + <usize>at, left, g.yGroup * g.kernelDepth, height, 1, window, most, 1, reach)) return false;
  if (!rowwise) zeroRun(workspace + <usize>tableBytes, lineOf(block));
  takeColumns(buffer, g.yWidthStep, rowwise ? 0 : workspace + <usize>tableBytes);
  const packed = workspace + <usize>tableBytes + bytes(lineOf(block));
  for (let depth = 0; depth < g.xDepth; depth++) {
    const end = layTaps(g, buffer, depth, firstRow, firstColumn, ends, taps);
    for (let n = 0; n < g.batch; n++) {
      for (let channel = 0; channel < g.xChannels; channel += block) {
        const c = min(channel, g.xChannels - block);
        const weights = w + bytes(c * g.yGroup * g.wY);
        if (rowwise) setWeights(taps, end, weights);
        else packPhases(g, ends, taps, block, weights, packed);
        const from = y + bytes(n * g.yBatch + c * g.yGroup * g.yChannel);
        const to = x + bytes(n * g.xBatch + c * g.xChannel + depth * g.xHeight * g.xWidth * g.xSpace);
        for (let row = 0; row < height; row += buffer.outRows) {
          const rows = min(buffer.outRows, height - row);
          for (let column = 0; column < width; column += buffer.outColumns) {
            fill(g, buffer, from, depth, row + firstRow, rows + window - 1, column + firstColumn);
            if (rowwise) sumRowPhases(g, buffer, ends, taps, to, row, rows, column, lines, pitch, epilogue, biasSplat(bias, c));
            else sumPixelPhases(g, buffer, ends, taps, to, row, rows, column, block, packed, bias ? bias + bytes(c) : 0, epilogue);
          }
        }
      }
    }
  }
  if (!allFinite(w, g.taps * g.yChannels)) mend(g, y, w, x, bias, epilogue);
  return true;
}

function floorOf(a: i32, b: i32): i32 {
  return a >= 0 ? a / b : -((b - 1 - a) / b);
}

function mend(g: Geometry, y: usize, w: usize, x: usize, bias: usize, epilogue: Epilogue): void {
  for (let c = 0; c < g.xChannels; c++) {
    if (finite(g, w + bytes(c * g.yGroup * g.wY))) continue;
    for (let n = 0; n < g.batch; n++) dgradElements(g, n, c, c + 1, y, w, x, bias, epilogue);
  }
}

/** Whether the weights of an x channel are. */
function finite(g: Geometry, w: usize): bool {
  for (let o = 0; o < g.yGroup; o++) {
    for (let kd = 0; kd < g.kernelDepth; kd++) {
      for (let kh = 0; kh < g.kernelHeight; kh++) {
        for (let kw = 0; kw < g.kernelWidth; kw++) {
          const weight = load<f32>(w + bytes(o * g.wY + kd * g.wTapDepth + kh * g.wTapHeight + kw * g.wTapWidth));
          if (!(abs(weight) < Infinity)) return false;
        }
      }
    }
  }
  return true;
}

/** The taps of one slice of x, phase after phase; where each ends is stored at `ends`. Every tap belongs to one phase of each axis. */
function layTaps(g: Geometry, buffer: LineBuffer, depth: i32, firstRow: i32, firstColumn: i32, ends: usize, to: usize): usize {
  for (let row = 0; row < g.strideHeight; row++) {
    for (let column = 0; column < g.strideWidth; column++, ends += 4) {
      for (let o = 0; o < g.yGroup; o++) {
        for (let kd = 0; kd < g.kernelDepth; kd++) {
          if ((depth + g.padDepth - kd * g.dilationDepth) % g.strideDepth != 0) continue;
          for (let kh = 0; kh < g.kernelHeight; kh++) {
            const height = row + g.padHeight - kh * g.dilationHeight;
            if (height % g.strideHeight != 0) continue;
            const line = buffer.at + buffer.row(o * g.kernelDepth + kd, height / g.strideHeight - firstRow);
            for (let kw = 0; kw < g.kernelWidth; kw++) {
              const width = column + g.padWidth - kw * g.dilationWidth;
              if (width % g.strideWidth != 0) continue;
              tapAt(to).at = line + bytes(width / g.strideWidth - firstColumn);
              tapAt(to).weight = bytes(o * g.wY + kd * g.wTapDepth + kh * g.wTapHeight + kw * g.wTapWidth);
              to += TAP_BYTES;
            }
          }
        }
      }
      store<usize>(ends, to);
    }
  }
  return to;
}

function fill(g: Geometry, buffer: LineBuffer, y: usize, depth: i32, row: i32, rows: i32, column: i32): void {
  for (let o = 0; o < g.yGroup; o++, y += bytes(g.yChannel)) {
    for (let kd = 0; kd < g.kernelDepth; kd++) {
      const reach = depth + g.padDepth - kd * g.dilationDepth;
      if (reach % g.strideDepth != 0) continue;
      const slice = reach / g.strideDepth;
      const plane = <u32>slice < <u32>g.yDepth ? y + bytes(slice * g.yDepthStep) : 0;
      fillLines(buffer, o * g.kernelDepth + kd, plane, g.yHeightStep, g.yHeight, g.yWidth, row, rows, column);
    }
  }
}

/** How many x rows, strideHeight apart, stand in `rows` line buffer rows for a phase that starts at x row `start`. */
function rowsLeft(g: Geometry, start: i32, rows: i32): i32 {
  return min(rows, (g.xHeight - 1 - start + g.strideHeight) / g.strideHeight);
}

function packPhases(g: Geometry, ends: usize, taps: usize, block: i32, w: usize, to: usize): void {
  for (let phase = 0; phase < g.strideHeight * g.strideWidth; phase++, ends += 4) {
    const end = load<usize>(ends);
    packWeights(taps, end, block, w, to, 0);
    to += tapCount(taps, end) * bytes(lineOf(block));
    taps = end;
  }
}

function tapCount(taps: usize, end: usize): usize {
  return (end - taps) / TAP_BYTES;
}

function sumPixelPhases(
  g: Geometry,
  buffer: LineBuffer,
  ends: usize,
  taps: usize,
  x: usize,
  row: i32,
  rows: i32,
  column: i32,
  block: i32,
  w: usize,
  bias: usize,
  epilogue: Epilogue,
): void {
  const first = column * g.strideWidth;
  const count = min(buffer.outColumns * g.strideWidth, g.xWidth - first);
  const step = buffer.row(0, 1);
  const next = bytes(g.strideWidth * g.xSpace);
  const line = bytes(lineOf(block));
  for (let phase = 0; phase < g.strideHeight; phase++, ends += bytes(g.strideWidth)) {
    const start = row * g.strideHeight + phase;
    const left = rowsLeft(g, start, rows);
    const last = load<usize>(ends + bytes(g.strideWidth - 1));
    for (let i = 0; i < left; i++) {
      let from = taps;
      for (let k = 0; k < g.strideWidth; k++) {
        const end = load<usize>(ends + bytes(k));
        const out = x + bytes(((start + i * g.strideHeight) * g.xWidth + first + k) * g.xSpace);
        const met = (count - 1 - k + g.strideWidth) / g.strideWidth;
        sumPixels(from, end, <usize>i * step, out, next, met, block, w + tapCount(taps, from) * line, bias, epilogue, 0, 1);
        from = end;
      }
    }
    w += tapCount(taps, last) * line;
    taps = last;
  }
}

/** The x rows from row · strideHeight on, each phase of columns by itself; where positions lie apart, in lines behind the line buffer first. */
function sumRowPhases(
  g: Geometry,
  buffer: LineBuffer,
  ends: usize,
  taps: usize,
  x: usize,
  row: i32,
  rows: i32,
  column: i32,
  lines: usize,
  pitch: i32,
  epilogue: Epilogue,
  bias: v128,
): void {
  const first = column * g.strideWidth;
  const count = min(buffer.outColumns * g.strideWidth, g.xWidth - first);
  const step = buffer.row(0, 1);
  const single = g.yGroup == 1 && g.strideDepth == 1;
  const nine = isNine(g, 1) && single;
  const nineByTwo = isNine(g, 2) && single;
  const place = x + bytes((row * g.strideHeight * g.xWidth + first) * g.xSpace);
  const apart = g.xSpace != 1;
  const base = apart ? buffer.end : place;
  const line = bytes(apart ? buffer.outColumns * g.strideWidth : g.xWidth);
  for (let phase = 0; phase < g.strideHeight; phase++) {
    const start = row * g.strideHeight + phase;
    const left = rowsLeft(g, start, rows);
    const out = base + <usize>phase * line;
    const outStep = <usize>g.strideHeight * line;
    if (nine) {
      // From the last row and column on, where the first tap meets the first of y.
      const last = tapAt(taps).at + <usize>(left - 1) * step;
      sumRows3x3(taps, last, -4, -(<isize>step), left, out + <usize>(left - 1) * outStep, -(<isize>outStep), count, epilogue, bias);
      break;
    }
    if (g.strideWidth == 1) {
      const end = load<usize>(ends);
      sumRows(taps, end, step, left, out, outStep, count, epilogue, bias);
      taps = end;
      ends += 4;
      continue;
    }
    for (let i = 0; i < left; i++) {
      const to = out + <usize>i * outStep;
      if (g.strideWidth == 2) {
        const middle = load<usize>(ends);
        const end = load<usize>(ends, 4);
        if (nineByTwo) sumRowOfTwo3x3(taps, middle, end, <usize>i * step, to, count, epilogue, bias);
        else sumRowOfTwo(taps, middle, end, <usize>i * step, to, count, epilogue, bias);
        continue;
      }
      let from = taps;
      for (let k = 0; k < g.strideWidth; k++) {
        const end = load<usize>(ends + bytes(k));
        const offset = <usize>i * step;
        const met = (count - 1 - k + g.strideWidth) / g.strideWidth;
        sumRow(from, end, offset, lines + bytes(k * pitch), met, epilogue, bias);
        from = end;
      }
      interleave(to, lines, g.strideWidth, pitch, count);
    }
    ends += bytes(g.strideWidth);
    taps = load<usize>(ends - 4);
  }
  const met = min(rows * g.strideHeight, g.xHeight - row * g.strideHeight);
  if (apart) scatter(place, bytes(g.xWidth * g.xSpace), bytes(g.xSpace), base, line, met, count);
}
