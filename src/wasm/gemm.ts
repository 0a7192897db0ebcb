import type { EnginePlan, Epilogue, GemmGeometry, Job } from '../engine.js';
import { sizeOf } from '../geometry/index.js';
import { finishOf, type Instance } from './instance.js';
import { align, roomFor } from './memory.js';
import type { Finish } from './methods.js';

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

/** One product after another; `packedBytes` of a packed matrix of b, 0 where b is as it lies. */
function multiply(
  { kernels, workspace }: Instance,
  g: GemmGeometry,
  a: number,
  b: number,
  c: number,
  finish: Finish,
  packedBytes = 0,
): void {
  const { m, n, k, batch } = g;
  const { activation, slope } = finish;
  const { row, column, batch: biasBatch } = g.bias ?? EACH_COLUMN;
  for (let index = 0, count = sizeOf(batch); index < count; index++) {
    const ap = a + offsetOf(batch, g.aBatch, index) * 4;
    const bAt = offsetOf(batch, g.bBatch, index);
    const cp = c + index * m * n * 4;
    const bias = finish.bias && finish.bias + offsetOf(batch, biasBatch, index) * 4;
    if (packedBytes > 0) {
      const bp = b + (bAt / (k * n)) * packedBytes;
      kernels.gemmPacked(m, n, k, ap, g.a.row, g.a.column, bp, cp, bias, row, column, activation, slope, workspace);
    } else {
      kernels.gemm(m, n, k, ap, g.a.row, g.a.column, b + bAt * 4, g.b.row, g.b.column, cp, bias, row, column, activation, slope, workspace);
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

/**
 * Products with b packed once. It lies in one block with the bias:
 *
 *   packed matrix of b | packed matrix ... (or b as it is, or by rows) | bias
 */
export function planGemm(instance: Instance, g: GemmGeometry, b: Float32Array, epilogue: Epilogue, job: Job): EnginePlan {
  const { kernels, memory, workspace } = instance;
  const { n, k } = g;
  const [right, added] = [memory.place(b), memory.place(epilogue.bias)];
  const [tile, biasBytes] = [kernels.NR.value, added.length * 4];
  const [packed, byRows] = [packs(g), readsByRows(g)];
  const packedBytes = packed ? Math.ceil(n / tile) * tile * k * 4 : 0;
  const matrices = packed || byRows ? matricesOf(g) : 0;
  const bBytes = align(packed ? matrices * packedBytes : byRows ? matrices * n * k * 4 : right.length * 4);
  const bytes = align(bBytes + biasBytes);
  memory.reserve(job.op, roomFor(right) + roomFor(added), bytes);
  const start = memory.allocate(job.op, bytes);
  const mark = memory.mark();
  let plan: GemmPlan | undefined;
  try {
    const [from, bias] = [memory.enter(right), memory.enter(added)];
    if (byRows) {
      const words = instance.writeWords([1, matrices, k, n, 0, n * k, g.b.row, g.b.column, 0, n * k, n, 1]);
      kernels.copy(words, from, start);
    } else if (!packed) memory.copy(start, from, right.length * 4);
    else {
      for (let index = 0; index < matrices; index++) {
        kernels.gemmPack(n, k, from + index * n * k * 4, g.b.row, g.b.column, start + index * packedBytes, workspace);
      }
    }
    memory.copy(start + bBytes, bias, biasBytes);
    const laid = byRows ? { ...g, b: { row: n, column: 1 } } : g;
    plan = new GemmPlan(instance, laid, finishOf(epilogue, biasBytes > 0 ? start + bBytes : 0), packedBytes, start, bytes, job.op);
    return plan;
  } finally {
    memory.reset(mark);
    if (!plan) memory.release(start, bytes);
  }
}

/** Of b, those that are broadcast once. */
const matricesOf = ({ n, k, batch, bBatch }: GemmGeometry): number =>
  sizeOf(batch) === 0 ? 0 : batch.reduce((last, size, axis) => last + ((size - 1) * (bBatch[axis] ?? 0)) / (n * k), 1);

/** Of few columns the kernels read all for a run of rows of a; less than a tile of them would be mostly padding. */
const packs = (g: GemmGeometry): boolean => g.k > 0 && !readsByRows(g) && (g.n > FEW_COLUMNS || (g.n >= TILE && g.m <= g.n));

/**
 * One row of a reads b once: whole rows of it stream faster than panels where b comes from memory, 1.7 times at 4096×4096, as fast at 2048×768 (AMD Zen 5, Node 20,
 * `npm run bench:few-rows`). From two rows on panels are faster.
 */
const readsByRows = ({ m, n, k }: GemmGeometry): boolean => m === 1 && k > 0 && n > FEW_COLUMNS;
const FEW_COLUMNS = 16;
const TILE = 8;

class GemmPlan implements EnginePlan {
  readonly algorithm = 'gemm';
  readonly bytes: number;
  readonly #instance: Instance;
  readonly #geometry: GemmGeometry;
  readonly #finish: Finish;
  readonly #packedBytes: number;
  readonly #start: number;
  readonly #op: string;
  #live = true;

  constructor(instance: Instance, g: GemmGeometry, finish: Finish, packedBytes: number, start: number, bytes: number, op: string) {
    this.bytes = bytes;
    this.#instance = instance;
    this.#geometry = g;
    this.#finish = finish;
    this.#packedBytes = packedBytes;
    this.#start = start;
    this.#op = op;
  }

  run(a: Float32Array, c: Float32Array): void {
    const { memory } = this.#instance;
    const [given, result] = [memory.place(a), memory.place(c)];
    const mark = memory.mark();
    memory.reserve(this.#op, roomFor(given) + roomFor(result));
    try {
      const [from, to] = [memory.enter(given), memory.enterResult(result)];
      multiply(this.#instance, this.#geometry, from, this.#start, to, this.#finish, this.#packedBytes);
      memory.leave(to, result);
    } finally {
      memory.reset(mark);
    }
  }

  free(): void {
    if (this.#live) this.#instance.memory.release(this.#start, this.bytes);
    this.#live = false;
  }
}
