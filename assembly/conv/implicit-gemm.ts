/**
 * The three products of a convolution matrix C, each a GEMM per image and group with the group's column matrix (rows × positions):
 *
 *   fprop  y  = w · columns(x)               dgrad  columns = wᵀ · y, added into x               wgrad  dw = y · columns(x)ᵀ
 *
 * In channels-last all of it is transposed (yᵀ = columnsᵀ · wᵀ), so that the result's contiguous axis is always the product's last.
 */

import { COLUMN_BLOCK, LINES, MR, NC, NR, RC, SKINNY_ROWS } from '../base/config';
import { Element } from '../base/element';
import { Epilogue, finish } from '../base/epilogue';
import { Geometry } from '../base/geometry';
import { bytes, zeroRun } from '../base/runs';
import { product } from '../gemm/blocked';
import { epilogueIn, operandA, operandB } from '../gemm/descriptors';
import { skinnyProduct } from '../gemm/skinny';
import { scatterBlock } from '../im2col/col2im';
import { Operand, packWhole, wholeTiles } from '../pack/operand';
import { placeChannels, placePositions } from './scatter-phase';

/** The weight is A in channels-first, B in channels-last. */
function weightTile(g: Geometry): i32 {
  return g.channelsLast ? NR : MR;
}

function packedGroupBytes(g: Geometry): usize {
  return bytes(wholeTiles(g.packedChannels, weightTile(g)) * g.rows);
}

/** Bytes of a packed weight, as `packWeight` writes it and `fprop` with `packed` reads it. */
export function packedWeightBytes(g: Geometry): usize {
  return <usize>g.groups * packedGroupBytes(g);
}

/** A part of y's channels goes to its place among all. */
export function packWeight(g: Geometry, w: usize, to: usize, workspace: usize): void {
  const operand = operandA(workspace);
  for (let group = 0; group < g.groups; group++, to += packedGroupBytes(g), w += bytes(g.wGroup)) {
    packWhole(operand.weight(g, w), weightTile(g), g.yGroup, g.rows, to, workspace + LINES, g.packedChannels, g.packedFirst);
  }
}

export function fprop(
  g: Geometry,
  x: usize,
  w: usize,
  packed: bool,
  y: usize,
  bias: usize,
  activation: i32,
  slope: Element,
  workspace: usize,
): void {
  const a = operandA(workspace);
  const b = operandB(workspace);
  const last = g.channelsLast != 0;
  const weightStep = packed ? packedGroupBytes(g) : bytes(g.wGroup);
  for (let n = 0; n < g.batch; n++) {
    for (let group = 0; group < g.groups; group++) {
      const channel = group * g.yGroup;
      const xg = x + bytes(n * g.xBatch + group * g.xGroup * g.xChannel);
      const yg = y + bytes(n * g.yBatch + channel * g.yChannel);
      const wg = w + <usize>group * weightStep;
      const epilogue = epilogueIn(workspace, bias ? bias + bytes(channel) : 0, last, activation, slope);
      const columns = (last ? a : b).columns(g, xg, false);
      const weight = last ? b : a;
      if (packed) weight.packed(wg, g.packedChannels).from(g.packedFirst);
      else weight.weight(g, wg);
      if (fewPositions(g) && (last || !packed)) {
        if (!packed) weight.strided(wg, g.wY, g.wRowStep);
        fewProduct(g, columns, weight, yg, epilogue, workspace);
      } else if (!g.yRaster) spreadProduct(g, columns, weight, yg, epilogue, workspace);
      else if (last) product(g.positions, g.yGroup, g.rows, columns, weight, yg, g.yWidthStep, 1, false, epilogue, workspace);
      else product(g.yGroup, g.positions, g.rows, weight, columns, yg, g.yChannel, g.yWidthStep, false, epilogue, workspace);
    }
  }
}

/** Whether so few positions meet a weight of one tap that it is read where it lies: of one pixel of a 1×1 convolution that is all the work. */
function fewPositions(g: Geometry): bool {
  return g.pointwise && g.yRaster && g.rows > 0 && g.positions <= SKINNY_ROWS && g.positions <= g.yGroup;
}

function fewProduct(g: Geometry, columns: Operand, weight: Operand, y: usize, epilogue: Epilogue, workspace: usize): void {
  skinnyProduct(g.positions, g.yGroup, g.rows, columns, weight, y, g.yWidthStep, g.yChannel, workspace);
  if (!epilogue.active) return;
  if (g.channelsLast) finish(epilogue, y, g.positions, g.yGroup, g.yWidthStep, 1, 0, 0);
  else finish(epilogue, y, g.yGroup, g.positions, g.yChannel, g.yWidthStep, 0, 0);
}

/** A product whose positions lie apart in y: into the workspace, from there to their places. */
function spreadProduct(g: Geometry, columns: Operand, weight: Operand, y: usize, epilogue: Epilogue, workspace: usize): void {
  const block = workspace + COLUMN_BLOCK;
  const bias = epilogue.bias;
  for (let position = 0; position < g.positions; position += NC) {
    const positions = min(NC, g.positions - position);
    columns.from(position);
    for (let channel = 0; channel < g.yGroup; channel += RC) {
      const channels = min(RC, g.yGroup - channel);
      weight.from(weight.isPacked ? g.packedFirst + channel : channel);
      if (bias) epilogue.bias = bias + bytes(channel);
      const yc = y + bytes(channel * g.yChannel);
      if (g.channelsLast) {
        product(positions, channels, g.rows, columns, weight, block, channels, 1, false, epilogue, workspace);
        placePositions(g, block, position, positions, channels, yc);
      } else {
        product(channels, positions, g.rows, weight, columns, block, positions, 1, false, epilogue, workspace);
        placeChannels(g, block, position, positions, channels, yc);
      }
    }
  }
}

/**
 * Walks blocks of NC positions from last to first (see scatterBlock), in each blocks of RC rows: the product goes to the workspace, from there into x.
 */
export function dgrad(g: Geometry, y: usize, w: usize, x: usize, bias: usize, activation: i32, slope: Element, workspace: usize): void {
  for (let n = 0; n < g.batch; n++, x += bytes(g.xBatch), y += bytes(g.yBatch)) {
    zeroImage(g, x);
    for (let group = 0; group < g.groups; group++) {
      const xg = x + bytes(group * g.xGroup * g.xChannel);
      const yg = y + bytes(group * g.yGroup * g.yChannel);
      for (let position = ((g.positions - 1) / NC) * NC; position >= 0; position -= NC) {
        dgradBlock(g, yg, w, group, position, min(NC, g.positions - position), xg, workspace);
      }
    }
    finishImage(g, x, epilogueIn(workspace, bias, g.channelsLast != 0, activation, slope));
  }
}

function dgradBlock(g: Geometry, y: usize, w: usize, group: i32, position: i32, positions: i32, x: usize, workspace: usize): void {
  const a = operandA(workspace);
  const b = operandB(workspace);
  const last = g.channelsLast != 0;
  const columns = workspace + COLUMN_BLOCK;
  const none = epilogueIn(workspace, 0, last, 0, 0);
  const run = g.wRowRun;
  for (let row = 0, rows = 0; row < g.rows; row += rows) {
    rows = min(min(RC, g.rows - row), run - (row % run));
    (last ? a : b).strided(y + bytes(position * g.yWidthStep), g.yWidthStep, g.yChannel);
    (last ? b : a).strided(w + bytes(group * g.wGroup + g.wRowOffset(row)), g.wRowStep, g.wY);
    const stride = last ? rows : positions;
    if (last) product(positions, rows, g.yGroup, a, b, columns, stride, 1, false, none, workspace);
    else product(rows, positions, g.yGroup, a, b, columns, stride, 1, false, none, workspace);
    scatterBlock(g, columns, stride, row, rows, position, positions, x);
  }
}

/** Its channels of an image, which may have more. */
function zeroImage(g: Geometry, x: usize): void {
  const space = g.xDepth * g.xHeight * g.xWidth;
  if (!g.channelsLast || g.xSpace == g.xChannels) memory.fill(x, 0, bytes(space * g.xChannels));
  else for (let position = 0; position < space; position++, x += bytes(g.xSpace)) zeroRun(x, g.xChannels);
}

function finishImage(g: Geometry, x: usize, epilogue: Epilogue): void {
  if (!epilogue.active) return;
  const space = g.xDepth * g.xHeight * g.xWidth;
  if (g.channelsLast) finish(epilogue, x, space, g.xChannels, g.xSpace, 1, 0, 0);
  else finish(epilogue, x, g.xChannels, space, g.xChannel, 1, 0, 0);
}

/** The sum runs over positions within an image, images in order. */
export function wgrad(g: Geometry, x: usize, y: usize, dw: usize, workspace: usize): void {
  const a = operandA(workspace);
  const b = operandB(workspace);
  const last = g.channelsLast != 0;
  const none = epilogueIn(workspace, 0, last, 0, 0);
  if (g.batch == 0) memory.fill(dw, 0, bytes(g.yChannels * g.rows));
  for (let n = 0; n < g.batch; n++) {
    for (let group = 0; group < g.groups; group++) {
      const xg = x + bytes(n * g.xBatch + group * g.xGroup * g.xChannel);
      const yg = y + bytes(n * g.yBatch + group * g.yGroup * g.yChannel);
      const dwg = dw + bytes(group * g.wGroup);
      (last ? a : b).columns(g, xg, true);
      (last ? b : a).strided(yg, g.yChannel, g.yWidthStep);
      if (last) product(g.rows, g.yGroup, g.positions, a, b, dwg, g.wRowStep, 1, n > 0, none, workspace);
      else product(g.yGroup, g.rows, g.positions, a, b, dwg, g.wY, 1, n > 0, none, workspace);
    }
  }
}
