import { instantiateSync } from '@assemblyscript/loader';
import type { Epilogue } from '../engine.js';
import { continueInto, foldInto } from './border.js';
import type { Exports } from './generated/exports.js';
import { ABSENT, align, type Memory, type Place, roomFor } from './memory.js';
import type { Finish } from './methods.js';
import { VIEW_BYTES, type View } from './view.js';

const ACTIVATIONS = { none: 0, relu: 1, relu6: 2, leakyRelu: 3 } as const;

/** Bias and activation as the kernels take them. */
export const finishOf = ({ activation, slope }: Epilogue, bias: number): Finish => ({ bias, activation: ACTIVATIONS[activation], slope });

/** Where a view leaves room behind the words of `Axes`. */
const CONSTANTS = 64;

/** Runs on addresses: up to three operands, the result, scratch; 0 for what is absent. */
export type Kernel = (a: number, b: number, c: number, result: number, scratch: number) => void;

/** Bytes of the arena that a call takes. */
export const roomOf = (a: Place, b: Place, c: Place, result: Place, scratchBytes: number): number =>
  roomFor(a) + roomFor(b) + roomFor(c) + roomFor(result) + align(scratchBytes);

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

  /** One of two numbers, behind the words of `Axes`, as an operand. */
  writeConstant(index: number, value: number): Place {
    const address = this.#view + CONSTANTS + index * 4;
    this.memory.floats[address / 4] = value;
    return { ...ABSENT, address, length: 1 };
  }

  writeAt(address: number, view: View): number {
    this.memory.writeInts(address, view.words);
    return address;
  }

  /**
   * Gives the kernel an address for every operand: its own where it lies in this memory, else in the arena, copied in; then copies the result out. All
   * room is reserved before anything happens, so a call that does not fit changes nothing.
   */
  call(op: string, a: Place, b: Place, c: Place, result: Place, scratchBytes: number, kernel: Kernel): void {
    const { memory } = this;
    const mark = memory.mark();
    memory.reserve(op, roomOf(a, b, c, result, scratchBytes));
    try {
      const [pa, pb, pc] = [this.#enter(a), memory.enter(b), memory.enter(c)];
      const to = result.border === undefined ? memory.enterResult(result) : memory.push(result.border.length * 4);
      kernel(pa, pb, pc, to, memory.push(scratchBytes));
      this.#leave(to, result);
    } finally {
      memory.reset(mark);
    }
  }

  /** The first operand, continued where it has a border. */
  #enter(place: Place): number {
    const { border } = place;
    const at = this.memory.enter(place);
    return border === undefined ? at : continueInto(this, border, at, this.memory.push(border.length * 4));
  }

  /** A result with a border is folded into what it is of. */
  #leave(from: number, place: Place): void {
    const { memory } = this;
    const { border, length } = place;
    const to = border === undefined ? from : memory.enterResult(place);
    if (border !== undefined) foldInto(this, border, from, to, length);
    memory.leave(to, place);
  }
}
