import { readFileSync } from 'node:fs';
import { afterAll, describe, test } from 'vitest';
import { type LoadOptions, loadSync, UnsupportedRuntimeError } from '../../src/index.js';
import { OVERHEAD } from '../../src/wasm/overhead.js';
import { type Backend, type Define, GOLDEN_OPS, type Golden, goldenErrors, suite } from '../suite/index.js';
import { Heap } from './heap.js';

const read = (path: string): Uint8Array<ArrayBuffer> => Uint8Array.from(readFileSync(new URL(path, import.meta.url)));

const readGolden = (): Golden =>
  Object.fromEntries(GOLDEN_OPS.map((op) => [op, JSON.parse(new TextDecoder().decode(read(`../golden/${op}.json`)))])) as unknown as Golden;

/** How each backend is loaded. `debug` and `tiny` are builds of the same source that are not shipped. */
const LOADERS: Record<Backend['name'], () => LoadOptions> = {
  reference: () => ({ variant: 'reference' }),
  debug: () => ({ variant: 'simd', module: new WebAssembly.Module(read('../../build/debug.wasm')) }),
  tiny: () => ({ variant: 'simd', module: new WebAssembly.Module(read('../../build/tiny.wasm')) }),
  simd: () => ({ variant: 'simd' }),
  relaxed: () => ({ variant: 'relaxed' }),
};

/**
 * Runs the whole suite over one backend as vitest tests, each instance in a memory of its own or in a host's heap, whose guards are looked at after every case.
 * Each backend has a file of its own, so that they run side by side.
 */
export function testBackend(name: Backend['name'], where: 'own memory' | 'heap' | '3 threads' = 'own memory'): void {
  const threaded = where === '3 threads';
  // Whatever can be shared between threads is, however small.
  if (threaded) Object.assign(OVERHEAD, { job: 0, part: 0, small: 0 });
  const base: LoadOptions = { ...LOADERS[name](), ...(threaded && { threads: { count: 3, required: true } }) };
  const heaps = new Set<Heap>();
  const load = (options: LoadOptions = {}) => loadSync({ ...base, ...(where === 'heap' ? inHeap(heaps) : {}), ...options });
  try {
    load().dispose();
  } catch (error) {
    if (!(error instanceof UnsupportedRuntimeError)) throw error;
    test.skip(`${name}: this runtime (Node ${process.versions.node}) has no relaxed SIMD; run on a current Node`, () => {});
    return;
  }
  heaps.clear();
  const kernels = load();
  const [shared] = heaps;
  const define: Define = (title, body) =>
    test(title, async () => {
      await body();
      for (const heap of heaps) {
        heap.check();
        if (heap !== shared) heaps.delete(heap);
      }
    });
  describe(`${name}, ${where}`, () => {
    suite(define, { name, hosted: where === 'heap', kernels, oracle: loadSync({ variant: 'reference' }), golden: readGolden(), load });
    afterAll(() => {
      if (process.env.GOLDEN_ERRORS) printGoldenErrors(name);
    });
  });
}

function inHeap(heaps: Set<Heap>): LoadOptions {
  const heap = new Heap();
  heaps.add(heap);
  return { memory: heap.memory, allocator: heap };
}

function printGoldenErrors(name: string): void {
  const lines = [...goldenErrors].map(
    ([key, error]) => `${key.padEnd(40)} ${error.absolute.toExponential(2)}  ${error.relative.toExponential(2)}`,
  );
  console.log(`golden vectors, ${name}: largest error, absolute and relative to the largest value\n${lines.join('\n')}`);
}
