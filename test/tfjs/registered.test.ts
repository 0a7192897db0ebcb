/** A kernel that is written is registered, and docs/tfjs.md lists what is registered and nothing else. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { kernelsOf } from '../../src/tfjs/kernels/index.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDER = join(ROOT, 'src/tfjs');
const INDEX = join(FOLDER, 'kernels/index.ts');

const sources = new Map(
  readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => [join(FOLDER, path), readFileSync(join(FOLDER, path), 'utf8')]),
);

/** What a module imports from another of these, by name. */
function importsOf(path: string): { from: string; names: string[] }[] {
  const found = (sources.get(path) as string).matchAll(/^import (?:type )?\{([^}]*)\} from '(\.[^']*)\.js';/gm);
  return [...found].map(([, list = '', from = '']) => ({ from: join(dirname(path), `${from}.ts`), names: list.match(/\w+/g) ?? [] }));
}

const imported = new Set([...sources.keys()].flatMap(importsOf).flatMap(({ from, names }) => names.map((name) => `${from} ${name}`)));
const written = [...sources]
  .filter(([path]) => dirname(path) === dirname(INDEX) && path !== INDEX)
  .flatMap(([path, source]) => [...source.matchAll(/^export (?:const|function|class) (\w+)/gm)].map(([, name = '']) => ({ path, name })));

describe('what src/tfjs/kernels exports', () => {
  test('is many kernels', () => expect(written.length).toBeGreaterThan(30));

  test.each(written)('$name is used: a kernel by the tables of index.ts', ({ path, name }) => {
    expect(imported).toContain(`${path} ${name}`);
  });

  test.each(importsOf(INDEX).flatMap(({ from, names }) => (dirname(from) === dirname(INDEX) ? names : [])))(
    '%s stands in a table of index.ts',
    (name) => {
      const tables = (sources.get(INDEX) as string).replaceAll(/^import [^;]*;$/gm, '');
      expect(tables).toMatch(new RegExp(`[ (]${name}[,()]`));
    },
  );
});

describe('the table of docs/tfjs.md', () => {
  const page = readFileSync(join(ROOT, 'docs/tfjs.md'), 'utf8');
  const section = page.slice(page.indexOf('\n## What is replaced\n'));
  const [table = ''] = /(?:^\|.*\|\n)+/m.exec(section) ?? [];
  const [titles, ...cells] = table.split('\n').map((row) => row.split('|').slice(2, -1));
  const [wasm, cpu] = (['wasm', 'cpu'] as const).map((backend) => Object.keys(kernelsOf(backend))) as [string[], string[]];

  test.each([
    { title: ' on `wasm` and `cpu` ', registered: wasm.filter((name) => cpu.includes(name)) },
    { title: ' on `wasm` alone ', registered: wasm.filter((name) => !cpu.includes(name)) },
    { title: ' on `cpu` alone ', registered: cpu.filter((name) => !wasm.includes(name)) },
  ])('has what is registered$title', ({ title, registered }) => {
    const column = titles?.indexOf(title) as number;
    const listed = cells.flatMap((row) => [...(row[column]?.matchAll(/`(\w+)`/g) ?? [])].map(([, name]) => name));
    expect(listed.sort()).toEqual(registered.sort());
  });
});
