import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BUNDLERS } from './bundlers.js';
import { ROOT } from './packages.js';
import { RUNTIMES } from './runtimes.js';

test('the table of docs/install.md has a row of each runtime and bundler, and all passed', () => {
  const text = readFileSync(`${ROOT}docs/install.md`, 'utf8');
  const [, table = ''] = /<!-- install:begin -->\n(.*)<!-- install:end -->/s.exec(text) ?? [];
  const rows = table.trim().split('\n').slice(2);
  const cells = rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const named = [...RUNTIMES.map(({ name }) => `${name} `), ...BUNDLERS.map(({ name }) => `bundled by ${name.split(' ')[0]} `)];
  expect(cells).toHaveLength(named.length);
  cells.forEach(([name, variant, threads, passed = '', times], index) => {
    expect(name).toContain(named[index]);
    expect(variant).toMatch(/^(relaxed|simd)$/);
    expect(threads).toMatch(/^(2|1: .+)$/);
    const [some, all] = passed.split(' of ').map(Number);
    expect(some).toBe(all);
    expect(times).toMatch(/^\d+ ms(, \d+ ms)*$/);
  });
});
