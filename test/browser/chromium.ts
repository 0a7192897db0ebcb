import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import type { Result } from './results.js';

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

/** Runs `use` with Chromium, which is closed then. */
export async function withChromium<T>(executablePath: string, use: (browser: Browser) => Promise<T>): Promise<T> {
  const browser = await chromium.launch({ executablePath, args: ARGUMENTS });
  try {
    return await use(browser);
  } finally {
    await browser.close();
  }
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
