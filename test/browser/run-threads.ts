import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Browser, type PageRun, resultsOf } from './browsers.js';
import { ISOLATED, page, type Site, serve } from './server.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BUILT = '/build/browser-threads';
const FOLDERS = [`${BUILT}/`, '/dist/', '/node_modules/@assemblyscript/', '/test/golden/'];

/** Workers from files of its own, none from a text. */
const OWN_WORKERS = { 'content-security-policy': "worker-src 'self'" };

/** Imports of src/ run what is published; the suite's page is a bundle, for it shares small problems too, which a user cannot ask for. */
const IMPORTS = { [`${BUILT}/src/`]: '/dist/', '@assemblyscript/loader': '/node_modules/@assemblyscript/loader/index.js' };

const STARTS = `${BUILT}/test/browser/threads-start-page.js`;
const SUITE = `${BUILT}/threads-page.js`;

const PAGES: readonly { readonly title: string; readonly script: string; readonly query: string; readonly headers: Site['headers'] }[] = [
  { title: 'isolated', script: STARTS, query: 'isolated', headers: ISOLATED },
  { title: 'without the headers', script: STARTS, query: 'alone', headers: {} },
  { title: 'that allows workers of its own alone', script: STARTS, query: 'policy', headers: { ...ISOLATED, ...OWN_WORKERS } },
  { title: 'two threads', script: SUITE, query: 'page', headers: ISOLATED },
  { title: 'two threads within a worker', script: SUITE, query: 'worker', headers: ISOLATED },
];

export async function runThreads(browser: Browser): Promise<PageRun[]> {
  await compile();
  const runs: PageRun[] = [];
  for (const { title, script, query, headers } of PAGES) {
    const { origin, close } = await serve(ROOT, { html: page(script, IMPORTS), folders: FOLDERS, headers: headers ?? {} });
    try {
      runs.push({ title: `a page ${title}`, results: await resultsOf(browser, `${origin}/?${query}`) });
    } finally {
      close();
    }
  }
  return runs;
}

async function compile(): Promise<void> {
  const common = { absWorkingDir: ROOT, format: 'esm', target: 'es2022', outdir: ROOT + BUILT } as const;
  await build({ ...common, entryPoints: ['test/browser/threads-page.ts', 'test/browser/threads-worker.ts'], bundle: true });
  await build({ ...common, entryPoints: ['test/browser/threads-start-page.ts', 'test/browser/results.ts'], outbase: '.' });
}
