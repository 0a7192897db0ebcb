import { MOST_BYTES } from '../../engine.js';
import { OptionError, OutOfMemoryError } from '../../errors.js';
import type { Allocator } from '../../types.js';
import { ALIGNMENT, align, Memory, type Views } from './memory.js';

/**
 * A memory that belongs to someone else, whose allocator gives out every byte: the fixed area, each block, and the arena, one chunk that is kept and replaced
 * by a larger one when a call needs it. Nothing is assumed of where these lie, and nothing else of the memory is written but results that lie there.
 */
export class HostMemory extends Memory {
  readonly #allocator: Allocator;
  /** The allocator's pointer and the bytes of each piece, by the address that is used, the next multiple of 16. */
  readonly #pieces = new Map<number, { readonly pointer: number; readonly bytes: number }>();
  #heldBytes = 0;
  #liveBytes = 0;
  #arena = 0;
  #arenaBytes = 0;
  #used = 0;

  constructor(wasm: WebAssembly.Memory, allocator: Allocator, maxBytes: number) {
    super(wasm, maxBytes);
    this.#allocator = allocator;
  }

  /** The builds have no static data (a test sees to that), so that `heapBase` does not matter here. */
  fixed(op: string, _heapBase: number, bytes: number): number {
    return this.#take(op, align(bytes));
  }

  /** Others may have made the memory grow since. */
  protected override current(): Views {
    this.look();
    return super.current();
  }

  /** Bytes held of the host's heap. */
  get capacityBytes(): number {
    return this.#heldBytes;
  }

  get liveBytes(): number {
    return this.#liveBytes;
  }

  allocate(op: string, bytes: number): number {
    const size = align(bytes);
    if (size === 0) return 0;
    const start = this.#take(op, size);
    this.#liveBytes += size;
    return start;
  }

  release(start: number, bytes: number): void {
    if (bytes === 0) return;
    this.#liveBytes -= align(bytes);
    this.#give(start);
  }

  reserve(op: string, bytes: number, block = 0): void {
    const missing = bytes > this.#arenaBytes - this.#used;
    this.#checkLimit(op, (missing ? bytes - this.#arenaBytes : 0) + block);
    if (!missing) return;
    if (this.#used > 0) throw new Error('simdconv: reserve during a call');
    const arena = this.#take(op, align(bytes), this.#arenaBytes);
    if (this.#arenaBytes > 0) this.#give(this.#arena);
    this.#arena = arena;
    this.#arenaBytes = align(bytes);
  }

  mark(): number {
    return this.#used;
  }

  push(bytes: number): number {
    const start = this.#arena + this.#used;
    this.#used += align(bytes);
    return start;
  }

  reset(mark: number): void {
    this.#used = Math.min(mark, this.#arenaBytes);
  }

  abandonArena(): () => void {
    const [arena, bytes] = [this.#arena, this.#arenaBytes];
    this.#arena = this.#arenaBytes = this.#used = 0;
    return () => {
      if (bytes > 0) this.#give(arena);
    };
  }

  clear(): void {
    for (const start of [...this.#pieces.keys()]) this.#give(start);
    this.#liveBytes = this.#arenaBytes = this.#used = 0;
  }

  /** `bytes` more of the heap; `replaced` of those held are about to be given back. */
  #take(op: string, bytes: number, replaced = 0): number {
    this.#checkLimit(op, bytes - replaced);
    const room = bytes + ALIGNMENT;
    const pointer = this.#malloc(op, room);
    const { byteLength } = this.floats;
    if (pointer + room > byteLength) {
      throw new OptionError(op, `allocator.malloc(${room}) gave ${pointer}; the memory has ${byteLength} bytes`);
    }
    if (align(pointer) + bytes > MOST_BYTES) {
      this.#allocator.free(pointer);
      throw new OutOfMemoryError(
        op,
        `needs ${bytes} bytes more; the host's allocator has them only in the last page below 4 GiB, which kernels do not use`,
      );
    }
    this.#heldBytes += bytes;
    this.#pieces.set(align(pointer), { pointer, bytes });
    return align(pointer);
  }

  #malloc(op: string, room: number): number {
    let pointer = 0;
    let cause: unknown;
    try {
      pointer = this.#allocator.malloc(room) >>> 0; // a pointer past 2 GiB comes as a negative i32
    } catch (error) {
      cause = error;
    }
    if (pointer === 0) throw new OutOfMemoryError(op, `needs ${room} bytes more; the host's allocator does not give them`, { cause });
    return pointer;
  }

  #give(start: number): void {
    const piece = this.#pieces.get(start);
    if (piece === undefined) throw new Error(`simdconv: nothing was allocated at ${start}`);
    this.#pieces.delete(start);
    this.#heldBytes -= piece.bytes;
    this.#allocator.free(piece.pointer);
  }

  #checkLimit(op: string, bytes: number): void {
    if (this.#heldBytes + bytes <= this.maxBytes) return;
    throw new OutOfMemoryError(op, `needs ${bytes} bytes more than the ${this.#heldBytes} that are held; maxBytes is ${this.maxBytes}`);
  }
}
