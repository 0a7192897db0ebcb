/** The programs in docs/: a ```js block followed by a ```text block is a program and what it prints. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGES = { 'convert.md': 1, 'question.md': 4 };

describe.each(Object.entries(PAGES))('docs/%s', (page, programs) => {
  const text = readFileSync(`${ROOT}/docs/${page}`, 'utf8');
  const found = [...text.matchAll(/^```js\n((?:(?!```).*\n)*)```\n\s*```text\n((?:(?!```).*\n)*)```$/gm)];

  it('has programs', () => expect(found).toHaveLength(programs));
  it.each(found.map(([, program = '', output = '']) => [program, output] as const))(
    'prints what the page says: program %#',
    (program, output) => {
      const printed = execFileSync(process.execPath, ['--input-type=module', '-'], { cwd: ROOT, encoding: 'utf8', input: program });
      expect(printed.trimEnd()).toBe(output.trimEnd());
    },
  );
  it('links to pages that are there', () => {
    for (const [, link = ''] of text.matchAll(/\]\((?!https?:|#)([^)#]+)/g))
      expect(() => readFileSync(`${ROOT}/docs/${link}`)).not.toThrow();
  });
});
