import { instantiateSync } from '@assemblyscript/loader';
import type { Epilogue } from '../engine.js';
import type { Exports } from './generated/exports.js';
import { align, type Memory } from './memory.js';
import type { Finish } from './methods.js';
import { VIEW_BYTES, type View } from './view.js';

const ACTIVATIONS = { none: 0, relu: 1, relu6: 2, leakyRelu: 3 } as const;

/** Bias and activation as the kernels take them. */
export const finishOf = ({ activation, slope }: Epilogue, bias: number): Finish => ({ bias, activation: ACTIVATIONS[activation], slope });

/** Where a view leaves room behind the words of `Axes`. */
const CONSTANTS = 64;

/** Runs on addresses: up to three operands, the result, scratch. */
export type Kernel = (a: number, b: number, c: number, result: number, scratch: number) => void;

/** The kernels on their memory: where a call's operands come in and its result goes out. */
export class Instance {
  readonly kernels: Exports;
  readonly memory: Memory;
  /** Scratch of every kernel, `kernels.WORKSPACE` bytes. */
  readonly workspace: number;
  readonly #view: number;

  constructor(module: WebAssembly.Module, memory: Memory) {
    this.memory = memory;
    // The exports themselves: the loader's wrap each in a function that counts its arguments.
    const { exports } = instantiateSync<Record<string, unknown>>(module, { env: { memory: memory.wasm } }).instance;
    this.kernels = exports as unknown as Exports;
    const workspaceBytes = align(this.kernels.WORKSPACE.value);
    this.workspace = memory.fixed('load', this.kernels.HEAP_BASE.value, workspaceBytes + VIEW_BYTES);
    this.#view = this.workspace + workspaceBytes;
  }

  /** Writes a view where the kernels of this call will read it. */
  write(view: View): number {
    return this.writeAt(this.#view, view);
  }

  /** Other words in the same place. */
  writeWords(words: readonly number[]): number {
    this.memory.writeInts(this.#view, words);
    return this.#view;
  }

  /** One of two numbers, behind the words of `Axes`. */
  writeConstant(index: number, value: number): number {
    const at = this.#view + CONSTANTS + index * 4;
    this.memory.floats[at / 4] = value;
    return at;
  }

  writeAt(address: number, view: View): number {
    this.memory.writeInts(address, view.words);
    return address;
  }

  /**
   * Gives the kernel an address for every operand: its own where it lies in this memory, else in the arena, copied in; then copies the result out. All
   * room is reserved before anything happens, so a call that does not fit changes nothing.
   */
  call(
    op: string,
    a: Float32Array,
    b: Float32Array | null,
    c: Float32Array | null,
    result: Float32Array | null,
    scratchBytes: number,
    kernel: Kernel,
  ): void {
    const { memory } = this;
    // Found before the memory may grow, which detaches the views of it.
    const aPlace = memory.addressOf(a);
    const bPlace = memory.addressOf(b);
    const cPlace = memory.addressOf(c);
    const place = memory.addressOf(result);
    const mark = memory.mark();
    const room = roomFor(a, aPlace) + roomFor(b, bPlace) + roomFor(c, cPlace) + roomFor(result, place);
    memory.reserve(op, room + align(scratchBytes));
    try {
      const pa = this.enter(a, aPlace);
      const pb = this.enter(b, bPlace);
      const pc = this.enter(c, cPlace);
      const to = result && place < 0 ? memory.push(result.byteLength) : place;
      kernel(pa, pb, pc, to, memory.push(scratchBytes));
      if (result && place < 0) memory.read(to, result);
    } finally {
      memory.reset(mark);
    }
  }

  /** The address of an operand, copied into the arena unless it has a place of its own. */
  enter(array: Float32Array | null, place = -1): number {
    if (array === null || place >= 0) return Math.max(place, 0);
    const start = this.memory.push(array.byteLength);
    this.memory.floats.set(array, start / 4);
    return start;
  }
}

/** Bytes of the arena that an array will take. */
export const roomFor = (array: Float32Array | null, place = -1): number => (array && place < 0 ? align(array.byteLength) : 0);
