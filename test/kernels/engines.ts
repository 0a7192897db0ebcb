/** Every build's engine, in a memory of its own and in a host's heap, whose guard bands are looked at after each test. */
import { readFileSync } from 'node:fs';
import { afterEach } from 'vitest';
import type { Engine } from '../../src/engine.js';
import { referenceEngine } from '../../src/reference/index.js';
import { wasmEngine } from '../../src/wasm/engine.js';
import { HostMemory } from '../../src/wasm/memory/host.js';
import { OwnMemory } from '../../src/wasm/memory/own.js';
import { Heap } from '../backends/heap.js';

/** Bytes that each may hold. */
const MOST = 2 ** 24;
const BUILDS = ['debug', 'tiny', 'simd'].map((name) => [name, new WebAssembly.Module(readFileSync(`build/${name}.wasm`))] as const);

const heaps: Heap[] = [];
afterEach(() => {
  for (const heap of heaps.splice(0)) heap.check();
});
function inHeap(module: WebAssembly.Module): Engine {
  const heap = new Heap();
  heaps.push(heap);
  return wasmEngine(module, new HostMemory(heap.memory, heap, MOST));
}

export const ENGINES: [string, () => Engine][] = [
  ['reference', () => referenceEngine({ maxBytes: MOST })],
  ...BUILDS.flatMap(([name, module]): [string, () => Engine][] => [
    [name, () => wasmEngine(module, new OwnMemory(MOST))],
    [`${name} in a heap`, () => inHeap(module)],
  ]),
];
