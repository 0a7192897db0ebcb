import { instantiateSync } from '@assemblyscript/loader';
import type { Engine, EngineBuffer, EnginePlan, Epilogue, GemmGeometry, Job } from '../engine.js';
import { type ConvGeometry, sizeOf } from '../geometry/index.js';
import type { Exports } from './generated/exports.js';
import { align, Memory } from './memory.js';
import { dgradProgram, type Finish, fpropProgram, type Program } from './program.js';
import { directView, VIEW_BYTES, type View, viewWords } from './view.js';

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
    memory.reserveBase('load', this.#geometry + VIEW_BYTES);
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

  fprop(g: ConvGeometry, x: Float32Array, w: Float32Array, y: Float32Array, epilogue: Epilogue, job = ANYONE): void {
    this.#convolve(fpropProgram(g, job.algorithm), x, w, y, epilogue, job.op);
  }

  dgrad(g: ConvGeometry, y: Float32Array, w: Float32Array, x: Float32Array, epilogue: Epilogue, job = ANYONE): void {
    this.#convolve(dgradProgram(g, job.algorithm), y, w, x, epilogue, job.op);
  }

  wgrad(g: ConvGeometry, x: Float32Array, y: Float32Array, dw: Float32Array, job = ANYONE): void {
    this.#call(job.op, [x, y], dw, 0, (px, py, _, pdw) => this.#kernels.wgrad(this.#write(directView(g)), px, py, pdw, this.#workspace));
  }

  im2col(g: ConvGeometry, x: Float32Array, columns: Float32Array, job = ANYONE): void {
    this.#call(job.op, [x], columns, 0, (px, _, __, to) => this.#kernels.im2col(this.#write(directView(g)), px, to));
  }

  col2im(g: ConvGeometry, columns: Float32Array, x: Float32Array, job = ANYONE): void {
    this.#call(job.op, [columns], x, 0, (from, _, __, px) => this.#kernels.col2im(this.#write(directView(g)), from, px));
  }

  gemm(g: GemmGeometry, a: Float32Array, b: Float32Array, c: Float32Array, epilogue: Epilogue, job = ANYONE): void {
    const { m, n, k } = g;
    this.#call(job.op, [a, b, epilogue.bias], c, 0, (pa, pb, bias, pc) => {
      const { activation, slope } = finishOf(epilogue, bias);
      for (let index = 0, count = sizeOf(g.batch); index < count; index++) {
        const ap = pa + batchOffset(g.batch, g.aBatch, index) * 4;
        const bp = pb + batchOffset(g.batch, g.bBatch, index) * 4;
        const cp = pc + index * m * n * 4;
        this.#kernels.gemm(m, n, k, ap, g.a.row, g.a.column, bp, g.b.row, g.b.column, cp, bias, activation, slope, this.#workspace);
      }
    });
  }

  plan(direction: 'fprop' | 'dgrad', g: ConvGeometry, w: Float32Array, epilogue: Epilogue, job = ANYONE): EnginePlan {
    let program = (direction === 'fprop' ? fpropProgram : dgradProgram)(g, job.algorithm);
    this.#call(job.op, [w], null, 0, (pw) => {
      program = this.#fitting(program, pw, w.length);
    });
    const { method, views } = program;
    const sizes = views.map((view) => align(method.packedBytes(this.#kernels, this.#write(view))));
    const packed = sizes.some((size) => size > 0);
    const weightBytes = packed ? sizes.reduce((sum, size) => sum + size, 0) : align(w.byteLength);
    const biasBytes = epilogue.bias?.byteLength ?? 0;
    // Found before the allocation may grow the memory and detach a resident weight or bias.
    const [weight, bias] = [this.#locate(w), this.#locate(epilogue.bias)];
    const block = this.buffer(job.op, (weightBytes + biasBytes) / 4);
    const start = block.view().byteOffset;
    try {
      this.#stage(job.op, [weight, bias], NOTHING, 0, (pw, pb) => {
        if (packed) this.#pack(program, sizes, pw, start);
        else this.#memory.copy(start, pw, w.byteLength);
        this.#memory.copy(start + weightBytes, pb, biasBytes);
      });
    } catch (error) {
      block.free();
      throw error;
    }
    const weights = packed ? addresses(start, sizes) : views.map((view) => start + view.wOffset * 4);
    const finish = finishOf(epilogue, biasBytes ? start + weightBytes : 0);
    return {
      algorithm: program.algorithm,
      bytes: block.bytes,
      free: () => block.free(),
      run: (input, output) =>
        this.#call(job.op, [input], output, 0, (from, _, __, to) => this.#run(program, from, weights, packed, to, finish)),
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

  /** A product with a weight as it lies in memory, packed on the way where the method needs it. */
  #convolve(program: Program, from: Float32Array, w: Float32Array, to: Float32Array, epilogue: Epilogue, op: string): void {
    const { method, views } = program;
    const sizes = method.plain ? [] : views.map((view) => align(method.packedBytes(this.#kernels, this.#write(view))));
    const scratch = sizes.reduce((sum, size) => sum + size, 0);
    this.#call(op, [from, w, epilogue.bias], to, scratch, (pf, pw, bias, pt, start) => {
      const finish = finishOf(epilogue, bias);
      const fitting = this.#fitting(program, pw, w.length);
      if (fitting.method.plain) {
        const weights = fitting.views.map((view) => pw + view.wOffset * 4);
        this.#run(fitting, pf, weights, false, pt, finish);
      } else {
        this.#pack(fitting, sizes, pw, start);
        this.#run(fitting, pf, addresses(start, sizes), true, pt, finish);
      }
    });
  }

  #fitting(program: Program, w: number, length: number): Program {
    return program.unlessFinite && !this.#kernels.allFinite(w, length) ? program.unlessFinite : program;
  }

  #pack({ method, views }: Program, sizes: readonly number[], w: number, start: number): void {
    const starts = addresses(start, sizes);
    views.forEach((view, index) => {
      method.pack(this.#kernels, this.#write(view), w + view.wOffset * 4, starts[index] as number, this.#workspace);
    });
  }

  #run({ method, views }: Program, from: number, weights: readonly number[], packed: boolean, to: number, finish: Finish): void {
    views.forEach((view, index) => {
      const weight = weights[index] as number;
      method.run(this.#kernels, this.#write(view), from, weight, packed, to + view.yOffset * 4, finish, this.#workspace);
    });
  }

  /** `#stage` with the operands' addresses looked up. */
  #call(op: string, operands: readonly (Float32Array | null)[], output: Float32Array | null, scratchBytes: number, kernel: Kernel): void {
    this.#stage(
      op,
      operands.map((array) => this.#locate(array)),
      this.#locate(output),
      scratchBytes,
      kernel,
    );
  }

  /**
   * Gives the kernel an address for every operand: its own where it lies in this memory, else in the arena, copied in; then copies the result out. All room is reserved
   * before anything happens, so a call that does not fit changes nothing.
   */
  #stage(op: string, inputs: readonly Located[], result: Located, scratchBytes: number, kernel: Kernel): void {
    const memory = this.#memory;
    const mark = memory.mark();
    memory.reserve(
      op,
      [...inputs, result].reduce(
        (bytes, { array, at }) => bytes + (array && at === undefined ? align(array.byteLength) : 0),
        align(scratchBytes),
      ),
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
      kernel(a, b, c, at, memory.push(scratchBytes));
      if (array && result.at === undefined) array.set(memory.floats.subarray(at / 4, at / 4 + array.length));
    } finally {
      memory.reset(mark);
    }
  }

  #locate(array: Float32Array | null): Located {
    return array?.buffer === this.#memory.wasm.buffer ? { array, at: array.byteOffset } : { array, at: undefined };
  }

  #write(view: View): number {
    new Int32Array(this.#memory.wasm.buffer, this.#geometry).set(viewWords(view));
    return this.#geometry;
  }
}

/** Who asks when nobody says. */
const ANYONE: Job = { op: 'engine', algorithm: 'auto' };

/** Runs on addresses: up to three operands, the result, scratch. */
type Kernel = (a: number, b: number, c: number, result: number, scratch: number) => void;

const NOTHING: Located = { array: null, at: undefined };

const finishOf = ({ activation, slope }: Epilogue, bias: number): Finish => ({ bias, activation: ACTIVATIONS[activation], slope });

/** Blocks of these sizes, one after the other. */
function addresses(start: number, sizes: readonly number[]): number[] {
  let next = start;
  return sizes.map((size) => {
    next += size;
    return next - size;
  });
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
