import { instantiateSync } from '@assemblyscript/loader';
import type { Engine, EngineBuffer, EnginePlan, Epilogue, GemmGeometry } from '../engine.js';
import { type ConvGeometry, sizeOf } from '../geometry/index.js';
import { GEOMETRY_BYTES, geometryWords } from './descriptor.js';
import type { Exports } from './generated/exports.js';
import { align, Memory } from './memory.js';

const ACTIVATIONS = { none: 0, relu: 1, relu6: 2, leakyRelu: 3 } as const;

/** The kernels on a memory of their own, which grows up to `maxBytes`. */
export function wasmEngine(module: WebAssembly.Module, options: { readonly maxBytes: number }): Engine {
  const memory = new Memory(options.maxBytes);
  const { exports } = instantiateSync<Record<string, unknown>>(module, { env: { memory: memory.wasm } });
  return new WasmEngine(exports as unknown as Exports, memory);
}

class WasmEngine implements Engine {
  readonly variant: 'simd' | 'relaxed';
  readonly tile: readonly number[];
  readonly blocks: readonly number[];
  readonly workspaceBytes: number;
  readonly #kernels: Exports;
  readonly #memory: Memory;
  /** The fixed area: the workspace, then the geometry of the call. */
  readonly #workspace: number;
  readonly #geometry: number;

  constructor(kernels: Exports, memory: Memory) {
    this.#kernels = kernels;
    this.#memory = memory;
    this.variant = kernels.RELAXED.value ? 'relaxed' : 'simd';
    this.tile = [kernels.MR.value, kernels.NR.value];
    this.blocks = [kernels.MC.value, kernels.NC.value, kernels.KC.value];
    this.workspaceBytes = kernels.WORKSPACE.value;
    this.#workspace = align(kernels.HEAP_BASE.value);
    this.#geometry = this.#workspace + align(this.workspaceBytes);
    memory.reserveBase('load', this.#geometry + GEOMETRY_BYTES);
  }

  get liveBytes(): number {
    return this.#memory.liveBytes;
  }

  get capacityBytes(): number {
    return this.#memory.capacityBytes;
  }

  get maxBytes(): number {
    return this.#memory.maxBytes;
  }

  fprop(g: ConvGeometry, x: Float32Array, w: Float32Array, y: Float32Array, epilogue: Epilogue): void {
    this.#call('fprop', [x, w, epilogue.bias], y, (px, pw, bias, py) => {
      this.#kernels.fprop(this.#write(g), px, pw, false, py, bias, ACTIVATIONS[epilogue.activation], epilogue.slope, this.#workspace);
    });
  }

  dgrad(g: ConvGeometry, y: Float32Array, w: Float32Array, x: Float32Array, epilogue: Epilogue): void {
    this.#call('dgrad', [y, w, epilogue.bias], x, (py, pw, bias, px) => {
      this.#kernels.dgrad(this.#write(g), py, pw, false, px, bias, ACTIVATIONS[epilogue.activation], epilogue.slope, this.#workspace);
    });
  }

  wgrad(g: ConvGeometry, x: Float32Array, y: Float32Array, dw: Float32Array): void {
    this.#call('wgrad', [x, y, null], dw, (px, py, _, pdw) => this.#kernels.wgrad(this.#write(g), px, py, pdw, this.#workspace));
  }

  im2col(g: ConvGeometry, x: Float32Array, columns: Float32Array): void {
    this.#call('im2col', [x, null, null], columns, (px, _, __, out) => this.#kernels.im2col(this.#write(g), px, out));
  }

  col2im(g: ConvGeometry, columns: Float32Array, x: Float32Array): void {
    this.#call('col2im', [columns, null, null], x, (from, _, __, px) => this.#kernels.col2im(this.#write(g), from, px));
  }

  gemm(g: GemmGeometry, a: Float32Array, b: Float32Array, c: Float32Array, epilogue: Epilogue): void {
    const { m, n, k } = g;
    const activation = ACTIVATIONS[epilogue.activation];
    this.#call('gemm', [a, b, epilogue.bias], c, (pa, pb, bias, pc) => {
      for (let index = 0, count = sizeOf(g.batch); index < count; index++) {
        const ap = pa + batchOffset(g.batch, g.aBatch, index) * 4;
        const bp = pb + batchOffset(g.batch, g.bBatch, index) * 4;
        const cp = pc + index * m * n * 4;
        this.#kernels.gemm(
          m,
          n,
          k,
          ap,
          g.a.row,
          g.a.column,
          bp,
          g.b.row,
          g.b.column,
          cp,
          bias,
          activation,
          epilogue.slope,
          this.#workspace,
        );
      }
    });
  }

  plan(direction: 'fprop' | 'dgrad', g: ConvGeometry, w: Float32Array, epilogue: Epilogue): EnginePlan {
    const dgrad = direction === 'dgrad';
    const packedBytes = this.#kernels.packedWeightBytes(this.#write(g), dgrad) >>> 0;
    const biasBytes = epilogue.bias ? epilogue.bias.length * 4 : 0;
    // Found before the allocation may grow the memory and detach a resident weight or bias.
    const weight = this.#locate(w);
    const bias = this.#locate(epilogue.bias);
    const block = this.buffer('plan', (align(packedBytes) + biasBytes) / 4);
    const start = block.view().byteOffset;
    const biasStart = biasBytes ? start + align(packedBytes) : 0;
    try {
      this.#stage('plan', [weight, bias], { array: null, at: undefined }, (pw, pb) => {
        this.#kernels.packWeight(this.#write(g), dgrad, pw, start, this.#workspace);
        this.#memory.floats.copyWithin(biasStart / 4, pb / 4, (pb + biasBytes) / 4);
      });
    } catch (error) {
      block.free();
      throw error;
    }
    const activation = ACTIVATIONS[epilogue.activation];
    const kernel = dgrad ? this.#kernels.dgrad : this.#kernels.fprop;
    return {
      algorithm: 'gemm',
      bytes: block.bytes,
      free: () => block.free(),
      run: (input, output) =>
        this.#call(direction, [input, null, null], output, (from, _, __, to) => {
          kernel(this.#write(g), from, start, true, to, biasStart, activation, epilogue.slope, this.#workspace);
        }),
    };
  }

  buffer(op: string, length: number): EngineBuffer {
    const bytes = align(length * 4);
    const start = this.#memory.allocate(op, bytes);
    let live = true;
    const view = (): Float32Array => new Float32Array(this.#memory.wasm.buffer, start, length);
    view().fill(0);
    return {
      bytes,
      view,
      free: () => {
        if (live) this.#memory.release(start, bytes);
        live = false;
      },
    };
  }

  dispose(): void {
    this.#memory.clear();
  }

  /**
   * Gives the kernel an address for every operand: its own where it lies in this memory, else in the arena, copied in; and copies the result out. All room
   * is reserved before anything happens, so a call that does not fit changes nothing.
   */
  #call(
    op: string,
    operands: readonly (Float32Array | null)[],
    output: Float32Array | null,
    kernel: (...at: [number, number, number, number]) => void,
  ): void {
    const inputs = operands.map((array) => this.#locate(array));
    const result = this.#locate(output);
    this.#stage(op, inputs, result, kernel);
  }

  #stage(op: string, inputs: readonly Located[], result: Located, kernel: (...at: [number, number, number, number]) => void): void {
    const memory = this.#memory;
    const mark = memory.mark();
    memory.reserve(
      op,
      [...inputs, result].reduce((bytes, { array, at }) => bytes + (array && at === undefined ? align(array.byteLength) : 0), 0),
    );
    try {
      const [a = 0, b = 0, c = 0] = inputs.map(({ array, at }) => {
        if (!array) return 0;
        if (at !== undefined) return at;
        const start = memory.push(array.byteLength);
        memory.floats.set(array, start / 4);
        return start;
      });
      const { array } = result;
      const at = array ? (result.at ?? memory.push(array.byteLength)) : 0;
      kernel(a, b, c, at);
      if (array && result.at === undefined) array.set(memory.floats.subarray(at / 4, at / 4 + array.length));
    } finally {
      memory.reset(mark);
    }
  }

  #locate(array: Float32Array | null): Located {
    return array?.buffer === this.#memory.wasm.buffer ? { array, at: array.byteOffset } : { array, at: undefined };
  }

  #write(g: ConvGeometry): number {
    new Int32Array(this.#memory.wasm.buffer, this.#geometry).set(geometryWords(g));
    return this.#geometry;
  }
}

/** An array and its address, if it lies in the kernels' memory. */
interface Located {
  readonly array: Float32Array | null;
  readonly at: number | undefined;
}

/** Offset in elements of the index-th matrix of a batch, the last axis fastest. */
function batchOffset(batch: readonly number[], strides: readonly number[], index: number): number {
  let offset = 0;
  for (let axis = batch.length - 1; axis >= 0; axis--) {
    const size = batch[axis] as number;
    offset += (index % size) * (strides[axis] as number);
    index = Math.floor(index / size);
  }
  return offset;
}
