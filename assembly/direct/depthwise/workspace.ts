/**
 * What a depthwise kernel prepares in the workspace: a line buffer of x and a table of the taps, each with where in it stands what it meets.
 *
 *   finish | line buffer's layout | where the taps of each phase end | taps | zeros | packed weights | line buffer | rows of y
 *
 * Positions of y with the same remainder by the spread are a phase. They meet the same taps, and neighbours among them meet neighbours of x. So each phase is a dense
 * sum: no zero is multiplied, nothing is scattered. Without a spread there is one phase.
 *
 * Along channels: in channels-last, with one channel of y to each of at least four of x. The line buffer holds the addresses of positions.
 *
 * Along the width: all others. The line buffer holds the rows themselves. Where the channels lie closer together than the columns, rows are gathered into it, and
 * results are scattered from lines behind it.
 */

import { WORKSPACE } from '../../base/config';
import { EPILOGUE_BYTES } from '../../base/epilogue';
import { Geometry } from '../../base/geometry';
import { bytes, zeroRun } from '../../base/runs';
import { LineBuffer, layLines, takeColumns } from '../line-buffer';
import { TAP_BYTES, tapAt } from '../taps';
import { columnWindow, firstColumn, firstRow, NOWHERE, positionAt, rowWindow } from '../window';

const ENDS: usize = EPILOGUE_BYTES + offsetof<LineBuffer>();

export function bufferIn(workspace: usize): LineBuffer {
  return changetype<LineBuffer>(workspace + EPILOGUE_BYTES);
}

export function endsIn(workspace: usize): usize {
  return workspace + ENDS;
}

/** Bytes before the taps. */
function tapsAt(g: Geometry): i64 {
  return (<i64>ENDS + <i64>g.spreadHeight * g.spreadWidth * 4 + 15) & -16;
}

export function tapsIn(g: Geometry, workspace: usize): usize {
  return workspace + <usize>tapsAt(g);
}

/** Floats that are left for the line buffer behind `used` bytes; negative if there are none. */
function room(used: i64): i32 {
  return used > <i64>WORKSPACE ? -1 : <i32>((<i64>WORKSPACE - used) >> 2);
}

export function alongRows(g: Geometry): bool {
  return g.xChannel != 1 || g.yChannel != 1 || g.wGroup != 1 || g.groups < 4;
}

/**
 * How many groups are summed together: one along rows; along channels at least four, as many as zeros and packed weights have room
 * for behind `used` bytes if the line buffer has as much; 0 if there is no room.
 */
function channelBlock(g: Geometry, used: i64): i32 {
  if (alongRows(g)) return 1;
  const most = (room(used) / (2 * (g.taps + 1))) & -8;
  return most < 8 ? 0 : min(g.groups, most);
}

/** Floats of a line of zeros, and of the packed weights of a tap. */
export function lineOf(block: i32): i32 {
  return (block + 7) & -8;
}

/** Whether four channels of y that lie together come from one of x: their rows are scattered together, 1.5 to 2.1 times as fast. */
export function hasFours(g: Geometry): bool {
  return g.yChannel == 1 && (g.yGroup & 3) == 0;
}

/** A line buffer of x behind a table with the taps of `channels` channels of y; returns how many groups it is for, or 0. */
export function lay(g: Geometry, workspace: usize, channels: i32): i32 {
  // Strides or pads of 2^24 and more would overflow i32.
  if (max(max(g.spreadHeight, g.spreadWidth), max(abs(g.padHeight), abs(g.padWidth))) >= 1 << 24) return 0;
  const buffer = bufferIn(workspace);
  const behind = tapsAt(g) + <i64>(g.taps * g.xGroup * channels) * TAP_BYTES;
  const block = room(behind) < 0 ? 0 : channelBlock(g, behind);
  if (block == 0) return 0;
  const rowwise = alongRows(g);
  const used = behind + (rowwise ? 0 : <i64>lineOf(block) * (g.taps + 1) * 4);
  const zeros = workspace + <usize>behind;
  // Rows of y, for each of the line buffer one of each phase, and a line of each phase before they are put together: none takes more than the line buffer.
  let lines = rowwise && g.yWidthStep != 1 ? g.spreadHeight * g.spreadWidth * (hasFours(g) ? 4 : 1) : 0;
  if (rowwise && g.spreadWidth > 2) lines += g.spreadWidth;
  // Two vectors at once read four floats further.
  const reach = (columnWindow(g) - 1) / g.strideWidth + (g.spreadWidth == 2 ? 4 : 0);
  const slices = g.xGroup * g.kernelDepth;
  const left = room(used) / (1 + lines);
  const at = workspace + <usize>used;
  if (!layLines(buffer, at, left, slices, rowsOf(g), g.strideHeight, rowWindow(g), columnsOf(g), g.strideWidth, reach)) return 0;
  if (!rowwise) zeroRun(zeros, lineOf(block));
  takeColumns(buffer, g.xSpace, rowwise ? 0 : zeros);
  return block;
}

/** Rows and columns of a phase. */
export function rowsOf(g: Geometry): i32 {
  return (g.yHeight + g.spreadHeight - 1) / g.spreadHeight;
}
export function columnsOf(g: Geometry): i32 {
  return (g.yWidth + g.spreadWidth - 1) / g.spreadWidth;
}

/**
 * The taps of `channels` channels of y at depth `depth`, phase after phase of rows and columns; where each phase ends is stored. Every tap belongs to one phase of each
 * axis. Returns where the last ends.
 */
export function layTaps(g: Geometry, workspace: usize, channels: i32, depth: i32): usize {
  const buffer = bufferIn(workspace);
  const at = buffer.at;
  const pitch = buffer.pitch;
  const top = firstRow(g);
  const left = firstColumn(g);
  const strideWidth = g.strideWidth;
  const spreadWidth = g.spreadWidth;
  const kernelWidth = g.kernelWidth;
  const dilationWidth = g.dilationWidth;
  const wTapWidth = g.wTapWidth;
  let ends = endsIn(workspace);
  let to = tapsIn(g, workspace);
  for (let row = 0; row < g.spreadHeight; row++) {
    for (let column = 0; column < spreadWidth; column++, ends += 4) {
      for (let o = 0; o < channels; o++) {
        for (let c = 0; c < g.xGroup; c++) {
          for (let kd = 0; kd < g.kernelDepth; kd++) {
            if (positionAt(depth * g.strideDepth + kd * g.dilationDepth - g.padDepth, g.spreadDepth) == NOWHERE) continue;
            for (let kh = 0; kh < g.kernelHeight; kh++) {
              const height = positionAt(row + kh * g.dilationHeight - g.padHeight, g.spreadHeight);
              if (height == NOWHERE) continue;
              const line = at + buffer.row(c * g.kernelDepth + kd, height - top);
              let weight = bytes(o * g.wY + c * g.wX + kd * g.wTapDepth + kh * g.wTapHeight);
              let reach = column - g.padWidth;
              for (let kw = 0; kw < kernelWidth; kw++, weight += bytes(wTapWidth), reach += dilationWidth) {
                const width = positionAt(reach, spreadWidth);
                if (width == NOWHERE) continue;
                const place = width - left;
                tapAt(to).at = line + bytes((place % strideWidth) * pitch + place / strideWidth);
                tapAt(to).weight = weight;
                to += TAP_BYTES;
              }
            }
          }
        }
      }
      store<usize>(ends, to);
    }
  }
  return to;
}

/** A dense 3×3 kernel with this stride and spread, of one channel of x. */
export function isNine(g: Geometry, stride: i32, spread: i32): bool {
  const dense = g.kernelDepth == 1 && g.kernelHeight == 3 && g.kernelWidth == 3 && g.dilationHeight * g.dilationWidth == 1;
  const strides = g.strideHeight == stride && g.strideWidth == stride;
  return dense && strides && g.spreadDepth == 1 && g.spreadHeight == spread && g.spreadWidth == spread && g.xGroup == 1;
}
