import type { Epilogue, GemmGeometry, Job } from '../engine.js';
import { sizeOf } from '../geometry/index.js';
import type { Finish } from './algorithms.js';
import { finishOf, type Instance } from './instance.js';

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

/** One product after another; `packedBytes` of each packed matrix of b, 0 where it is as it lies. */
export function multiply(
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
