import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type PageRun, resultsOf } from './browsers.js';
import { page, serve } from './server.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What the page reads; in particular not the compiled copy of src/, which it must not run. */
const FOLDERS = ['/build/browser/test/', '/dist/', '/node_modules/', '/test/golden/'];

/** Compiles the suite, serves it beside dist/, and runs it in a page for each variant. */
export async function runSuite(browser: Browser): Promise<PageRun[]> {
  for (const built of ['dist/index.js', 'dist/wasm/simd.wasm']) {
    if (!existsSync(`${ROOT}/${built}`)) throw new Error(`${built} is missing; run npm run build`);
  }
  execFileSync('npx', ['tsc', '-p', 'test/browser'], { cwd: ROOT, stdio: 'pipe', encoding: 'utf8' });
  const html = page('/build/browser/test/browser/page.js', await importMap(ROOT));
  const { origin, close } = await serve(ROOT, { html, folders: FOLDERS });
  try {
    const runs: PageRun[] = [];
    for (const variant of ['simd', 'relaxed']) {
      runs.push({ title: variant, results: await resultsOf(browser, `${origin}/?variant=${variant}`) });
    }
    return runs;
  } finally {
    close();
  }
}

/** Bare names to files, as Node's resolution would find them; src/ to dist/. */
async function importMap(root: string): Promise<Record<string, string>> {
  const require = createRequire(join(root, 'package.json'));
  const random = JSON.parse(await readFile(require.resolve('pure-rand/package.json'), 'utf8')) as {
    exports: Record<string, string | { import: string }>;
  };
  const randoms = Object.entries(random.exports).flatMap(([name, file]) =>
    typeof file === 'string' ? [] : [[`pure-rand${name.slice(1)}`, `/node_modules/pure-rand${file.import.slice(1)}`]],
  );
  return {
    '/build/browser/src/': '/dist/',
    '@assemblyscript/loader': '/node_modules/@assemblyscript/loader/index.js',
    'fast-check': '/node_modules/fast-check/lib/fast-check.js',
    ...Object.fromEntries(randoms),
  };
}
