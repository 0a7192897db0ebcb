import { MOST_BYTES, pastTheEnd } from '../../engine.js';
import { OptionError, OutOfMemoryError } from '../../errors.js';

export const ALIGNMENT = 16;

export const align = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/** Where an operand of a call lies. It is found once, before anything may make the memory grow; after that the array is not looked at again. */
export interface Place {
  /** In the memory, in bytes; -1 where the operand lies elsewhere. */
  readonly address: number;
  /** Elements. */
  readonly length: number;
  /** What lies elsewhere; null in the memory. */
  readonly source: Float32Array | null;
  /** Of the memory, when the operand was found. */
  readonly generation: number;
}

/** An operand that is not there. */
export const ABSENT: Place = { address: 0, length: 0, source: null, generation: 0 };

/** Bytes of the arena that an operand takes. */
export const roomFor = ({ source, length }: Place): number => (source === null ? 0 : align(length * 4));

/** The whole of a memory. */
export interface Views {
  readonly buffer: ArrayBufferLike;
  readonly floats: Float32Array;
  readonly ints: Int32Array;
}

const viewsOf = (buffer: ArrayBufferLike): Views => ({ buffer, floats: new Float32Array(buffer), ints: new Int32Array(buffer) });

/**
 * Linear memory and who gives it out: blocks (resident tensors, plans), and the arena, a stack for the operands of one call: mark, push, reset. It may grow
 * whenever room is asked for. Then it has another buffer: views of the one before are detached, or, where memory is shared between threads, stay good; so growth is
 * told by the buffer and counted by a generation, and whoever keeps a view keeps the generation with it.
 */
export abstract class Memory {
  readonly wasm: WebAssembly.Memory;
  /** Most bytes that may be taken. */
  readonly maxBytes: number;
  #views = viewsOf(new ArrayBuffer(0));
  #generation = 0;
  /** Every buffer that this memory was seen to have. */
  readonly #buffers = new WeakSet<ArrayBufferLike>();

  constructor(wasm: WebAssembly.Memory, maxBytes: number) {
    this.wasm = wasm;
    this.maxBytes = maxBytes;
    this.look();
  }

  /** Reserves `bytes` for good, behind the module's static data, and returns their address. Called once, before anything is allocated. */
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
  /** The same, but says whether there is room. */
  canReserve(bytes: number, block = 0): boolean {
    try {
      this.reserve('', bytes, block);
      return true;
    } catch (error) {
      if (error instanceof OutOfMemoryError) return false;
      throw error;
    }
  }
  abstract mark(): number;
  /** The next `bytes` of the arena, which `reserve` has made sure of. */
  abstract push(bytes: number): number;
  abstract reset(mark: number): void;
  /** Makes what was pushed a block of its own, which the returned function gives back; the arena goes on elsewhere. */
  abstract abandonArena(): () => void;
  /** Forgets every block. */
  abstract clear(): void;

  /** Another number when the memory has grown: views that were taken before may be detached. */
  get generation(): number {
    this.current();
    return this.#generation;
  }

  /** All of memory as float32. Do not keep it. */
  get floats(): Float32Array {
    return this.current().floats;
  }

  /** Whether a buffer is this memory, or was it before the memory grew. */
  owns(buffer: ArrayBufferLike): boolean {
    return buffer === this.current().buffer || this.#buffers.has(buffer);
  }

  /**
   * Where an array lies. At 0 lies nothing that a tensor holds, and it means none to the kernels: what lies there is copied like what lies elsewhere. Asked for its
   * buffer, a small array would be given one of its own, which takes longer than a small kernel runs.
   */
  place(array: Float32Array | null): Place {
    if (array === null) return ABSENT;
    const { byteOffset, length } = array;
    const inside = byteOffset > 0 && this.owns(array.buffer);
    if (inside && byteOffset + length * 4 > MOST_BYTES) throw new OptionError('engine', pastTheEnd('an operand', byteOffset + length * 4));
    return { address: inside ? byteOffset : -1, length, source: inside ? null : array, generation: this.#generation };
  }

  /** Bytes of the arena that an array will take. */
  roomOf(array: Float32Array): number {
    return array.byteOffset > 0 && this.owns(array.buffer) ? 0 : align(array.length * 4);
  }

  /** The address of an operand, which is copied into the arena where it lies elsewhere. */
  enter(place: Place): number {
    if (place.source === null) return place.address;
    const start = this.push(place.length * 4);
    this.floats.set(this.#arrayOf(place.source, place), start / 4);
    return start;
  }

  /** The address of a result, in the arena where it goes elsewhere: `leave` takes it there. */
  enterResult(place: Place): number {
    return place.source === null ? place.address : this.push(place.length * 4);
  }

  leave(from: number, place: Place): void {
    if (place.source !== null) this.#arrayOf(place.source, place).set(this.floats.subarray(from / 4, from / 4 + place.length));
  }

  /** An array that lay at this offset, with this length, in that generation: itself, or the same elements of this memory as it is now. */
  attach(array: Float32Array, byteOffset: number, length: number, generation: number): Float32Array {
    return generation === this.generation || !this.owns(array.buffer) ? array : this.view(byteOffset, length);
  }

  /** Writes i32 values. */
  writeInts(to: number, values: readonly number[]): void {
    const { ints } = this.current();
    const at = to / 4;
    for (let i = 0; i < values.length; i++) ints[at + i] = values[i] as number; // `set` of an array of numbers takes ten times as long
  }

  view(start: number, length: number): Float32Array {
    return new Float32Array(this.current().buffer, start, length);
  }

  /** Copies bytes (a multiple of 4) within the memory. */
  copy(to: number, from: number, bytes: number): void {
    this.floats.copyWithin(to / 4, from / 4, (from + bytes) / 4);
  }

  /** What lies elsewhere, or at 0. */
  #arrayOf(source: Float32Array, { length, generation }: Place): Float32Array {
    return this.attach(source, 0, length, generation);
  }

  /** The views as they are. Where others may make the memory grow, it must look first. */
  protected current(): Views {
    return this.#views;
  }

  /** Looks whether the memory has another buffer. It takes 12 ns, as long as to ask an array for its own. */
  protected look(): void {
    const { buffer } = this.wasm;
    if (buffer === this.#views.buffer) return;
    this.#views = viewsOf(buffer);
    this.#buffers.add(buffer);
    this.#generation++;
  }
}
