/** The package as ES modules: one file for each of its entries, what they share in files of its own. The bytes of each build are in one file, whoever imports them. */
import { rm } from 'node:fs/promises';
import { build } from 'esbuild';

const ENTRIES = ['index', 'core', 'node', 'relaxed', 'workerd', 'edge-light', 'cli', 'arithmetic/index', 'convert/index', 'tfjs/index'];

await rm('dist/shared', { recursive: true, force: true });
await build({
  entryPoints: {
    ...Object.fromEntries(ENTRIES.map((name) => [name, `src/${name}.ts`])),
    // With names that stay: the CommonJS build looks for them.
    'bytes/simd': 'src/wasm/generated/simd.ts',
    'bytes/relaxed': 'src/wasm/generated/relaxed.ts',
  },
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
