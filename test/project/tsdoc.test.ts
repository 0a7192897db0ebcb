/** The examples in the public docstrings: each line `expression; // value` has that value. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as arithmetic from '../../src/arithmetic/index.js';
import * as convert from '../../src/convert/index.js';
import { load, loadSync } from '../../src/index.js';

const SOURCES = fileURLToPath(new URL('../../src/', import.meta.url));
const FILES = [
  'index.ts',
  ...['types', 'arithmetic', 'convert'].flatMap((room) => readdirSync(SOURCES + room).map((name) => `${room}/${name}`)),
];

/** Code between the fences, by the first name behind the docstring. */
function examplesOf(source: string): [name: string, code: string][] {
  return [
    ...source.matchAll(
      / \* ```js\n((?:\s*\*.*\n)*?)\s*\* ```\n[\s\S]*?\*\/\n\s*(?:export |async |function |interface |type |readonly )*(\w*)/g,
    ),
  ].map(([, code = '', name = '']) => [name, code.replaceAll(/^\s*\* ?/gm, '')]);
}

const VALUE = /^(.*); \/\/ (\[.*\]|[\d.]+)$/gm;
const AsyncFunction = (async () => {}).constructor as FunctionConstructor;

const examples = FILES.flatMap((file) => examplesOf(readFileSync(SOURCES + file, 'utf8')).map((each) => [file, ...each] as const));

describe('docstrings', () => {
  it('have examples', () => expect(examples.length).toBeGreaterThan(20));

  it.each(examples)('%s: %s', async (_, __, code) => {
    const kernels = loadSync();
    const values: [got: unknown, want: unknown][] = [];
    const check = (got: number | ArrayLike<unknown>, want: unknown): void => {
      values.push([typeof got === 'number' ? got : Array.from(got), want]);
    };
    const body = `{\n${code.replaceAll(VALUE, 'check($1, $2);')}}`; // a scope of its own, which may say `const { conv2d } = ...`
    const names: Record<string, unknown> = { ...arithmetic, ...convert, ...kernels, load, check };
    await new AsyncFunction(...Object.keys(names), body)(...Object.values(names));
    expect(values.length).toBe([...code.matchAll(VALUE)].length);
    expect(values.length).toBeGreaterThan(0);
    for (const [got, want] of values) expect(got).toEqual(want);
    kernels.dispose();
  });
});
