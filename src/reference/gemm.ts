import type { Epilogue, GemmGeometry } from '../engine.js';
import { sizeOf } from '../geometry/index.js';
import { finish } from './epilogue.js';

/** The loops know no type: whole numbers are exact up to 2⁵³. */
type Values = Float32Array | Int32Array;

/** c[..., i, j] = Σ over l of a[..., i, l] · b[..., l, j]; an empty sum (k = 0) is zero. */
export function gemm(g: GemmGeometry, a: Values, b: Values, c: Values, epilogue: Epilogue): void {
  const { m, n, k } = g;
  const products = sizeOf(g.batch);
  for (let product = 0; product < products; product++) {
    const aMatrix = batchOffset(g.batch, g.aBatch, product);
    const bMatrix = batchOffset(g.batch, g.bBatch, product);
    const { row, column, batch } = g.bias ?? { row: 0, column: 1, batch: [] };
    const bias = batchOffset(g.batch, batch, product);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        const aAt = aMatrix + i * g.a.row;
        const bAt = bMatrix + j * g.b.column;
        let sum = 0;
        for (let l = 0; l < k; l++) sum += (a[aAt + l * g.a.column] as number) * (b[bAt + l * g.b.row] as number);
        c[(product * m + i) * n + j] = finish(epilogue, bias + i * row + j * column, sum);
      }
    }
  }
}

/** Where the matrix of the `product`-th batch entry, in raster order, starts. */
function batchOffset(batch: readonly number[], strides: readonly number[], product: number): number {
  let offset = 0;
  let rest = product;
  for (let axis = batch.length - 1; axis >= 0; axis--) {
    const size = batch[axis] as number;
    offset += (rest % size) * (strides[axis] ?? 0);
    rest = Math.floor(rest / size);
  }
  return offset;
}
