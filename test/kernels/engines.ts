/**
 * Every engine: the reference, and of each build one in a memory of its own and one in a host's heap. After each test all that was placed there must be as it
 * was, and so must what lies around it and around the results.
 */
import { afterEach, expect } from 'vitest';
import type { Engine } from '../../src/engine.js';
import { referenceEngine } from '../../src/reference/index.js';
import { wasmEngine } from '../../src/wasm/engine.js';
import { HostMemory } from '../../src/wasm/memory/host.js';
import { OwnMemory } from '../../src/wasm/memory/own.js';
import { Heap } from '../backends/heap.js';
import { builds, firstOther } from './machine.js';

/** Bytes that each may hold. */
const MOST = 2 ** 24;
const BAND = 7;
const MARK = -12345.625;

const checks: (() => void)[] = [];
afterEach(() => {
  for (const check of checks.splice(0)) check();
});

export class Stage {
  readonly engine: Engine;
  readonly #hold: (values: Float32Array) => Float32Array;

  /** `hold`: a copy in the memory of the engine. */
  constructor(engine: Engine, hold: (values: Float32Array) => Float32Array) {
    this.engine = engine;
    this.#hold = hold;
  }

  /** An operand that the engine finds in place. */
  place(values: Float32Array): Float32Array {
    const held = this.#hold(values);
    checks.push(() => expect(firstOther(held, values), 'an operand was written to').toBe(-1));
    return held;
  }

  /** Room for a result in place, full of NaN. */
  room(length: number): Float32Array {
    return this.#hold(new Float32Array(length).fill(Number.NaN));
  }

  /** Two results: of operands in place and into room in place, and of arrays that lie elsewhere. Both are full of NaN before. */
  both(operands: readonly Float32Array[], length: number, compute: (operands: readonly Float32Array[], result: Float32Array) => void) {
    const [inPlace, plain] = [this.room(length), new Float32Array(length).fill(Number.NaN)];
    compute(operands.map((operand) => this.place(operand)), inPlace); // biome-ignore format: one line
    compute(operands, plain);
    return [inPlace, plain] as const;
  }
}

function inOwn(module: WebAssembly.Module): Stage {
  const engine = wasmEngine(module, new OwnMemory(MOST));
  const grown = { already: false };
  return new Stage(engine, (values) => {
    // Once and for all, so that no view is detached.
    if (!grown.already) engine.buffer('test', (3 * MOST) / 16).free();
    grown.already = true;
    const whole = engine.buffer('test', values.length + 2 * BAND).view();
    const [before, held, after] = [whole.subarray(0, BAND), whole.subarray(BAND, -BAND), whole.subarray(-BAND)];
    held.set(values);
    for (const band of [before, after]) {
      band.fill(MARK);
      checks.push(() => expect([...band], 'around an array').toEqual(Array(BAND).fill(MARK)));
    }
    return held;
  });
}

function inHeap(module: WebAssembly.Module): Stage {
  const heap = new Heap();
  checks.push(() => heap.check());
  const grown = { already: false };
  return new Stage(wasmEngine(module, new HostMemory(heap.memory, heap, MOST)), (values) => {
    if (!grown.already) heap.memory.grow((2 * MOST) / 65536);
    grown.already = true;
    return heap.floats(values);
  });
}

export const STAGES: [string, () => Stage][] = [
  ['reference', () => new Stage(referenceEngine({ maxBytes: MOST }), (values) => values.slice())],
  ...builds().flatMap(([name, module]): [string, () => Stage][] => [
    [name, () => inOwn(module)],
    [`${name} in a heap`, () => inHeap(module)],
  ]),
];
