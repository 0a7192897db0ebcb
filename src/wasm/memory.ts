export const ALIGNMENT = 16;

export const align = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

interface Views {
  readonly buffer: ArrayBuffer;
  readonly floats: Float32Array;
  readonly ints: Int32Array;
}

const viewsOf = (buffer: ArrayBuffer): Views => ({ buffer, floats: new Float32Array(buffer), ints: new Int32Array(buffer) });

/**
 * Linear memory and who gives it out: blocks (resident tensors, plans), and the arena, a stack for the operands of one call: mark, push, reset. It may grow
 * whenever room is asked for, which detaches every view, so views are derived on access.
 */
export abstract class Memory {
  readonly wasm: WebAssembly.Memory;
  /** Most bytes that may be taken. */
  readonly maxBytes: number;
  #views = viewsOf(new ArrayBuffer(0));

  constructor(wasm: WebAssembly.Memory, maxBytes: number) {
    this.wasm = wasm;
    this.maxBytes = maxBytes;
  }

  /** The address of `bytes` that are never given back, past the module's static data. Once, before anything is allocated. */
  abstract fixed(op: string, heapBase: number, bytes: number): number;
  abstract get capacityBytes(): number;
  /** Bytes of live blocks, as asked for rounded up to 16. */
  abstract get liveBytes(): number;
  /** A block of at least `bytes`. The arena must be empty. */
  abstract allocate(op: string, bytes: number): number;
  /** Gives back a block of `allocate(bytes)`. */
  abstract release(start: number, bytes: number): void;
  /** Makes sure of room for a block of `block` bytes and then pushes of `bytes` in all. Throws before anything has changed. */
  abstract reserve(op: string, bytes: number, block?: number): void;
  abstract mark(): number;
  /** The next `bytes` of the arena, which `reserve` has made sure of. */
  abstract push(bytes: number): number;
  abstract reset(mark: number): void;
  /** Forgets every block. */
  abstract clear(): void;

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

  #current(): Views {
    // Detached, and so of length 0, as soon as the memory has grown.
    if (this.#views.floats.length === 0) this.#views = viewsOf(this.wasm.buffer);
    return this.#views;
  }
}
