/**
 * The suite in a page: a plain module script, no bundler. The page's import map sends the imports of src/ to the built files in dist/, so what
 * runs is what is published. The variant is the page's query.
 */
import { load, loadSync } from '../../src/index.js';
import { GOLDEN_OPS, type Golden, suite } from '../suite/index.js';
import { type Case, report } from './results.js';

async function cases(name: 'simd' | 'relaxed'): Promise<Case[]> {
  const files = GOLDEN_OPS.map(async (op) => [op, await (await fetch(`/test/golden/${op}.json`)).json()] as const);
  const golden = Object.fromEntries(await Promise.all(files)) as unknown as Golden;
  // The shared instance starts from the embedded bytes, the fresh ones from the file: both are ways that users start.
  const module = await WebAssembly.compileStreaming(fetch(`/dist/wasm/${name}.wasm`));
  const collected: Case[] = [];
  suite((title, body) => collected.push({ name: title, body }), {
    name,
    hosted: false,
    kernels: await load({ variant: name }),
    oracle: loadSync({ variant: 'reference' }),
    golden,
    load: (options) => loadSync({ variant: name, module, ...options }),
  });
  return collected;
}

await report(() => cases(new URLSearchParams(location.search).get('variant') === 'relaxed' ? 'relaxed' : 'simd'));
