import { type Engine, type GemmGeometry, type Job, NO_EPILOGUE } from '../../engine.js';
import { matmulGeometry } from '../../geometry/index.js';
import { Recent } from '../../ops/memoize.js';
import { gemm } from '../../reference/gemm.js';
import { type Kernel, produce, type Work } from '../call.js';
import type { TensorInfo } from '../types.js';
import { Fusion } from './finish.js';

/** A product, and whether its second operand may be a weight, which comes again. */
export interface Product {
  readonly geometry: GemmGeometry;
  readonly constant: boolean;
}

const problems = new Recent(
  (op: string, aShape: readonly number[], bShape: readonly number[], transposeA: boolean, transposeB: boolean) => {
    const problem = matmulGeometry(op, aShape, bShape, transposeA, transposeB);
    // Where each matrix of a batch has its own, and in the gradient of a weight, b is new each time.
    return { ...problem, constant: !transposeA && problem.geometry.batch.length === 0 };
  },
);

/** The product of `m` rows of `k` channels with a filter [k, n], which a convolution of one tap is. */
export const rowProduct = (m: number, n: number, k: number): Product => ({
  geometry: { m, n, k, a: { row: k, column: 1 }, b: { row: n, column: 1 }, batch: [], aBatch: [], bBatch: [] },
  constant: true,
});

/**
 * Whether a product gains by b packed before, which it could read where it lies. Packed by tiles or rows, a transposed b is 1.1 to 2.6 times as fast, one as it is with more
 * rows than the engine reads so 1.1 to 1.35. Of fewer, on simd 1 to 1.7 times, from memory up to 2.3; on relaxed, from a cache, 2 and 5 rows take 0.73 to 0.94 of the
 * time where it lies and 6 and more as long (0.9 to 1.4), while from memory all gain 1.3 to 2.4 times. (AMD Zen 5, Node 20 and 26; 0.5 to 16 MiB.)
 */
function packingPays({ m, n, k, b }: GemmGeometry, { variant }: Engine): boolean {
  return b.column !== 1 || m >= FUSED_ROWS || (m > 1 && (variant !== 'relaxed' || n * k >= FAR));
}
const FUSED_ROWS = 6;
/** Values of a weight that no cache near the core holds. */
const FAR = 2 ** 21;

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
  { geometry, constant }: Product,
  a: TensorInfo,
  b: TensorInfo,
  y: TensorInfo,
  fusion: Fusion | undefined,
): void {
  const job: Job = { op: work.op, algorithm: 'gemm' };
  const packing = constant ? engine.gemmPacking(geometry) : undefined;
  const packed = packing && work.packed(b, packing, () => engine.packGemm(geometry, work.floats(b), job), packingPays(geometry, engine));
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
