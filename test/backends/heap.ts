import type { Allocator } from '../../src/index.js';

const PAGE = 65536;
/** The host's own bytes at the bottom. */
const OWN = 4096;
const GUARD = 64;
const UNTOUCHED = 0x5a;
/** Four of these bytes are a NaN. */
const GARBAGE = 0xff;

/**
 * A host's heap that trusts nobody: the bottom is the host's own, every allocation lies between two guard bands and starts as garbage, at a
 * multiple of 8 that is none of 16, and becomes garbage again when it is given back. Memory grows just as far as needed, so that views are often detached.
 */
export class Heap implements Allocator {
  readonly memory: WebAssembly.Memory;
  readonly #live = new Map<number, number>();
  #free: { start: number; end: number }[] = [];
  #end = OWN;
  /** Bytes that are in use, and how many may be. */
  liveBytes = 0;
  limit = Number.POSITIVE_INFINITY;

  constructor({ shared = false } = {}) {
    this.memory = new WebAssembly.Memory({ initial: 1, ...(shared && { shared, maximum: 4096 }) });
    this.#bytes().fill(UNTOUCHED);
  }

  malloc(bytes: number): number {
    this.check();
    if (this.liveBytes + bytes > this.limit) return 0;
    const room = Math.ceil(bytes / 16) * 16 + 2 * GUARD + 16;
    const start = this.#place(room);
    const pointer = start + GUARD + 8;
    const memory = this.#bytes();
    memory.fill(UNTOUCHED, start, start + room);
    memory.fill(GARBAGE, pointer, pointer + bytes);
    this.#live.set(pointer, bytes);
    this.liveBytes += bytes;
    return pointer;
  }

  free(pointer: number): void {
    this.check();
    const bytes = this.#live.get(pointer);
    if (bytes === undefined) throw new Error(`heap: ${pointer} was not given out`);
    this.#live.delete(pointer);
    this.liveBytes -= bytes;
    const start = pointer - GUARD - 8;
    const end = start + Math.ceil(bytes / 16) * 16 + 2 * GUARD + 16;
    this.#bytes().fill(GARBAGE, start, end);
    this.#free.push({ start, end });
  }

  /** Throws if a guard band was written to. */
  check(): void {
    const memory = this.#bytes();
    const untouched = (from: number, to: number, what: string): void => {
      for (let i = from; i < to; i++) if (memory[i] !== UNTOUCHED) throw new Error(`heap: byte ${i}, ${what}, was written to`);
    };
    untouched(0, OWN, "the host's own");
    for (const [pointer, bytes] of this.#live) {
      untouched(pointer - GUARD, pointer, `before ${pointer}`);
      untouched(pointer + bytes, pointer + bytes + GUARD, `after ${pointer} + ${bytes}`);
    }
  }

  /** A view of floats in the heap, as a host would have. */
  floats(data: ArrayLike<number>): Float32Array {
    const pointer = this.malloc(4 * data.length);
    const view = new Float32Array(this.memory.buffer, pointer, data.length);
    view.set(data);
    return view;
  }

  #place(room: number): number {
    const index = this.#free.findIndex(({ start, end }) => end - start === room);
    const [found] = index < 0 ? [] : this.#free.splice(index, 1);
    if (found) return found.start;
    const start = this.#end;
    this.#end += room;
    const missing = this.#end - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE));
    return start;
  }

  #bytes(): Uint8Array {
    return new Uint8Array(this.memory.buffer);
  }
}
