/** What all parts share: routes, themes, accessibility, and the weight of the first load. */
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { PARTS } from '../../site/src/parts.js';
import { violations } from './axe.js';
import { siteForTests } from './site.js';

/** Bytes of the first load, gzipped: what the page asks for until its first part is there and nothing is under way. */
const BUDGET = 150_000;

const site = siteForTests();
if (site) {
  describe('the frame', () => {
    test('the first load keeps to its budget', async () => {
      const page = await site.open('', { serviceWorkers: 'block' });
      await page.waitForLoadState('networkidle');
      const urls: string[] = await page.evaluate(() =>
        performance
          .getEntriesByType('resource')
          .map((entry) => entry.name)
          .concat(location.href),
      );
      const bodies = await Promise.all(
        urls.filter((url) => url.startsWith('http')).map(async (url) => (await page.request.get(url)).body()),
      );
      const bytes = bodies.reduce((sum, body) => sum + gzipSync(body, { level: 9 }).length, 0);
      console.log(`first load: ${bodies.length} files, ${(bytes / 1000).toFixed(1)} kB gzipped of ${BUDGET / 1000}`);
      expect(bytes).toBeLessThanOrEqual(BUDGET);
    });

    test('each part has a link, an address and a title', async () => {
      const page = await site.open('');
      for (const { id, title } of PARTS) {
        await page.getByRole('navigation').getByRole('link', { name: title }).click();
        await page.waitForFunction((hash) => location.hash.startsWith(hash), `#/${id}`);
        await page.waitForFunction((text) => document.title.startsWith(text), title);
        expect(await page.getByRole('navigation').locator('[aria-current=page]').textContent()).toBe(title);
      }
    });

    test('the theme follows the system, until it is chosen', async () => {
      const page = await site.open('', { colorScheme: 'dark' });
      const background = (): Promise<string> => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
      const dark = await background();
      const button = page.getByRole('button', { name: /Colours: system/ });
      await button.click();
      const light = await background();
      expect(light).not.toBe(dark);
      await page.reload();
      expect(await background()).toBe(light);
    });

    test('the skip link goes to the content and leaves the address', async () => {
      const page = await site.open('#/explorer');
      const before = page.url();
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
      expect(page.url()).toBe(before);
    });

    test('embedded, the header is not shown', async () => {
      const page = await site.open('', { search: '?embed' });
      expect(await page.locator('header.top').isVisible()).toBe(false);
    });
  });

  describe.each(PARTS)('$title', ({ id }) => {
    test.each(['light', 'dark'] as const)('axe finds nothing, %s', async (colorScheme) => {
      const page = await site.open(`#/${id}`, { colorScheme, reducedMotion: 'reduce' });
      await page.waitForLoadState('networkidle');
      expect(await violations(page)).toEqual([]);
    });

    test.each([360, 800, 1440])('fits %i px', async (width) => {
      const page = await site.open(`#/${id}`, { viewport: { width, height: 900 } });
      await page.waitForLoadState('networkidle');
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    });
  });

  test('no page complained', () => expect(site.complaints).toEqual([]));
}
