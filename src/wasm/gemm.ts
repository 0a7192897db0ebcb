import type { Epilogue, GemmGeometry, Job } from '../engine.js';
import { sizeOf } from '../geometry/index.js';
import type { Finish } from './algorithms.js';
import type { Exports } from './generated/exports.js';
import { finishOf, type Instance } from './instance.js';
import type { Place } from './memory/memory.js';
import { OVERHEAD } from './overhead.js';

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
  const result = memory.place(c);
  const part = partFor(instance, g, false, left, right, result);
  instance.call(op, left, right, added, result, 0, (pa, pb, bias, pc) => multiply(instance, g, part, pa, pb, pc, finishOf(epilogue, bias)));
}

/** What each thread multiplies at a time; undefined where one thread is as fast. `operands` may lie elsewhere. */
export function partFor(instance: Instance, g: GemmGeometry, packed: boolean, ...operands: readonly Place[]): GemmPart | undefined {
  const part = instance.threads > 1 ? partOf(g, instance.threads, packed) : undefined;
  return part && instance.worthSharing(savedBy(g, instance.threads), ...operands) ? part : undefined;
}

/** One product after another, or parts of them shared between the threads; `packedBytes` of each packed matrix of b, 0 where it is as it lies. */
export function multiply(
  instance: Instance,
  g: GemmGeometry,
  part: GemmPart | undefined,
  a: number,
  b: number,
  c: number,
  finish: Finish,
  packedBytes = 0,
): void {
  const { pool } = instance;
  if (pool === undefined || part === undefined) multiplyParts(instance.kernels, instance, g, g, a, b, c, finish, packedBytes);
  else {
    pool.workspaces();
    multiplyParts(pool.record, instance, g, part, a, b, c, finish, packedBytes);
    pool.run();
  }
}

/** Picoseconds of a multiply-add, and a value of b to pack (AMD EPYC, Zen 5). */
const MULTIPLY_ADD = 50;
const PACKED_VALUE = 300;
/** Rows and columns of a part at least, and of which it has a multiple: two blocks of the tallest register tile, and a strip of a packed b. */
const ROWS = 12;
const COLUMNS = 32;
const PARTS_EACH = 2;
/**
 * A product of few rows is a read of b, which one thread does nearly as fast as two: it must have so many times the work. 1x1024x1024 on two threads is 0.6 to 1.4 times as fast as on
 * one, 1x4096x1024 1.2 to 2 times (AMD EPYC, Zen 5, Node 20 and 26).
 */
const FEW_ROWS = 2;
const OF_FEW_ROWS = 2.5;

/** Rows and columns of a part of c. */
export interface GemmPart {
  readonly m: number;
  readonly n: number;
}

/** Picoseconds that the threads are done sooner. */
export function savedByThreads(g: GemmGeometry, threads: number, packed: boolean): number {
  return threads > 1 && partOf(g, threads, packed) ? savedBy(g, threads) : 0;
}

const savedBy = ({ m, n, k, batch }: GemmGeometry, threads: number): number =>
  sizeOf(batch) * m * n * k * MULTIPLY_ADD * (1 - 1 / threads) - OVERHEAD.job;

/**
 * What a thread multiplies at a time, a few of them for each: whole products, else their rows, of few rows their columns. Undefined where one thread is as fast: b
 * is packed again for each run of rows.
 */
function partOf({ m, n, k, batch }: GemmGeometry, threads: number, packed: boolean): GemmPart | undefined {
  const count = sizeOf(batch);
  const product = m * n * k * MULTIPLY_ADD;
  if (count * product < OVERHEAD.small * (m <= FEW_ROWS ? OF_FEW_ROWS : 1)) return undefined;
  const packing = packed || m <= 24 ? 0 : n * k * PACKED_VALUE;
  for (let each = PARTS_EACH; each > 0; each--) {
    const parts = Math.ceil((each * threads) / count);
    if (parts === 1) return product > OVERHEAD.small / 8 ? { m, n } : undefined;
    const [rows, columns] = [sizeOfPart(m, parts, ROWS), sizeOfPart(n, parts, COLUMNS)];
    if (m >= parts * ROWS && (parts - 1) * packing * 4 < product) return { m: rows, n };
    if (n >= parts * COLUMNS) return { m, n: columns };
  }
  return undefined;
}

const sizeOfPart = (size: number, parts: number, grain: number): number => Math.ceil(size / parts / grain) * grain;

function multiplyParts(
  kernels: Exports,
  { pool, workspace }: Instance,
  g: GemmGeometry,
  part: GemmPart,
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
    for (let top = 0, rows = 0; top < m; top += rows) {
      // One row left over goes along: a packed b is laid out otherwise for a product of one row.
      rows = m - top <= part.m + 1 ? m - top : part.m;
      for (let left = 0; left < n; left += part.n) {
        const columns = Math.min(part.n, n - left);
        const [ap, cp] = [aAt + top * g.a.row * 4, c + ((index * m + top) * n + left) * 4];
        const bias = biasAt && biasAt + (top * row + left * column) * 4;
        if (packedBytes > 0) {
          const bp = b + (bAt / (k * n)) * packedBytes;
          // biome-ignore format: a matrix and its steps in a row
          kernels.gemmPacked(
            rows, columns, k,
            ap, g.a.row, g.a.column,
            bp, n, left,
            cp, n,
            bias, row, column, activation, slope, workspace,
          );
        } else {
          const bp = b + (bAt + left * g.b.column) * 4;
          // biome-ignore format: a matrix and its steps in a row
          kernels.gemm(
            rows, columns, k,
            ap, g.a.row, g.a.column,
            bp, g.b.row, g.b.column,
            cp, n,
            bias, row, column, activation, slope, workspace,
          );
        }
        if (kernels === pool?.record && pool.room === 0) pool.run();
      }
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
