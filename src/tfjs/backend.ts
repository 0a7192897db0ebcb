import { type Engine, MOST_BYTES } from '../engine.js';
import { OutOfMemoryError } from '../errors.js';
import { show, sizeOf } from '../geometry/index.js';
import { EngineBeside } from '../wasm/beside.js';
import { type WasmEngine, wasmEngine } from '../wasm/engine.js';
import { HostMemory } from '../wasm/memory/host.js';
import { OwnMemory } from '../wasm/memory/own.js';
import { Weights } from './packed-weights.js';
import type { TensorInfo } from './types.js';

/** A backend of TensorFlow.js that can be accelerated. */
export type BackendName = 'cpu' | 'wasm';
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

/** `maxPackedBytes` of packed weights are held at most. `several`: kernels on several threads, in a memory of their own. */
export const homeOf = (name: BackendName, module: WebAssembly.Module, maxPackedBytes: number, several?: WasmEngine): Home =>
  name === 'wasm' ? new WasmHome(module, maxPackedBytes, several) : new CpuHome(module, maxPackedBytes, several);

/** Of tfjs-backend-wasm 4. */
interface WasmBackend {
  readonly wasm: {
    readonly asm?: { readonly memory?: WebAssembly.Memory };
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
 * tfjs's heap: the kernels live in it, or, where its memory is hidden or shared between threads, beside it and copy. Threads are beside it too, for products that gain more
 * by them than copying takes.
 */
class WasmHome implements Home {
  readonly #module: WebAssembly.Module;
  #several: WasmEngine | undefined;
  /** Of the backend, usable or not. */
  #heap: WebAssembly.Memory | undefined;
  #engine: Engine | undefined;
  inPlace = true;
  weights: Weights;

  constructor(module: WebAssembly.Module, maxPackedBytes: number, several: WasmEngine | undefined) {
    this.#module = module;
    this.#several = several;
    this.weights = new Weights(maxPackedBytes);
  }

  get bytes(): number {
    const beside = this.#several === this.#engine ? 0 : (this.#several?.capacityBytes ?? 0);
    return (this.#engine?.capacityBytes ?? 0) + beside;
  }

  engine(backend: object): Engine {
    const { wasm } = backend as WasmBackend;
    if (this.#engine && this.#heap === wasm.asm?.memory) return this.#engine;
    // A heap that is gone took what was held in it along.
    this.#heap = wasm.asm?.memory;
    const memory = heapOf(wasm);
    this.inPlace = memory !== undefined;
    this.weights = new Weights(this.weights.maxBytes);
    const allocator = { malloc: (bytes: number) => wasm._malloc(bytes), free: (pointer: number) => wasm._free(pointer) };
    const [module, several] = [this.#module, this.#several];
    if (memory === undefined) this.#engine = several ?? wasmEngine(module, new OwnMemory(MOST_BYTES));
    else {
      const host = new HostMemory(memory, allocator, MOST_BYTES);
      this.#engine = several ? new EngineBeside(module, host, several) : wasmEngine(module, host);
    }
    return this.#engine;
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

function heapOf({ asm }: WasmBackend['wasm']): WebAssembly.Memory | undefined {
  const memory = asm?.memory;
  const usable = memory instanceof WebAssembly.Memory && memory.buffer instanceof ArrayBuffer;
  return usable ? memory : undefined;
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
  readonly #module: WebAssembly.Module;
  #engine: Engine | undefined;
  readonly inPlace = false;
  weights: Weights;

  constructor(module: WebAssembly.Module, maxPackedBytes: number, several: WasmEngine | undefined) {
    this.#module = module;
    this.#engine = several;
    this.weights = new Weights(maxPackedBytes);
  }

  get bytes(): number {
    return this.#engine?.capacityBytes ?? 0;
  }

  engine(): Engine {
    this.#engine ??= wasmEngine(this.#module, new OwnMemory(MOST_BYTES));
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
