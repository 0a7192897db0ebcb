/** Declarations: those that an entry of the package leads to, of CommonJS modules, which ES modules may import; those of the ES modules hand them on. */
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';

const ENTRIES = ['index', 'core', 'relaxed', 'arithmetic/index', 'convert/index', 'tfjs/index'];
const MODULE =
  '/** A WebAssembly.Module, where the runtime or a bundler makes one of a .wasm file. */\ndeclare const module: object;\nexport default module;\n';

const all = await mkdtemp('build/types-');
try {
  const { status } = spawnSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json', '--outDir', all], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  const found = new Set<string>();
  const visit = async (path: string): Promise<void> => {
    if (found.has(path)) return;
    found.add(path);
    const text = await readFile(join(all, path), 'utf8');
    for (const [, name = ''] of text.matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)\.js['"]/g))
      await visit(normalize(`${dirname(path)}/${name}.d.ts`));
  };
  for (const entry of ENTRIES) await visit(`${entry}.d.ts`);
  for (const path of await readdir('dist', { recursive: true })) if (path.endsWith('.d.ts')) await rm(`dist/${path}`);
  for (const path of found) {
    await mkdir(dirname(`dist/cjs/${path}`), { recursive: true });
    await copyFile(join(all, path), `dist/cjs/${path}`);
  }
  for (const entry of ENTRIES) {
    const up = '../'.repeat(entry.split('/').length - 1) || './';
    await mkdir(dirname(`dist/${entry}`), { recursive: true });
    await writeFile(`dist/${entry}.d.ts`, `export * from '${up}cjs/${entry}.js';\n`);
  }
  for (const folder of ['dist/wasm', 'dist/cjs/wasm']) {
    await mkdir(folder, { recursive: true });
    await writeFile(`${folder}/module.d.ts`, MODULE);
  }
} finally {
  await rm(all, { recursive: true, force: true });
}
