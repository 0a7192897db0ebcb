import { describe, test } from 'vitest';
import type { Browser, Launch } from './browser.js';
import { chromium, firefox } from './playwright.js';
import type { Result } from './results.js';
import { webkit } from './webkit.js';

export type { Browser } from './browser.js';

const BROWSERS: Readonly<Record<string, Launch>> = { Chromium: chromium, Firefox: firefox, WebKit: webkit };

const INSTALL = 'apt-get install chromium firefox-esr webkit2gtk-driver xvfb, or set CHROMIUM, FIREFOX and WEBKIT';

export interface PageRun {
  readonly title: string;
  readonly results: readonly Result[];
}

const NAMES = Object.keys(BROWSERS);

/** Runs pages in each browser that is found, while the tests are collected: each case of theirs becomes a test. */
export async function testPages(run: (browser: Browser) => Promise<readonly PageRun[]>, names: readonly string[] = NAMES): Promise<void> {
  for (const name of names) {
    const launch = BROWSERS[name];
    if (!launch) {
      test.skip(`${name}: not found (${INSTALL})`, () => {});
      continue;
    }
    const browser = await launch();
    try {
      for (const { title, results } of await run(browser)) {
        describe(`${name} ${browser.version()}, ${title}`, () => results.forEach(testResult));
      }
    } finally {
      await browser.close();
    }
  }
}

function testResult({ name, error, lacks }: Result): void {
  if (lacks !== undefined) {
    test.skip(`${name}: ${lacks}`, () => {});
    return;
  }
  test(name, () => {
    if (error !== undefined) throw new Error(error);
  });
}

/** Opens a page and waits for the results that it reports. */
export async function resultsOf(browser: Browser, url: string): Promise<readonly Result[]> {
  const { results, failure, messages } = await browser.open(url);
  if (!results) throw new Error(`${url} failed: ${failure}\n${messages.join('\n')}`);
  return results;
}
