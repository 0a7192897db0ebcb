/** Each bundler's way to make a page of the program. */
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { page, serve } from '../browser/server.js';
import { HERE, MODULES, run, versionOf } from './packages.js';
import { PAGE, type Report } from './program.js';

export interface Bundler {
  readonly name: string;
  readonly version: () => string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The script of its page, where it makes no page itself. */
  readonly script?: string;
}

const own = (name: string, script?: string, env?: Readonly<Record<string, string>>): Bundler => ({
  name,
  version: () => versionOf(name.replace(' 5', '').replace(' ', '-')),
  command: [process.execPath, `${HERE}bundle.mjs`, name],
  ...(script && { script }),
  ...(env && { env }),
});

export const BUNDLERS: readonly Bundler[] = [
  own('vite'),
  own('webpack 5', 'main.js'),
  own('rollup', 'main.js'),
  own('esbuild', 'main.js'),
  {
    name: 'parcel',
    version: () => versionOf('parcel'),
    command: [process.execPath, `${MODULES}/parcel/lib/bin.js`, 'build', 'index.html', '--dist-dir', 'out'],
  },
  own('webpack 4', 'main.js', { NODE_OPTIONS: '--openssl-legacy-provider' }),
];

/** Bundles in a folder of its own beside the installed package. */
export async function bundle({ name, command, env, script }: Bundler, installed: string): Promise<string> {
  const folder = join(installed, name.replace(' ', '-'));
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  symlinkSync('../node_modules', join(folder, 'node_modules'));
  writeFileSync(join(folder, 'main.js'), PAGE);
  if (!script) writeFileSync(join(folder, 'index.html'), page('./main.js').replace(/<script type="importmap">.*\n/, ''));
  await run(command, folder, env);
  return join(folder, 'out');
}

/** Opens what was bundled in a page that may have threads. */
export async function runBundle(browser: Browser, { script }: Bundler, out: string): Promise<Report> {
  const html = existsSync(`${out}/index.html`) ? readFileSync(`${out}/index.html`, 'utf8') : page(`/${script}`);
  const headers = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };
  const { origin, close } = await serve(out, { html, folders: ['/'], headers });
  const tab = await browser.newPage();
  const messages: string[] = [];
  tab.on('pageerror', (error) => messages.push(String(error)));
  tab.on('console', (message) => messages.push(message.text()));
  try {
    await tab.goto(origin);
    await tab.waitForFunction(() => 'report' in globalThis || 'failure' in globalThis, undefined, { timeout: 60_000 });
    const { report, failure } = await tab.evaluate(() => {
      const { report, failure } = globalThis as unknown as { report?: Report; failure?: string };
      return { report, failure };
    });
    if (!report) throw new Error(failure);
    return report;
  } catch (error) {
    throw new Error(`${error}\n${messages.join('\n')}`);
  } finally {
    await tab.close();
    close();
  }
}
