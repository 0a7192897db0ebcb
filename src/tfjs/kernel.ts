import type { Engine, EnginePlan } from '../engine.js';
import type { Home } from './home.js';
import type { Use } from './plans.js';
import type { KernelCall, TensorInfo } from './types.js';

/** Computes a kernel's output; null leaves the call to the kernel that was there before. */
export type Kernel = (work: Work) => TensorInfo | TensorInfo[] | null;

/** Leaves what has an input of another type than float32. */
export const ofFloats =
  (kernel: Kernel): Kernel =>
  (work) =>
    work.are('float32') ? kernel(work) : null;

/** Leaves all where tfjs's heap is hidden or shared between threads: its own kernels copy nothing. */
export const inHeap =
  (kernel: Kernel): Kernel =>
  (work) =>
    work.home.inPlace ? kernel(work) : null;

/** One call of a kernel. */
export class Work {
  /** What errors name. */
  readonly op: string;
  readonly inputs: KernelCall['inputs'];
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly home: Home;
  readonly backend: object;

  constructor(kernelName: string, home: Home, { inputs, attrs, backend }: KernelCall) {
    this.op = `tfjs ${kernelName}`;
    this.home = home;
    this.inputs = inputs;
    this.attributes = attrs ?? {};
    this.backend = backend;
  }

  /** Inputs that tfjs-core has seen to. */
  tensors(...names: string[]): [TensorInfo, TensorInfo] {
    return names.map((name) => this.inputs[name]) as [TensorInfo, TensorInfo];
  }

  /** Every input is of this type. */
  are(dtype: string): boolean {
    return Object.values(this.inputs).every((input) => !input || input.dtype === dtype);
  }

  /** The plan of a filter that was used in this way before. */
  plan(filter: TensorInfo, bias: TensorInfo | undefined, use: Use, make: () => EnginePlan): EnginePlan | undefined {
    const isLive = (dataId: object): boolean => this.home.isLive(this.backend, dataId);
    return this.home.plans.find(filter.dataId, bias?.dataId, use, isLive, make);
  }

  floats(tensor: TensorInfo): Float32Array {
    return this.home.floats(this.backend, tensor);
  }
}

/** An output of `shape` that `compute` writes in full. All that is allocated before is allocated first, so that nothing moves under it. */
export function produce({ home, backend }: Work, shape: number[], compute: (engine: Engine, out: TensorInfo) => void): TensorInfo {
  const engine = home.engine(backend);
  const out = home.output(backend, shape);
  if (shape.includes(0)) return out;
  try {
    compute(engine, out);
    return out;
  } catch (error) {
    home.discard(backend, out);
    throw error;
  }
}
