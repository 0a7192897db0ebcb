/** The page as static files that work in any folder of any host. `simdconv` is the built package, by the entries that its users get. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { tfjsThreads } from './tfjs-threads.ts';

type Target = string | { readonly import: { readonly default: string } };

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const { exports } = JSON.parse(readFileSync(at('package.json'), 'utf8')) as { exports: Readonly<Record<string, Target>> };

const alias = Object.entries(exports)
  .filter(([entry]) => !entry.includes('*'))
  .map(([entry, target]) => ({
    find: new RegExp(`^simdconv${entry.slice(1)}$`),
    replacement: at(typeof target === 'string' ? target : target.import.default),
  }));

export default defineConfig({
  base: './',
  resolve: { alias },
  build: { target: 'es2022', modulePreload: { polyfill: false } },
  plugins: [tfjsThreads()],
  worker: { format: 'es', plugins: () => [tfjsThreads()] },
});
