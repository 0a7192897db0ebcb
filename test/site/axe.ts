import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { SITE } from './site.js';

interface AxeResults {
  readonly violations: readonly { readonly id: string; readonly help: string; readonly nodes: readonly { readonly html: string }[] }[];
}

/** What axe finds wrong on the page as it is now, one line each. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync(`${SITE}node_modules/axe-core/axe.min.js`, 'utf8'));
  const { violations: found } = await page.evaluate(() => (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run());
  return found.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
}
