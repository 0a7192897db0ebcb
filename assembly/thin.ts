/**
 * A product of few rows: packing B would cost as much as the product itself, so B is read where it lies, four of its rows at a time.
 *
 *   for n in blocks                       the sums of a block, at most THIN_SUMS, stay in L1
 *     for k in blocks of KC
 *       for every 4 of k, every 2 rows    sums += a · b: 8 broadcasts in registers, 4 rows of B from L1
 *
 * The same sums in the same order as `product`, to the bit.
 */
import { COLUMN_BLOCK, KC, THIN_SUMS } from './config';
import { Epilogue, finish } from './epilogue';
import { addRun, copyRun, madd, zeroRun } from './simd';

/** c (row-major, m × n) = a · b; b has unit column stride. Strides in elements. */
export function thinProduct(
  m: i32,
  n: i32,
  depth: i32,
  a: usize,
  aRow: i32,
  aColumn: i32,
  b: usize,
  bRow: i32,
  c: usize,
  epilogue: Epilogue,
  workspace: usize,
): void {
  const sums = workspace + COLUMN_BLOCK;
  const most = min((THIN_SUMS / m) & -16, n);
  const sumsRow = (<usize>most) << 2;
  const cRow = (<usize>n) << 2;
  for (let j = 0; j < n; j += most) {
    const columns = min(most, n - j);
    const block = c + ((<usize>j) << 2);
    for (let k = 0; k < depth; k += KC) {
      const kBlock = min(KC, depth - k);
      for (let i = 0; i < m; i++) zeroRun(sums + <usize>i * sumsRow, columns);
      sumBlock(
        m,
        columns,
        kBlock,
        a + ((<usize>(k * aColumn)) << 2),
        aRow,
        aColumn,
        b + ((<usize>(k * bRow + j)) << 2),
        bRow,
        sums,
        sumsRow,
      );
      for (let i = 0; i < m; i++) {
        if (k > 0) addRun(block + <usize>i * cRow, sums + <usize>i * sumsRow, columns);
        else copyRun(block + <usize>i * cRow, sums + <usize>i * sumsRow, columns);
      }
    }
    if (epilogue.active) finish(epilogue, block, m, columns, n, 1, 0, j);
  }
}

function sumBlock(
  m: i32,
  columns: i32,
  depth: i32,
  a: usize,
  aRow: i32,
  aColumn: i32,
  b: usize,
  bRow: i32,
  sums: usize,
  sumsRow: usize,
): void {
  const down = (<usize>aRow) << 2;
  const across = (<usize>aColumn) << 2;
  const bStep = (<usize>bRow) << 2;
  let k = 0;
  for (; k + 4 <= depth; k += 4, a += 4 * across, b += 4 * bStep) {
    let i = 0;
    for (; i + 2 <= m; i += 2) addTwoRows(columns, a + <usize>i * down, down, across, b, bStep, sums + <usize>i * sumsRow, sumsRow);
    if (i < m) addRow(columns, a + <usize>i * down, across, b, bStep, sums + <usize>i * sumsRow);
  }
  for (; k < depth; k++, a += across, b += bStep) {
    for (let i = 0; i < m; i++) addOne(columns, v128.load32_splat(a + <usize>i * down), b, sums + <usize>i * sumsRow);
  }
}

/** Two rows of sums += 2 × 4 of a · 4 rows of b. */
function addTwoRows(columns: i32, a: usize, down: usize, across: usize, b: usize, bStep: usize, sums: usize, sumsRow: usize): void {
  const a0 = v128.load32_splat(a);
  const a1 = v128.load32_splat(a + across);
  const a2 = v128.load32_splat(a + 2 * across);
  const a3 = v128.load32_splat(a + 3 * across);
  a += down;
  const d0 = v128.load32_splat(a);
  const d1 = v128.load32_splat(a + across);
  const d2 = v128.load32_splat(a + 2 * across);
  const d3 = v128.load32_splat(a + 3 * across);
  const p1 = b + bStep;
  const p2 = p1 + bStep;
  const p3 = p2 + bStep;
  const second = sums + sumsRow;
  const end = (<usize>(columns & -4)) << 2;
  let at: usize = 0;
  for (; at < end; at += 16) {
    const b0 = v128.load(b + at);
    const b1 = v128.load(p1 + at);
    const b2 = v128.load(p2 + at);
    const b3 = v128.load(p3 + at);
    v128.store(sums + at, madd(a3, b3, madd(a2, b2, madd(a1, b1, madd(a0, b0, v128.load(sums + at))))));
    v128.store(second + at, madd(d3, b3, madd(d2, b2, madd(d1, b1, madd(d0, b0, v128.load(second + at))))));
  }
  for (const stop = (<usize>columns) << 2; at < stop; at += 4) {
    const b0 = v128.load32_splat(b + at);
    const b1 = v128.load32_splat(p1 + at);
    const b2 = v128.load32_splat(p2 + at);
    const b3 = v128.load32_splat(p3 + at);
    const sum = madd(a3, b3, madd(a2, b2, madd(a1, b1, madd(a0, b0, v128.load32_splat(sums + at)))));
    v128.store32_lane(sums + at, sum, 0);
    const below = madd(d3, b3, madd(d2, b2, madd(d1, b1, madd(d0, b0, v128.load32_splat(second + at)))));
    v128.store32_lane(second + at, below, 0);
  }
}

/** One row of sums += 4 of a · 4 rows of b. */
function addRow(columns: i32, a: usize, across: usize, b: usize, bStep: usize, sums: usize): void {
  const a0 = v128.load32_splat(a);
  const a1 = v128.load32_splat(a + across);
  const a2 = v128.load32_splat(a + 2 * across);
  const a3 = v128.load32_splat(a + 3 * across);
  const p1 = b + bStep;
  const p2 = p1 + bStep;
  const p3 = p2 + bStep;
  const end = (<usize>(columns & -4)) << 2;
  let at: usize = 0;
  for (; at < end; at += 16) {
    const sum = madd(a1, v128.load(p1 + at), madd(a0, v128.load(b + at), v128.load(sums + at)));
    v128.store(sums + at, madd(a3, v128.load(p3 + at), madd(a2, v128.load(p2 + at), sum)));
  }
  for (const stop = (<usize>columns) << 2; at < stop; at += 4) {
    const sum = madd(a1, v128.load32_splat(p1 + at), madd(a0, v128.load32_splat(b + at), v128.load32_splat(sums + at)));
    v128.store32_lane(sums + at, madd(a3, v128.load32_splat(p3 + at), madd(a2, v128.load32_splat(p2 + at), sum)), 0);
  }
}

/** One row of sums += one of a · one row of b. */
function addOne(columns: i32, a: v128, b: usize, sums: usize): void {
  const end = (<usize>(columns & -4)) << 2;
  let at: usize = 0;
  for (; at < end; at += 16) v128.store(sums + at, madd(a, v128.load(b + at), v128.load(sums + at)));
  for (const stop = (<usize>columns) << 2; at < stop; at += 4) {
    v128.store32_lane(sums + at, madd(a, v128.load32_splat(b + at), v128.load32_splat(sums + at)), 0);
  }
}
