/**
 * Depthwise convolution along the width, for channels-first: rows lie in a strip with their padding, and an output row is a sum over a table of taps.
 */
import { WORKSPACE } from './config';
import { bytes } from './depthwise-element';
import { biasSplat, FINISH_BYTES } from './finish';
import { Geometry } from './geometry';
import { dotRows, sumRows, sumRowsOfNine } from './row';
import { fillStrip, layStrip, STRIP_BYTES, Strip } from './strip';
import { setWeights, TAP_BYTES, tapAt } from './tap';

/** The workspace: finish | strip's layout | table of taps | strip. */
export const TABLE: usize = FINISH_BYTES + STRIP_BYTES;

/** Floats that are left for the strip behind `used` bytes; negative if there are none. */
export function room(used: i64): i32 {
  return used > <i64>WORKSPACE ? -1 : <i32>((<i64>WORKSPACE - used) >> 2);
}

/** False, and nothing done, where a strip does not fit or rows are not contiguous. The workspace begins with the prepared finish. */
export function forwardRows(g: Geometry, x: usize, w: usize, y: usize, bias: usize, workspace: usize): bool {
  const strip = changetype<Strip>(workspace + FINISH_BYTES);
  const table = workspace + TABLE;
  if (g.xSpace != 1 || g.yWidthStep != 1 || !layForward(g, strip, table, 1)) return false;
  const end = table + <usize>g.taps * TAP_BYTES;
  const nine = isNine(g);
  for (let n = 0; n < g.batch; n++) {
    for (let c = 0; c < g.xChannels; c++) {
      const plane = x + bytes(n * g.xBatch + c * g.xChannel);
      for (let od = 0; od < g.yDepth; od++) {
        for (let oh = 0; oh < g.yHeight; oh += strip.outRows) {
          const rows = min(strip.outRows, g.yHeight - oh);
          for (let ow = 0; ow < g.yWidth; ow += strip.outColumns) {
            const columns = min(strip.outColumns, g.yWidth - ow);
            fillForward(g, strip, plane, od, oh, rows, ow);
            for (let o = c * g.yGroup; o < (c + 1) * g.yGroup; o++) {
              setWeights(table, end, w + bytes(o * g.wY));
              const out = y + bytes(n * g.yBatch + o * g.yChannel + od * g.yDepthStep + oh * g.yHeightStep + ow);
              const step = strip.row(0, g.strideHeight);
              if (nine) sumRowsOfNine(table, strip.at, 4, step, rows, out, bytes(g.yHeightStep), columns, workspace, biasSplat(bias, o));
              else sumRows(table, end, step, rows, out, bytes(g.yHeightStep), columns, workspace, biasSplat(bias, o));
            }
          }
        }
      }
    }
  }
  return true;
}

/** A dense 3×3 kernel with stride 1. */
export function isNine(g: Geometry): bool {
  const square = g.kernelDepth == 1 && g.kernelHeight == 3 && g.kernelWidth == 3;
  return square && (g.strideHeight | g.strideWidth | g.dilationHeight | g.dilationWidth) == 1;
}

/** A strip of x behind a table with the taps of `channels` channels of y. */
function layForward(g: Geometry, strip: Strip, table: usize, channels: i32): bool {
  const window = (g.kernelHeight - 1) * g.dilationHeight + 1;
  const reach = ((g.kernelWidth - 1) * g.dilationWidth) / g.strideWidth;
  const used = <i64>TABLE + <i64>(g.taps * channels) * TAP_BYTES;
  const at = table + <usize>(g.taps * channels) * TAP_BYTES;
  if (!layStrip(strip, at, room(used), g.kernelDepth, g.yHeight, g.strideHeight, window, g.yWidth, g.strideWidth, reach)) return false;
  for (let o = 0; o < channels; o++) {
    for (let kd = 0; kd < g.kernelDepth; kd++) {
      for (let kh = 0; kh < g.kernelHeight; kh++) {
        for (let kw = 0; kw < g.kernelWidth; kw++, table += TAP_BYTES) {
          const column = kw * g.dilationWidth;
          const line = (column % g.strideWidth) * strip.pitch + column / g.strideWidth;
          tapAt(table).at = strip.at + strip.row(kd, kh * g.dilationHeight) + bytes(line);
          tapAt(table).weight = bytes(o * g.wY + kd * g.wTapDepth + kh * g.wTapHeight + kw * g.wTapWidth);
        }
      }
    }
  }
  return true;
}

function fillForward(g: Geometry, strip: Strip, plane: usize, od: i32, oh: i32, rows: i32, ow: i32): void {
  const row = oh * g.strideHeight - g.padHeight;
  const column = ow * g.strideWidth - g.padWidth;
  const count = (rows - 1) * g.strideHeight + (g.kernelHeight - 1) * g.dilationHeight + 1;
  for (let kd = 0; kd < g.kernelDepth; kd++) {
    const slice = od * g.strideDepth + kd * g.dilationDepth - g.padDepth;
    const from = <u32>slice < <u32>g.xDepth ? plane + bytes(slice * g.xHeight * g.xWidth) : 0;
    fillStrip(strip, kd, from, g.xWidth, g.xHeight, g.xWidth, row, count, column);
  }
}

/**
 * The sum of an image runs in four lanes (column modulo four, in blocks of columns and rows as the strip has them), which are added at its end;
 * images are added in order.
 */
export function wgradRows(g: Geometry, x: usize, y: usize, dw: usize, workspace: usize): bool {
  const strip = changetype<Strip>(workspace + FINISH_BYTES);
  const table = workspace + TABLE;
  if (g.xSpace != 1 || g.yWidthStep != 1 || !layForward(g, strip, table, g.yGroup)) return false;
  const bytesOfTaps = <usize>g.taps * TAP_BYTES;
  const end = table + <usize>g.yGroup * bytesOfTaps;
  for (let n = 0; n < g.batch; n++) {
    for (let c = 0; c < g.xChannels; c++) {
      const plane = x + bytes(n * g.xBatch + c * g.xChannel);
      for (let t = table; t < end; t += TAP_BYTES) v128.store(t, f32x4.splat(0));
      for (let od = 0; od < g.yDepth; od++) {
        for (let oh = 0; oh < g.yHeight; oh += strip.outRows) {
          const rows = min(strip.outRows, g.yHeight - oh);
          for (let ow = 0; ow < g.yWidth; ow += strip.outColumns) {
            const columns = min(strip.outColumns, g.yWidth - ow);
            fillForward(g, strip, plane, od, oh, rows, ow);
            let from = y + bytes(n * g.yBatch + c * g.yGroup * g.yChannel + od * g.yDepthStep + oh * g.yHeightStep + ow);
            for (let t = table; t < end; t += bytesOfTaps, from += bytes(g.yChannel)) {
              dotRows(t, t + bytesOfTaps, strip.row(0, g.strideHeight), rows, from, bytes(g.yHeightStep), columns);
            }
          }
        }
      }
      addLanes(table, end, dw + bytes(c * g.yGroup * g.wY), n > 0);
    }
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
