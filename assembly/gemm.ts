import { THIN_ROWS } from './config';
import { product } from './product';
import { epilogueIn, operandA, operandB } from './scratch';
import { thinProduct } from './thin';

/** c (row-major, m × n) = a (m × k) · b (k × n), strides in elements: a transpose is a pair of strides exchanged. */
export function gemm(
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  aRow: i32,
  aColumn: i32,
  b: usize,
  bRow: i32,
  bColumn: i32,
  c: usize,
  bias: usize,
  activation: i32,
  slope: f32,
  workspace: usize,
): void {
  const epilogue = epilogueIn(workspace, bias, true, activation, slope);
  if (m <= THIN_ROWS && bColumn == 1 && k > 0) {
    thinProduct(m, n, k, a, aRow, aColumn, b, bRow, c, epilogue, workspace);
    return;
  }
  const left = operandA(workspace).strided(a, aRow, aColumn);
  const right = operandB(workspace).strided(b, bColumn, bRow);
  product(m, n, k, left, right, c, n, 1, false, epilogue, workspace);
}
