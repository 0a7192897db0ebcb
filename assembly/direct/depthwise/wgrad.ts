/**
 * The gradient of a depthwise convolution's weight over line buffers.
 *
 * The order of the sum. Along rows an image is summed in four lanes (column modulo four), through blocks of columns and rows as the line buffer has
 * them; the lanes are added at its end, and images are added in order. Along channels four neighbouring positions are summed and added, beyond the
 * last eight channels one position, in raster order through all images.
 */

import { Geometry } from '../../base/geometry';
import { bytes, zeroRun } from '../../base/runs';
import { gather } from '../line-buffer';
import { TAP_BYTES, tapAt } from '../taps';
import { fill, rowWindow } from '../window';
import { dotRows, dotRows3x3 } from './nchw-wgrad';
import { dotPixels } from './nhwc';
import { alongRows, bufferIn, isNine, lay, layTaps, lineOf, tapsIn } from './workspace';

export function wgradLines(g: Geometry, x: usize, y: usize, dw: usize, workspace: usize): bool {
  const block = lay(g, workspace, g.yGroup);
  if (block == 0) return false;
  const buffer = bufferIn(workspace);
  const table = tapsIn(g, workspace);
  const end = layTaps(g, workspace, g.yGroup, 0);
  const rowwise = alongRows(g);
  const step = buffer.row(0, g.strideHeight);
  const bytesOfTaps = <usize>g.taps * TAP_BYTES;
  const nine = isNine(g, 1, 1) || isNine(g, 2, 1);
  const apart = g.yWidthStep != 1;
  const lines = buffer.end;
  const yRow = bytes(apart ? lineOf(buffer.outColumns) : g.yHeightStep);
  // Along channels whole vectors. Where that leaves some, the last four come first; of them the vectors' are made anew.
  const whole = rowwise ? g.groups : g.groups & -4;
  for (let next = whole < g.groups ? -4 : 0; next < whole; next = next < 0 ? 0 : next + block) {
    const c = next < 0 ? g.groups - 4 : next;
    const count = next < 0 ? 4 : min(block, whole - c);
    const to = dw + bytes(c * g.wGroup);
    if (!rowwise) for (let t = table; t < end; t += TAP_BYTES) zeroRun(to + tapAt(t).weight, count);
    for (let n = 0; n < g.batch; n++) {
      const plane = x + bytes(n * g.xBatch + c * g.xChannel);
      if (rowwise) for (let t = table; t < end; t += TAP_BYTES) v128.store(t, f32x4.splat(0));
      for (let od = 0; od < g.yDepth; od++) {
        for (let oh = 0; oh < g.yHeight; oh += buffer.outRows) {
          const rows = min(buffer.outRows, g.yHeight - oh);
          for (let ow = 0; ow < g.yWidth; ow += buffer.outColumns) {
            const columns = min(buffer.outColumns, g.yWidth - ow);
            fill(
              g,
              buffer,
              plane,
              od,
              oh * g.strideHeight - g.padHeight,
              (rows - 1) * g.strideHeight + rowWindow(g),
              ow * g.strideWidth - g.padWidth,
            );
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
              if (nine) dotRows3x3(t, buffer.row(0, 1), step, rows, given, yRow, columns);
              else dotRows(t, t + bytesOfTaps, step, rows, given, yRow, columns);
            }
          }
        }
      }
      if (rowwise) addLanes(table, end, to, n > 0);
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
