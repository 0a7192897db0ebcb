import { describe, test } from 'vitest';
import { findChromium } from '../../browser/chromium.js';
import { runInBrowser } from './run.js';

const found = findChromium();

if (found === undefined) {
  test.skip('browser: not run, no Chromium found (apt-get install chromium, or set CHROMIUM)', () => {});
} else {
  // The pages run while the tests are collected: each case of theirs becomes a test here.
  for (const { build, variant, version, results } of await runInBrowser(found, ['simd', 'relaxed'])) {
    describe(`Chromium ${version}, tfjs's ${build} build, ${variant}`, () => {
      for (const { name, error } of results) {
        test(name, () => {
          if (error !== undefined) throw new Error(error);
        });
      }
    });
  }
}
