import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import type { Result } from './page.js';
import { serve } from './server.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TIMEOUT = 180_000;

/** Headless, and talking to nobody but the page's server. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function findChromium(): string | undefined {
  const { CHROMIUM } = process.env;
  if (CHROMIUM) return CHROMIUM;
  return ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));
}

export interface PageRun {
  readonly variant: string;
  readonly version: string;
  readonly results: readonly Result[];
}

/** Compiles the suite, serves it beside dist/, and runs it in a page for each variant. */
export async function runInBrowser(executablePath: string, variants: readonly string[]): Promise<PageRun[]> {
  for (const built of ['dist/index.js', 'dist/wasm/simd.wasm']) {
    if (!existsSync(`${ROOT}/${built}`)) throw new Error(`${built} is missing; run npm run build`);
  }
  execFileSync('npx', ['tsc', '-p', 'test/browser'], { cwd: ROOT, stdio: 'pipe', encoding: 'utf8' });
  const { origin, server } = await serve(ROOT);
  try {
    const browser = await chromium.launch({ executablePath, args: ARGUMENTS });
    try {
      const runs: PageRun[] = [];
      for (const variant of variants) runs.push({ variant, version: browser.version(), results: await runPage(browser, origin, variant) });
      return runs;
    } finally {
      await browser.close();
    }
  } finally {
    server.close();
  }
}

async function runPage(browser: Browser, origin: string, variant: string): Promise<readonly Result[]> {
  const page = await browser.newPage();
  const messages: string[] = [];
  page.on('pageerror', (error) => messages.push(String(error)));
  page.on('console', (message) => messages.push(message.text()));
  page.on('requestfailed', (request) => messages.push(`${request.url()}: ${request.failure()?.errorText}`));
  page.on('response', (response) => {
    if (!response.ok()) messages.push(`${response.url()}: ${response.status()}`);
  });
  try {
    await page.goto(`${origin}/?variant=${variant}`);
    await page.waitForFunction(() => window.results ?? window.failure, undefined, { timeout: TIMEOUT });
  } catch (error) {
    throw new Error(`the ${variant} page gave no result: ${error}\n${messages.join('\n')}`);
  }
  const { results, failure } = await page.evaluate(() => ({ results: window.results, failure: window.failure }));
  await page.close();
  if (!results) throw new Error(`the ${variant} page failed: ${failure}\n${messages.join('\n')}`);
  return results;
}
