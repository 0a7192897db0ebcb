import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Browser, type PageRun, resultsOf } from '../../browser/browsers.js';
import { page, serve } from '../../browser/server.js';
import { installTfjs } from '../packages.js';
import { type Build, WASM_FOLDER } from './builds.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const BUNDLE = '/build/tfjs/browser/page.js';

/** Only with these does a browser let pages share memory between threads: tfjs then takes its threaded build. */
const ISOLATED = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

/** Bundles the page, serves it with tfjs's wasm files, with and without isolation, and runs it on each build with each variant. */
export async function runTfjs(browser: Browser): Promise<PageRun[]> {
  installTfjs();
  await bundle();
  const site = { html: page(BUNDLE), folders: ['/build/tfjs/browser/', WASM_FOLDER] };
  const [open, isolated] = [await serve(ROOT, site), await serve(ROOT, { ...site, headers: ISOLATED })];
  const origins: Readonly<Record<Build, string>> = { plain: open.origin, simd: open.origin, threaded: isolated.origin };
  try {
    const runs: PageRun[] = [];
    for (const [build, origin] of Object.entries(origins)) {
      for (const variant of ['simd', 'relaxed']) {
        const results = await resultsOf(browser, `${origin}/?build=${build}&variant=${variant}`);
        runs.push({ title: `tfjs's ${build} build, ${variant}`, results });
      }
    }
    return runs;
  } finally {
    open.close();
    isolated.close();
  }
}

const bundle = () =>
  build({
    entryPoints: [fileURLToPath(new URL('page.ts', import.meta.url))],
    outfile: ROOT + BUNDLE,
    bundle: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
  });
