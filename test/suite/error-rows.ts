import type { Kernels, SimdconvError, Tensor } from '../../src/index.js';

export type ErrorClass = new (op: string, detail: string) => SimdconvError;

/** A call that is refused, the class of its error and what the message says. */
export type Row = readonly [name: string, run: () => unknown, error: ErrorClass, message: RegExp];

/** A value that the types forbid. */
export const wrong = (value: unknown): never => value as never;

export const zeros = (...shape: number[]): Tensor => ({ data: new Float32Array(shape.reduce((a, b) => a * b, 1)), shape });

/** A 3×3 convolution of one image. */
export const x = zeros(1, 3, 5, 5);
export const w = zeros(2, 3, 3, 3);
export const dy = zeros(1, 2, 3, 3);

/** What `run` gives of a plan that is disposed afterwards. */
export function withPlan(conv2d: Kernels['conv2d'], run: (plan: ReturnType<Kernels['conv2d']['plan']>) => unknown): unknown {
  const plan = conv2d.plan({ input: x.shape, weight: w });
  try {
    return run(plan);
  } finally {
    plan.dispose();
  }
}
