/** y = C x of a depthwise convolution or of its adjoint over line buffers (workspace.ts): each phase along rows (nchw.ts) or along channels (nhwc.ts). */

import { biasSplat, Epilogue, epilogueAt } from '../../base/epilogue';
import { Geometry } from '../../base/geometry';
import { allFinite, bytes } from '../../base/runs';
import { LineBuffer } from '../line-buffer';
import { forwardScalar } from '../scalar';
import { setWeights, TAP_BYTES, tapAt } from '../taps';
import { fill, firstColumn, firstRow, rowWindow } from '../window';
import { interleave, scatter, scatterFour, sumRow, sumRowOfTwo, sumRowPairs, sumRows } from './nchw';
import { sumRowOfTwo3x3, sumRows3x3, sumRows3x3ByTwo } from './nchw-3x3';
import { packWeights, sumPixels } from './nhwc';
import { alongRows, bufferIn, columnsOf, endsIn, hasFours, isNine, lay, layTaps, lineOf, rowsOf, tapsIn } from './workspace';

/** False, and nothing done, where a line buffer does not fit. The workspace begins with the prepared epilogue. */
export function forwardLines(g: Geometry, x: usize, w: usize, y: usize, bias: usize, workspace: usize): bool {
  const block = lay(g, workspace, 1);
  if (block == 0) return false;
  const epilogue = epilogueAt(workspace);
  const buffer = bufferIn(workspace);
  const rowwise = alongRows(g);
  const yGroup = g.yGroup;
  const xStep = bytes(g.xGroup * g.xChannel);
  const ends = endsIn(workspace);
  const taps = tapsIn(g, workspace);
  const zeros = taps + <usize>(g.taps * g.xGroup) * TAP_BYTES;
  const packed = zeros + bytes(lineOf(block));
  const dense = denseColumns(g);
  const one = g.spreadHeight == 1 && g.spreadWidth == 1;
  const nine = isNine(g, 1, 1);
  const nineByTwo = isNine(g, 2, 1);
  const nineOfTwo = isNine(g, 1, 2);
  const sign = g.dilationHeight < 0 ? -1 : 1;
  const shared = sharedTaps(g);
  const step = buffer.row(0, g.strideHeight);
  const apart = g.yWidthStep != 1;
  const lines = g.spreadWidth > 2 ? buffer.end + bytes(g.spreadWidth * buffer.pitch) : buffer.end;
  const phases = buffer.phases;
  const outColumn = bytes(g.yWidthStep);
  const outRow = bytes(rowwise && apart ? (buffer.outColumns * g.spreadWidth + 3) & -4 : g.yHeightStep);
  const fours = apart && hasFours(g);
  const outLines = fours ? <usize>buffer.outRows * outRow : 0;
  const top = firstRow(g);
  const left = firstColumn(g);
  const window = rowWindow(g);
  const height = rowsOf(g);
  const width = columnsOf(g);
  for (let depth = 0; depth < g.spreadDepth; depth++) {
    const end = layTaps(g, workspace, 1, depth);
    for (let n = 0; n < g.batch; n++) {
      for (let group = 0; group < g.groups; group += block) {
        // The last block overlaps the one before.
        const c = min(group, g.groups - block);
        const weights = w + bytes(c * g.wGroup);
        const plane = x + bytes(n * g.xBatch) + <usize>c * xStep;
        const to = y + bytes(n * g.yBatch + c * yGroup * g.yChannel);
        if (!rowwise) packPhases(g, ends, taps, block, weights, packed, dense);
        for (let od = depth; od < g.yDepth; od += g.spreadDepth) {
          for (let row = 0; row < height; row += buffer.outRows) {
            const rows = min(buffer.outRows, height - row);
            const first = row * g.spreadHeight;
            const met = min(rows * g.spreadHeight, g.yHeight - first);
            for (let column = 0; column < width; column += buffer.outColumns) {
              const start = column * g.spreadWidth;
              const columns = min(buffer.outColumns * g.spreadWidth, g.yWidth - start);
              fill(g, buffer, plane, od, row * g.strideHeight + top, (rows - 1) * g.strideHeight + window, column * g.strideWidth + left);
              const out = to + bytes(od * g.yDepthStep + first * g.yHeightStep + start * g.yWidthStep);
              if (!rowwise) {
                const own = bias ? bias + bytes(c) : 0;
                if (!one) sumPixelPhases(g, buffer, ends, taps, out, met, columns, block, packed, own, epilogue);
                else {
                  for (let i = 0; i < rows; i++) {
                    const place = out + <usize>i * outRow;
                    sumPixels(taps, end, <usize>i * step, place, outColumn, columns, block, packed, own, epilogue, dense, phases);
                  }
                }
                continue;
              }
              for (let o = 0; o < yGroup; o++) {
                setWeights(taps, end, weights + bytes(o * g.wY));
                const result = out + bytes(o * g.yChannel);
                const at = apart ? lines + <usize>(o & 3) * outLines : result;
                const b = biasSplat(bias, c * yGroup + o);
                // Backwards from the last row on, where the first tap meets the first row.
                const back = sign < 0 ? <usize>(rows - 1) : 0;
                if (nine)
                  sumRows3x3(
                    taps,
                    tapAt(taps).at + back * step,
                    4 * sign,
                    sign * step,
                    rows,
                    at + back * outRow,
                    sign * outRow,
                    columns,
                    epilogue,
                    b,
                  );
                else if (nineByTwo)
                  sumRows3x3ByTwo(taps, buffer.at, bytes(buffer.pitch), buffer.row(0, 1), rows, at, outRow, columns, epilogue, b);
                else if (one && shared)
                  sumRowPairs(taps, end, shared, sign * step, rows, at + back * outRow, sign * outRow, columns, epilogue, b, back * step);
                else if (one) sumRows(taps, end, step, rows, at, outRow, columns, epilogue, b);
                else sumRowPhases(g, buffer, ends, taps, at, outRow, met, columns, nineOfTwo, epilogue, b);
                if (fours && (o & 3) < 3) continue;
                if (fours) scatterFour(result - 12, bytes(g.yHeightStep), outColumn, lines, outLines, outRow, met, columns);
                else if (apart) scatter(result, bytes(g.yHeightStep), outColumn, lines, outRow, met, columns);
              }
            }
          }
        }
      }
    }
    if (g.adjoint) mend(g, x, w, y, bias, epilogue, taps, end);
  }
  return true;
}

/** Columns of a kernel whose sums share what neighbouring positions meet, 3 or 5; 0 for others. */
function denseColumns(g: Geometry): i32 {
  const width = g.kernelWidth;
  return (width == 3 || width == 5) && g.kernelDepth == 1 && g.dilationWidth == 1 && g.strideWidth <= 2 && g.yWidth >= 4 ? width : 0;
}

/** Bytes of taps that a row of y meets before those it shares with the next; 0 where it shares none. */
function sharedTaps(g: Geometry): usize {
  const down = abs(g.dilationHeight);
  const rows = g.strideHeight / down;
  const whole = g.kernelDepth == 1 && g.xGroup == 1 && g.spreadDepth == 1 && rows * down == g.strideHeight;
  return whole && rows < g.kernelHeight ? <usize>(rows * g.kernelWidth) * TAP_BYTES : 0;
}

/** Padding was multiplied by every weight: zeros add nothing to finite weights. Groups with other weights are done again. */
function mend(g: Geometry, x: usize, w: usize, y: usize, bias: usize, epilogue: Epilogue, taps: usize, end: usize): void {
  const tap = (g.kernelDepth - 1) * g.wTapDepth + (g.kernelHeight - 1) * g.wTapHeight + (g.kernelWidth - 1) * g.wTapWidth;
  if (allFinite(w, (g.groups - 1) * g.wGroup + (g.xGroup - 1) * g.wX + tap + 1)) return;
  for (let c = 0; c < g.groups; c++) {
    const weights = w + bytes(c * g.wGroup);
    let t = taps;
    while (t < end && abs(load<f32>(weights + tapAt(t).weight)) < Infinity) t += TAP_BYTES;
    if (t < end) forwardScalar(g, x, w, y, bias, epilogue, c * g.yGroup, (c + 1) * g.yGroup);
  }
}

function packPhases(g: Geometry, ends: usize, taps: usize, block: i32, w: usize, to: usize, dense: i32): void {
  for (let phase = 0; phase < g.spreadHeight * g.spreadWidth; phase++, ends += 4) {
    const end = load<usize>(ends);
    packWeights(taps, end, block, w, to, dense);
    to += tapCount(taps, end) * bytes(lineOf(block));
    taps = end;
  }
}

function tapCount(taps: usize, end: usize): usize {
  return (end - taps) / TAP_BYTES;
}

/** How many of `count` are left from `first` on, every `step`th. */
function everyFrom(first: i32, step: i32, count: i32): i32 {
  return step == 1 ? count - first : (count - 1 - first + step) / step;
}

function sumPixelPhases(
  g: Geometry,
  buffer: LineBuffer,
  ends: usize,
  taps: usize,
  out: usize,
  rows: i32,
  columns: i32,
  block: i32,
  w: usize,
  bias: usize,
  epilogue: Epilogue,
): void {
  const step = buffer.row(0, 1);
  const next = bytes(g.spreadWidth * g.yWidthStep);
  const line = bytes(lineOf(block));
  for (let phase = 0; phase < g.spreadHeight; phase++, ends += bytes(g.spreadWidth)) {
    const last = load<usize>(ends + bytes(g.spreadWidth - 1));
    let offset: usize = 0;
    for (let row = phase; row < rows; row += g.spreadHeight, offset += step) {
      let from = taps;
      for (let k = 0; k < g.spreadWidth; k++) {
        const end = load<usize>(ends + bytes(k));
        const to = out + bytes(row * g.yHeightStep + k * g.yWidthStep);
        const met = everyFrom(k, g.spreadWidth, columns);
        sumPixels(from, end, offset, to, next, met, block, w + tapCount(taps, from) * line, bias, epilogue, 0, 1);
        from = end;
      }
    }
    w += tapCount(taps, last) * line;
    taps = last;
  }
}

/** Rows of y, `outRow` bytes apart, each phase of columns by itself. */
function sumRowPhases(
  g: Geometry,
  buffer: LineBuffer,
  ends: usize,
  taps: usize,
  out: usize,
  outRow: usize,
  rows: i32,
  columns: i32,
  nine: bool,
  epilogue: Epilogue,
  bias: v128,
): void {
  const step = buffer.row(0, 1);
  const lines = buffer.end;
  const pitch = buffer.pitch;
  for (let phase = 0; phase < g.spreadHeight; phase++, out += outRow) {
    const left = everyFrom(phase, g.spreadHeight, rows);
    const outStep = <usize>g.spreadHeight * outRow;
    if (g.spreadWidth == 1) {
      const end = load<usize>(ends);
      sumRows(taps, end, step, left, out, outStep, columns, epilogue, bias);
      taps = end;
      ends += 4;
      continue;
    }
    for (let i = 0; i < left; i++) {
      const to = out + <usize>i * outStep;
      const offset = <usize>i * step;
      if (g.spreadWidth == 2) {
        const middle = load<usize>(ends);
        const end = load<usize>(ends, 4);
        if (nine) sumRowOfTwo3x3(taps, middle, end, offset, to, columns, epilogue, bias);
        else sumRowOfTwo(taps, middle, end, offset, to, columns, epilogue, bias);
        continue;
      }
      let from = taps;
      for (let k = 0; k < g.spreadWidth; k++) {
        const end = load<usize>(ends + bytes(k));
        const met = everyFrom(k, g.spreadWidth, columns);
        sumRow(from, end, offset, lines + bytes(k * pitch), met, epilogue, bias);
        from = end;
      }
      interleave(to, lines, g.spreadWidth, pitch, columns);
    }
    ends += bytes(g.spreadWidth);
    taps = load<usize>(ends - 4);
  }
}
