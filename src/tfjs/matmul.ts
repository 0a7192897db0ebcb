import { NO_EPILOGUE } from '../engine.js';
import { matmulGeometry } from '../ops/matmul.js';
import { Recent } from '../ops/recent.js';
import { gemm } from '../reference/gemm.js';
import { Fusion } from './finish.js';
import { type Kernel, produce } from './kernel.js';

const problems = new Recent(matmulGeometry);

/** BatchMatMul and _FusedMatMul. */
export const product: Kernel = (work) => {
  if (!work.are('float32')) return work.are('int32') ? integerProduct(work) : null;
  const { op, attributes } = work;
  const [a, b] = work.tensors('a', 'b');
  const { geometry, outputShape } = problems.of(op, [a.shape, b.shape, attributes.transposeA === true, attributes.transposeB === true]);
  if (geometry.k === 0) return null;
  const fused = work.inputs.bias !== undefined || attributes.activation !== undefined;
  const fusion = fused ? new Fusion(work, geometry.n, 1) : undefined;
  const out = produce(work, outputShape.slice(), (engine, y) => {
    engine.gemm(geometry, work.floats(a), work.floats(b), work.floats(y), fusion?.epilogue() ?? NO_EPILOGUE, { op, algorithm: 'auto' });
    if (fusion?.more) fusion.finish(y);
  });
  return fusion ? fusion.activated(out) : out;
};

/** BatchMatMul of whole numbers, which tfjs's wasm backend does not have: summed in float64, as its cpu backend does. */
const integerProduct: Kernel = (work) => {
  const { op, home, backend, attributes } = work;
  const [a, b] = work.tensors('a', 'b');
  const { geometry, outputShape } = problems.of(op, [a.shape, b.shape, attributes.transposeA === true, attributes.transposeB === true]);
  const out = home.output(backend, [...outputShape], 'int32');
  gemm(geometry, home.ints(backend, a), home.ints(backend, b), home.ints(backend, out), NO_EPILOGUE);
  return out;
};
