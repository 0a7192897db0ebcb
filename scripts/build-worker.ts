/** src/threads/worker.ts and what it imports as a text, src/threads/generated/worker.ts, and as a file, dist/worker.js; git-ignored. */
import { mkdir, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

const GENERATED = 'src/threads/generated';

const { outputFiles } = await build({
  entryPoints: ['src/threads/worker.ts'],
  bundle: true,
  format: 'iife',
  target: 'es2022',
  minify: true,
  write: false,
  logLevel: 'warning',
});
const code = outputFiles[0]?.text.trim() as string;
await mkdir(GENERATED, { recursive: true });
await mkdir('dist', { recursive: true });
await writeFile('dist/worker.js', `${code}\n`);
await writeFile(`${GENERATED}/worker.ts`, `/** What a worker runs. */\nexport const worker: string =\n  ${JSON.stringify(code)};\n`);
