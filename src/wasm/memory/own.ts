import { OutOfMemoryError } from '../../errors.js';
import { align, Memory } from './memory.js';

const PAGE = 65536;

interface Block {
  readonly start: number;
  readonly end: number;
}

/**
 * A memory of the kernels' own:
 *
 *   static data | fixed area | blocks, live or free ... | arena → ... | room grown earlier
 *                ^ base                                  ^ top
 *
 * Blocks are first-fit in the free list, else at `top`; the arena is above `top`.
 */
export class OwnMemory extends Memory {
  #liveBytes = 0;
  #base = 0;
  #top = 0;
  #arena = 0;
  /** Free blocks below `top`, in order of address, no two of them adjacent. */
  #free: Block[] = [];

  /** `shared` between threads. */
  constructor(maxBytes: number, shared = false) {
    const pages = Math.floor(maxBytes / PAGE);
    super(new WebAssembly.Memory({ initial: 1, maximum: pages, ...(shared && { shared }) }), pages * PAGE);
  }

  fixed(op: string, heapBase: number, bytes: number): number {
    const start = align(heapBase);
    this.#ensure(op, align(start + bytes));
    this.#base = this.#top = this.#arena = align(start + bytes);
    return start;
  }

  get capacityBytes(): number {
    return this.floats.byteLength;
  }

  get liveBytes(): number {
    return this.#liveBytes;
  }

  allocate(op: string, bytes: number): number {
    const size = align(bytes);
    if (this.#arena !== this.#top) throw new Error('simdconv: allocate during a call');
    const index = this.#hole(size);
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

  reserve(op: string, bytes: number, block = 0): void {
    this.#ensure(op, this.#arena + (this.#hole(align(block)) < 0 ? align(block) : 0) + bytes);
  }

  push(bytes: number): number {
    const start = this.#arena;
    this.#arena += align(bytes);
    return start;
  }

  reset(mark: number): void {
    this.#arena = Math.max(mark, this.#top);
  }

  abandonArena(): () => void {
    const [start, bytes] = [this.#top, this.#arena - this.#top];
    this.#top = this.#arena;
    this.#liveBytes += bytes;
    return () => this.release(start, bytes);
  }

  clear(): void {
    this.#top = this.#arena = this.#base;
    this.#free = [];
    this.#liveBytes = 0;
  }

  /** The first free block of so many bytes; -1 where there is none. */
  #hole(bytes: number): number {
    return this.#free.findIndex((block) => block.end - block.start >= bytes);
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
      this.look();
    } catch (cause) {
      refuse(`the runtime gives no more than ${this.capacityBytes}`, { cause });
    }
  }
}
