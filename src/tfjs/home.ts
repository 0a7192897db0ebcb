import type { Engine } from '../engine.js';
import { OutOfMemoryError } from '../errors.js';
import { show, sizeOf } from '../geometry/index.js';
import { wasmEngine } from '../wasm/engine.js';
import { HostMemory } from '../wasm/host-memory.js';
import { OwnMemory } from '../wasm/own-memory.js';
import { Plans } from './plans.js';
import type { TensorInfo } from './types.js';

export type BackendName = 'cpu' | 'wasm';

/** Where the tensors of a backend live, and the kernels that compute on them. Nothing of the backend is remembered but the heap that the kernels live in. */
export interface Home {
  /** Whether tensors are read and written where they lie. */
  readonly inPlace: boolean;
  /** The kernels' own bytes. */
  readonly bytes: number;
  readonly packedBytes: number;
  engine(backend: object): Engine;
  /** Of the engine. */
  readonly plans: Plans;
  isLive(backend: object, dataId: object): boolean;
  /** Data that is on another backend comes here, for which the heap may grow. */
  bring(backend: object, dataId: object): void;
  /** In the backend's heap; of use in place alone. */
  addressOf(backend: object, dataId: object): number;
  /** Valid until something is allocated. */
  floats(backend: object, tensor: TensorInfo): Float32Array;
  ints(backend: object, tensor: TensorInfo): Int32Array;
  output(backend: object, shape: number[], dtype?: 'float32' | 'int32'): TensorInfo;
  discard(backend: object, tensor: TensorInfo): void;
  /** Counts one more tensor with this data. */
  share(backend: object, tensor: TensorInfo): void;
  dispose(): void;
}

export const homeOf = (name: BackendName, module: WebAssembly.Module): Home =>
  name === 'wasm' ? new WasmHome(module) : new CpuHome(module);

const MOST_BYTES = 2 ** 32;

/** Of tfjs-backend-wasm 4. */
interface WasmBackend {
  readonly wasm: {
    readonly asm?: { readonly memory?: WebAssembly.Memory };
    readonly HEAPU8: Uint8Array;
    _malloc(bytes: number): number;
    _free(pointer: number): void;
  };
  readonly dataIdMap: { get(dataId: object): { readonly memoryOffset: number }; has(dataId: object): boolean };
  makeOutput(shape: number[], dtype: string): TensorInfo;
  disposeData(dataId: object): boolean;
  incRef(dataId: object): void;
}

/** tfjs's heap: the kernels live in it, or, where its memory is hidden or shared between threads, beside it and copy. */
class WasmHome implements Home {
  readonly #module: WebAssembly.Module;
  /** Of the backend, usable or not. */
  #heap: WebAssembly.Memory | undefined;
  #engine: Engine | undefined;
  inPlace = true;
  plans = new Plans();

  constructor(module: WebAssembly.Module) {
    this.#module = module;
  }

  get bytes(): number {
    return this.#engine?.capacityBytes ?? 0;
  }

  get packedBytes(): number {
    return this.#engine?.liveBytes ?? 0;
  }

  engine(backend: object): Engine {
    const { wasm } = backend as WasmBackend;
    if (this.#engine && this.#heap === wasm.asm?.memory) return this.#engine;
    // A heap that is gone took what was held in it along.
    this.#heap = wasm.asm?.memory;
    const memory = heapOf(wasm);
    this.inPlace = memory !== undefined;
    this.plans = new Plans();
    const allocator = { malloc: (bytes: number) => wasm._malloc(bytes), free: (pointer: number) => wasm._free(pointer) };
    this.#engine = wasmEngine(this.#module, memory ? new HostMemory(memory, allocator, MOST_BYTES) : new OwnMemory(MOST_BYTES));
    return this.#engine;
  }

  bring(backend: object, dataId: object): void {
    (backend as WasmBackend).dataIdMap.get(dataId);
  }

  addressOf(backend: object, dataId: object): number {
    return (backend as WasmBackend).dataIdMap.get(dataId).memoryOffset;
  }

  floats(backend: object, { dataId, shape }: TensorInfo): Float32Array {
    const address = this.addressOf(backend, dataId);
    return new Float32Array((backend as WasmBackend).wasm.HEAPU8.buffer, address, sizeOf(shape));
  }

  ints(backend: object, tensor: TensorInfo): Int32Array {
    const { buffer, byteOffset, length } = this.floats(backend, tensor);
    return new Int32Array(buffer, byteOffset, length);
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
    this.#engine = this.#heap = undefined;
    this.plans = new Plans();
  }
}

function heapOf({ asm }: WasmBackend['wasm']): WebAssembly.Memory | undefined {
  const memory = asm?.memory;
  const usable = memory instanceof WebAssembly.Memory && memory.buffer instanceof ArrayBuffer;
  return usable ? memory : undefined;
}

/** Of tfjs-backend-cpu 4. */
interface CpuBackend {
  readonly data: { get(dataId: object): { readonly values: ArrayLike<number> }; has(dataId: object): boolean };
  makeTensorInfo(shape: number[], dtype: string, values: Float32Array | Int32Array): TensorInfo;
  disposeData(dataId: object): boolean;
  incRef(dataId: object): void;
}

/** Typed arrays, which are copied into the kernels' own memory and out of it. */
class CpuHome implements Home {
  readonly #module: WebAssembly.Module;
  #engine: Engine | undefined;
  readonly inPlace = false;
  plans = new Plans();

  constructor(module: WebAssembly.Module) {
    this.#module = module;
  }

  get bytes(): number {
    return this.#engine?.capacityBytes ?? 0;
  }

  get packedBytes(): number {
    return this.#engine?.liveBytes ?? 0;
  }

  engine(): Engine {
    this.#engine ??= wasmEngine(this.#module, new OwnMemory(MOST_BYTES));
    return this.#engine;
  }

  bring(backend: object, dataId: object): void {
    (backend as CpuBackend).data.get(dataId);
  }

  addressOf(): number {
    throw new Error('simdconv: no address outside of a heap');
  }

  floats(backend: object, { dataId }: TensorInfo): Float32Array {
    const { values } = (backend as CpuBackend).data.get(dataId);
    return values instanceof Float32Array ? values : Float32Array.from(values);
  }

  ints(backend: object, { dataId }: TensorInfo): Int32Array {
    const { values } = (backend as CpuBackend).data.get(dataId);
    return values instanceof Int32Array ? values : Int32Array.from(values);
  }

  output(backend: object, shape: number[], dtype = 'float32'): TensorInfo {
    const values = dtype === 'int32' ? new Int32Array(sizeOf(shape)) : new Float32Array(sizeOf(shape));
    return (backend as CpuBackend).makeTensorInfo(shape, dtype, values);
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
    this.plans = new Plans();
  }
}
