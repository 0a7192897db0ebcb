import { LINES, NR, SKINNY_COLUMNS, SKINNY_ROWS } from '../base/config';
import { Element } from '../base/element';
import { Epilogue, finish } from '../base/epilogue';
import { Operand, packWhole } from '../pack/operand';
import { product } from './blocked';
import { epilogueIn, operandA, operandB } from './descriptors';
import { skinnyProduct } from './skinny';
import { packStrips, takesStrips } from './skinny-strips';

/**
 * c (m × n, its rows cRow apart) = a (m × k) · b (k × n), strides in elements: a transpose is a pair of strides exchanged. The bias has a step from row to row and one of 0
 * or 1 from column to column.
 */
// biome-ignore format: a matrix and its steps in a row
export function gemm(
  m: i32, n: i32, k: i32,
  a: usize, aRow: i32, aColumn: i32,
  b: usize, bRow: i32, bColumn: i32,
  c: usize, cRow: i32,
  bias: usize, biasRow: i32, biasColumn: i32, activation: i32, slope: Element,
  workspace: usize,
): void {
  const left = operandA(workspace).strided(a, aRow, aColumn);
  const right = operandB(workspace).strided(b, bColumn, bRow);
  multiply(m, n, k, left, right, c, cRow, epilogueOf(workspace, bias, biasRow, biasColumn, activation, slope), workspace);
}

/** The same with n of the `columns` of b as `gemmPack` wrote it, from `first` on, a multiple of STRIP. */
// biome-ignore format: a matrix and its steps in a row
export function gemmPacked(
  m: i32, n: i32, k: i32,
  a: usize, aRow: i32, aColumn: i32,
  packed: usize, columns: i32, first: i32,
  c: usize, cRow: i32,
  bias: usize, biasRow: i32, biasColumn: i32, activation: i32, slope: Element,
  workspace: usize,
): void {
  const left = operandA(workspace).strided(a, aRow, aColumn);
  const right = takesStrips(m, columns)
    ? operandB(workspace).strips(packed + <usize>first * <usize>k * sizeof<Element>())
    : operandB(workspace).packed(packed, columns).from(first);
  multiply(m, n, k, left, right, c, cRow, epilogueOf(workspace, bias, biasRow, biasColumn, activation, slope), workspace);
}

/** Packs b for products of m rows, all more than one alike: k columns of n rounded up to whole micropanels. */
export function gemmPack(m: i32, n: i32, k: i32, b: usize, bRow: i32, bColumn: i32, to: usize, workspace: usize): void {
  if (takesStrips(m, n)) packStrips(n, k, b, bRow, bColumn, to);
  else packWhole(operandB(workspace).strided(b, bColumn, bRow), NR, n, k, to, workspace + LINES);
}

function multiply(m: i32, n: i32, k: i32, a: Operand, b: Operand, c: usize, cRow: i32, epilogue: Epilogue, workspace: usize): void {
  if (m <= SKINNY_ROWS && n >= m && k > 0) skinnyProduct(m, n, k, a, b, c, cRow, 1, workspace);
  else if (n <= SKINNY_COLUMNS && m > n && k > 0 && !b.isPacked) skinnyProduct(n, m, k, b, a, c, 1, cRow, workspace);
  else {
    product(m, n, k, a, b, c, cRow, 1, false, epilogue, workspace);
    return;
  }
  if (epilogue.active) finish(epilogue, c, m, n, cRow, 1, 0, 0);
}

function epilogueOf(workspace: usize, bias: usize, biasRow: i32, biasColumn: i32, activation: i32, slope: Element): Epilogue {
  const epilogue = epilogueIn(workspace, bias, true, activation, slope);
  epilogue.rowStep = biasRow;
  epilogue.columnStep = biasColumn;
  return epilogue;
}
