/** What the adapter asks of TensorFlow.js: its public functions as they are typed there, and of its backends what was found in version 4. */

/** A tensor as kernels see it. */
export interface TensorInfo {
  readonly dataId: object;
  readonly shape: number[];
  readonly dtype: string;
}

export interface KernelCall {
  readonly inputs: Readonly<Record<string, TensorInfo | undefined>>;
  readonly attrs?: Readonly<Record<string, unknown>> | undefined;
  readonly backend: object;
}

// biome-ignore lint/suspicious/noExplicitAny: tfjs types kernels by contravariant maps of their own
type Any = any;

export interface KernelConfig {
  readonly kernelName: string;
  readonly backendName: string;
  readonly kernelFunc: (call: Any) => Any;
  readonly setupFunc?: (backend: Any) => void;
  readonly disposeFunc?: (backend: Any) => void;
}

export interface GradientConfig {
  readonly kernelName: string;
  readonly inputsToSave?: readonly string[];
  readonly gradFunc: (dy: Any, saved: Any, attributes: Any) => Any;
}

/** `@tensorflow/tfjs`, or `@tensorflow/tfjs-core` with a backend. */
export interface TensorFlow {
  ready(): Promise<void>;
  getBackend(): string;
  findBackend(name: string): object | null;
  findBackendFactory(name: string): (() => Any) | null;
  getKernel(kernelName: string, backendName: string): Any;
  registerKernel(config: Any): void;
  unregisterKernel(kernelName: string, backendName: string): void;
  getGradient(kernelName: string): Any;
  registerGradient(config: Any): void;
  unregisterGradient(kernelName: string): void;
  engine(): {
    /** The backends that were started. */
    readonly registry: { [name: string]: Any };
    runKernel(kernelName: string, inputs: Any, attributes?: Any): Any;
  };
}
