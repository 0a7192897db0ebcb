import { ShapeError } from '../errors.js';
import { checkElements, show, sizeOf } from './shape.js';

/** c[..., m, n] = a[..., m, k] · b[..., k, n] over strided matrices, all strides in elements. */
export interface GemmGeometry {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Row and column stride of each matrix. c is row-major: its row stride is n. */
  readonly a: MatrixStrides;
  readonly b: MatrixStrides;
  /** Sizes of the batch axes; [] for a single product. */
  readonly batch: readonly number[];
  /** Stride of each batch axis in a and b; 0 where the operand is broadcast. c is dense. */
  readonly aBatch: readonly number[];
  readonly bBatch: readonly number[];
  /** Steps of the epilogue's bias, 0 where it is broadcast; its column step is 0 or 1. Without them it has one value for each column. */
  readonly bias?: MatrixStrides & { readonly batch: readonly number[] };
}

export interface MatrixStrides {
  readonly row: number;
  readonly column: number;
}

export interface MatmulProblem {
  readonly geometry: GemmGeometry;
  readonly outputShape: readonly number[];
}

/** [..., m, k] times [..., k, n], a transposed operand read by its strides; batch axes broadcast as in NumPy, and so does a bias to the result. */
export function matmulGeometry(
  op: string,
  aShape: readonly number[],
  bShape: readonly number[],
  transposeA: boolean,
  transposeB: boolean,
  biasShape?: readonly number[],
): MatmulProblem {
  const a = readMatrix(op, 'a', aShape, transposeA);
  const b = readMatrix(op, 'b', bShape, transposeB);
  const [m, k, n] = [a.rows, a.columns, b.columns];
  if (b.rows !== k) {
    const names = [transposeA ? '[..., k, m]' : '[..., m, k]', transposeB ? '[..., n, k]' : '[..., k, n]'];
    throw new ShapeError(op, `b is ${names[1]} = ${show(bShape)}; k must be ${k} (a ${names[0]} = ${show(aShape)})`);
  }
  const batch = broadcast(op, a.batch, b.batch, aShape, bShape);
  const outputShape = [...batch, m, n];
  checkElements(op, 'the output', outputShape);

  const biasSteps = biasShape ? broadcastSteps(op, biasShape, outputShape) : undefined;
  const biasColumn = biasSteps?.pop() ?? 0;

  // One b for all of a: its batch is more rows of one product, if these rows' bias is as far apart.
  const rowSizes = outputShape.slice(0, -1);
  if (sizeOf(b.batch) === 1 && !transposeA) {
    const row = biasSteps ? rowStep(rowSizes, biasSteps) : 0;
    if (row !== undefined) {
      const bias = biasSteps && { row, column: biasColumn, batch: [] };
      return {
        geometry: { m: sizeOf(rowSizes), n, k, a: a.strides, b: b.strides, batch: [], aBatch: [], bBatch: [], ...(bias && { bias }) },
        outputShape,
      };
    }
  }
  const aBatch = batchStrides(a.batch, batch, m * k);
  const bBatch = batchStrides(b.batch, batch, k * n);
  const bias = biasSteps && { row: biasSteps.pop() ?? 0, column: biasColumn, batch: biasSteps };
  return { geometry: { m, n, k, a: a.strides, b: b.strides, batch, aBatch, bBatch, ...(bias && { bias }) }, outputShape };
}

/** Elements of b, from its first to its last. */
export function bLength({ n, k, b, batch, bBatch }: GemmGeometry): number {
  if (n === 0 || k === 0 || sizeOf(batch) === 0) return 0;
  return batch.reduce((last, size, axis) => last + (size - 1) * (bBatch[axis] ?? 0), 1 + (k - 1) * b.row + (n - 1) * b.column);
}

/** Steps of a bias along the result's axes, 0 where it is broadcast. */
function broadcastSteps(op: string, shape: readonly number[], result: readonly number[]): number[] {
  const missing = result.length - shape.length;
  const fits = missing >= 0 && shape.every((size, axis) => size === 1 || size === result[axis + missing]);
  if (!fits) {
    const [m, n] = result.slice(-2) as [number, number];
    throw new ShapeError(
      op,
      `bias is ${show(shape)}; expected [n] = ${show([n])}, [m, n] = ${show([m, n])}, or another shape that broadcasts to the result ${show(result)}`,
    );
  }
  const steps = Array<number>(result.length).fill(0);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] as number;
    if (size > 1) steps[axis + missing] = step;
    step *= size;
  }
  return steps;
}

/** The step from a row to the next where one is right for all of several axes; undefined where it is not. */
function rowStep(sizes: readonly number[], steps: readonly number[]): number | undefined {
  let step: number | undefined;
  let next = 0;
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    const size = sizes[axis] as number;
    if (size === 1) continue;
    if (step !== undefined && steps[axis] !== next) return undefined;
    step ??= steps[axis] as number;
    next = (steps[axis] as number) * size;
  }
  return step ?? 0;
}

interface Matrix {
  readonly batch: readonly number[];
  readonly rows: number;
  readonly columns: number;
  readonly strides: MatrixStrides;
}

function readMatrix(op: string, name: string, shape: readonly number[], transposed: boolean): Matrix {
  if (shape.length < 2) throw new ShapeError(op, `${name} is ${show(shape)}, rank ${shape.length}; expected a matrix or a batch of them`);
  const batch = shape.slice(0, -2);
  const [rows, columns] = shape.slice(-2) as [number, number];
  return transposed
    ? { batch, rows: columns, columns: rows, strides: { row: 1, column: columns } }
    : { batch, rows, columns, strides: { row: columns, column: 1 } };
}

/** The batch axes aligned at their ends; a missing or single one stretches. */
function broadcast(
  op: string,
  a: readonly number[],
  b: readonly number[],
  aShape: readonly number[],
  bShape: readonly number[],
): readonly number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [x, y] = [a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1];
    if (x !== y && x !== 1 && y !== 1) {
      throw new ShapeError(op, `the batch axes of a ${show(aShape)} and b ${show(bShape)} do not broadcast: ${x} and ${y}`);
    }
    return x === 1 ? y : x;
  });
}

/** Steps of an operand along the result's batch axes, zero where it is broadcast. */
function batchStrides(own: readonly number[], batch: readonly number[], matrix: number): number[] {
  const strides = Array<number>(batch.length).fill(0);
  let step = matrix;
  for (let axis = own.length - 1; axis >= 0; axis--) {
    const size = own[axis] as number;
    if (size !== 1) strides[batch.length - own.length + axis] = step;
    step *= size;
  }
  return strides;
}
