/**
 * A of a product of few rows: micropanels of 1 to 6 rows, [k][row] each, and their product with panels of B. They lie block of KC after block, in a block tile after tile.
 */

import { KC, MR, NR } from '../base/config';
import { Element } from '../base/element';
import { bytes, copyRun } from '../base/runs';
import { Operand } from '../pack/operand';
import { pack } from '../pack/panels';
import { multiplyTile } from './skinny-tile';

/** Rows of the next tile where so many are left: tiles of a product are about as large as each other. */
export function tileRows(left: i32, tile: i32): i32 {
  if (tile == 1) return 1;
  if (left <= 4) return left;
  if (MR == 6 && (left == 6 || left >= 9)) return 6;
  return left == 5 || left == 6 || left == 9 ? 3 : 4;
}

/** A tile after another of each block of KC. */
export function packTiles(few: i32, tile: i32, a: Operand, from: i32, count: i32, to: usize): void {
  for (let k = 0; k < count; k += KC) {
    const depth = min(KC, count - k);
    for (let i = 0; i < few; ) {
      const rows = tileRows(few - i, tile);
      packTile(to, a.base + bytes(i * a.atStride + (from + k) * a.depthStride), rows, depth, a.atStride, a.depthStride);
      to += bytes(rows * depth);
      i += rows;
    }
  }
}

function packTile(to: usize, from: usize, rows: i32, depth: i32, rowStride: i32, depthStride: i32): void {
  if (rows == 4 || rows == 6) {
    pack(to, from, rows, rows, depth, rowStride, depthStride, depth);
    return;
  }
  if (rows == 1 && depthStride == 1) {
    copyRun(to, from, depth);
    return;
  }
  const across = bytes(rowStride);
  const step = bytes(depthStride);
  for (let k = 0; k < depth; k++, from += step) {
    let at = from;
    for (let i = 0; i < rows; i++, at += across, to += sizeof<Element>()) store<Element>(to, load<Element>(at));
  }
}

/** Adds the tiles of one block of k from `part` on by panels of b to the sums. */
export function addTiles(
  few: i32,
  tile: i32,
  kBlock: i32,
  part: i32,
  depth: i32,
  count: i32,
  a: usize,
  b: usize,
  bStep: usize,
  bNext: usize,
  sums: usize,
): void {
  const next = bytes(few * NR);
  for (let i = 0; i < few; ) {
    const rows = tileRows(few - i, tile);
    multiplyTile(rows, depth, count, a + bytes(part * rows), b, bStep, bNext, sums, next);
    a += bytes(rows * kBlock);
    sums += bytes(rows * NR);
    i += rows;
  }
}
