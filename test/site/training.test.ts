import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { readClasses } from '../../examples/mnist/files.js';
import { Trainer } from '../../site/src/training/trainer.js';
import { loadSync } from '../../src/index.js';
import { violations } from './axe.js';
import { siteForTests } from './site.js';

const kernels = loadSync({ variant: 'simd' });
afterAll(() => kernels.dispose());

/** Strokes in a square of 100. */
const DRAWN: Readonly<Record<string, readonly (readonly (readonly [number, number])[])[]>> = {
  1: [
    [
      [52, 12],
      [50, 88],
    ],
  ],
  7: [
    [
      [25, 15],
      [75, 15],
      [45, 88],
    ],
  ],
  0: [Array.from({ length: 25 }, (_, i) => [50 + 24 * Math.sin((i * Math.PI) / 12), 50 - 36 * Math.cos((i * Math.PI) / 12)] as const)],
  3: [
    [
      ...Array.from({ length: 10 }, (_, i) => [44 + 22 * Math.sin(-0.9 + i * 0.44), 30 - 19 * Math.cos(-0.9 + i * 0.44)] as const),
      ...Array.from({ length: 10 }, (_, i) => [44 + 25 * Math.sin(0.1 + i * 0.4), 69 - 20 * Math.cos(0.1 + i * 0.4)] as const),
    ],
  ],
};

async function drawWithPointer(page: Page, digit: string): Promise<void> {
  await page.getByRole('button', { name: 'Clear' }).click();
  const pad = page.getByRole('application', { name: 'Pad to draw a digit on' });
  await pad.scrollIntoViewIfNeeded();
  const box = await pad.boundingBox();
  if (!box) throw new Error('no pad');
  for (const stroke of DRAWN[digit] ?? []) {
    const [first, ...others] = stroke.map(([x, y]) => [box.x + (box.width * x) / 100, box.y + (box.height * y) / 100] as const);
    await page.mouse.move(...(first as [number, number]));
    await page.mouse.down();
    for (const [x, y] of others) await page.mouse.move(x, y);
    await page.mouse.up();
  }
}

const figure = (page: Page, name: string) => page.locator('.figure-list div', { hasText: name }).locator('dd');

const site = siteForTests();
if (site) {
  const train = async (page: Page, epochs: number): Promise<void> => {
    await page.getByLabel('Epochs').fill(String(epochs));
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.getByText(/^Done: /).waitFor({ state: 'attached', timeout: 100_000 });
  };

  test('the network of npm start learns: the same first loss, and as good a reader', async () => {
    const page = await site.open('#/training');
    await train(page, 1);
    const here = new Trainer(kernels, readClasses(), 1, 1);
    while (here.step());
    const { losses, accuracy = 0 } = here.report();
    const loss = (await figure(page, 'Loss').textContent()) ?? '';
    const [last, first] = /^([\d.]+) \(began at ([\d.]+)\)$/.exec(loss)?.slice(1).map(Number) ?? [];
    expect(Math.abs((first ?? 0) - (losses[0] as number))).toBeLessThan(0.002);
    expect(last).toBeLessThan((first ?? 0) / 5);
    expect(await figure(page, 'Step').textContent()).toBe('225 of 225');
    const right = Number.parseFloat((await figure(page, 'Held-out').textContent()) ?? '') / 100;
    expect(right).toBeGreaterThan(0.95);
    expect(Math.abs(right - accuracy)).toBeLessThan(0.02);
    expect(Number(await figure(page, 'Images').textContent())).toBeGreaterThan(100);

    const samples = await page.locator('.samples li span').allTextContents();
    expect(samples.length).toBe(20);
    expect(samples.filter((text) => /^✓ \d, [\d.]+ %$/.test(text)).length).toBeGreaterThan(16);

    for (const digit of Object.keys(DRAWN)) {
      await drawWithPointer(page, digit);
      await page.getByText(`Read as ${digit}`).waitFor();
    }
    expect(await violations(page)).toEqual([]);
    await page.setViewportSize({ width: 360, height: 800 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  });

  test('a digit is drawn by keys while it learns; it pauses, and goes on', async () => {
    const page = await site.open('#/training', { colorScheme: 'dark' });
    await page.getByRole('application').focus();
    for (let i = 0; i < 8; i++) await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Space');
    for (let i = 0; i < 16; i++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.getByText(/^Read as \d/).waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.waitForTimeout(400);
    const step = await figure(page, 'Step').textContent();
    await page.waitForTimeout(500);
    expect(await figure(page, 'Step').textContent()).toBe(step);
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByText('Read as 1').waitFor();
    await expect.poll(() => figure(page, 'Step').textContent(), { timeout: 10_000 }).not.toBe(step);
    await page.getByRole('button', { name: 'Start again' }).click();
    await expect
      .poll(async () => Number.parseInt((await figure(page, 'Step').textContent()) ?? '', 10), { timeout: 20_000 })
      .toBeLessThan(60);
    await page.getByRole('link', { name: 'Explorer' }).click();
    await expect.poll(() => page.workers().length, { timeout: 10_000 }).toBe(0);
  });

  test('no page complained', () => expect(site.complaints).toEqual([]));
}
