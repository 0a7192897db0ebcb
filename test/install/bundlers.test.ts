import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BUNDLERS, bundle, runBundle } from './bundlers.js';
import { CHROMIUM, launch } from './chromium.js';
import { installedForTests } from './installed.js';
import { installTools } from './packages.js';
import { EXPECTED, type Report } from './program.js';

installTools();
const installed = installedForTests();
let browser: Browser;

beforeAll(async () => {
  if (CHROMIUM) browser = await launch(CHROMIUM);
}, 900_000);
afterAll(async () => {
  await browser?.close();
});

describe.each(BUNDLERS)('$name, as it comes', (bundler) => {
  let out = '';

  test('bundles the program without a warning', { timeout: 300_000 }, async () => {
    out = await bundle(bundler, installed.folder);
  });
  if (!CHROMIUM) test.skip('in Chromium: not found (apt-get install chromium, or set CHROMIUM)', () => {});
  else {
    test('its bundle computes in Chromium, on two threads, and has the names of errors', { timeout: 300_000 }, async () => {
      const report: Report = await runBundle(browser, bundler, out);
      expect(report.checks).toEqual(EXPECTED);
      expect(report.variant).toBe('relaxed');
      expect(report).toMatchObject({ threads: 2 });
    });
  }
});
