import type { Engine, PackedWeight, Packing } from '../engine.js';
import type { Home } from './backend.js';
import type { KernelCall, TensorInfo } from './types.js';

/** Computes a kernel's output; null leaves the call to the kernel that was there before. */
export type Kernel = (work: Work) => TensorInfo | TensorInfo[] | null;

/** Leaves what has an input of another type than float32. */
export const ofFloats =
  (kernel: Kernel): Kernel =>
  (work) =>
    work.are('float32') ? kernel(work) : null;

/** Leaves all where tfjs's heap is hidden: its own kernels copy nothing. */
export const inHeap =
  (kernel: Kernel): Kernel =>
  (work) =>
    work.home.inPlace ? kernel(work) : null;

/** Whom the kernels of a backend work for. */
export interface Workplace {
  readonly home: Home;
  /** A kernel that is registered for the backend, whoever made it. */
  kernelOf(name: string): ((call: KernelCall) => TensorInfo) | undefined;
}

/** One call of a kernel. */
export class Work {
  /** What errors name. */
  readonly op: string;
  readonly inputs: KernelCall['inputs'];
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly home: Home;
  readonly backend: object;
  /** Whether an input has data of another type than it says (cast.ts). `floats` and `ints` convert it. */
  readonly misnamed: boolean;
  readonly #place: Workplace;
  /** Of every input, '' where they differ. */
  #dtype: string | undefined;

  constructor(op: string, place: Workplace, { inputs, attrs, backend }: KernelCall) {
    this.op = op;
    this.home = place.home;
    this.inputs = inputs;
    this.attributes = attrs ?? NO_ATTRIBUTES;
    this.backend = backend;
    this.#place = place;
    let misnamed = false;
    // Before anything is read: with each one that comes the heap may grow, which ends the views of the others.
    // (`for in` takes five times as long on Node 26.)
    for (const input of Object.values(inputs)) {
      if (!input) continue;
      if (this.home.bring(backend, input.dataId) !== input.dtype) misnamed = true;
      this.#dtype = (this.#dtype ?? input.dtype) === input.dtype ? input.dtype : '';
    }
    this.misnamed = misnamed;
  }

  /** Inputs that tfjs-core has seen to. */
  tensors(a: string, b: string): [TensorInfo, TensorInfo] {
    return [this.inputs[a] as TensorInfo, this.inputs[b] as TensorInfo];
  }

  /** Every input is of this type. */
  are(dtype: string): boolean {
    return (this.#dtype ?? dtype) === dtype;
  }

  /** A weight that was used in this way before, packed; none where that is no gain. Where each call would copy it, it is one; elsewhere `pays` says whether. */
  packed(weight: TensorInfo, packing: Packing, pack: () => PackedWeight, pays = true): PackedWeight | undefined {
    const { weights, inPlace } = this.home;
    if ((pays && !packing.asIs) || !inPlace) return weights.find(weight.dataId, packing, this, pack);
    weights.see(weight.dataId, this);
    return undefined;
  }

  /** Whether tensors are read and written where they lie. */
  get inPlace(): boolean {
    this.home.engine(this.backend); // which finds out
    return this.home.inPlace;
  }

  isLive(dataId: object): boolean {
    return this.home.isLive(this.backend, dataId);
  }

  floats(tensor: TensorInfo): Float32Array {
    return this.home.floats(this.backend, tensor);
  }

  /** Where a tensor lies in tfjs's heap. */
  addressOf({ dataId }: TensorInfo): number {
    return this.home.addressOf(this.backend, dataId);
  }

  hasKernel(kernelName: string): boolean {
    return this.#place.kernelOf(kernelName) !== undefined;
  }

  /** What a kernel that the backend has makes of `x`, in its place. */
  replaced(x: TensorInfo, kernelName: string): TensorInfo {
    const run = this.#place.kernelOf(kernelName) as (call: KernelCall) => TensorInfo;
    try {
      return run({ inputs: { x }, attrs: NO_ATTRIBUTES, backend: this.backend });
    } finally {
      this.home.discard(this.backend, x);
    }
  }
}

const NO_ATTRIBUTES: Readonly<Record<string, unknown>> = {};

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
