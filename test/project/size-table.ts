/** Writes the sizes of docs/install.md: `npx tsx test/project/size-table.ts`, after a build. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rowsOf, tableOf } from './sizes.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DOCUMENT = `${ROOT}docs/install.md`;

const table = tableOf(await rowsOf(ROOT));
console.log(table);
const text = readFileSync(DOCUMENT, 'utf8');
writeFileSync(
  DOCUMENT,
  text.replace(/(<!-- sizes:begin -->\n).*(<!-- sizes:end -->)/s, (_, begin, end) => `${begin}${table}${end}`),
);
