/** What the adapter asks of TensorFlow.js: its public functions as they are typed there, and of its backends what was found in version 4. */

import type { Threads } from '../types.js';
import type { WasmVariant } from '../wasm/support.js';

/** A backend of TensorFlow.js that can be accelerated. */
export type BackendName = 'cpu' | 'wasm';

/** Options of `accelerate`. */
export interface AccelerateOptions {
  /** Default: the backend in use. */
  readonly backend?: BackendName;
  /** Default: `'auto'`, the fastest that the runtime supports. */
  readonly variant?: 'auto' | WasmVariant;
  /** Most bytes that packed weights may hold; 0 packs none. Default: 256 MiB. */
  readonly maxPackedBytes?: number;
  /**
   * Threads, default 1, as `load` takes them. tfjs's own memory is of one thread in Node, unless `shareHeap` was called: a convolution or product runs on several where it gains
   * more than copying takes, with the same bits.
   */
  readonly threads?: Threads;
}

/** A tensor as kernels see it. */
export interface TensorInfo {
  /** What its backend finds the data by. */
  readonly dataId: object;
  /** Sizes of the axes. */
  readonly shape: number[];
  /** Type of its elements. */
  readonly dtype: string;
}

/** What a kernel is called with. */
export interface KernelCall {
  /** Tensors by name. */
  readonly inputs: Readonly<Record<string, TensorInfo | undefined>>;
  /** Everything else by name: strides, pads. */
  readonly attrs?: Readonly<Record<string, unknown>> | undefined;
  /** Where the tensors live. */
  readonly backend: object;
}

// biome-ignore lint/suspicious/noExplicitAny: tfjs types kernels by contravariant maps of their own
type Any = any;

/** A kernel as it is registered. */
export interface KernelConfig {
  /** What it computes, as 'Conv2D'. */
  readonly kernelName: string;
  /** The backend that it is for. */
  readonly backendName: string;
  /** Computes it. */
  readonly kernelFunc: (call: Any) => Any;
  /** Called when the backend is made. */
  readonly setupFunc?: (backend: Any) => void;
  /** Called when the backend is removed. */
  readonly disposeFunc?: (backend: Any) => void;
}

export interface GradientConfig {
  readonly kernelName: string;
  readonly inputsToSave?: readonly string[];
  readonly gradFunc: (dy: Any, saved: Any, attributes: Any) => Any;
}

/** `@tensorflow/tfjs`, or `@tensorflow/tfjs-core` with a backend: of its functions, those that are called here. */
export interface TensorFlow {
  /** Waits for the backend in use. */
  ready(): Promise<void>;
  /** Name of the backend in use. */
  getBackend(): string;
  /** A backend; null where it is not registered, or still being made. */
  findBackend(name: string): object | null;
  /** What makes a backend; null where it is not registered. */
  findBackendFactory(name: string): (() => Any) | null;
  /** The `KernelConfig` of a kernel. */
  getKernel(kernelName: string, backendName: string): Any;
  /** Adds a kernel. */
  registerKernel(config: Any): void;
  /** Takes a kernel out. */
  unregisterKernel(kernelName: string, backendName: string): void;
  /** The gradient function of a kernel, on every backend. */
  getGradient(kernelName: string): Any;
  /** Adds a gradient function. */
  registerGradient(config: Any): void;
  /** Takes a gradient function out. */
  unregisterGradient(kernelName: string): void;
  /** The engine that runs kernels and holds the backends. */
  engine(): {
    /** The backends that were started. */
    readonly registry: { [name: string]: Any };
    /** What makes those that are registered. */
    readonly registryFactory: { [name: string]: { readonly factory: () => Any; readonly priority: number } };
    /** Runs a kernel on the backend in use. */
    runKernel(kernelName: string, inputs: Any, attributes?: Any): Any;
  };
}
