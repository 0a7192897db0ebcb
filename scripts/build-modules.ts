/** The package as ES modules: one file for each of its entries, what they share in files of its own. The bytes of each build are in one file, whoever imports them. */
import { readdir, rm } from 'node:fs/promises';
import { build } from 'esbuild';

await rm('dist/shared', { recursive: true, force: true });
for (const name of await readdir('dist')) if (/^chunk-.*\.js$/.test(name)) await rm(`dist/${name}`);
await build({
  entryPoints: [
    ...['index', 'core', 'node', 'relaxed', 'workerd', 'edge-light', 'cli', 'arithmetic/index', 'tfjs/index'].map(
      (name) => `src/${name}.ts`,
    ),
    // With names that stay: the CommonJS build looks for them.
    { in: 'src/wasm/generated/simd.ts', out: 'bytes/simd' },
    { in: 'src/wasm/generated/relaxed.ts', out: 'bytes/relaxed' },
  ].map((entry) => (typeof entry === 'string' ? { in: entry, out: entry.slice('src/'.length, -'.ts'.length) } : entry)),
  outdir: 'dist',
  chunkNames: 'shared/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'neutral',
  mainFields: ['module', 'main'],
  external: ['node:*', '*.wasm', '*.wasm?module'],
  target: 'es2022',
  // Names stay, for whoever reads a stack.
  minifyWhitespace: true,
  minifySyntax: true,
  logLevel: 'warning',
});
