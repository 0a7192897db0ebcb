/**
 * A product of few rows: packing B would cost as much as the product itself, so B is read once, where it lies.
 *
 *   for k in blocks of KC                      A packed in tiles of 1 to 6 rows
 *     B in panels:  for each panel             multiply it
 *     B in strips:  for each strip             multiply it; here k runs to the end first
 *     B in rows:    for some k at a time       multiply the panels that lie side by side in these rows: as many streams, each read ahead
 *     B in lines:   for each panel             transpose it into L1, or of one row in registers; here k runs to the end first, a line is one stream
 *
 * The same sums in the same order as `product`, to the bit. Few columns are the same with A and B exchanged, for a · b is b · a.
 */

import { A_PANELS, KC, LINES, NR, SKINNY_SUMS } from '../base/config';
import { Element } from '../base/element';
import { addRun, bytes, copyRun, zeroRun } from '../base/runs';
import { Operand, PACKED, panels, STRIDED, STRIPS, wholeTiles } from '../pack/operand';
import { dotSixteen, LINES_AT_ONCE } from './skinny-lines';
import { addTiles, packTiles, tileRows } from './skinny-micropanels';
import { addRows } from './skinny-rows';
import { STRIP } from './skinny-strips';
import { fourPanels, multiplyTile } from './skinny-tile';

/** Where a panel of B, the sums and A's tiles lie in the workspace. */
const PANEL: usize = A_PANELS;
const SUMS: usize = PANEL + bytes(KC * NR);
const TILES: usize = SUMS + bytes(SKINNY_SUMS);
/** Most elements of A that are packed at a time. */
const MOST: i32 = <i32>((LINES - TILES) / sizeof<Element>());

/** Most rows by lines of B that are not transposed into L1 before: two passes over them are 1.3 times as fast as that, three are not. */
const DIRECT_ROWS: i32 = 2;

/** Rows of B that are read at a time. */
const STREAMS: i32 = 8;

/** c (few × wide, strides in elements) = a · b, depth > 0. The tile of either operand runs along the product's rows and columns. */
export function skinnyProduct(
  few: i32,
  wide: i32,
  depth: i32,
  a: Operand,
  b: Operand,
  c: usize,
  fewStride: i32,
  wideStride: i32,
  workspace: usize,
): void {
  const step = (MOST / few / KC) * KC;
  const lines = sizeof<Element>() == 4 && b.kind == STRIDED && b.depthStride == 1;
  const tile = lines && few <= DIRECT_ROWS ? 1 : 6;
  for (let k = 0; k < depth; k += step) {
    const count = min(step, depth - k);
    packTiles(few, tile, a, k, count, workspace + TILES);
    if (b.kind == STRIPS) inStrips(wide, depth, k, count, b, c, wideStride, workspace);
    else if (b.kind == PACKED) inPanels(few, tile, wide, k, count, b, c, fewStride, wideStride, workspace);
    else if (b.kind == STRIDED && b.atStride == 1 && wide >= NR) inRows(few, tile, wide, k, count, b, c, fewStride, wideStride, workspace);
    else inLines(few, tile, wide, k, count, b, c, fewStride, wideStride, workspace);
  }
}

function inPanels(
  few: i32,
  tile: i32,
  wide: i32,
  from: i32,
  count: i32,
  b: Operand,
  c: usize,
  fewStride: i32,
  wideStride: i32,
  workspace: usize,
): void {
  // One tile goes along many panels, several meet each panel while it is in L1.
  const most = tileRows(few, tile) == few ? SKINNY_SUMS / (few * NR) : 1;
  let tiles = workspace + TILES;
  for (let k = 0; k < count; k += KC) {
    const kBlock = min(KC, count - k);
    const panel = bytes(kBlock * NR);
    for (let j = 0; j < wide; j += most * NR) {
      const columns = min(most * NR, wide - j);
      const bp = panels(b, NR, j, columns, from + k, kBlock, 0, 0);
      zeroRun(workspace + SUMS, few * wholeTiles(columns, NR));
      addTiles(few, tile, kBlock, 0, kBlock, (columns + NR - 1) / NR, tiles, bp, bytes(NR), panel, workspace + SUMS);
      const at = c + bytes(j * wideStride);
      flush(few, columns, 0, workspace + SUMS, at, fewStride, wideStride, from + k > 0);
    }
    tiles += bytes(few * kBlock);
  }
}

/** One row by strips of b. */
function inStrips(wide: i32, depth: i32, from: i32, count: i32, b: Operand, c: usize, wideStride: i32, workspace: usize): void {
  const sums = workspace + SUMS;
  for (let j = 0; j < wide; j += STRIP) {
    const columns = min(STRIP, wide - j);
    const width = wholeTiles(columns, NR);
    const step = bytes(width);
    const at = c + bytes(j * wideStride);
    let strip = b.base + bytes(j * depth + from * width);
    for (let k = 0; k < count; k += KC, strip += KC * step) {
      const kBlock = min(KC, count - k);
      zeroRun(sums, width);
      const a = workspace + TILES + bytes(k);
      if (width == STRIP) fourPanels(kBlock, a, strip, step, bytes(NR), sums, bytes(NR));
      else multiplyTile(1, kBlock, width / NR, a, strip, step, bytes(NR), sums, bytes(NR));
      flush(1, columns, 0, sums, at, 0, wideStride, from + k > 0);
    }
  }
}

/** Whole panels, and one that ends with b and overlaps the last of them. */
function inRows(
  few: i32,
  tile: i32,
  wide: i32,
  from: i32,
  count: i32,
  b: Operand,
  c: usize,
  fewStride: i32,
  wideStride: i32,
  workspace: usize,
): void {
  const most = (SKINNY_SUMS / few) & -NR;
  const whole = wide & -NR;
  for (let j = 0; j < wide; j += j < whole ? min(most, whole - j) : NR) {
    const columns = j < whole ? min(most, whole - j) : NR;
    const first = j < whole ? j : wide - NR;
    const at = c + bytes(first * wideStride);
    rowsBlock(few, tile, columns, j - first, first, from, count, b, at, fewStride, wideStride, workspace);
  }
}

function rowsBlock(
  few: i32,
  tile: i32,
  columns: i32,
  skip: i32,
  first: i32,
  from: i32,
  count: i32,
  b: Operand,
  c: usize,
  fewStride: i32,
  wideStride: i32,
  workspace: usize,
): void {
  const bStep = bytes(b.depthStride);
  let at = b.base + bytes(b.first + first + from * b.depthStride);
  let tiles = workspace + TILES;
  for (let k = 0; k < count; k += KC) {
    const kBlock = min(KC, count - k);
    zeroRun(workspace + SUMS, few * columns);
    if (few <= 2) addRows(few, kBlock, columns / NR, tiles, at, bStep, workspace + SUMS);
    else {
      for (let part = 0; part < kBlock; part += STREAMS) {
        const depth = min(STREAMS, kBlock - part);
        addTiles(few, tile, kBlock, part, depth, columns / NR, tiles, at + <usize>part * bStep, bStep, bytes(NR), workspace + SUMS);
      }
    }
    at += <usize>kBlock * bStep;
    flush(few, columns, skip, workspace + SUMS, c, fewStride, wideStride, from + k > 0);
    tiles += bytes(few * kBlock);
  }
}

function inLines(
  few: i32,
  tile: i32,
  wide: i32,
  from: i32,
  count: i32,
  b: Operand,
  c: usize,
  fewStride: i32,
  wideStride: i32,
  workspace: usize,
): void {
  let j = 0;
  for (; tile == 1 && j + LINES_AT_ONCE <= wide; j += LINES_AT_ONCE) {
    const lines = b.base + bytes((b.first + j) * b.atStride + from);
    dotBlock(few, lines, b.atStride, from, count, c + bytes(j * wideStride), fewStride, wideStride, workspace);
  }
  for (; j < wide; j += NR) {
    const columns = min(NR, wide - j);
    let tiles = workspace + TILES;
    for (let k = 0; k < count; k += KC) {
      const kBlock = min(KC, count - k);
      const bp = panels(b, NR, j, columns, from + k, kBlock, workspace + PANEL, workspace + LINES);
      zeroRun(workspace + SUMS, few * NR);
      addTiles(few, tile, kBlock, 0, kBlock, 1, tiles, bp, bytes(NR), 0, workspace + SUMS);
      flush(few, columns, 0, workspace + SUMS, c + bytes(j * wideStride), fewStride, wideStride, from + k > 0);
      tiles += bytes(few * kBlock);
    }
  }
}

/** Rows of A by lines, one row after another while a block of k of them is in L1. */
function dotBlock(
  few: i32,
  lines: usize,
  stride: i32,
  from: i32,
  count: i32,
  c: usize,
  fewStride: i32,
  wideStride: i32,
  workspace: usize,
): void {
  const next = bytes(few * NR);
  let a = workspace + TILES;
  for (let k = 0; k < count; k += KC) {
    const kBlock = min(KC, count - k);
    for (let i = 0, sums = workspace + SUMS; i < few; i++, a += bytes(kBlock), sums += bytes(NR)) {
      dotSixteen(kBlock, a, lines + bytes(k), bytes(stride), sums, sums + next);
    }
    flush(few, LINES_AT_ONCE, 0, workspace + SUMS, c, fewStride, wideStride, from + k > 0);
  }
}

/** Columns [skip, columns) of the sums to c, or added to it. */
function flush(few: i32, columns: i32, skip: i32, sums: usize, c: usize, fewStride: i32, wideStride: i32, add: bool): void {
  const next = bytes(few * NR);
  const step = bytes(wideStride);
  for (let i = 0; i < few; i++, sums += bytes(NR), c += bytes(fewStride)) {
    let panel = sums;
    let at = c + <usize>skip * step;
    for (let j = skip; j < columns; panel += next) {
      const lane = j % NR;
      const count = min(NR - lane, columns - j);
      const values = panel + bytes(lane);
      if (wideStride == 1) {
        if (add) addRun(at, values, count);
        else copyRun(at, values, count);
        at += bytes(count);
      } else {
        for (let value = values; value < values + bytes(count); value += sizeof<Element>(), at += step) {
          store<Element>(at, add ? load<Element>(at) + load<Element>(value) : load<Element>(value));
        }
      }
      j += count;
    }
  }
}
