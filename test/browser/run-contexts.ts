import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { type Browser, type PageRun, resultsOf } from './browsers.js';
import { ISOLATED, page, type Site, serve } from './server.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BUILT = '/build/browser-contexts';
const FOLDERS = [`${BUILT}/`, '/dist/'];

const policy = (sources: string): Site['headers'] => ({ 'content-security-policy': `script-src ${sources}` });

interface Context {
  readonly title: string;
  readonly query: string;
  readonly headers?: Site['headers'];
  /** In a copy that imports `simdconv/relaxed` too. */
  readonly relaxed?: true;
}

const CONTEXTS: readonly Context[] = [
  { title: 'a window', query: 'window', relaxed: true },
  { title: "a window's files", query: 'file', relaxed: true },
  { title: 'a worker', query: 'worker', relaxed: true },
  { title: 'a service worker', query: 'service-worker', relaxed: true },
  { title: 'an audio worklet', query: 'worklet', relaxed: true },
  { title: "a policy with 'wasm-unsafe-eval'", query: 'window', headers: policy("'self' 'wasm-unsafe-eval'") },
  { title: "a policy without 'wasm-unsafe-eval'", query: 'refused', headers: policy("'self'") },
  { title: 'an isolated page', query: 'isolated', headers: ISOLATED },
  { title: 'a page without the headers', query: 'alone' },
];

/** Runs the published files, as they are, in each kind of script that a page has. */
export async function runContexts(browser: Browser): Promise<PageRun[]> {
  await compile();
  const runs: PageRun[] = [];
  for (const { title, query, headers = {}, relaxed } of CONTEXTS) {
    for (const folder of relaxed ? ['plain', 'relaxed'] : ['plain']) {
      const html = page(`${BUILT}/${folder}/contexts-page.js`);
      const { origin, close } = await serve(ROOT, { html, folders: FOLDERS, headers });
      try {
        const results = await resultsOf(browser, `${origin}/?${query}`);
        runs.push({ title: folder === 'plain' ? title : `${title}, with simdconv/relaxed`, results });
      } finally {
        close();
      }
    }
  }
  return runs;
}

/** The package is imported by its URL: no bundler has touched it. */
const BY_URL: Plugin = {
  name: 'by-url',
  setup: ({ onResolve }) => onResolve({ filter: /\/src\/index\.js$/ }, () => ({ path: '/dist/index.js', external: true })),
};

async function compile(): Promise<void> {
  const scripts = ['page', 'worker', 'service-worker', 'module', 'worklet'].map((name) => `test/browser/contexts-${name}.ts`);
  const common: BuildOptions = {
    absWorkingDir: ROOT,
    format: 'esm',
    target: 'es2022',
    bundle: true,
    entryPoints: scripts,
    plugins: [BY_URL],
  };
  await build({ ...common, outdir: `${ROOT}${BUILT}/plain` });
  await build({ ...common, outdir: `${ROOT}${BUILT}/relaxed`, banner: { js: "import '/dist/relaxed.js';" } });
}
