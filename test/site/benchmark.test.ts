import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { GROUPS, type Group } from '../../site/src/benchmark/choices.js';
import { type Result, titleOf } from '../../site/src/benchmark/lane.js';
import { worksOf } from '../../site/src/benchmark/layers.js';
import { ISOLATED } from '../browser/server.js';
import { violations } from './axe.js';
import { siteForTests } from './site.js';

interface Copied {
  readonly machine: { readonly userAgent: string; readonly cores: number; readonly isolated: boolean };
  readonly simdconv: { readonly variant: string; readonly threads: number };
  readonly peers: readonly { readonly name: string; readonly version: string }[];
  readonly threads: number;
  readonly gains: readonly { readonly peer: string; readonly times: number }[];
  readonly layers: readonly Result[];
}

async function choose(page: Page, ...groups: readonly Group[]): Promise<void> {
  for (const group of Object.keys(GROUPS) as Group[]) {
    const box = page.getByLabel(GROUPS[group]);
    if (groups.includes(group)) await box.check();
    else await box.uncheck();
  }
}

async function measure(page: Page): Promise<Copied> {
  await page.getByRole('button', { name: 'Measure' }).click();
  await page.locator('.status', { hasText: /^Done: / }).waitFor({ timeout: 110_000 });
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Copy as JSON' }).click();
  await page.getByText('Copied').waitFor();
  return JSON.parse(await page.evaluate(() => navigator.clipboard.readText())) as Copied;
}

const site = siteForTests();
if (site) {
  describe('one thread', () => {
    test('measures ours and both others, whose results agree', async () => {
      const page = await site.open('#/benchmark');
      const origins = new Set<string>();
      page.on('request', (request) => origins.add(new URL(request.url()).origin));
      await choose(page, 'transposed', 'gradients');
      const { machine, simdconv, peers, threads, gains, layers } = await measure(page);
      expect([...origins].filter((origin) => origin !== new URL(page.url()).origin && origin !== 'null')).toEqual([]);
      expect(machine).toEqual(
        await page.evaluate(() => ({
          userAgent: navigator.userAgent,
          cores: navigator.hardwareConcurrency,
          isolated: crossOriginIsolated,
        })),
      );
      expect(machine.isolated).toBe(false);
      expect([simdconv.threads, threads]).toEqual([1, 1]);
      expect(peers.map(({ name }) => name)).toEqual(['onnxruntime-web', 'tfjs-wasm']);
      for (const { version } of peers) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
      expect(layers.map(({ name }) => name)).toEqual(worksOf(['transposed', 'gradients']).map(({ first }) => first.name));
      expect(gains.map(({ peer }) => peer).sort()).toEqual(['onnxruntime-web', 'tfjs-wasm']);

      for (const { name, macs, lanes } of layers) {
        const table = page.getByRole('table', { name: titleOf(name) });
        expect(await table.locator('tbody tr').count()).toBe(lanes.length);
        for (const [i, lane] of lanes.entries()) {
          const cells = await table.locator('tbody tr').nth(i).locator('td').allTextContents();
          if (lane.refused !== undefined) {
            expect(cells).toEqual([lane.refused]);
            continue;
          }
          expect((lane.gflops as number) * (lane.milliseconds as number) * 1e6).toBeCloseTo(2 * macs, -2);
          expect(Number(cells[0]) / (lane.gflops as number)).toBeCloseTo(1, 1);
          expect(Number(cells[2]) / (lane.milliseconds as number)).toBeCloseTo(1, 1);
          expect(lane.difference).toBeLessThan(1e-4);
        }
      }
      const refusals = layers.flatMap(({ name, lanes }) =>
        lanes.flatMap(({ name: who, refused }) => (refused ? [`${name}: ${who}: ${refused}`] : [])),
      );
      expect(refusals).toEqual([
        '3x3 64-64 @56 gradWeight: onnxruntime-web: no operator for the gradient of a weight',
        '3x3 64-64 @56 gradWeight: tfjs-wasm: no kernel Conv2DBackpropFilter',
      ]);
      expect(await violations(page)).toEqual([]);
      await page.setViewportSize({ width: 360, height: 800 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    });

    test('by products too, dark; a run is stopped, and leaving ends the worker', async () => {
      const page = await site.open('#/benchmark', { colorScheme: 'dark' });
      await choose(page);
      expect(await page.getByRole('button', { name: 'Measure' }).isDisabled()).toBe(true);
      await choose(page, 'others');
      await page.getByRole('button', { name: 'Measure' }).click();
      await page.getByRole('table', { name: titleOf('stem 7x7 s2 3-64 @224') }).waitFor({ timeout: 60_000 });
      await page.getByRole('button', { name: 'Stop' }).click();
      await expect.poll(() => page.workers().length, { timeout: 10_000 }).toBe(0);
      expect(await page.locator('.status').textContent()).toBe('Stopped.');
      expect(await violations(page)).toEqual([]);
      await page.getByRole('button', { name: 'Measure' }).click();
      await expect.poll(() => page.workers().length, { timeout: 10_000 }).toBeGreaterThan(0);
      await page.getByRole('link', { name: 'Explorer' }).click();
      await expect.poll(() => page.workers().length, { timeout: 10_000 }).toBe(0);
    });

    test('the licences of what is handed on are there', async () => {
      const page = await site.open('#/benchmark');
      const href = await page.getByRole('link', { name: 'Their licences' }).getAttribute('href');
      // Not opened: beside a plain text Chromium asks the host for its icon, of which the page knows nothing.
      const text = await (await page.request.get(new URL(href ?? '', page.url()).href)).text();
      for (const name of ['tfjs-core', 'onnxruntime-web', 'mnist', 'Apache License', 'Permission is hereby granted'])
        expect(text).toContain(name);
    });

    test('no page complained', () => expect(site.complaints).toEqual([]));
  });
}

const isolated = siteForTests(ISOLATED);
if (isolated) {
  test('an isolated page measures on threads, if this machine has them', async () => {
    const page = await isolated.open('#/benchmark');
    const cores = await page.evaluate(() => navigator.hardwareConcurrency);
    if (cores > 1) await page.getByRole('radio', { name: String(cores), exact: true }).check();
    await choose(page, 'transposed');
    const { machine, simdconv, threads, layers } = await measure(page);
    expect(machine.isolated).toBe(true);
    expect([simdconv.threads, threads]).toEqual([cores, cores]);
    for (const { lanes } of layers) expect(lanes.map(({ refused }) => refused)).toEqual([undefined, undefined, undefined, undefined]);
  });
}
