/**
 * AssemblyScript → WebAssembly → TypeScript: compiles one target of asconfig.json. Of one that ships it embeds the bytes as a text, and derives the type of the exports from the compiler's
 * own bindings, and the layout of the structs from the sources. Everything written here is git-ignored.
 *
 * `npm run build:wasm -- <target>`: the tests of that target see the new kernels.
 */
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import type { Transform } from 'assemblyscript/transform';
import { calls } from './calls.js';
import { encode } from './encode.js';
import { layout } from './layout.js';
import { SHIPPED, TARGETS } from './targets.js';

const GENERATED = 'src/wasm/generated';

const [target = ''] = process.argv.slice(2);
if (!TARGETS.includes(target)) {
  console.error(`build:wasm: target is '${target}'; expected ${TARGETS.join(', ')}`);
  process.exit(2);
}
const { default: asc } = await import('assemblyscript/asc'); // which takes a while
const { error, stderr } = await asc.main(['--target', target], { transforms: [calls as Transform] }); // what it says goes to `stderr` alone
if (error) {
  console.error(stderr.toString());
  process.exit(1);
}
await rm(`build/${target}.js`, { force: true });

await mkdir(GENERATED, { recursive: true });
const bytes = await readFile(`build/${target}.wasm`);
if (SHIPPED.includes(target)) {
  await writeFile(`${GENERATED}/${target}.ts`, `export const ${target}: string =\n  '${encode(bytes)}';\n`);
  await mkdir('dist/wasm', { recursive: true });
  await copyFile(`build/${target}.wasm`, `dist/wasm/${target}.wasm`);
}
// Alike for all targets, which may be compiled at the same time.
await writeWhole(`${GENERATED}/layout.ts`, await layout());
await writeWhole(`${GENERATED}/exports.ts`, exportsType(await readFile(`build/${target}.d.ts`, 'utf8')));
console.log(`${target.padEnd(8)} ${bytes.length} bytes, ${gzipSync(bytes, { level: 9 }).length} gzipped`);

/** Not at all where the text is there already. */
async function writeWhole(path: string, text: string): Promise<void> {
  if ((await readFile(path, 'utf8').catch(() => undefined)) !== text) await writeFile(path, text);
}

/** The compiler's `export function f(a: number): number;` lines and its globals as one interface. */
function exportsType(bindings: string): string {
  const functions = [...bindings.matchAll(/^ {2}export function (\w+\(.*\): \w+);$/gm)].map(([, signature]) => `  ${signature};`);
  const globals = [...bindings.matchAll(/^ {2}export const (\w+): \{$/gm)].map(
    ([, name]) => `  readonly ${name}: { readonly value: number };`,
  );
  return `/** Exports of the kernels. */\nexport interface Exports {\n${[...globals, ...functions].join('\n')}\n}\n`;
}
