import { type Engine, type GemmGeometry, type Job, NO_EPILOGUE } from '../engine.js';
import { type ConvGeometry, imageStrides, matmulGeometry } from '../geometry/index.js';
import { Recent } from '../ops/recent.js';
import { gemm } from '../reference/gemm.js';
import { Fusion } from './finish.js';
import { type Kernel, produce, type Work } from './kernel.js';
import type { TensorInfo } from './types.js';

/** A product, and how its second operand is packed. */
export interface Product {
  readonly geometry: GemmGeometry;
  /** None where b changes from one matrix of a batch to the next, or a is transposed. */
  readonly packed: ConvGeometry | undefined;
}

const problems = new Recent(
  (op: string, aShape: readonly number[], bShape: readonly number[], transposeA: boolean, transposeB: boolean) => {
    const problem = matmulGeometry(op, aShape, bShape, transposeA, transposeB);
    const { geometry } = problem;
    const packed = !transposeA && geometry.batch.length === 0 ? pixelsOf(geometry) : undefined;
    return { ...problem, packed };
  },
);

/** The product of `m` rows of `k` channels with a filter [k, n], which a convolution of one tap is. */
export function rowProduct(m: number, n: number, k: number): Product {
  const geometry = { m, n, k, a: { row: k, column: 1 }, b: { row: n, column: 1 }, batch: [], aBatch: [], bBatch: [] };
  return { geometry, packed: pixelsOf(geometry) };
}

/** A product as a convolution of one tap, whose filter can be packed: the rows of a are pixels, its columns channels. The same sums in the same order. */
function pixelsOf({ m, n, k, b }: GemmGeometry): ConvGeometry {
  const size = [1, 1, m] as const;
  return {
    batch: 1,
    groups: 1,
    xChannels: k,
    yChannels: n,
    xSize: size,
    ySize: size,
    kernel: [1, 1, 1],
    stride: [1, 1, 1],
    dilation: [1, 1, 1],
    padBefore: [0, 0, 0],
    padAfter: [0, 0, 0],
    layout: 'channels-last',
    x: imageStrides('channels-last', k, m),
    y: imageStrides('channels-last', n, m),
    w: { y: b.column, x: b.row, tap: k * n },
  };
}

/**
 * Whether a product gains by b packed before: read where it lies by tiles, a transposed b costs as much again (1 row 1.6 to 2.1 times as fast, 16 rows 1.5), one
 * as it is gains 1.1 to 2 times, less the larger it is. Few rows fill a tile in part, while a product that packs nothing skips the rest: 0.4 to 0.9 times.
 */
function packingPays({ m, b }: GemmGeometry, { tile }: Engine): boolean {
  const tileRows = tile[0] ?? 1;
  return b.column !== 1 || Math.ceil(m / tileRows) * tileRows <= MOST_ROWS * m;
}
/** Rows of the tiles for each row of a: it is this or less beyond the few rows for which the engine packs nothing. */
const MOST_ROWS = 1.25;

/** BatchMatMul and _FusedMatMul. */
export const product: Kernel = (work) => {
  if (!work.are('float32')) return work.are('int32') ? integerProduct(work) : null;
  const { op, attributes } = work;
  const [a, b] = work.tensors('a', 'b');
  const problem = problems.of(op, [a.shape, b.shape, attributes.transposeA === true, attributes.transposeB === true]);
  const { geometry, outputShape } = problem;
  const fused = work.inputs.bias !== undefined || attributes.activation !== undefined;
  const fusion = fused ? new Fusion(work, geometry.n, 1) : undefined;
  const out = produce(work, outputShape.slice(), (engine, y) => {
    const empty = geometry.k === 0;
    if (empty) work.floats(y).fill(0);
    else multiplyRows(work, engine, problem, a, b, y, fusion);
    if (empty || fusion?.more) fusion?.finish(y, empty);
  });
  return fusion ? fusion.activated(out) : out;
};

/** y = a · b, which is packed where that has been done. */
export function multiplyRows(
  work: Work,
  engine: Engine,
  { geometry, packed: pixels }: Product,
  a: TensorInfo,
  b: TensorInfo,
  y: TensorInfo,
  fusion: Fusion | undefined,
): void {
  const job: Job = { op: work.op, algorithm: 'gemm' };
  const packing = pixels && packingPays(geometry, engine) ? engine.packing('fprop', pixels, job) : undefined;
  const packed = packing && work.packed(b, packing, () => engine.pack('fprop', pixels as ConvGeometry, work.floats(b), job));
  const epilogue = fusion?.epilogue() ?? NO_EPILOGUE;
  if (packed) packed.multiply(packing, work.floats(a), work.floats(y), epilogue, job.op);
  else engine.gemm(geometry, work.floats(a), work.floats(b), work.floats(y), epilogue, job);
}

/** BatchMatMul of whole numbers, which tfjs's wasm backend does not have: summed in float64, as its cpu backend does. */
const integerProduct: Kernel = (work) => {
  const { op, home, backend, attributes } = work;
  const [a, b] = work.tensors('a', 'b');
  const { geometry, outputShape } = problems.of(op, [a.shape, b.shape, attributes.transposeA === true, attributes.transposeB === true]);
  const out = home.output(backend, [...outputShape], 'int32');
  gemm(geometry, home.ints(backend, a), home.ints(backend, b), home.ints(backend, out), NO_EPILOGUE);
  return out;
};
