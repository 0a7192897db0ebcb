import type { GemmGeometry, MatrixStrides } from '../engine.js';
import { OptionError, ShapeError } from '../errors.js';
import { checkElements, describe, show, sizeOf } from '../geometry/index.js';
import type { Kernels, MatmulOptions, Tensor } from '../types.js';
import { readEpilogue } from './epilogue.js';
import type { Host } from './host.js';
import { destination, readOptions, readTensor } from './operand.js';
import { Recent } from './recent.js';

const NAMES = ['transposeA', 'transposeB', 'bias', 'activation', 'out'];

export function matmulOp(host: Host): Kernels['matmul'] {
  const op = 'matmul';
  const problems = new Recent(matmulGeometry);
  return ((a: Tensor, b: Tensor, given?: MatmulOptions): Tensor => {
    const engine = host.use(op);
    const options = readOptions(op, given, NAMES);
    const [left, right] = [readTensor(host, op, 'a', a), readTensor(host, op, 'b', b)];
    const transposeA = readFlag(op, 'transposeA', options.transposeA);
    const transposeB = readFlag(op, 'transposeB', options.transposeB);
    const { geometry, outputShape } = problems.of(op, [left.shape, right.shape, transposeA, transposeB]);
    const epilogue = readEpilogue(host, op, options, 'n', geometry.n);
    const c = destination(host, op, options.out, outputShape, { a: left.data, b: right.data, bias: epilogue.bias });
    if (c.data.length === 0) return c.tensor;
    if (geometry.k > 0) engine.gemm(geometry, left.data, right.data, c.data, epilogue, host.job(op));
    else engine.gemm(zeroProduct(geometry), ZERO, ZERO, c.data, epilogue, host.job(op));
    return c.tensor;
  }) as Kernels['matmul'];
}

const ZERO = new Float32Array(1);

/** An empty sum is the product of a column and a row of zeros: each is one zero with every stride zero. */
function zeroProduct(g: GemmGeometry): GemmGeometry {
  const still = g.batch.map(() => 0);
  return { ...g, k: 1, a: { row: 0, column: 0 }, b: { row: 0, column: 0 }, aBatch: still, bBatch: still };
}

function readFlag(op: string, name: string, value: unknown): boolean {
  if (value !== undefined && typeof value !== 'boolean') throw new OptionError(op, `${name} is ${describe(value)}; expected a boolean`);
  return value ?? false;
}

export interface MatmulProblem {
  readonly geometry: GemmGeometry;
  readonly outputShape: readonly number[];
}

/** [..., m, k] times [..., k, n], a transposed operand read by its strides; batch axes broadcast as in NumPy. */
export function matmulGeometry(
  op: string,
  aShape: readonly number[],
  bShape: readonly number[],
  transposeA: boolean,
  transposeB: boolean,
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

  // One b for all of a: its batch is more rows of one product.
  if (sizeOf(b.batch) === 1 && !transposeA) {
    return { geometry: { m: sizeOf(batch) * m, n, k, a: a.strides, b: b.strides, batch: [], aBatch: [], bBatch: [] }, outputShape };
  }
  const aBatch = batchStrides(a.batch, batch, m * k);
  const bBatch = batchStrides(b.batch, batch, k * n);
  return { geometry: { m, n, k, a: a.strides, b: b.strides, batch, aBatch, bBatch }, outputShape };
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
