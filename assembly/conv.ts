/**
 * The three products of a convolution matrix C, each a GEMM per image and group with the group's column matrix (rows × positions):
 *
 *   fprop  y  = w · columns(x)               dgrad  columns = wᵀ · y, added into x               wgrad  dw = y · columns(x)ᵀ
 *
 * In channels-last all of it is transposed (yᵀ = columnsᵀ · wᵀ), so that the result's contiguous axis is always the product's last.
 */
import { scatterBlock } from './col2im';
import { COLUMN_BLOCK, LINES, MR, NC, NR, RC } from './config';
import { Epilogue, finish } from './epilogue';
import { Geometry } from './geometry';
import { Operand, packWhole, wholeTiles } from './operand';
import { product } from './product';
import { epilogueIn, operandA, operandB } from './scratch';
import { zeroRun } from './simd';

/** A weight as an operand: its tile runs along y's channels in fprop, along the column matrix's rows in dgrad. */
function weightOperand(o: Operand, g: Geometry, dgrad: bool, w: usize, packed: bool, group: i32, first: i32): Operand {
  if (packed) return o.packed(w + <usize>group * packedGroupBytes(g, dgrad), dgrad ? g.rows : g.yGroup, first);
  const base = w + ((<usize>(group * g.yGroup * g.wY + first * (dgrad ? g.wRow : g.wY))) << 2);
  return dgrad ? o.strided(base, g.wRow, g.wY) : o.strided(base, g.wY, g.wRow);
}

/** The weight is A in channels-first, B in channels-last. */
function weightTile(g: Geometry): i32 {
  return g.channelsLast ? NR : MR;
}

function packedGroupBytes(g: Geometry, dgrad: bool): usize {
  const floats = dgrad ? wholeTiles(g.rows, weightTile(g)) * g.yGroup : wholeTiles(g.yGroup, weightTile(g)) * g.rows;
  return (<usize>floats) << 2;
}

export function packedWeightBytes(g: Geometry, dgrad: bool): usize {
  return <usize>g.groups * packedGroupBytes(g, dgrad);
}

export function packWeight(g: Geometry, dgrad: bool, w: usize, to: usize, workspace: usize): void {
  const operand = operandA(workspace);
  for (let group = 0; group < g.groups; group++, to += packedGroupBytes(g, dgrad)) {
    weightOperand(operand, g, dgrad, w, false, group, 0);
    packWhole(operand, weightTile(g), dgrad ? g.rows : g.yGroup, dgrad ? g.yGroup : g.rows, to, workspace + LINES);
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
  slope: f32,
  workspace: usize,
): void {
  const a = operandA(workspace);
  const b = operandB(workspace);
  const last = g.channelsLast != 0;
  for (let n = 0; n < g.batch; n++) {
    for (let group = 0; group < g.groups; group++) {
      const channel = group * g.yGroup;
      const xg = x + ((<usize>(n * g.xBatch + group * g.xGroup * g.xChannel)) << 2);
      const yg = y + ((<usize>(n * g.yBatch + channel * g.yChannel)) << 2);
      const epilogue = epilogueIn(workspace, bias ? bias + ((<usize>channel) << 2) : 0, last, activation, slope);
      (last ? a : b).columns(g, xg, false);
      weightOperand(last ? b : a, g, false, w, packed, group, 0);
      if (last) product(g.positions, g.yGroup, g.rows, a, b, yg, g.ySpace, 1, false, epilogue, workspace);
      else product(g.yGroup, g.positions, g.rows, a, b, yg, g.yChannel, 1, false, epilogue, workspace);
    }
  }
}

/**
 * Walks blocks of NC positions from last to first (see scatterBlock), in each blocks of RC rows: the product goes to the workspace, from there into x.
 */
export function dgrad(
  g: Geometry,
  y: usize,
  w: usize,
  packed: bool,
  x: usize,
  bias: usize,
  activation: i32,
  slope: f32,
  workspace: usize,
): void {
  for (let n = 0; n < g.batch; n++, x += (<usize>g.xBatch) << 2, y += (<usize>g.yBatch) << 2) {
    zeroRun(x, g.xBatch);
    for (let group = 0; group < g.groups; group++) {
      const xg = x + ((<usize>(group * g.xGroup * g.xChannel)) << 2);
      const yg = y + ((<usize>(group * g.yGroup * g.yChannel)) << 2);
      for (let position = ((g.positions - 1) / NC) * NC; position >= 0; position -= NC) {
        dgradBlock(g, yg, w, packed, group, position, min(NC, g.positions - position), xg, workspace);
      }
    }
    finishImage(g, x, epilogueIn(workspace, bias, g.channelsLast != 0, activation, slope));
  }
}

function dgradBlock(
  g: Geometry,
  y: usize,
  w: usize,
  packed: bool,
  group: i32,
  position: i32,
  positions: i32,
  x: usize,
  workspace: usize,
): void {
  const a = operandA(workspace);
  const b = operandB(workspace);
  const last = g.channelsLast != 0;
  const columns = workspace + COLUMN_BLOCK;
  const none = epilogueIn(workspace, 0, last, 0, 0);
  for (let row = 0; row < g.rows; row += RC) {
    const rows = min(RC, g.rows - row);
    (last ? a : b).strided(y + ((<usize>(position * g.ySpace)) << 2), g.ySpace, g.yChannel);
    weightOperand(last ? b : a, g, true, w, packed, group, row);
    const stride = last ? rows : positions;
    if (last) product(positions, rows, g.yGroup, a, b, columns, stride, 1, false, none, workspace);
    else product(rows, positions, g.yGroup, a, b, columns, stride, 1, false, none, workspace);
    scatterBlock(g, columns, stride, row, rows, position, positions, x);
  }
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
  if (g.batch == 0) zeroRun(dw, g.yChannels * g.rows);
  for (let n = 0; n < g.batch; n++) {
    for (let group = 0; group < g.groups; group++) {
      const xg = x + ((<usize>(n * g.xBatch + group * g.xGroup * g.xChannel)) << 2);
      const yg = y + ((<usize>(n * g.yBatch + group * g.yGroup * g.yChannel)) << 2);
      const dwg = dw + ((<usize>(group * g.yGroup * g.wY)) << 2);
      (last ? a : b).columns(g, xg, true);
      (last ? b : a).strided(yg, g.yChannel, g.ySpace);
      if (last) product(g.rows, g.yGroup, g.positions, a, b, dwg, g.wRow, 1, n > 0, none, workspace);
      else product(g.yGroup, g.rows, g.positions, a, b, dwg, g.wY, 1, n > 0, none, workspace);
    }
  }
}
