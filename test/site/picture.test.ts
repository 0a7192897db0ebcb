import type { Page } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import { filtered } from '../../site/src/picture/apply.js';
import { BORDERS, type Border, FILTERS, type NamedFilter } from '../../site/src/picture/filters.js';
import { type Pixels, pixelsOf, tensorOf } from '../../site/src/picture/pixels.js';
import { BILINEAR, decibels, enlarged, halved, Learner, meanSquare, NEAREST } from '../../site/src/picture/upsample.js';
import { loadSync } from '../../src/index.js';
import { ISOLATED } from '../browser/server.js';
import { violations } from './axe.js';
import { siteForTests } from './site.js';

const [kernels, reference] = [loadSync({ variant: 'simd' }), loadSync({ variant: 'reference' })];
afterAll(() => kernels.dispose());

const canvas = (page: Page, label: string): Promise<Pixels> =>
  page.locator(`canvas[aria-label^="${label}"]`).evaluate((element) => {
    const { width, height } = element as HTMLCanvasElement;
    const context = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d', { willReadFrequently: true });
    context?.drawImage(element as HTMLCanvasElement, 0, 0);
    const data = context?.getImageData(0, 0, width, height).data;
    return { data: [...(data ?? [])], width, height };
  }) as unknown as Promise<Pixels>;

async function pixels(page: Page, label: string): Promise<Pixels> {
  const { data, width, height } = await canvas(page, label);
  return { data: Uint8ClampedArray.from(data), width, height };
}

function largest(a: Pixels, b: Pixels): number {
  expect([a.width, a.height]).toEqual([b.width, b.height]);
  return a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - (b.data[i] as number))), 0);
}

/** A picture of 40 by 30 of many colours, as a file's bytes. */
const ownPicture = (page: Page): Promise<number[]> =>
  page.evaluate(async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 40, height: 30 });
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    for (let i = 0; i < 1200; i++) {
      context.fillStyle = `rgb(${(i * 7) % 256} ${(i * 31) % 256} ${(i * 101) % 256})`;
      context.fillRect(i % 40, Math.floor(i / 40), 1, 1);
    }
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
    return [...new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer(0))];
  });

const site = siteForTests();
if (site) {
  const ready = async (page: Page): Promise<void> => {
    await page.getByText("The page's picture: 480 × 320 pixels").waitFor();
    await page.locator('canvas[aria-label^="The picture after"]').waitFor();
  };
  /** An own picture, so that the reference is quick. */
  const withOwn = async (page: Page): Promise<void> => {
    await ready(page);
    const buffer = Buffer.from(await ownPicture(page));
    await page.locator('input[type=file]').setInputFiles({ name: 'mine.png', mimeType: 'image/png', buffer });
    await page.getByText('mine.png: 40 × 30 pixels').waitFor();
  };

  describe('filters', () => {
    test('each, with each border, gives the pixels of the reference', async () => {
      const page = await site.open('#/picture');
      await withOwn(page);
      const x = tensorOf(await pixels(page, 'The picture: 40'));
      const works = FILTERS.flatMap((filter) => (Object.keys(BORDERS) as Border[]).map((border) => ({ filter, border, times: 1 })));
      for (const [i, each] of works.entries()) {
        const work = { ...each, times: 1 + (i % 3) };
        await page.getByLabel('Filter', { exact: true }).selectOption(work.filter.name);
        await page.getByLabel('Beyond the edge stands').selectOption(work.border);
        await page.getByRole('slider', { name: 'Applied' }).fill(String(work.times));
        const wanted = pixelsOf(filtered(reference, x, work));
        await expect
          .poll(async () => largest(await pixels(page, 'The picture after'), wanted).valueOf(), { timeout: 5000 })
          .toBeLessThanOrEqual(1);
      }
    });

    test('an own kernel is typed, keeps the focus, and computes', async () => {
      const page = await site.open('#/picture');
      await withOwn(page);
      await page.getByLabel('Filter', { exact: true }).selectOption('Own 3×3');
      await page.getByLabel('Kernel, row 1, column 3').fill('-2');
      await page.keyboard.press('Tab');
      expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Kernel, row 2, column 1');
      await page.keyboard.type('4');
      await page.getByLabel('divided by').fill('2');
      await page.getByLabel('plus').fill('0.25');
      const filter = { ...(FILTERS[0] as NamedFilter), size: 3, taps: [0, 0, -2, 4, 1, 0, 0, 0, 0], divisor: 2, offset: 0.25 };
      const x = tensorOf(await pixels(page, 'The picture: 40'));
      const wanted = pixelsOf(filtered(reference, x, { filter, border: 'replicate', times: 1 }));
      await expect.poll(async () => largest(await pixels(page, 'The picture after'), wanted), { timeout: 5000 }).toBeLessThanOrEqual(1);
    });

    test('the engines are timed beside each other, and differ by rounding alone', async () => {
      const page = await site.open('#/picture');
      await withOwn(page);
      await page.getByText(/WebAssembly is .+ times as fast/).waitFor();
      for (const engine of ['one', 'reference']) {
        const [ms = 0, gflops = 0] = (await page.locator(`[data-engine=${engine}] td`).allTextContents()).map(Number);
        expect((ms * gflops * 1e6) / (2 * 9 * 3 * 40 * 30)).toBeCloseTo(1, 1);
      }
      expect(await page.locator('[data-engine=one] td').nth(2).textContent()).toMatch(/^(0|\d\.\d·10⁻[⁷⁸⁹])$/);
      expect(await page.locator('[data-engine=threads]').textContent()).toContain('No more threads here: no SharedArrayBuffer');
    });

    test('a picture too small for its border is said to be', async () => {
      const page = await site.open('#/picture');
      await withOwn(page);
      await page.getByLabel('Filter', { exact: true }).selectOption('Blur'); // 5×5
      await page.getByLabel('Beyond the edge stands').selectOption('none');
      await page.getByRole('slider', { name: 'Applied' }).fill('8');
      expect(await page.getByRole('alert').textContent()).toBe('The picture is too small to lose so much at its edges.');
    });
  });

  describe("the reader's picture", () => {
    test.each(['drop', 'paste'])('comes by %s, and leaves by no request', async (way) => {
      const page = await site.open('#/picture');
      await ready(page);
      const bytes = await ownPicture(page);
      const requests: string[] = [];
      page.on('request', (request) => requests.push(`${request.method()} ${request.postData()?.length ?? 0}`));
      await page.evaluate(
        ([data, how]) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([Uint8Array.from(data)], 'given.png', { type: 'image/png' }));
          const options = { bubbles: true, cancelable: true };
          if (how === 'drop') document.querySelector('main')?.dispatchEvent(new DragEvent('drop', { ...options, dataTransfer: transfer }));
          else document.body.dispatchEvent(new ClipboardEvent('paste', { ...options, clipboardData: transfer }));
        },
        [bytes, way] as const,
      );
      await page.getByText('given.png: 40 × 30 pixels').waitFor();
      await page.getByText(/WebAssembly is .+ times as fast/).waitFor();
      expect(requests.filter((request) => request !== 'GET 0')).toEqual([]);
    });

    test('that is none is refused in words', async () => {
      const page = await site.open('#/picture');
      await ready(page);
      await page.locator('input[type=file]').setInputFiles({ name: 'note.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
      await page.getByText('note.png is no picture that this browser can read.').waitFor();
    });
  });

  describe('learned upsampling', () => {
    test('beats bilinear, by as much as the same learning here', async () => {
      const page = await site.open('#/picture');
      await ready(page);
      await page.getByRole('radio', { name: '4×4' }).check();
      await page.getByText(/^Step 0: /).waitFor();
      await page.getByRole('button', { name: 'One step' }).click();
      await page.getByText(/^Step 1: /).waitFor();
      await page.getByRole('button', { name: 'Learn' }).click();
      await page.getByText(/^Learned in \d+ steps/).waitFor({ state: 'attached' });

      const { high, low } = halved(kernels, tensorOf(await pixels(page, 'The picture: 480')));
      const by = (loss: number): string => decibels(loss).toFixed(2);
      const shown = async (title: string): Promise<string> => (await page.getByText(new RegExp(`^${title}: .+ dB$`)).textContent()) ?? '';
      expect(await shown('Nearest')).toBe(`Nearest: ${by(meanSquare(enlarged(kernels, low, NEAREST), high))} dB`);
      expect(await shown('Bilinear')).toBe(`Bilinear: ${by(meanSquare(enlarged(kernels, low, BILINEAR), high))} dB`);
      const learner = new Learner(kernels, { high, low }, 4, Math.random);
      for (let step = 0; step < 16; step++) learner.step();
      const learned = Number(/[\d.]+/.exec(await shown('Learned'))?.[0]);
      expect(Math.abs(learned - decibels(learner.loss))).toBeLessThan(0.02);
      expect(await page.locator('.status').textContent()).toMatch(/dB nearer than bilinear\.$/);
    });
  });

  test.each(['light', 'dark'] as const)('axe finds nothing when all has been computed, %s', async (colorScheme) => {
    const page = await site.open('#/picture', { colorScheme });
    await withOwn(page);
    await page.getByText(/WebAssembly is .+ times as fast/).waitFor();
    await page.getByRole('button', { name: 'Learn' }).click();
    await page.getByText(/^Learned in \d+ steps/).waitFor({ state: 'attached' });
    expect(await violations(page)).toEqual([]);
    await page.setViewportSize({ width: 360, height: 800 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  });

  test('whoever leaves the part ends its workers', async () => {
    const page = await site.open('#/picture');
    await ready(page);
    expect(page.workers().length).toBeGreaterThan(2);
    await page.getByRole('link', { name: 'Explorer' }).click();
    await expect.poll(() => page.workers().length, { timeout: 10_000 }).toBe(0);
  });

  test('no page complained', () => expect(site.complaints).toEqual([]));
}

const isolated = siteForTests(ISOLATED);
if (isolated) {
  test('an isolated page has threads, or says why one is enough', async () => {
    const page = await isolated.open('#/picture');
    await page.getByText(/WebAssembly is .+ times as fast/).waitFor();
    expect(await page.locator('[data-engine=threads]').textContent()).toMatch(
      /WebAssembly \(\w+\), \d+ threads|one is as fast on this machine/,
    );
  });
}
