/** simdconv/tfjs: TensorFlow.js with the convolutions and products of this library. Importing has no effect. */
import { OptionError, UnsupportedRuntimeError } from '../errors.js';
import { checkNames, describe } from '../geometry/index.js';
import { compile, supports, type WasmVariant } from '../wasm/module.js';
import { replaceGradients } from './gradients.js';
import { type BackendName, homeOf } from './home.js';
import { type Kernel, Work, type Workplace } from './kernel.js';
import { kernelsOf } from './kernels.js';
import { replace } from './registry.js';
import { type IsSmall, smallOf } from './small.js';
import type { KernelCall, KernelConfig, TensorFlow, TensorInfo } from './types.js';

export type { BackendName } from './home.js';
export type { KernelCall, KernelConfig, TensorFlow, TensorInfo } from './types.js';

export interface AccelerateOptions {
  /** Default: the backend in use. */
  readonly backend?: BackendName;
  /** Default: the fastest that the runtime supports. */
  readonly variant?: WasmVariant;
}

export interface Acceleration {
  readonly info: AccelerationInfo;
  /** Puts back the kernels and gradient functions that were there before. */
  restore(): void;
}

export interface AccelerationInfo {
  readonly backend: BackendName;
  readonly variant: WasmVariant;
  /** The kernels that were registered. */
  readonly kernels: readonly string[];
  /** Whether tensors are read and written where they lie in tfjs's heap; on 'cpu', and where tfjs hides or shares its memory, they are copied. */
  readonly inPlace: boolean;
  /** Bytes that the kernels hold: their scratch, packed filters, and room for copies. */
  readonly bytes: number;
  /** Of filters that were packed because they came again. */
  readonly packedBytes: number;
}

/**
 * Gives the backend 'wasm' or 'cpu' of TensorFlow.js these kernels in place of its own, and dilated convolutions gradients on it.
 *
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * import { accelerate } from 'simdconv/tfjs';
 * const { info } = await accelerate(tf);
 *
 * @throws OptionError for another backend.
 * @throws UnsupportedRuntimeError where the runtime has no WebAssembly SIMD.
 */
export async function accelerate(tf: TensorFlow, options: AccelerateOptions = {}): Promise<Acceleration> {
  const op = 'accelerate';
  checkNames(op, options, ['backend', 'variant']);
  await tf.ready();
  const { backend = tf.getBackend(), variant = (['relaxed', 'simd'] as const).find(supports) } = options;
  if (backend !== 'wasm' && backend !== 'cpu') throw new OptionError(op, `backend is ${describe(backend)}; expected 'wasm' or 'cpu'`);
  if (variant === undefined || !supports(variant)) {
    throw new UnsupportedRuntimeError(op, `variant ${describe(variant ?? 'simd')} needs what this runtime does not have`);
  }
  const home = homeOf(backend, await compile(variant));
  const found = tf.findBackend(backend);
  if (found) home.engine(found);

  const kernels = kernelsOf(backend);
  const place: Workplace = { home, kernelOf: (name) => (tf.getKernel(name, backend) as KernelConfig | undefined)?.kernelFunc };
  const small = smallOf(backend);
  const replaced = Object.entries(kernels).map(([name, kernel]) => replaceKernel(tf, name, kernel, small[name], backend, place));
  replaced.push(...replaceGradients(tf));
  return {
    info: {
      backend,
      variant,
      kernels: Object.keys(kernels),
      get inPlace() {
        return home.inPlace;
      },
      get bytes() {
        return home.bytes;
      },
      get packedBytes() {
        return home.packedBytes;
      },
    },
    restore() {
      for (const putBack of replaced) putBack();
      home.dispose();
    },
  };
}

/** Registers a kernel in place of the one that is there, to which it leaves what it does not compute. Returns what undoes it. */
function replaceKernel(
  tf: TensorFlow,
  kernelName: string,
  kernel: Kernel,
  isSmall: IsSmall | undefined,
  backendName: BackendName,
  place: Workplace,
): () => void {
  const op = `tfjs ${kernelName}`;
  const slot = {
    get: () => tf.getKernel(kernelName, backendName) as KernelConfig | undefined,
    put(config: KernelConfig | undefined): void {
      if (tf.getKernel(kernelName, backendName)) tf.unregisterKernel(kernelName, backendName); // else tfjs warns
      if (config) tf.registerKernel(config);
    },
  };
  const before = slot.get();
  let inUse = true;
  const config: KernelConfig = {
    ...before, // with what sets it up on a backend that is made again
    kernelName,
    backendName,
    kernelFunc: (call: KernelCall): TensorInfo | TensorInfo[] => {
      if (before && isSmall?.(call)) return before.kernelFunc(call);
      const out = inUse ? kernel(new Work(op, place, call)) : null;
      if (out) return out;
      if (before) return before.kernelFunc(call);
      throw new OptionError(op, `no kernel of the ${backendName} backend computes this`);
    },
  };
  const undo = replace(slot, config);
  return () => {
    inUse = false; // though another that was put over it may still call it
    undo();
  };
}
