/** Each bundler's way to make a page of the program. */
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { page, serve } from '../browser/server.js';
import { HERE, MODULES, run, versionOf } from './packages.js';
import { bundled, PAGE, type Report } from './program.js';

export interface Bundler {
  readonly name: string;
  readonly version: () => string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The script of its page, where it makes no page itself. */
  readonly script?: string;
  /** Its project, where it takes more than a script and a page, and packages that it looks for there. */
  readonly files?: Readonly<Record<string, string>>;
  readonly packages?: readonly string[];
}

const own = (name: string, script?: string, env?: Readonly<Record<string, string>>): Bundler => ({
  name,
  version: () => versionOf(name.replace(' 5', '').replace(' ', '-')),
  command: [process.execPath, `${HERE}bundle.mjs`, name],
  ...(script && { script }),
  ...(env && { env }),
});

/** A page that the server renders while it is built, with the program's report in it; in the browser the program runs again, and both must report the same. */
const NEXT: Bundler = {
  name: 'next',
  version: () => versionOf('next'),
  command: [process.execPath, `${MODULES}/next/dist/bin/next`, 'build'],
  env: { NEXT_TELEMETRY_DISABLED: '1' },
  packages: ['next', 'react', 'react-dom'],
  files: {
    // The packages are links that lead out of the project.
    'next.config.mjs': `export default { output: 'export', turbopack: { root: '/' } };`,
    'app/program.js': bundled(
      'export const report = () => checks({ load, ShapeError }, { convOutputSize }, { fromPyTorch, toOnnx }, 0, {});',
    ),
    'app/layout.js': 'export default ({ children }) => <html><body>{children}</body></html>;',
    'app/page.js': `import { Client } from './client';
import { report } from './program';
export default async function Page() {
  return <Client server={JSON.stringify((await report()).checks)} />;
}`,
    'app/client.js': `'use client';
import { useEffect } from 'react';
import { report } from './program';
export function Client({ server }) {
  useEffect(() => {
    report().then(
      (ours) => {
        if (JSON.stringify(ours.checks) === server) globalThis.report = ours;
        else globalThis.failure = 'the server reports ' + server;
      },
      (error) => { globalThis.failure = String(error.stack); },
    );
  }, [server]);
  return <p>{server}</p>;
}`,
  },
};

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
  NEXT,
];

/** Bundles in a folder of its own beside the installed package. */
export async function bundle({ name, command, env, script, files, packages }: Bundler, installed: string): Promise<string> {
  const folder = join(installed, name.replace(' ', '-'));
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  if (packages) {
    mkdirSync(join(folder, 'node_modules'));
    for (const name of packages) symlinkSync(join(MODULES, name), join(folder, 'node_modules', name));
    symlinkSync('../../node_modules/simdconv', join(folder, 'node_modules/simdconv'));
  } else symlinkSync('../node_modules', join(folder, 'node_modules'));
  for (const [path, text] of Object.entries(files ?? { 'main.js': PAGE })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  if (!script && !files) writeFileSync(join(folder, 'index.html'), page('./main.js').replace(/<script type="importmap">.*\n/, ''));
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
