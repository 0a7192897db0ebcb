/** The package as ES modules: one file for each of its entries, what they share in files of its own. The bytes of each build are in one file, whoever imports them. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { build } from 'esbuild';

const ENTRIES = [
  'index',
  'core',
  'node',
  'relaxed',
  'workerd',
  'edge-light',
  'cli',
  'arithmetic/index',
  'convert/index',
  'tfjs/index',
  'tfjs/node',
];

await rm('dist/shared', { recursive: true, force: true });
const { outputFiles } = await build({
  entryPoints: {
    ...Object.fromEntries(ENTRIES.map((name) => [name, `src/${name}.ts`])),
    // What `load` needs, and apart from it what `loadSync` does besides: a bundle may have one alone.
    'shared/start': 'src/start/start.ts',
    'shared/load-sync': 'src/load-sync.ts',
    'shared/core-sync': 'src/core-sync.ts',
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
  write: false,
  logLevel: 'warning',
});

// An import of nothing but effects, which no shared file has: bundlers would take what is fetched later for what is there from the start.
for (const { path, text } of outputFiles) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text.replaceAll(/import"\.[^"]*";/g, ''), { mode: text.startsWith('#!') ? 0o755 : 0o644 });
}
