/**
 * The suite in a page: a plain module script, no bundler. The page's import map sends the imports of src/ to the built files in dist/, so what
 * runs is what is published. The variant is the page's query; the results are left on `window.results`.
 */
import { load, loadSync } from '../../src/index.js';
import { GOLDEN_OPS, type Golden, suite } from '../suite/index.js';

export interface Result {
  readonly name: string;
  /** What the case threw; absent where it passed. */
  readonly error?: string;
}

declare global {
  interface Window {
    results?: readonly Result[];
    failure?: string;
  }
}

async function run(name: 'simd' | 'relaxed'): Promise<Result[]> {
  const files = GOLDEN_OPS.map(async (op) => [op, await (await fetch(`/test/golden/${op}.json`)).json()] as const);
  const golden = Object.fromEntries(await Promise.all(files)) as unknown as Golden;
  // The shared instance starts from the embedded bytes, the fresh ones from the file: both are ways that users start.
  const module = await WebAssembly.compileStreaming(fetch(`/dist/wasm/${name}.wasm`));
  const cases: { name: string; body: () => void | Promise<void> }[] = [];
  suite((title, body) => cases.push({ name: title, body }), {
    name,
    hosted: false,
    kernels: await load({ variant: name }),
    oracle: loadSync({ variant: 'reference' }),
    golden,
    load: (options) => loadSync({ variant: name, module, ...options }),
  });
  const results: Result[] = [];
  for (const { name: title, body } of cases) {
    try {
      await body();
      results.push({ name: title });
    } catch (error) {
      results.push({ name: title, error: String(error instanceof Error ? (error.stack ?? error) : error) });
    }
  }
  return results;
}

try {
  window.results = await run(new URLSearchParams(location.search).get('variant') === 'relaxed' ? 'relaxed' : 'simd');
} catch (error) {
  window.failure = String(error instanceof Error ? (error.stack ?? error) : error);
}
