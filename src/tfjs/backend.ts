import { type Engine, MOST_BYTES } from '../engine.js';
import { OutOfMemoryError } from '../errors.js';
import { show, sizeOf } from '../geometry/index.js';
import { EngineBeside } from '../wasm/beside.js';
import { type WasmEngine, wasmEngine } from '../wasm/engine.js';
import type { Threads } from '../wasm/instance.js';
import { HostMemory } from '../wasm/memory/host.js';
import { OwnMemory } from '../wasm/memory/own.js';
import { Weights } from './packed-weights.js';
import type { BackendName, TensorInfo } from './types.js';

export type NumericType = 'float32' | 'int32' | 'bool';
export type Values = Float32Array | Int32Array | Uint8Array;

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** Where the tensors of a backend live, and the kernels that compute on them. Nothing of the backend is remembered but the heap that the kernels live in. */
export interface Home {
  /** Whether tensors are read and written where they lie. */
  readonly inPlace: boolean;
  /** The kernels' own bytes. */
  readonly bytes: number;
  engine(backend: object): Engine;
  /** Threads that the last engine runs on, and why they are not as many as wanted. */
  readonly threads: number;
  readonly threadsReason: string | undefined;
  /** Packed by the engine. */
  readonly weights: Weights;
  isLive(backend: object, dataId: object): boolean;
  /** Data that is on another backend comes here, for which the heap may grow. Its type, which need not be its tensor's. */
  bring(backend: object, dataId: object): string;
  /** In the backend's heap; of use in place alone. */
  addressOf(backend: object, dataId: object): number;
  /** As they are stored. Valid until something is allocated, as are the next two. */
  values(backend: object, tensor: TensorInfo): Values;
  floats(backend: object, tensor: TensorInfo): Float32Array;
  ints(backend: object, tensor: TensorInfo): Int32Array;
  output(backend: object, shape: number[], dtype?: NumericType): TensorInfo;
  discard(backend: object, tensor: TensorInfo): void;
  /** Counts one more tensor with this data. */
  share(backend: object, tensor: TensorInfo): void;
  dispose(): void;
}

/** The kernels for a memory of one thread and, where it is needed, for one that several threads share; and the threads, where there are more than the caller's. */
export interface Builds {
  readonly plain: WebAssembly.Module;
  readonly shared?: WebAssembly.Module | undefined;
  readonly threads?: Threads | undefined;
}

/** `maxPackedBytes` of packed weights are held at most. */
export const homeOf = (name: BackendName, builds: Builds, maxPackedBytes: number): Home =>
  name === 'wasm' ? new WasmHome(builds, maxPackedBytes) : new CpuHome(builds, maxPackedBytes);

/** Kernels in a memory of their own, on the threads. */
function engineApart({ plain, shared, threads }: Builds): WasmEngine {
  return shared && threads ? wasmEngine(shared, new OwnMemory(MOST_BYTES, true), threads) : wasmEngine(plain, new OwnMemory(MOST_BYTES));
}

/** Of tfjs-backend-wasm 4. */
interface WasmBackend {
  readonly wasm: {
    readonly asm?: { readonly memory?: WebAssembly.Memory };
    /** Where it is made outside of the module: that of its threaded build. */
    readonly wasmMemory?: WebAssembly.Memory;
    readonly HEAPU8: Uint8Array;
    _malloc(bytes: number): number;
    _free(pointer: number): void;
  };
  readonly dataIdMap: { get(dataId: object): { readonly memoryOffset: number; readonly dtype: string }; has(dataId: object): boolean };
  makeOutput(shape: number[], dtype: string): TensorInfo;
  disposeData(dataId: object): boolean;
  incRef(dataId: object): void;
}

/**
 * tfjs's heap: the kernels live in it, or, where its memory is hidden, beside it and copy. A heap that is shared, as that of tfjs's threaded build, is of their threads too.
 * Beside one that is not are kernels on threads in a memory of their own, for products that gain more by them than copying takes.
 */
class WasmHome implements Home {
  readonly #builds: Builds;
  #several: WasmEngine | undefined;
  /** Of the backend, usable or not. */
  #heap: WebAssembly.Memory | undefined;
  #engine: Engine | undefined;
  inPlace = true;
  weights: Weights;

  constructor(builds: Builds, maxPackedBytes: number) {
    this.#builds = builds;
    this.weights = new Weights(maxPackedBytes);
  }

  get bytes(): number {
    const beside = this.#several === this.#engine ? 0 : (this.#several?.capacityBytes ?? 0);
    return (this.#engine?.capacityBytes ?? 0) + beside;
  }

  get threads(): number {
    return this.#engine?.threads ?? 1;
  }

  get threadsReason(): string | undefined {
    return this.#engine?.threadsReason;
  }

  engine(backend: object): Engine {
    const { wasm } = backend as WasmBackend;
    if (this.#engine && this.#heap === memoryOf(wasm)) return this.#engine;
    // A heap that is gone took what was held in it along.
    if (this.#engine !== this.#several) this.#engine?.stopThreads();
    this.#heap = memoryOf(wasm);
    this.weights = new Weights(this.weights.maxBytes);
    this.#engine = this.#engineOf(wasm);
    return this.#engine;
  }

  #engineOf(wasm: WasmBackend['wasm']): Engine {
    const { plain, shared, threads } = this.#builds;
    const allocator = { malloc: (bytes: number) => wasm._malloc(bytes), free: (pointer: number) => wasm._free(pointer) };
    const memory = this.#heap;
    const build = memory instanceof WebAssembly.Memory ? (isShared(memory) ? shared : plain) : undefined;
    this.inPlace = build !== undefined;
    if (memory && build) {
      const host = new HostMemory(memory, allocator, MOST_BYTES);
      if (build === shared) return wasmEngine(build, host, threads);
      if (!threads) return wasmEngine(build, host);
      this.#several ??= engineApart(this.#builds);
      return new EngineBeside(build, host, this.#several);
    }
    this.#several ??= engineApart(this.#builds);
    return this.#several;
  }

  bring(backend: object, dataId: object): string {
    return (backend as WasmBackend).dataIdMap.get(dataId).dtype;
  }

  addressOf(backend: object, dataId: object): number {
    return (backend as WasmBackend).dataIdMap.get(dataId).memoryOffset;
  }

  values(backend: object, { dataId, shape }: TensorInfo): Values {
    const { wasm, dataIdMap } = backend as WasmBackend;
    const { memoryOffset, dtype } = dataIdMap.get(dataId);
    return new ARRAYS[dtype as NumericType](wasm.HEAPU8.buffer as ArrayBuffer, memoryOffset, sizeOf(shape));
  }

  floats(backend: object, tensor: TensorInfo): Float32Array {
    return toFloats(this.values(backend, tensor));
  }

  ints(backend: object, tensor: TensorInfo): Int32Array {
    return toInts(this.values(backend, tensor));
  }

  output(backend: object, shape: number[], dtype = 'float32'): TensorInfo {
    const out = (backend as WasmBackend).makeOutput(shape, dtype);
    // tfjs does not look whether its allocator had room, and takes 0 for an address.
    if (this.addressOf(backend, out.dataId) !== 0 || shape.includes(0)) return out;
    this.discard(backend, out);
    throw new OutOfMemoryError('tfjs', `an output of ${show(shape)} has no room in the heap of its wasm backend`);
  }

  discard(backend: object, { dataId }: TensorInfo): void {
    (backend as WasmBackend).disposeData(dataId);
  }

  share(backend: object, { dataId }: TensorInfo): void {
    (backend as WasmBackend).incRef(dataId);
  }

  isLive(backend: object, dataId: object): boolean {
    return (backend as WasmBackend).dataIdMap.has(dataId);
  }

  dispose(): void {
    this.#engine?.dispose();
    this.#several?.dispose();
    this.#engine = this.#several = this.#heap = undefined;
    this.weights = new Weights(this.weights.maxBytes);
  }
}

const memoryOf = ({ asm, wasmMemory }: WasmBackend['wasm']): WebAssembly.Memory | undefined => asm?.memory ?? wasmMemory;

const isShared = ({ buffer }: WebAssembly.Memory): boolean => !(buffer instanceof ArrayBuffer);

/** Whether a backend's tensors lie in memory that several threads share. */
export function sharesItsHeap(name: BackendName, backend: object): boolean {
  const memory = name === 'wasm' ? memoryOf((backend as WasmBackend).wasm) : undefined;
  return memory instanceof WebAssembly.Memory && isShared(memory);
}

/** Of tfjs-backend-cpu 4. */
interface CpuBackend {
  readonly data: { get(dataId: object): { readonly values: Values; readonly dtype: string }; has(dataId: object): boolean };
  makeTensorInfo(shape: number[], dtype: string, values: Values): TensorInfo;
  disposeData(dataId: object): boolean;
  incRef(dataId: object): void;
}

/** Typed arrays, which are copied into the kernels' own memory and out of it. */
class CpuHome implements Home {
  readonly #builds: Builds;
  #engine: Engine | undefined;
  readonly inPlace = false;
  weights: Weights;

  constructor(builds: Builds, maxPackedBytes: number) {
    this.#builds = builds;
    this.weights = new Weights(maxPackedBytes);
  }

  get bytes(): number {
    return this.#engine?.capacityBytes ?? 0;
  }

  get threads(): number {
    return this.#engine?.threads ?? 1;
  }

  get threadsReason(): string | undefined {
    return this.#engine?.threadsReason;
  }

  engine(): Engine {
    this.#engine ??= engineApart(this.#builds);
    return this.#engine;
  }

  bring(backend: object, dataId: object): string {
    return (backend as CpuBackend).data.get(dataId).dtype;
  }

  addressOf(): number {
    throw new Error('simdconv: no address outside of a heap');
  }

  values(backend: object, { dataId }: TensorInfo): Values {
    return (backend as CpuBackend).data.get(dataId).values;
  }

  floats(backend: object, tensor: TensorInfo): Float32Array {
    return toFloats(this.values(backend, tensor));
  }

  ints(backend: object, tensor: TensorInfo): Int32Array {
    return toInts(this.values(backend, tensor));
  }

  output(backend: object, shape: number[], dtype: NumericType = 'float32'): TensorInfo {
    return (backend as CpuBackend).makeTensorInfo(shape, dtype, new ARRAYS[dtype](sizeOf(shape)));
  }

  discard(backend: object, { dataId }: TensorInfo): void {
    (backend as CpuBackend).disposeData(dataId);
  }

  share(backend: object, { dataId }: TensorInfo): void {
    (backend as CpuBackend).incRef(dataId);
  }

  isLive(backend: object, dataId: object): boolean {
    return (backend as CpuBackend).data.has(dataId);
  }

  dispose(): void {
    this.#engine?.dispose();
    this.#engine = undefined;
    this.weights = new Weights(this.weights.maxBytes);
  }
}

const toFloats = (values: Values): Float32Array => (values instanceof Float32Array ? values : new Float32Array(values));
const toInts = (values: Values): Int32Array => (values instanceof Int32Array ? values : new Int32Array(values));
