/**
 * The kernels of a build on a memory that tells: each of its words that nothing was put into is a signalling NaN. What is computed from one is NaN, and
 * what is written over one, be it by adding to it, has other bits.
 */
import { readFileSync } from 'node:fs';
import { it } from 'vitest';
import { VIEW_BYTES, type View } from '../../src/wasm/conv-view.js';
import type { Exports } from '../../src/wasm/generated/exports.js';
import { align } from '../../src/wasm/memory/memory.js';
import { supports } from '../../src/wasm/support.js';

const UNTOUCHED = 0x7fa5a5a5;
/** Words on both sides of a block: an odd number, so that floats are aligned to nothing but 4 bytes. */
const BAND = 9;
const PAGE = 65536;

/** The builds that this runtime can run; of one that it may not, a skipped test says so. */
export function builds(): (readonly [name: string, module: WebAssembly.Module])[] {
  return ['debug', 'tiny', 'simd', 'relaxed'].flatMap((name) => {
    if (name !== 'relaxed' || supports('relaxed')) return [[name, new WebAssembly.Module(readFileSync(`build/${name}.wasm`))] as const];
    it.skip(`the relaxed build: this runtime (Node ${process.versions.node}) has no relaxed SIMD`, () => {});
    return [];
  });
}

/** Where the first element is that has other bits; -1 where none has. */
export const firstOther = (got: ArrayLike<number>, want: Float32Array): number => want.findIndex((value, i) => !Object.is(value, got[i]));

interface Block {
  readonly name: string;
  /** In words. */
  readonly start: number;
  readonly end: number;
  /** What must lie there unchanged. */
  readonly given?: Uint32Array;
}

export class Machine {
  readonly kernels: Exports;
  /** Scratch of every kernel. */
  readonly workspace: number;
  readonly #memory = new WebAssembly.Memory({ initial: 1 });
  #words = new Uint32Array(0);
  #blocks: Block[] = [];
  #top: number;

  constructor(module: WebAssembly.Module) {
    this.kernels = new WebAssembly.Instance(module, { env: { memory: this.#memory } }).exports as unknown as Exports;
    this.#top = align(this.kernels.HEAP_BASE.value) / 4;
    this.#grow(this.#top);
    this.workspace = this.scratch(this.kernels.WORKSPACE.value);
  }

  /** The floats that `compute` writes to the address it is given, of so many or over these. Throws where it wrote to anything else but scratch. */
  run(what: string, before: number | Float32Array, compute: (result: number) => void): Float32Array {
    const [workspace] = this.#blocks as [Block];
    this.#words.fill(UNTOUCHED, workspace.start, this.#top);
    this.#blocks = [workspace];
    this.#top = workspace.end + BAND;
    const length = typeof before === 'number' ? before : before.length;
    const result = this.#block('the result', length);
    if (typeof before !== 'number') new Float32Array(this.#memory.buffer, result).set(before);
    compute(result);
    for (const block of this.#blocks) this.#check(what, block);
    return new Float32Array(this.#memory.buffer, result, length).slice();
  }

  /** The address of a copy of an operand; 0 for none. */
  put(values: Float32Array | null): number {
    return values ? this.#give('an operand', new Uint32Array(values.buffer, values.byteOffset, values.length)) : 0;
  }

  write(view: View): number {
    const words = new Uint32Array(VIEW_BYTES / 4);
    words.set(view.words);
    return this.#give('the view', words);
  }

  /** Bytes to write to, from a multiple of 16. */
  scratch(bytes: number): number {
    this.#top = align((this.#top + BAND) * 4) / 4 - BAND;
    return this.#block('scratch', bytes / 4);
  }

  #give(name: string, given: Uint32Array): number {
    const address = this.#block(name, given.length, given);
    this.#words.set(given, address / 4);
    return address;
  }

  #block(name: string, length: number, given?: Uint32Array): number {
    const start = this.#top + BAND;
    const end = start + length;
    this.#top = end + BAND;
    this.#grow(this.#top);
    this.#blocks.push(given ? { name, start, end, given } : { name, start, end });
    return start * 4;
  }

  #grow(words: number): void {
    const { length } = this.#words;
    const missing = words * 4 - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE));
    else if (length > 0) return;
    this.#words = new Uint32Array(this.#memory.buffer);
    this.#words.fill(UNTOUCHED, length || words);
  }

  #check(what: string, { name, start, end, given }: Block): void {
    const words = this.#words;
    for (let i = 1; i <= BAND; i++) {
      if (words[start - i] !== UNTOUCHED) throw new Error(`${what}: wrote ${i} words before ${name}`);
      if (words[end + i - 1] !== UNTOUCHED) throw new Error(`${what}: wrote ${i} words past ${name}`);
    }
    given?.forEach((word, i) => {
      if (words[start + i] !== word) throw new Error(`${what}: wrote to ${name}, at ${i} of ${given.length}`);
    });
  }
}
