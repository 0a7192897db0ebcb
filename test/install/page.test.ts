import { mkdirSync, writeFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { page, serve } from '../browser/server.js';
import { CHROMIUM, launch } from './chromium.js';
import { installedForTests } from './installed.js';

const installed = installedForTests();
let browser: Browser;

beforeAll(async () => {
  if (CHROMIUM) browser = await launch(CHROMIUM);
}, 600_000);
afterAll(async () => {
  await browser?.close();
});

const DIST = '/node_modules/simdconv/dist';
const CONV = `{ data: new Float32Array(16).fill(1), shape: [1, 1, 4, 4] }, { data: new Float32Array(9).fill(1), shape: [1, 1, 3, 3] }`;

/** What the page's script leaves as \`found\`. */
async function found(script: string, policy?: string, others: Readonly<Record<string, string>> = {}): Promise<unknown> {
  mkdirSync(`${installed.folder}/page`, { recursive: true });
  for (const [name, text] of Object.entries({ ...others, 'main.js': script })) writeFileSync(`${installed.folder}/page/${name}`, text);
  const html = page('/page/main.js', { simdconv: `${DIST}/index.js`, 'simdconv/relaxed': `${DIST}/relaxed.js` });
  const headers = policy === undefined ? {} : { 'content-security-policy': policy };
  const { origin, close } = await serve(installed.folder, { html, folders: ['/page/', `${DIST}/`], headers });
  const tab = await browser.newPage();
  try {
    await tab.goto(origin);
    const handle = await tab.waitForFunction(() => (globalThis as { found?: unknown }).found, undefined, { timeout: 60_000 });
    return await handle.jsonValue();
  } finally {
    await tab.close();
    close();
  }
}

const WAITING = `import { load } from 'simdconv';
load().then(({ conv2d, info }) => [info.variant, ...conv2d(${CONV}).data], (error) => [error.name, error.message]).then((found) => { globalThis.found = found; });`;

if (!CHROMIUM) test.skip('pages in Chromium: not found (apt-get install chromium, or set CHROMIUM)', () => {});
else {
  describe('a page without a bundler, in Chromium', () => {
    test('by an import map', async () => expect(await found(WAITING)).toEqual(['relaxed', 9, 9, 9, 9]));

    test("with 'wasm-unsafe-eval' in its policy", async () => {
      expect(await found(WAITING, "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; connect-src 'none'")).toEqual([
        'relaxed',
        9,
        9,
        9,
        9,
      ]);
    });

    test('without it the error says so', async () => {
      const [name, message] = (await found(WAITING, "script-src 'self' 'unsafe-inline'")) as string[];
      expect(name).toBe('UnsupportedRuntimeError');
      expect(message).toContain("'wasm-unsafe-eval'");
    });

    test.each([
      ['', 'simd'],
      ['relaxed.js', 'relaxed'],
    ])('loadSync in an AudioWorklet, with %j besides', async (also, variant) => {
      const processor = `import { loadSync } from '${DIST}/index.js';
${also && `import '${DIST}/${also}';`}
registerProcessor('conv', class extends AudioWorkletProcessor {
  constructor() {
    super();
    const { conv2d, info } = loadSync();
    this.port.postMessage([info.variant, ...conv2d(${CONV}).data]);
  }
  process() { return false; }
});`;
      const script = `const context = new OfflineAudioContext(1, 128, 44100);
context.audioWorklet.addModule('/page/processor.js').then(() => {
  const node = new AudioWorkletNode(context, 'conv');
  node.port.onmessage = ({ data }) => { globalThis.found = data; };
  node.connect(context.destination);
  return context.startRendering();
}).catch((error) => { globalThis.found = [String(error)]; });`;
      expect(await found(script, undefined, { 'processor.js': processor })).toEqual([variant, 9, 9, 9, 9]);
    });
  });
}
