import { readFileSync } from 'node:fs';
import { afterAll, describe, test } from 'vitest';
import { type LoadOptions, loadSync, UnsupportedRuntimeError } from '../src/index.js';
import { type Backend, GOLDEN_OPS, type Golden, goldenErrors, suite } from './suite/index.js';

const read = (path: string): Uint8Array<ArrayBuffer> => Uint8Array.from(readFileSync(new URL(path, import.meta.url)));

const readGolden = (): Golden =>
  Object.fromEntries(GOLDEN_OPS.map((op) => [op, JSON.parse(new TextDecoder().decode(read(`golden/${op}.json`)))])) as unknown as Golden;

/** How each backend is loaded. `debug` and `tiny` are builds of the same source that are not shipped. */
const LOADERS: Record<Backend['name'], () => LoadOptions> = {
  reference: () => ({ variant: 'reference' }),
  debug: () => ({ variant: 'simd', module: new WebAssembly.Module(read('../build/debug.wasm')) }),
  tiny: () => ({ variant: 'simd', module: new WebAssembly.Module(read('../build/tiny.wasm')) }),
  simd: () => ({ variant: 'simd' }),
  relaxed: () => ({ variant: 'relaxed' }),
};

/** Runs the whole suite over one backend as vitest tests. Each backend has a file of its own, so that they run side by side. */
export function testBackend(name: Backend['name']): void {
  const base = LOADERS[name]();
  const load = (options: LoadOptions = {}) => loadSync({ ...base, ...options });
  try {
    load().dispose();
  } catch (error) {
    if (!(error instanceof UnsupportedRuntimeError)) throw error;
    test.skip(`${name}: this runtime (Node ${process.versions.node}) has no relaxed SIMD; run on a current Node`, () => {});
    return;
  }
  describe(name, () => {
    suite(test, { name, kernels: load(), oracle: loadSync({ variant: 'reference' }), golden: readGolden(), load });
    afterAll(() => {
      if (process.env.GOLDEN_ERRORS) printGoldenErrors(name);
    });
  });
}

function printGoldenErrors(name: string): void {
  const lines = [...goldenErrors].map(
    ([key, error]) => `${key.padEnd(40)} ${error.absolute.toExponential(2)}  ${error.relative.toExponential(2)}`,
  );
  console.log(`golden vectors, ${name}: largest error, absolute and relative to the largest value\n${lines.join('\n')}`);
}
