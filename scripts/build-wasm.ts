/**
 * AssemblyScript → WebAssembly → TypeScript: compiles every target of asconfig.json, embeds the two that ship as base64 and derives the type of
 * their exports from the compiler's own bindings, and the layout of their structs from the sources. Everything written here is git-ignored.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import asc from 'assemblyscript/asc';
import { layout } from './layout.js';

const TARGETS = ['debug', 'tiny', 'simd', 'relaxed'];
const SHIPPED = ['simd', 'relaxed'];
const GENERATED = 'src/wasm/generated';

await rm('dist', { recursive: true, force: true });
for (const target of TARGETS) {
  const { error, stderr } = await asc.main(['--target', target], {});
  if (error) {
    console.error(stderr.toString());
    throw error;
  }
}

await mkdir(GENERATED, { recursive: true });
await mkdir('dist/wasm', { recursive: true });
for (const target of SHIPPED) {
  const bytes = await readFile(`build/${target}.wasm`);
  await writeFile(`dist/wasm/${target}.wasm`, bytes);
  await writeFile(`${GENERATED}/${target}.ts`, `export const ${target}: string =\n  '${bytes.toString('base64')}';\n`);
  console.log(`${target.padEnd(8)} ${bytes.length} bytes, ${gzipSync(bytes, { level: 9 }).length} gzipped`);
}
await writeFile(`${GENERATED}/layout.ts`, await layout());
await writeFile(`${GENERATED}/exports.ts`, exportsType(await readFile('build/simd.d.ts', 'utf8')));
await Promise.all(TARGETS.map((target) => rm(`build/${target}.js`, { force: true })));

/** The compiler's `export function f(a: number): number;` lines and its globals as one interface. */
function exportsType(bindings: string): string {
  const functions = [...bindings.matchAll(/^ {2}export function (\w+\(.*\): \w+);$/gm)].map(([, signature]) => `  ${signature};`);
  const globals = [...bindings.matchAll(/^ {2}export const (\w+): \{$/gm)].map(
    ([, name]) => `  readonly ${name}: { readonly value: number };`,
  );
  return `/** Exports of the kernels. */\nexport interface Exports {\n${[...globals, ...functions].join('\n')}\n}\n`;
}
