/**
 * AssemblyScript → WebAssembly → TypeScript: compiles every target of asconfig.json, embeds the two that ship as base64 and derives the type of
 * their exports from the compiler's own bindings, and the layout of their structs from the sources. Everything written here is git-ignored.
 *
 * `npm run build:wasm -- <target>` does that for one target, and leaves `dist` as it was: the tests of that target see the new kernels.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { layout } from './layout.js';

const TARGETS = ['debug', 'tiny', 'simd', 'relaxed'];
const SHIPPED = ['simd', 'relaxed'];
const GENERATED = 'src/wasm/generated';

const [only] = process.argv.slice(2);
if (only !== undefined && !TARGETS.includes(only)) {
  console.error(`build:wasm: target is '${only}'; expected ${TARGETS.join(', ')}`);
  process.exit(2);
}
const { default: asc } = await import('assemblyscript/asc'); // which takes a while
const all = only === undefined;
const targets = all ? TARGETS : [only];

if (all) await rm('dist', { recursive: true, force: true });
for (const target of targets) {
  const { error, stderr } = await asc.main(['--target', target], {}); // what it says goes to `stderr` alone
  if (error) {
    console.error(stderr.toString());
    process.exit(1);
  }
}

await mkdir(GENERATED, { recursive: true });
if (all) await mkdir('dist/wasm', { recursive: true });
for (const target of targets) {
  const bytes = await readFile(`build/${target}.wasm`);
  const ships = SHIPPED.includes(target);
  if (ships) await writeFile(`${GENERATED}/${target}.ts`, `export const ${target}: string =\n  '${bytes.toString('base64')}';\n`);
  if (ships && all) await writeFile(`dist/wasm/${target}.wasm`, bytes);
  if (ships || !all) {
    console.log(`${target.padEnd(8)} ${bytes.length} bytes, ${gzipSync(bytes, { level: 9 }).length} gzipped`);
  }
}
await writeFile(`${GENERATED}/layout.ts`, await layout());
await writeFile(`${GENERATED}/exports.ts`, exportsType(await readFile(`build/${only ?? 'simd'}.d.ts`, 'utf8')));
await Promise.all(targets.map((target) => rm(`build/${target}.js`, { force: true })));

/** The compiler's `export function f(a: number): number;` lines and its globals as one interface. */
function exportsType(bindings: string): string {
  const functions = [...bindings.matchAll(/^ {2}export function (\w+\(.*\): \w+);$/gm)].map(([, signature]) => `  ${signature};`);
  const globals = [...bindings.matchAll(/^ {2}export const (\w+): \{$/gm)].map(
    ([, name]) => `  readonly ${name}: { readonly value: number };`,
  );
  return `/** Exports of the kernels. */\nexport interface Exports {\n${[...globals, ...functions].join('\n')}\n}\n`;
}
