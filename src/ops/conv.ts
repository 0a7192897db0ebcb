import { type Engine, type Job, NO_EPILOGUE, type Product } from '../engine.js';
import { OptionError } from '../errors.js';
import { biasGeometry, type ConvProblem, checkShape, convGeometry, convTransposeGeometry, describe } from '../geometry/index.js';
import type { Algorithm, ConvGradients, ConvOp, ConvOptions, ConvShapeOptions, Layout, Plan, PlanOptions, Tensor } from '../types.js';
import { checkSameShape, type Destination, destination, readOptions, readTensor } from './arguments.js';
import type { Host } from './context.js';
import { readBias, readEpilogue } from './epilogue.js';
import { Recent } from './memoize.js';
import { OpPlan } from './plan.js';
import { shapeOptions, shapeValues } from './shape-options.js';

/**
 * A convolution over 1 to 3 spatial axes, or a transposed one: the same three products of the same matrix C, under other names.
 *
 *                  conv                       transposed conv
 *   forward        fprop   y = C x            dgrad   x = Cᵀ y
 *   gradInput      dgrad   dx = Cᵀ dy         fprop   dy = C dx
 *   gradWeight     wgrad(x = input, dy)       wgrad(x = gradOutput, y = input)
 *   gradBias       wgrad over a constant input of one
 */
export function convOp(host: Host, axes: 1 | 2 | 3, transposed: boolean): ConvOp {
  const name = `${transposed ? 'convTranspose' : 'conv'}${axes}d`;
  const forward = transposed ? 'dgrad' : 'fprop';
  const adjoint = transposed ? 'fprop' : 'dgrad';
  const shapeNames = [
    'stride',
    'padding',
    'padMode',
    'dilation',
    'groups',
    'layout',
    ...(transposed ? ['outputPadding', 'outputSize'] : []),
  ];
  const planNames = [...shapeNames, 'bias', 'activation', 'algorithm'];
  const names = [...planNames, 'out'];

  const geometryOf = transposed ? convTransposeGeometry : convGeometry;
  const problems = new Recent((op, inputShape: Shape, weightShape: Shape, options: ReturnType<typeof shapeValues>) =>
    geometryOf(op, axes, inputShape, weightShape, shapeOptions(options)),
  );
  const problemOf = (op: string, inputShape: Shape, weightShape: Shape, options: ConvShapeOptions): ConvProblem =>
    problems.of(op, [inputShape, weightShape, shapeValues(options)]);
  const biasGeometries = new Recent((op, shape: Shape, layout: Layout | undefined) => biasGeometry(op, axes, shape, layout));

  const read = (op: string, argument: string, value: unknown): Tensor => readTensor(host, op, argument, value);

  function conv(input: Tensor, weight: Tensor, given?: ConvOptions): Tensor {
    const engine = host.use(name);
    const options = readOptions(name, given, names);
    const x = read(name, 'input', input);
    const w = read(name, 'weight', weight);
    const { geometry, outputShape, outputChannels } = problemOf(name, x.shape, w.shape, options);
    const job = host.job(name, options.algorithm);
    const epilogue = readConvEpilogue(host, name, options, outputChannels);
    const y = destination(host, name, options.out, outputShape, { input: x.data, weight: w.data, bias: epilogue.bias });
    if (y.data.length > 0) engine[forward](geometry, x.data, w.data, y.data, epilogue, job);
    else engine.prepare([{ direction: forward, geometry, arrays: [x.data, w.data, y.data], job }]);
    return y.tensor;
  }

  /** The problem of the forward call that `gradOutput` is the gradient of. */
  function gradientProblem(op: string, gradOutput: Tensor, inputShape: Shape, weightShape: Shape, options: ConvOptions): ConvProblem {
    checkLinear(op, options);
    const problem = problemOf(op, inputShape, weightShape, options);
    checkSameShape(op, 'gradOutput', gradOutput.shape, problem.outputShape, "the forward output's shape");
    readBias(host, op, options.bias, 'O', problem.outputChannels);
    return problem;
  }

  function inputGradient(job: Job, { geometry, inputShape }: ConvProblem, dy: Tensor, w: Tensor, out?: Tensor): Pending {
    const result = destination(host, job.op, out, inputShape, { gradOutput: dy.data, weight: w.data });
    return { direction: adjoint, geometry, operands: [dy, w], result, job };
  }

  function weightGradient(job: Job, { geometry, weightShape }: ConvProblem, dy: Tensor, input: Tensor, out?: Tensor): Pending {
    const result = destination(host, job.op, out, weightShape, { gradOutput: dy.data, input: input.data });
    return { direction: 'wgrad', geometry, operands: transposed ? [dy, input] : [input, dy], result, job };
  }

  function biasGradient({ op }: Job, dy: Tensor, options: ConvOptions, out?: Tensor): Pending {
    const geometry = biasGeometries.of(op, [dy.shape, options.layout]);
    readBias(host, op, options.bias, 'O', geometry.yChannels);
    const result = destination(host, op, out, [geometry.yChannels], { gradOutput: dy.data });
    // Its own geometry, of one input channel: an algorithm asked for the convolution does not apply to it.
    return { direction: 'wgrad', geometry, operands: [ONE, dy], result, job: { op, algorithm: 'gemm' } };
  }

  /** One alone is refused by the engine itself, unless there is nothing to compute. */
  function alone(op: string, pending: Pending): Tensor {
    const engine = host.use(op);
    if (isEmpty(pending)) engine.prepare([productOf(pending)]);
    return run(engine, pending);
  }

  function gradInput(gradOutput: Tensor, weight: Tensor, inputShape: readonly number[], given?: ConvOptions): Tensor {
    const op = `${name}.gradInput`;
    host.use(op);
    const options = readOptions(op, given, names);
    const dy = read(op, 'gradOutput', gradOutput);
    const w = read(op, 'weight', weight);
    const problem = gradientProblem(op, dy, inputShape, w.shape, options);
    return alone(op, inputGradient(host.job(op, options.algorithm), problem, dy, w, options.out));
  }

  function gradWeight(gradOutput: Tensor, input: Tensor, weightShape: readonly number[], given?: ConvOptions): Tensor {
    const op = `${name}.gradWeight`;
    host.use(op);
    const options = readOptions(op, given, names);
    const dy = read(op, 'gradOutput', gradOutput);
    const x = read(op, 'input', input);
    const problem = gradientProblem(op, dy, x.shape, weightShape, options);
    return alone(op, weightGradient(host.job(op, options.algorithm), problem, dy, x, options.out));
  }

  function gradBias(gradOutput: Tensor, given?: ConvOptions): Tensor {
    const op = `${name}.gradBias`;
    host.use(op);
    const options = readOptions(op, given, names);
    checkLinear(op, options);
    const dy = read(op, 'gradOutput', gradOutput);
    return alone(op, biasGradient(host.job(op, options.algorithm), dy, options, options.out));
  }

  function backward(gradOutput: Tensor, input: Tensor, weight: Tensor, given?: ConvOptions): Record<keyof ConvGradients, Tensor> {
    const op = `${name}.backward`;
    const engine = host.use(op);
    const options = readOptions(op, given, planNames);
    const dy = read(op, 'gradOutput', gradOutput);
    const x = read(op, 'input', input);
    const w = read(op, 'weight', weight);
    const problem = gradientProblem(op, dy, x.shape, w.shape, options);
    const job = host.job(op, options.algorithm);
    const dx = inputGradient(job, problem, dy, w);
    const dw = weightGradient(job, problem, dy, x);
    const db = biasGradient(job, dy, options);
    engine.prepare([dx, dw, db].map(productOf));
    return { gradInput: run(engine, dx), gradWeight: run(engine, dw), gradBias: run(engine, db) };
  }

  function outputShape(inputShape: readonly number[], weightShape: readonly number[], given?: ConvOptions): number[] {
    const op = `${name}.outputShape`;
    host.use(op);
    return [...problemOf(op, inputShape, weightShape, readOptions(op, given, names)).outputShape];
  }

  function plan(given: PlanOptions): Plan {
    const op = `${name}.plan`;
    const engine = host.use(op);
    const options = readOptions(op, given, ['input', 'weight', ...planNames]);
    const w = read(op, 'weight', options.weight);
    const problem = problemOf(op, checkShape(op, 'input', options.input), w.shape, options);
    const epilogue = readConvEpilogue(host, op, options, problem.outputChannels);
    const job = host.job(op, options.algorithm);
    return new OpPlan(host, op, 'input', problem, engine.plan(forward, problem.geometry, w.data, epilogue, job));
  }

  // As ConvOp: that a result is `out` itself or fresh is what `destination` does, and its overloads say.
  return Object.assign(conv, { gradInput, gradWeight, gradBias, backward, outputShape, plan }) as ConvOp;
}

type Shape = readonly number[];

/** The constant input whose weight is the bias. */
const ONE = { data: Float32Array.of(1) };

/** A gradient that has been checked. To make room for it may make the memory grow: its arrays are read when they are used. */
interface Pending extends Omit<Product, 'arrays'> {
  readonly operands: readonly [first: Pick<Tensor, 'data'>, second: Pick<Tensor, 'data'>];
  readonly result: Destination;
}

const productOf = ({ direction, geometry, operands: [first, second], result, job }: Pending): Product => ({
  direction,
  geometry,
  arrays: [first.data, second.data, result.data],
  job,
});

/** Of no image there is nothing to sum. */
const isEmpty = ({ geometry }: Pending): boolean => geometry.batch === 0;

function run(engine: Engine, pending: Pending): Tensor {
  const {
    direction,
    geometry,
    operands: [first, second],
    result,
    job,
  } = pending;
  if (isEmpty(pending)) result.data.fill(0);
  else if (direction === 'wgrad') engine.wgrad(geometry, first.data, second.data, result.data, job);
  else engine[direction](geometry, first.data, second.data, result.data, NO_EPILOGUE, job);
  return result.tensor;
}

function readConvEpilogue(host: Host, op: string, options: ConvOptions, channels: number) {
  checkAlgorithm(op, options.algorithm);
  return readEpilogue(host, op, options, 'O', channels);
}

const ALGORITHMS: readonly unknown[] = ['auto', 'gemm', 'direct', 'winograd', 'fft', 'phases'] satisfies Algorithm[];

function checkAlgorithm(op: string, algorithm: unknown): void {
  if (algorithm !== undefined && !ALGORITHMS.includes(algorithm)) {
    throw new OptionError(op, `algorithm is ${describe(algorithm)}; expected one of ${ALGORITHMS.map((name) => `'${name}'`).join(', ')}`);
  }
}

/** Refuses what has no meaning in a gradient. */
function checkLinear(op: string, options: ConvOptions): void {
  checkAlgorithm(op, options.algorithm);
  if (options.activation !== undefined) {
    throw new OptionError(
      op,
      "activation is not an option of gradients, which are of the linear op; multiply gradOutput by the activation's derivative first",
    );
  }
}
