import type { TensorInfo } from '../types.js';

export type Tensors = Readonly<Record<string, TensorInfo>>;
export type Attributes = Readonly<Record<string, unknown>>;
/** Runs a kernel of the backend in use, whose gradient tfjs may be asked for too. */
export type Run = (kernel: string, inputs: Tensors, attributes: Attributes) => TensorInfo;

/** The gradient of one input. */
export interface Part {
  /** Which must be ours. */
  readonly kernel: string;
  compute(run: Run): TensorInfo;
}

export interface Gradient {
  /** The inputs that it needs. */
  readonly saves: readonly string[];
  /** What tfjs-core's function refuses, or forgets; where there is none, all. */
  needed(attributes: Attributes, saved: Tensors): boolean;
  /** For each input, by the gradient of the output and what was saved. */
  of(dy: TensorInfo, saved: Tensors, attributes: Attributes): Readonly<Record<string, Part>>;
}
