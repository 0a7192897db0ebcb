/** The examples in the public docstrings: each line `expression; // value` has that value. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Kernels, loadSync } from '../../src/index.js';

const FILES = ['types.ts'];

/** Code between the fences, by the first name behind the docstring. */
function examplesOf(source: string): [name: string, code: string][] {
  return [...source.matchAll(/ \* ```js\n((?:\s*\*.*\n)*?)\s*\* ```\n[\s\S]*?\*\/\n\s*(?:export interface |readonly )?(\w*)/g)].map(
    ([, code = '', name = '']) => [name, code.replaceAll(/^\s*\* ?/gm, '')],
  );
}

const VALUE = /^(.*); \/\/ (\[.*\])$/gm;

describe.each(FILES)('%s', (file) => {
  const examples = examplesOf(readFileSync(fileURLToPath(new URL(`../../src/${file}`, import.meta.url)), 'utf8'));

  it('has examples', () => expect(examples.length).toBeGreaterThan(10));

  it.each(examples)('example of %s', (_, code) => {
    const kernels = loadSync();
    const values: [got: unknown, want: unknown][] = [];
    const check = (got: ArrayLike<number>, want: number[]): void => {
      values.push([Array.from(got), want]);
    };
    const body = code.replaceAll(VALUE, 'check($1, $2);');
    const names = Object.keys(kernels) as (keyof Kernels & string)[];
    new Function('check', ...names, body)(check, ...names.map((name) => kernels[name]));
    expect(values.length).toBe([...code.matchAll(VALUE)].length);
    expect(values.length).toBeGreaterThan(0);
    for (const [got, want] of values) expect(got).toEqual(want);
    kernels.dispose();
  });
});
