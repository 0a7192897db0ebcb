import { instantiateSync } from '@assemblyscript/loader';
import type { Epilogue } from '../engine.js';
import type { Border } from '../geometry/index.js';
import type { Finish } from './algorithms.js';
import { continueInto, foldInto } from './border.js';
import { VIEW_BYTES, type View } from './conv-view.js';
import type { Exports } from './generated/exports.js';
import { ACTIVATIONS, AXES } from './generated/layout.js';
import { ABSENT, align, type Memory, type Place, roomFor } from './memory/memory.js';

/** Bias and activation as the kernels take them. */
export const finishOf = ({ activation, slope }: Epilogue, bias: number): Finish => ({ bias, activation: ACTIVATIONS[activation], slope });

/** Where a view leaves room behind the words of `Axes`. */
const CONSTANTS = AXES.length * 4;

/** Runs on addresses: up to three operands, the result, scratch; 0 for what is absent. */
export type Kernel = (a: number, b: number, c: number, result: number, scratch: number) => void;

/** What continues the first operand of a call, or the image of which its result is a part. */
export interface Borders {
  readonly operand?: Border | undefined;
  readonly result?: Border | undefined;
}

/** Bytes of the arena that continued images take. */
export const roomForBorders = ({ operand, result }: Borders): number =>
  align((operand?.length ?? 0) * 4) + align((result?.length ?? 0) * 4);

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
    memory.reserve(op, roomFor(a) + roomFor(b) + roomFor(c) + roomFor(result) + align(scratchBytes));
    try {
      const [pa, pb, pc] = [memory.enter(a), memory.enter(b), memory.enter(c)];
      const to = memory.enterResult(result);
      kernel(pa, pb, pc, to, memory.push(scratchBytes));
      memory.leave(to, result);
    } finally {
      memory.reset(mark);
    }
  }

  /** The same where the first operand is continued, or the result is what its border leaves of an image: more scratch, and the kernel sees the whole. */
  callWithin(borders: Borders, op: string, a: Place, b: Place, c: Place, result: Place, scratchBytes: number, kernel: Kernel): void {
    const { operand, result: around } = borders;
    const room = roomForBorders(borders);
    this.call(op, a, b, c, result, room + align(scratchBytes), (given, pb, pc, to, whole) => {
      const scratch = scratchBytes > 0 ? whole + room : 0;
      kernel(operand ? continueInto(this, operand, given, whole) : given, pb, pc, around ? whole : to, scratch);
      if (around) foldInto(this, around, whole, to, result.length);
    });
  }
}
