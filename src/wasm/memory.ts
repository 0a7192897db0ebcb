import { OutOfMemoryError } from '../errors.js';

const PAGE = 65536;
const ALIGNMENT = 16;

export const align = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

interface Block {
  readonly start: number;
  readonly end: number;
}

interface Views {
  readonly buffer: ArrayBuffer;
  readonly floats: Float32Array;
  readonly ints: Int32Array;
}

const viewsOf = (buffer: ArrayBuffer): Views => ({ buffer, floats: new Float32Array(buffer), ints: new Int32Array(buffer) });

/**
 * Owner of the linear memory:
 *
 *   static data | fixed area | blocks, live or free ... | arena → ... | room grown earlier
 *                ^ base                                  ^ top
 *
 * Blocks (resident tensors, plans) are first-fit in the free list, else at `top`. The arena is a stack above `top` for the operands of
 * one call: mark, push, reset. Memory only ever grows; growing detaches every view, so views are derived on access.
 */
export class Memory {
  readonly wasm: WebAssembly.Memory;
  readonly maxBytes: number;
  #liveBytes = 0;
  #base = 0;
  #top = 0;
  #arena = 0;
  /** Free blocks below `top`, in order of address, no two of them adjacent. */
  #free: Block[] = [];
  #views = viewsOf(new ArrayBuffer(0));

  constructor(maxBytes: number) {
    this.maxBytes = Math.floor(maxBytes / PAGE) * PAGE;
    this.wasm = new WebAssembly.Memory({ initial: 1, maximum: this.maxBytes / PAGE });
  }

  /** Sets aside [0, end) for static data and the fixed area. Once, before anything is allocated. */
  reserveBase(op: string, end: number): void {
    this.#ensure(op, align(end));
    this.#base = this.#top = this.#arena = align(end);
  }

  get capacityBytes(): number {
    return this.floats.byteLength;
  }

  /** Bytes of live blocks, as asked for rounded up to 16. */
  get liveBytes(): number {
    return this.#liveBytes;
  }

  /** All of memory as float32. Do not keep it. */
  get floats(): Float32Array {
    return this.#current().floats;
  }

  /** Where an array lies in this memory, -1 if elsewhere. */
  addressOf(array: Float32Array | null): number {
    // At 0 lies nothing that a tensor holds; asked for its buffer, a small array would be given one of its own, which takes longer than a small kernel runs.
    return array !== null && array.byteOffset > 0 && array.buffer === this.#current().buffer ? array.byteOffset : -1;
  }

  /** Writes i32 values. */
  writeInts(to: number, values: readonly number[]): void {
    const { ints } = this.#current();
    for (let i = 0; i < values.length; i++) ints[to / 4 + i] = values[i] as number; // `set` of an array of numbers takes ten times as long
  }

  view(start: number, length: number): Float32Array {
    return new Float32Array(this.wasm.buffer, start, length);
  }

  /** Copies floats out. */
  read(from: number, to: Float32Array): void {
    to.set(this.floats.subarray(from / 4, from / 4 + to.length));
  }

  /** Copies bytes (a multiple of 4) within the memory. */
  copy(to: number, from: number, bytes: number): void {
    this.floats.copyWithin(to / 4, from / 4, (from + bytes) / 4);
  }

  /** A block of at least `bytes`. The arena must be empty. */
  allocate(op: string, bytes: number): number {
    const size = align(bytes);
    if (this.#arena !== this.#top) throw new Error('simdconv: allocate during a call');
    const index = this.#free.findIndex((block) => block.end - block.start >= size);
    const found = this.#free[index];
    let start = this.#top;
    if (found) {
      start = found.start;
      this.#free.splice(index, 1, ...(found.end - start > size ? [{ start: start + size, end: found.end }] : []));
    } else {
      this.#ensure(op, start + size);
      this.#top = this.#arena = start + size;
    }
    this.#liveBytes += size;
    return start;
  }

  /** Gives back a block of `allocate(bytes)`. */
  release(start: number, bytes: number): void {
    const size = align(bytes);
    if (size === 0) return;
    this.#liveBytes -= size;
    let freed: Block = { start, end: start + size };
    const next = this.#free.findIndex((block) => block.start > start);
    const index = next < 0 ? this.#free.length : next;
    const [before, after] = [this.#free[index - 1], this.#free[index]];
    const joinsBefore = before?.end === freed.start;
    const joinsAfter = after?.start === freed.end;
    freed = { start: joinsBefore ? before.start : freed.start, end: joinsAfter ? after.end : freed.end };
    this.#free.splice(joinsBefore ? index - 1 : index, (joinsBefore ? 1 : 0) + (joinsAfter ? 1 : 0), freed);
    if (freed.end === this.#top) {
      this.#free.pop();
      this.#top = this.#arena = freed.start;
    }
  }

  mark(): number {
    return this.#arena;
  }

  /** Makes sure that pushes of `bytes` in all will not grow the memory. Throws before anything has changed. */
  reserve(op: string, bytes: number): void {
    this.#ensure(op, this.#arena + bytes);
  }

  /** The next `bytes` of the arena, which `reserve` has made sure of. */
  push(bytes: number): number {
    const start = this.#arena;
    this.#arena += align(bytes);
    return start;
  }

  reset(mark: number): void {
    this.#arena = mark;
  }

  /** Forgets every block. */
  clear(): void {
    this.#top = this.#arena = this.#base;
    this.#free = [];
    this.#liveBytes = 0;
  }

  #current(): Views {
    // Detached, and so of length 0, as soon as the memory has grown.
    if (this.#views.floats.length === 0) this.#views = viewsOf(this.wasm.buffer);
    return this.#views;
  }

  #ensure(op: string, end: number): void {
    const missing = end - this.capacityBytes;
    if (missing <= 0) return;
    const refuse = (why: string, options?: ErrorOptions): never => {
      throw new OutOfMemoryError(op, `needs ${end} bytes of memory (${this.#liveBytes} are live); ${why}`, options);
    };
    if (end > this.maxBytes) refuse(`maxBytes is ${this.maxBytes}`);
    try {
      this.wasm.grow(Math.ceil(missing / PAGE));
    } catch (cause) {
      refuse(`the runtime gives no more than ${this.capacityBytes}`, { cause });
    }
  }
}
