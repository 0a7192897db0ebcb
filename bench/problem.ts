/** A case with numbers in it, and the call of the public API that computes it. */
import type { ConvOptions, Kernels, MatmulOptions, ResidentTensor, Tensor } from 'simdconv';
import { sizeOf } from '../src/geometry/index.js';
import { type Case, isConv, outputShape, resultShape } from './cases.js';

export interface Operands {
  readonly input: Tensor;
  readonly weight: Tensor;
  /** Upstream gradient: what the gradients start from, of the output's shape. */
  readonly gradOutput: Tensor;
}

/** Uniform in [-1, 1) with the whole mantissa used, the same in every run. */
export function operandsOf(c: Case): Operands {
  let state = 1;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0; // Numerical Recipes, section 7.1
    return state / 2 ** 31 - 1;
  };
  const filled = (shape: readonly number[]): Tensor => {
    const data = new Float32Array(sizeOf(shape));
    for (let i = 0; i < data.length; i++) data[i] = next();
    return { data, shape };
  };
  return { input: filled(c.input), weight: filled(c.weight), gradOutput: filled(outputShape(c)) };
}

export interface Runner {
  /** Computes the case once. */
  run(): Tensor;
  /** As the plan names it; undefined where the API does not tell. */
  readonly algorithm: string | undefined;
  dispose(): void;
}

/** The one-shot op on plain arrays, with a fresh result every time. */
export function plainRunner(kernels: Kernels, c: Case, operands: Operands): Runner {
  return {
    run: () => call(kernels, c, operands, isConv(c) ? c.options : undefined),
    algorithm: algorithmOf(kernels, c, operands),
    dispose: () => undefined,
  };
}

/** Everything in the kernels' memory, and for a forward convolution a plan. */
export function residentRunner(kernels: Kernels, c: Case, operands: Operands): Runner {
  const move = ({ shape, data }: Tensor): ResidentTensor => kernels.tensor(shape, data);
  const [input, weight, gradOutput] = [move(operands.input), move(operands.weight), move(operands.gradOutput)];
  const shape = resultShape(c);
  const out = kernels.tensor(shape, new Float32Array(sizeOf(shape)).fill(Number.NaN)); // what is left unwritten shows in the check
  const planned = isConv(c) && c.direction === 'forward';
  const plan = planned ? kernels[c.op].plan({ ...c.options, input: c.input, weight }) : undefined;
  const options = isConv(c) ? { ...c.options, out } : { out };
  return {
    run: plan ? () => plan.run(input, out) : () => call(kernels, c, { input, weight, gradOutput }, options),
    algorithm: plan?.algorithm,
    dispose: () => {
      for (const each of [plan, input, weight, gradOutput, out]) each?.dispose();
    },
  };
}

function call(kernels: Kernels, c: Case, { input, weight, gradOutput }: Operands, options?: ConvOptions): Tensor {
  if (!isConv(c)) return kernels.matmul(input, weight, options as MatmulOptions | undefined);
  const op = kernels[c.op];
  if (c.direction === 'gradInput') return op.gradInput(gradOutput, weight, c.input, options);
  if (c.direction === 'gradWeight') return op.gradWeight(gradOutput, input, c.weight, options);
  return op(input, weight, options);
}

function algorithmOf(kernels: Kernels, c: Case, { weight }: Operands): string | undefined {
  if (!isConv(c) || c.direction !== 'forward') return undefined;
  const plan = kernels[c.op].plan({ ...c.options, input: c.input, weight });
  plan.dispose();
  return plan.algorithm;
}
