/**
 * C = A·B, packed and blocked: the one loop nest that GEMM and every direction of convolution run through.
 *
 *   for n in blocks of NC          B block: KC × NC, read by every A block
 *     for k in blocks of KC        pack B
 *       for m in blocks of MC      pack A: MC × KC, in L2
 *         for each B micropanel    KC × NR, in L1
 *           for each A micropanel  the micro-kernel: MR × NR of C
 *
 * Each element is summed over k from zero within a block, and the blocks are added in order: the same order at every m, n and tile position.
 */

import { A_PANELS, B_PANELS, KC, LINES, MC, MR, NC, NR, TILE_BUFFER } from '../base/config';
import { Element } from '../base/element';
import { Epilogue, finish } from '../base/epilogue';
import { bytes } from '../base/runs';
import { Operand, panels } from '../pack/operand';
import { kernel } from './microkernel';

/**
 * A product of so little depth is mostly stores. Rows of C that lie half a page or more apart share few sets of a cache, so C is stored one row of tiles after another.
 *
 * 768 × 1024 of depth 1 is 4 times as fast (relaxed 6.7), of 4 2.6 (3.6), of 8 1.3 (2.9). From 16 on there is no gain, and none where rows lie otherwise (EPYC, V8 11 and 14).
 */
const SHALLOW: i32 = 8;
const HALF_PAGE: i32 = 512;

/** C (m × n, strides in elements) = (accumulate ? C : 0) + A·B, finished by the epilogue. Depth 0 gives zeros. */
export function product(
  m: i32,
  n: i32,
  depth: i32,
  a: Operand,
  b: Operand,
  c: usize,
  rowStride: i32,
  columnStride: i32,
  accumulate: bool,
  epilogue: Epilogue,
  workspace: usize,
): void {
  assert((workspace & 15) == 0 && MC % MR == 0 && NC % NR == 0);
  for (let j = 0; j < n; j += NC) {
    const nBlock = min(NC, n - j);
    let k = 0;
    do {
      const kBlock = min(KC, depth - k);
      const bp = panels(b, NR, j, nBlock, k, kBlock, workspace + B_PANELS, workspace + LINES);
      const last = k + kBlock == depth && epilogue.active;
      for (let i = 0; i < m; i += MC) {
        const mBlock = min(MC, m - i);
        const ap = panels(a, MR, i, mBlock, k, kBlock, workspace + A_PANELS, workspace + LINES);
        const block = c + bytes(i * rowStride + j * columnStride);
        multiplyPanels(mBlock, nBlock, kBlock, ap, bp, block, rowStride, columnStride, accumulate || k > 0, workspace + TILE_BUFFER);
        if (last) finish(epilogue, block, mBlock, nBlock, rowStride, columnStride, i, j);
      }
      k += kBlock;
    } while (k < depth);
  }
}

/** The macro-kernel: one block of C from packed panels. */
export function multiplyPanels(
  m: i32,
  n: i32,
  depth: i32,
  ap: usize,
  bp: usize,
  c: usize,
  rowStride: i32,
  columnStride: i32,
  accumulate: bool,
  tile: usize,
): void {
  const rows = depth <= SHALLOW && rowStride % HALF_PAGE == 0 ? MR : m;
  for (let i = 0; i < m; i += rows) {
    multiplyTiles(
      min(rows, m - i),
      n,
      depth,
      ap + bytes(i * depth),
      bp,
      c + bytes(i * rowStride),
      rowStride,
      columnStride,
      accumulate,
      tile,
    );
  }
}

/** Column by column of tiles. */
function multiplyTiles(
  m: i32,
  n: i32,
  depth: i32,
  ap: usize,
  bp: usize,
  c: usize,
  rowStride: i32,
  columnStride: i32,
  accumulate: bool,
  tile: usize,
): void {
  const aPanel = bytes(depth * MR);
  const bPanel = bytes(depth * NR);
  for (let j = 0; j < n; j += NR, bp += bPanel) {
    const columns = min(NR, n - j);
    const whole = columns == NR && columnStride == 1;
    let a = ap;
    for (let i = 0; i < m; i += MR, a += aPanel) {
      const at = c + bytes(i * rowStride + j * columnStride);
      if (whole && i + MR <= m) {
        kernel(depth, a, bp, at, rowStride, accumulate);
      } else {
        kernel(depth, a, bp, tile, NR, false);
        storeEdge(tile, at, min(MR, m - i), columns, rowStride, columnStride, accumulate);
      }
    }
  }
}

/** Moves the part of a tile that lies in C. */
function storeEdge(tile: usize, c: usize, rows: i32, columns: i32, rowStride: i32, columnStride: i32, accumulate: bool): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const at = c + bytes(i * rowStride + j * columnStride);
      const value = load<Element>(tile + bytes(i * NR + j));
      store<Element>(at, accumulate ? load<Element>(at) + value : value);
    }
  }
}
