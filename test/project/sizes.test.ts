import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { bundleOf, rowsOf } from './sizes.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const near = (said: string | undefined, bytes: number, share: number): void => {
  expect(Number(said) * 1000).toBeGreaterThan(bytes / (1 + share));
  expect(Number(said) * 1000).toBeLessThan(bytes * (1 + share) + 50); // half of the last digit
};

test('docs/install.md gives sizes within 5 % of what they are', async () => {
  const text = readFileSync(`${ROOT}docs/install.md`, 'utf8');
  const [, table = ''] = /<!-- sizes:begin -->\n(.*)<!-- sizes:end -->/s.exec(text) ?? [];
  const cells = table
    .trim()
    .split('\n')
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const rows = await rowsOf(ROOT);
  expect(cells.map(([name]) => name)).toEqual(rows.map(({ name }) => name));
  rows.forEach(({ name, minified, gzip, brotli }, index) => {
    expect(gzip, name).toBeGreaterThan(0);
    const [, ...said] = cells[index] ?? [];
    [minified, gzip, brotli].forEach((bytes, column) => {
      near(said[column], bytes, 0.05);
    });
  });
});

test('the README gives them within 10 %', async () => {
  const text = readFileSync(`${ROOT}README.md`, 'utf8');
  const { eager, later } = await bundleOf(
    `import { load } from 'simdconv'; const { matmul } = await load(); globalThis.matmul = matmul;`,
    ROOT,
  );
  const [, minified, gzip] = /are (\d+) kB, (\d+) gzipped/.exec(text) ?? [];
  near(minified, eager.minified, 0.1);
  near(gzip, eager.gzip, 0.1);
  for (const name of ['simd', 'relaxed']) {
    const { length } = gzipSync(readFileSync(`${ROOT}/dist/wasm/${name}.wasm`), { level: 9 });
    near(/SIMD \(([\d.]+) kB gzipped\)/.exec(text)?.[1], length, 0.1);
    near(/\((\d+) kB gzipped\), is fetched/.exec(text)?.[1], later[name]?.gzip ?? 0, 0.1);
  }
});

test('a bundle of `load` has no build, no worker and no reference in what a page starts with', async () => {
  const { eager, later } = await bundleOf(`import { load } from 'simdconv'; globalThis.load = load;`, ROOT);
  expect(Object.keys(later).sort()).toEqual(['all-parts', 'relaxed', 'simd']);
  expect(eager.gzip).toBeLessThan(50_000);
});
