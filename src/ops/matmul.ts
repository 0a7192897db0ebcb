import type { Engine, EnginePlan, Epilogue, GemmGeometry, Job } from '../engine.js';
import { OptionError } from '../errors.js';
import { checkShape, describe, type MatmulProblem, matmulGeometry } from '../geometry/index.js';
import type { MatmulOp, MatmulOptions, MatmulPlanOptions, Plan, Tensor } from '../types.js';
import { destination, readOptions, readTensor } from './arguments.js';
import type { Host } from './context.js';
import { readActivation } from './epilogue.js';
import { Recent } from './memoize.js';
import { OpPlan } from './plan.js';

const PLAN_NAMES = ['transposeA', 'transposeB', 'bias', 'activation'];
const NAMES = [...PLAN_NAMES, 'out'];

export function matmulOp(host: Host): MatmulOp {
  const problems = new Recent(matmulGeometry);

  function matmul(a: Tensor, b: Tensor, given?: MatmulOptions): Tensor {
    const op = 'matmul';
    const engine = host.use(op);
    const options = readOptions(op, given, NAMES);
    const [left, right] = [readTensor(host, op, 'a', a), readTensor(host, op, 'b', b)];
    const { problem, epilogue } = read(op, left.shape, right.shape, options);
    const { geometry, outputShape } = problem;
    const c = destination(host, op, options.out, outputShape, { a: left.data, b: right.data, bias: epilogue.bias });
    if (c.data.length === 0) return c.tensor;
    if (geometry.k > 0) engine.gemm(geometry, left.data, right.data, c.data, epilogue, host.job(op));
    else engine.gemm(zeroProduct(geometry), ZERO, ZERO, c.data, epilogue, host.job(op));
    return c.tensor;
  }

  function plan(given: MatmulPlanOptions): Plan {
    const op = 'matmul.plan';
    const engine = host.use(op);
    const options = readOptions(op, given, ['a', 'b', ...PLAN_NAMES]);
    const right = readTensor(host, op, 'b', options.b);
    const inputShape = checkShape(op, 'a', options.a);
    const { problem, epilogue } = read(op, inputShape, right.shape, options);
    const { geometry, outputShape } = problem;
    const job = host.job(op);
    const product = geometry.k > 0 ? engine.planGemm(geometry, right.data, epilogue, job) : planZeros(engine, geometry, epilogue, job);
    return new OpPlan(host, op, 'a', { inputShape, outputShape }, product);
  }

  function read(
    op: string,
    aShape: readonly number[],
    bShape: readonly number[],
    options: Partial<MatmulOptions>,
  ): { problem: MatmulProblem; epilogue: Epilogue } {
    const transposeA = readFlag(op, 'transposeA', options.transposeA);
    const transposeB = readFlag(op, 'transposeB', options.transposeB);
    const bias = options.bias === undefined ? undefined : readTensor(host, op, 'bias', options.bias);
    const problem = problems.of(op, [aShape, bShape, transposeA, transposeB, bias?.shape]);
    return { problem, epilogue: { bias: bias?.data ?? null, ...readActivation(op, options.activation) } };
  }

  return Object.assign(matmul, { plan }) as MatmulOp;
}

const ZERO = new Float32Array(1);

/** An empty sum is the product of a column and a row of zeros: each is one zero with every stride zero. */
function zeroProduct(g: GemmGeometry): GemmGeometry {
  const still = g.batch.map(() => 0);
  return { ...g, k: 1, a: { row: 0, column: 0 }, b: { row: 0, column: 0 }, aBatch: still, bBatch: still };
}

function planZeros(engine: Engine, g: GemmGeometry, epilogue: Epilogue, job: Job): EnginePlan {
  const plan = engine.planGemm(zeroProduct(g), ZERO, epilogue, job);
  return { algorithm: plan.algorithm, bytes: plan.bytes, run: (_, c) => plan.run(ZERO, c), free: () => plan.free() };
}

function readFlag(op: string, name: string, value: unknown): boolean {
  if (value !== undefined && typeof value !== 'boolean') throw new OptionError(op, `${name} is ${describe(value)}; expected a boolean`);
  return value ?? false;
}
