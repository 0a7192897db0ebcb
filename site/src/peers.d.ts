/** The few names of other libraries that the benchmark uses: types are checked where these are not installed, too. */
declare module '@tensorflow/tfjs-core' {
  export interface Tensor {
    dataSync(): Float32Array;
    dispose(): void;
  }
  export function env(): { set(flag: string, value: boolean): void };
  export function setBackend(name: string): Promise<boolean>;
  export function getKernel(kernel: string, backend: string): object | undefined;
  export function engine(): { runKernel(kernel: string, inputs: Readonly<Record<string, Tensor>>, attributes: object): Tensor };
  export function tensor(data: Float32Array, shape: readonly number[]): Tensor;
  export function matMul(a: Tensor, b: Tensor): Tensor;
}

declare module '@tensorflow/tfjs-backend-wasm' {
  export const version_wasm: string;
  export function setWasmPaths(paths: Readonly<Record<string, string>>): void;
  export function setThreadsCount(count: number): void;
}

declare module 'onnxruntime-web/wasm' {
  export class Tensor {
    constructor(type: 'float32', data: Float32Array, shape: readonly number[]);
    readonly data: Float32Array;
  }
  export const env: {
    readonly wasm: { numThreads?: number; wasmPaths?: { readonly wasm?: string; readonly mjs?: string } };
    readonly versions: { readonly web?: string };
    logLevel?: string;
  };
  interface Session {
    run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
    release(): Promise<void>;
  }
  export const InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> };
}

/** Vite gives the address of a file that is imported so. */
declare module '*?url' {
  const url: string;
  export default url;
}
