/** The explorer as it is used: pointed at, typed into, played, sent and saved. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { code, type Framework, fromSimdconv } from '../../src/convert/index.js';
import { violations } from './axe.js';
import { siteForTests } from './site.js';

const site = siteForTests();

/** Elements of a grid that are lit. */
const lit = (page: Page, grid: string): Promise<number[]> =>
  page.locator(`[data-grid="${grid}"] .lit[data-index]`).evaluateAll((all) => all.map((cell) => Number(cell.getAttribute('data-index'))));

/** Places of lit entries of a picture of C. */
const places = (page: Page, grid: 'C' | 'Ct'): Promise<string[]> =>
  page.locator(`[data-grid="${grid}"] .lit[data-entry]`).evaluateAll((all) => all.map((cell) => cell.getAttribute('data-at') ?? ''));

const cell = (page: Page, grid: string, index: number) => page.locator(`[data-grid="${grid}"] [data-index="${index}"]`);

/** 4×4 by 3×3, no padding: the founding example of the guide, of which the matrix is printed there. */
const GUIDE = '#/explorer?i=4,4&s=1,1&pb=0,0&pa=0,0';
const FIRST_ROW = [0, 1, 2, 4, 5, 6, 8, 9, 10];

if (site) {
  describe('what a cell meets', () => {
    test('an output lights its window, the taps, its row of C and its column of Cᵀ', async () => {
      const page = await site.open(GUIDE);
      await cell(page, 'y', 0).focus();
      expect(await lit(page, 'x')).toEqual(FIRST_ROW);
      expect(await lit(page, 'w')).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
      expect(await lit(page, 'y')).toEqual([0]);
      expect(await places(page, 'C')).toEqual(FIRST_ROW.map((column) => `0,${column}`));
      expect(await places(page, 'Ct')).toEqual(FIRST_ROW.map((row) => `${row},0`));
    });

    test('an input lights the outputs that read it and its column of C; hovering is for the moment', async () => {
      const page = await site.open(GUIDE);
      await cell(page, 'y', 3).focus();
      const before = await lit(page, 'x');
      await cell(page, 'x', 1).hover();
      expect(await lit(page, 'y')).toEqual([0, 1]);
      expect(await lit(page, 'w')).toEqual([0, 1]);
      expect(await places(page, 'C')).toEqual(['0,1', '1,1']);
      await page.locator('h1').hover();
      expect(await lit(page, 'x')).toEqual(before);
    });

    test('a tap lights all its places', async () => {
      const page = await site.open(GUIDE);
      await cell(page, 'w', 4).focus();
      expect(await places(page, 'C')).toEqual(['0,5', '1,6', '2,9', '3,10']);
      expect(await lit(page, 'x')).toEqual([5, 6, 9, 10]);
      expect(await lit(page, 'y')).toEqual([0, 1, 2, 3]);
    });

    test('an entry of C lights its three; a zero says that it is one', async () => {
      const page = await site.open(GUIDE);
      await page.locator('[data-grid=C] [data-at="2,6"]').focus();
      expect([await lit(page, 'x'), await lit(page, 'w'), await lit(page, 'y')]).toEqual([[6], [2], [2]]);
      const box = await page.locator('[data-grid=C]').boundingBox();
      // The last column of the first row.
      await page.mouse.move((box?.x ?? 0) + (box?.width ?? 0) - 4, (box?.y ?? 0) + 4);
      expect(await page.locator('.formula').first().textContent()).toBe('C is 0 here: y[0, 0] and x[3, 3] do not meet.');
    });

    test('padding under the window is lit with its taps', async () => {
      const page = await site.open('#/explorer?at=0');
      expect(await page.locator('[data-grid=x] .around.lit').count()).toBe(5);
      expect(await page.locator('.formula').first().textContent()).toContain('5 of the 9 taps stand on padding and add 0.');
    });

    test('the equivalent direct convolution goes in step', async () => {
      // 2×2 by 3×3 with stride 2 gives 5×5, of which the middle meets all four inputs.
      const page = await site.open('#/explorer?op=transposed&i=2,2&s=2,2&pb=0,0&pa=0,0&at=12');
      expect(await lit(page, 'y')).toEqual([0, 1, 2, 3]);
      expect(await lit(page, 'direct-y')).toEqual([12]);
      const window = page.locator('[data-grid=direct-x] .lit');
      expect(await window.count()).toBe(9);
      const inputs = await page.locator('[data-grid=direct-x] .lit.value > .value').allTextContents();
      expect(inputs).toEqual(await page.locator('[data-grid=y] .value .value').allTextContents());
    });
  });

  describe('by keyboard', () => {
    test('a grid is one tab stop, and arrows go from cell to cell', async () => {
      const page = await site.open(GUIDE);
      await cell(page, 'x', 0).focus();
      const focused = (): Promise<string | null> => page.evaluate(() => document.activeElement?.getAttribute('data-index') ?? null);
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowDown');
      expect(await focused()).toBe('5');
      await page.keyboard.press('End');
      expect(await focused()).toBe('7');
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowUp');
      expect(await focused()).toBe('0');
      expect(await page.locator('[data-grid=x] [tabindex="0"]').count()).toBe(1);
      await page.keyboard.press('Tab');
      expect(await page.evaluate(() => document.activeElement?.closest('[data-grid]')?.getAttribute('data-grid'))).toBe('w');
    });

    test('what is chosen is said', async () => {
      const page = await site.open(GUIDE);
      await cell(page, 'x', 5).focus();
      await expect
        .poll(() => page.locator('[role=status]').last().textContent())
        .toMatch(/^input, x\[1, 1\], is \d and stands in 4 products$/);
    });
  });

  describe('sizes', () => {
    test('a field changes everything, and the address keeps it', async () => {
      const page = await site.open('#/explorer');
      await page.getByLabel('stride').fill('1');
      await page.waitForFunction(() => location.hash.includes('s=1,1'));
      expect(await page.locator('[data-grid=y] [data-index]').count()).toBe(25);
      await page.reload();
      await page.waitForSelector('[data-grid=y]');
      expect(await page.locator('[data-grid=y] [data-index]').count()).toBe(25);
      expect(await page.getByLabel('stride').inputValue()).toBe('1');
    });

    test('axes of their own', async () => {
      const page = await site.open('#/explorer');
      await page.getByLabel('Both axes alike').uncheck();
      await page.getByLabel('input size height').fill('4');
      expect(await page.locator('[data-grid=x] [data-index]').count()).toBe(20);
    });

    test('what the library refuses is said in its words, and the next size is shown again', async () => {
      const page = await site.open('#/explorer');
      await page.getByLabel('padding before').fill('0');
      await page.getByLabel('padding after').fill('0');
      await page.getByLabel('input size').fill('2');
      expect(await page.getByRole('alert').textContent()).toMatch(/conv2d/);
      await page.getByLabel('input size').fill('3');
      expect(await page.getByRole('alert').count()).toBe(0);
      expect(await page.locator('[data-grid=y] [data-index]').count()).toBe(1);
    });

    test('one axis, and back', async () => {
      const page = await site.open('#/explorer');
      await page.getByRole('radio', { name: '1-D' }).check();
      expect(await page.locator('[data-grid=x] [data-index]').count()).toBe(5);
      await page.getByRole('radio', { name: '2-D' }).check();
      expect(await page.locator('[data-grid=x] [data-index]').count()).toBe(25);
    });

    test('a link into a state that is shown already another', async () => {
      const page = await site.open('#/explorer');
      await page.evaluate((hash) => {
        location.hash = hash;
      }, '#/explorer?op=gradWeight');
      await page.waitForSelector('text=gradient of the kernel dw');
      await page.goBack();
      await page.waitForSelector('text=output y');
    });
  });

  describe('presets', () => {
    test.each([
      ['Cᵀ times y is not the gradient', 'Matrix C and its transpose'],
      ['The direct convolution has the kernel rotated', 'As a direct convolution'],
    ])('%s: wrong, then right', async (label, panel) => {
      const page = await site.open('#/explorer');
      await page.getByLabel('Show').selectOption({ label });
      const difference = page.getByRole('region', { name: panel }).locator('[data-difference]');
      expect(Number(await difference.getAttribute('data-difference'))).toBeGreaterThan(0);
      await page.locator('.story').getByRole('radio', { name: 'Right', exact: true }).check();
      expect(await difference.getAttribute('data-difference')).toBe('0');
    });

    test('a row of output padding is zero only where nothing was cut off', async () => {
      const page = await site.open('#/explorer');
      await page.getByLabel('Show').selectOption({ label: 'Why is this row of output padding not zero?' });
      const row = (): Promise<string[]> => page.locator('[data-grid=x] [role=row]').last().locator('.value').allTextContents();
      expect((await row()).some((text) => Number(text) > 0)).toBe(true);
      await page.locator('.story').getByRole('radio', { name: 'Zero', exact: true }).check();
      await expect.poll(async () => (await row()).every((text) => text === '0')).toBe(true);
    });
  });

  describe('steps', () => {
    const chosen = (page: Page): Promise<string | null> => page.locator('[data-grid=y] .chosen').getAttribute('data-index');

    test('on, back and by the scale', async () => {
      const page = await site.open('#/explorer?at=0');
      await page.getByRole('button', { name: 'Step on' }).click();
      expect(await chosen(page)).toBe('1');
      await page.getByRole('button', { name: 'Step back' }).click();
      await page.getByRole('button', { name: 'Step back' }).click();
      expect(await chosen(page)).toBe('8');
      await page.getByLabel('Step', { exact: true }).fill('4');
      expect(await chosen(page)).toBe('4');
      await page.waitForFunction(() => location.hash.includes('at=4'));
    });

    test('played until it is paused', async () => {
      const page = await site.open('#/explorer?at=0');
      await page.getByRole('radio', { name: 'fast' }).check();
      await page.getByRole('button', { name: 'Play' }).click();
      await page.waitForFunction(() => Number(document.querySelector('[data-grid=y] .chosen')?.getAttribute('data-index')) >= 2);
      await page.getByRole('button', { name: 'Pause' }).click();
      const before = await chosen(page);
      await page.waitForTimeout(700);
      expect(await chosen(page)).toBe(before);
    });

    test('nothing moves by itself, and for those who want less motion nothing glides', async () => {
      const page = await site.open('#/explorer', { reducedMotion: 'reduce' });
      expect(await page.getByRole('button', { name: 'Play' }).count()).toBe(1);
      expect(await page.locator('[data-grid=x] .window').evaluate((frame) => getComputedStyle(frame).transitionDuration)).toBe('0s');
    });

    test('through the inputs of a transposed convolution: each lays its kernel', async () => {
      const page = await site.open('#/explorer?op=transposed&i=2,2&s=1,1&pb=0,0&pa=0,0');
      await page.getByLabel('Step through').selectOption('source');
      expect(await lit(page, 'x')).toEqual(FIRST_ROW);
      await page.getByRole('button', { name: 'Step on' }).click();
      expect(await lit(page, 'x')).toEqual(FIRST_ROW.map((index) => index + 1));
    });
  });

  describe('saved', () => {
    test('SVG: every number of the picture, and its colours', async () => {
      const page = await site.open('#/explorer');
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save SVG' }).first().click()]);
      expect(download.suggestedFilename()).toBe('simdconv-window.svg');
      const text = readFileSync(await download.path(), 'utf8');
      const numbers = (await page.locator('.tensors').first().locator('svg text').allTextContents()).filter((each) => each !== '');
      expect(numbers.length).toBeGreaterThan(49 + 9 + 9);
      expect([...text.matchAll(/<text[^>]*>(−?\d+)<\/text>/g)].map(([, value]) => value)).toEqual(numbers);
      expect(text).not.toContain('class=');
      expect(text).toMatch(/fill="rgb\(|fill="color\(/);
      const problem = await page.evaluate(
        (source) => new DOMParser().parseFromString(source, 'image/svg+xml').querySelector('parsererror')?.textContent,
        text,
      );
      expect(problem).toBeUndefined();
    });

    test('PNG: the same, twice as fine', async () => {
      const page = await site.open('#/explorer');
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save PNG' }).first().click()]);
      const bytes = readFileSync(await download.path());
      expect(bytes.subarray(1, 4).toString()).toBe('PNG');
      const [drawing] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save SVG' }).first().click()]);
      const [, width, height] = /^<svg[^>]* width="(\d+)" height="(\d+)"/.exec(readFileSync(await drawing.path(), 'utf8')) ?? [];
      expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([2 * Number(width), 2 * Number(height)]);
    });
  });

  describe('copied as', () => {
    const names: Readonly<Record<Framework, string>> = {
      pytorch: 'PyTorch',
      keras: 'Keras',
      onnx: 'ONNX',
      webnn: 'WebNN',
      tfjs: 'TensorFlow.js',
      simdconv: 'simdconv',
    };
    // Cropped at the end only: Keras' 'same', which PyTorch has no call for.
    const query = 'op=transposed&i=3,3&pb=0,0&pa=1,1';
    const spec = fromSimdconv({
      op: 'convTranspose2d',
      kernelSize: [3, 3],
      stride: [2, 2],
      dilation: [1, 1],
      padding: [
        [0, 1],
        [0, 1],
      ],
      outputPadding: [0, 0],
      groups: 1,
      inChannels: 1,
      outChannels: 1,
    });

    test('a program for each framework, as the library writes it', async () => {
      const page = await site.open(`#/explorer?${query}`);
      const panel = page.getByRole('region', { name: 'Copy as' });
      for (const [framework, name] of Object.entries(names)) {
        await panel.getByRole('radio', { name: name, exact: true }).check();
        expect(await panel.locator('pre').textContent()).toBe(code(spec, framework as Framework, { inputShape: [1, 1, 3, 3] }));
      }
    });

    test('where there is no single call, it says why and gives the steps', async () => {
      const page = await site.open(`#/explorer?${query}`);
      const panel = page.getByRole('region', { name: 'Copy as' });
      await panel.getByRole('radio', { name: 'PyTorch', exact: true }).check();
      expect(await panel.locator('[data-conversion]').getAttribute('data-conversion')).toBe('steps');
      await panel.getByRole('radio', { name: 'Keras', exact: true }).check();
      expect(await panel.locator('[data-conversion]').getAttribute('data-conversion')).toBe('call');
    });

    test('to the clipboard', async () => {
      const page = await site.open(`#/explorer?${query}`, { permissions: ['clipboard-read', 'clipboard-write'] });
      const panel = page.getByRole('region', { name: 'Copy as' });
      await panel.getByRole('button', { name: 'Copy the program' }).click();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(await panel.locator('pre').textContent());
    });
  });

  test('the frame for other pages has the address, without the header', async () => {
    const page = await site.open('#/explorer?op=transposed', { permissions: ['clipboard-read', 'clipboard-write'] });
    await page.getByRole('button', { name: 'Copy the frame' }).click();
    const frame = await page.evaluate(() => navigator.clipboard.readText());
    expect(frame).toContain('/simdconv/?embed#/explorer?op=transposed');
  });

  describe('axe finds nothing', () => {
    const states = [
      'op=transposed&i=2,2&rotate=0',
      'op=gradInput&i=3,3&times=y',
      'op=gradWeight&axes=1',
      'c=2&g=2&i=3,3',
      'i=1,1&pb=0,0&pa=0,0',
    ];
    for (const colorScheme of ['light', 'dark'] as const) {
      test.each(states)(`${colorScheme}, %s`, async (query) => {
        const page = await site.open(`#/explorer?${query}`, { colorScheme, reducedMotion: 'reduce' });
        await page.waitForSelector('.explorer');
        expect(await violations(page)).toEqual([]);
      });
    }
  });

  test.each([360, 800, 1440])('the widest pictures fit %i px', async (width) => {
    const page = await site.open('#/explorer?op=transposed&i=5,5&k=5,5&s=3,3&pb=2,2&pa=2,2', { viewport: { width, height: 900 } });
    await page.waitForSelector('[data-grid=direct-x]');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  });

  test('no page complained', () => expect(site.complaints).toEqual([]));
}
