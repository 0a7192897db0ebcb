import type { Epilogue, GemmGeometry, Job } from '../engine.js';
import { sizeOf } from '../geometry/index.js';
import type { Finish } from './algorithms.js';
import type { Exports } from './generated/exports.js';
import { finishOf, type Instance } from './instance.js';
import { OVERHEAD } from './schedule.js';

/** Products of matrices, one or a batch. */
export function gemm(
  instance: Instance,
  g: GemmGeometry,
  a: Float32Array,
  b: Float32Array,
  c: Float32Array,
  epilogue: Epilogue,
  { op }: Job,
): void {
  const { memory } = instance;
  const [left, right, added] = [memory.place(a), memory.place(b), memory.place(epilogue.bias)];
  instance.call(op, left, right, added, memory.place(c), 0, (pa, pb, bias, pc) =>
    multiply(instance, g, pa, pb, pc, finishOf(epilogue, bias)),
  );
}

/** One product after another, or their rows shared between the threads; `packedBytes` of each packed matrix of b, 0 where it is as it lies. */
export function multiply(instance: Instance, g: GemmGeometry, a: number, b: number, c: number, finish: Finish, packedBytes = 0): void {
  const rows = instance.threads > 1 ? rowsOfPart(g, instance.threads, packedBytes > 0) : g.m;
  const { pool } = instance;
  if (rows === undefined || pool === undefined) multiplyRows(instance.kernels, instance, g, g.m, a, b, c, finish, packedBytes);
  else {
    pool.workspaces();
    multiplyRows(pool.record, instance, g, rows, a, b, c, finish, packedBytes);
    pool.run();
  }
}

/** Picoseconds of a multiply-add, and a value of b to pack (AMD EPYC, Zen 5). */
const MULTIPLY_ADD = 50;
const PACKED_VALUE = 300;
/** Rows of a part at least: two blocks of the tallest register tile. */
const LEAST_ROWS = 12;
const PARTS_EACH = 2;

/** Picoseconds that the threads are done sooner. */
export function savedByThreads(g: GemmGeometry, threads: number, packed: boolean): number {
  if (threads === 1 || rowsOfPart(g, threads, packed) === undefined) return 0;
  return sizeOf(g.batch) * g.m * g.n * g.k * MULTIPLY_ADD * (1 - 1 / threads);
}

/** Rows of a part, of which a thread runs a few; undefined where one thread is as fast. */
function rowsOfPart({ m, n, k, batch }: GemmGeometry, threads: number, packed: boolean): number | undefined {
  const count = sizeOf(batch);
  const product = m * n * k * MULTIPLY_ADD;
  if (count * product < OVERHEAD.small) return undefined;
  const packing = packed || m <= 24 ? 0 : n * k * PACKED_VALUE;
  // As many parts as give each thread its share, unless packing b again for each takes more than that saves.
  for (let each = PARTS_EACH; each > 0; each--) {
    const parts = Math.ceil((each * threads) / count);
    if (parts === 1) return product > OVERHEAD.small / 8 ? m : undefined;
    const rows = Math.ceil(m / parts / LEAST_ROWS) * LEAST_ROWS;
    if (rows < m && (parts - 1) * packing * 4 < product) return rows;
  }
  return undefined;
}

function multiplyRows(
  kernels: Exports,
  { pool, workspace }: Instance,
  g: GemmGeometry,
  rows: number,
  a: number,
  b: number,
  c: number,
  finish: Finish,
  packedBytes: number,
): void {
  const { m, n, k, batch } = g;
  const { activation, slope } = finish;
  const { row, column, batch: biasBatch } = g.bias ?? EACH_COLUMN;
  for (let index = 0, count = sizeOf(batch); index < count; index++) {
    const bAt = offsetOf(batch, g.bBatch, index);
    const biasAt = finish.bias && finish.bias + offsetOf(batch, biasBatch, index) * 4;
    const aAt = a + offsetOf(batch, g.aBatch, index) * 4;
    for (let first = 0, height = 0; first < m; first += height) {
      // One row left over goes along: a packed b is laid out otherwise for a product of one row.
      height = m - first <= rows + 1 ? m - first : rows;
      const [ap, cp] = [aAt + first * g.a.row * 4, c + (index * m + first) * n * 4];
      const bias = biasAt && biasAt + first * row * 4;
      if (packedBytes > 0) {
        const bp = b + (bAt / (k * n)) * packedBytes;
        kernels.gemmPacked(height, n, k, ap, g.a.row, g.a.column, bp, cp, bias, row, column, activation, slope, workspace);
      } else {
        const bp = b + bAt * 4;
        kernels.gemm(height, n, k, ap, g.a.row, g.a.column, bp, g.b.row, g.b.column, cp, bias, row, column, activation, slope, workspace);
      }
      if (kernels === pool?.record && pool.room === 0) pool.run();
    }
  }
}

const EACH_COLUMN = { row: 0, column: 1, batch: [] } as const;

/** Offset in elements of the index-th matrix of a batch, the last axis fastest. */
function offsetOf(batch: readonly number[], strides: readonly number[], index: number): number {
  let offset = 0;
  for (let axis = batch.length - 1; axis >= 0; axis--) {
    const size = batch[axis] as number;
    offset += (index % size) * (strides[axis] ?? 0);
    index = Math.floor(index / size);
  }
  return offset;
}
