import { existsSync } from 'node:fs';
import { type Browser, chromium, firefox } from 'playwright-core';
import { describe, test } from 'vitest';
import type { Result } from './results.js';

const TIMEOUT = 180_000;

/** Talking to nobody but the page's server. */
const CHROMIUM_ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const BROWSERS = {
  Chromium: {
    path: process.env.CHROMIUM || find('chromium', 'chromium-browser', 'google-chrome'),
    launch: (executablePath: string) => chromium.launch({ executablePath, args: CHROMIUM_ARGUMENTS }),
  },
  // By this channel any Firefox can be driven, not only Playwright's own. Playwright 1.65 asks of it what Debian's 153 does not know.
  Firefox: {
    path: process.env.FIREFOX || find('firefox-esr', 'firefox'),
    launch: (executablePath: string) => firefox.launch({ executablePath, channel: 'moz-firefox' }),
  },
};

function find(...names: string[]): string | undefined {
  return names.map((name) => `/usr/bin/${name}`).find((path) => existsSync(path));
}

export interface PageRun {
  readonly title: string;
  readonly results: readonly Result[];
}

/** Runs pages in each browser that is found, while the tests are collected: each case of theirs becomes a test. */
export async function testPages(run: (browser: Browser) => Promise<readonly PageRun[]>): Promise<void> {
  for (const [name, { path, launch }] of Object.entries(BROWSERS)) {
    if (!path) {
      test.skip(`${name}: not found (apt-get install chromium firefox-esr, or set CHROMIUM and FIREFOX)`, () => {});
      continue;
    }
    const browser = await launch(path);
    try {
      for (const { title, results } of await run(browser)) {
        describe(`${name} ${browser.version()}, ${title}`, () => results.forEach(testResult));
      }
    } finally {
      await browser.close();
    }
  }
}

function testResult({ name, error }: Result): void {
  test(name, () => {
    if (error !== undefined) throw new Error(error);
  });
}

/** Opens a page and waits for the results that it reports. */
export async function resultsOf(browser: Browser, url: string): Promise<readonly Result[]> {
  const page = await browser.newPage();
  const messages: string[] = [];
  page.on('pageerror', (error) => messages.push(String(error)));
  page.on('console', (message) => messages.push(message.text()));
  page.on('requestfailed', (request) => messages.push(`${request.url()}: ${request.failure()?.errorText}`));
  page.on('response', (response) => {
    if (!response.ok()) messages.push(`${response.url()}: ${response.status()}`);
  });
  try {
    await page.goto(url);
    await page.waitForFunction(() => window.results ?? window.failure, undefined, { timeout: TIMEOUT });
  } catch (error) {
    throw new Error(`${url} gave no result: ${error}\n${messages.join('\n')}`);
  }
  const { results, failure } = await page.evaluate(() => ({ results: window.results, failure: window.failure }));
  await page.close();
  if (!results) throw new Error(`${url} failed: ${failure}\n${messages.join('\n')}`);
  return results;
}
