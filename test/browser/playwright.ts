/** Chromium and Firefox, driven by Playwright. */
import { existsSync } from 'node:fs';
import { type BrowserType, type LaunchOptions, chromium as onChromium, firefox as onFirefox } from 'playwright-core';
import { type Browser, type Launch, type Left, TIMEOUT } from './browser.js';

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

const CHROMIUM = process.env.CHROMIUM || find('chromium', 'chromium-browser', 'google-chrome');
const FIREFOX = process.env.FIREFOX || find('firefox-esr', 'firefox');

export const chromium = launcher(onChromium, CHROMIUM, { args: CHROMIUM_ARGUMENTS });
// By this channel any Firefox can be driven, not only Playwright's own. Playwright 1.65 asks of it what Debian's 153 does not know.
export const firefox = launcher(onFirefox, FIREFOX, { channel: 'moz-firefox' });

function find(...names: string[]): string | undefined {
  return names.map((name) => `/usr/bin/${name}`).find((path) => existsSync(path));
}

function launcher(type: BrowserType, executablePath: string | undefined, options: LaunchOptions): Launch {
  if (!executablePath) return undefined;
  return async (): Promise<Browser> => {
    const browser = await type.launch({ ...options, executablePath });
    return { version: () => browser.version(), open: (url) => open(browser, url), close: () => browser.close() };
  };
}

async function open(browser: Awaited<ReturnType<BrowserType['launch']>>, url: string): Promise<Left> {
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
  const left = await page.evaluate(() => ({ results: window.results, failure: window.failure }));
  await page.close();
  return { ...left, messages };
}
