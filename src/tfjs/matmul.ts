import { type Job, NO_EPILOGUE } from '../engine.js';
import { matmulGeometry } from '../ops/matmul.js';
import { Recent } from '../ops/recent.js';
import { gemm } from '../reference/gemm.js';
import { type Fusion, finish, finishOf } from './finish.js';
import { type Kernel, produce, type Work } from './kernel.js';
import type { TensorInfo } from './types.js';

const problems = new Recent(matmulGeometry);

/** BatchMatMul and _FusedMatMul. */
export const product: Kernel = (work) => {
  if (!work.are('float32')) return work.are('int32') ? integerProduct(work) : null;
  const { op, attributes } = work;
  const [a, b] = work.tensors('a', 'b');
  const { geometry, outputShape } = problems.of(op, [a.shape, b.shape, attributes.transposeA === true, attributes.transposeB === true]);
  if (geometry.k === 0) return null;
  const shape = [...outputShape];
  const job: Job = { op, algorithm: 'auto' };
  return produce(work, shape, (engine, out) => {
    const finishing = finishOf(op, fusionOf(work), geometry.n, 1);
    engine.gemm(geometry, work.floats(a), work.floats(b), work.floats(out), finishing.epilogue, job);
    if (finishing.more) finish(op, fusionOf(work), finishing, work.floats(out), shape);
  });
};

function fusionOf(work: Work): Fusion {
  const { bias, preluActivationWeights: prelu } = work.inputs;
  const { activation, leakyreluAlpha: alpha } = work.attributes;
  const read = (tensor: TensorInfo | undefined) => tensor && { data: work.floats(tensor), shape: tensor.shape };
  return { bias: read(bias), prelu: read(prelu), activation: activation ?? 'linear', alpha };
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
