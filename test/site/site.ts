/** The built page in the machine's Chromium: a tab for each test, from a static server that knows nothing of the page. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, test } from 'vitest';
import { CHROMIUM, launch } from '../install/chromium.js';

export const SITE = fileURLToPath(new URL('../../site/', import.meta.url));
/** As a host that serves a project's page from a folder. */
const FOLDER = '/simdconv/';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
};

async function serveSite(headers: Readonly<Record<string, string>>): Promise<{ origin: string; close: () => void }> {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    try {
      if (!path.startsWith(FOLDER)) throw new Error('not served');
      const file = path === FOLDER ? 'index.html' : path.slice(FOLDER.length);
      const body = await readFile(join(SITE, 'dist', file));
      response.writeHead(200, { ...headers, 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

export interface OpenOptions extends BrowserContextOptions {
  /** Before the hash: `?embed`. */
  readonly search?: string;
}

export interface SiteBrowser {
  /** A tab of its own at `hash`, which is closed after the test; one that is opened before all of them, with the file. What the page logs or fails to load is in `complaints`. */
  open(hash: string, options?: OpenOptions): Promise<Page>;
  readonly complaints: readonly string[];
}

/** The browser and the server for the tests of a file; without a browser its one test is skipped. */
export function siteForTests(headers: Readonly<Record<string, string>> = {}): SiteBrowser | undefined {
  if (!CHROMIUM) {
    test.skip('the page in Chromium: not found (apt-get install chromium, or set CHROMIUM)', () => {});
    return undefined;
  }
  const executable = CHROMIUM;
  const complaints: string[] = [];
  let browser: Browser;
  let server: Awaited<ReturnType<typeof serveSite>>;
  beforeAll(async () => {
    server = await serveSite(headers);
    browser = await launch(executable);
  });
  const opened = new Set<BrowserContext>();
  beforeEach(() => opened.clear());
  afterEach(async () => {
    await Promise.all(Array.from(opened, (context) => context.close()));
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });
  return {
    complaints,
    async open(hash, { search = '', ...options } = {}) {
      const context = await browser.newContext(options);
      opened.add(context);
      const page = await context.newPage();
      // Less than a test has, so that what fails says what it waited for.
      page.setDefaultTimeout(20_000);
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      page.on('response', (response) => {
        if (!response.ok()) complaints.push(`${response.url()}: ${response.status()}`);
      });
      await page.goto(`${server.origin}${FOLDER}${search}${hash}`);
      await page.waitForSelector('main h1');
      return page;
    },
  };
}
