import { statSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { installedForTests } from './installed.js';

const installed = installedForTests();

/** Bytes: those of 27 November 2026. What grows past them by more than a fiftieth is said here anew, on purpose. */
const BUDGET = { 'load and matmul': 74_075, 'the relaxed build': 32_958, 'simdconv/core': 41_069, tarball: 302_500 };
const ROOM = 1.02;

function within(name: keyof typeof BUDGET, bytes: number): void {
  console.log(`${name}: ${bytes} bytes of ${Math.floor(BUDGET[name] * ROOM)}`);
  expect(bytes).toBeLessThanOrEqual(BUDGET[name] * ROOM);
}

/** Of a minified bundle as a page gets it: what it starts with, and what is fetched when it is wanted; gzipped. */
async function bundleOf(contents: string): Promise<{ eager: number; later: number }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: installed.folder },
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    outdir: 'out',
    absWorkingDir: installed.folder,
    write: false,
    metafile: true,
  });
  const sizes = new Map(
    Object.keys(metafile.outputs).map((path, index) => [path, gzipSync(outputFiles[index]?.contents ?? '', { level: 9 }).length]),
  );
  const eager = new Set<string>();
  const visit = (path: string): void => {
    if (eager.has(path)) return;
    eager.add(path);
    for (const { path: next, kind } of metafile.outputs[path]?.imports ?? []) if (kind === 'import-statement') visit(next);
  };
  visit('out/stdin.js');
  const sum = (paths: Iterable<string>): number => [...paths].reduce((bytes, path) => bytes + (sizes.get(path) ?? 0), 0);
  return { eager: sum(eager), later: sum([...sizes.keys()].filter((path) => !eager.has(path))) };
}

describe('sizes, gzipped', () => {
  test('a bundle of load and matmul, and the relaxed build apart from it', async () => {
    const { eager, later } = await bundleOf(
      `import { load } from 'simdconv'; const { matmul } = await load(); globalThis.matmul = matmul;`,
    );
    within('load and matmul', eager);
    within('the relaxed build', later);
  });

  test('a bundle of simdconv/core, which has no build', async () => {
    const { eager, later } = await bundleOf(`import { load } from 'simdconv/core'; globalThis.load = load;`);
    within('simdconv/core', eager);
    expect(later).toBe(0);
  });

  test('the tarball', () => within('tarball', statSync(installed.tarball).size));
});
