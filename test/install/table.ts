/** Writes the table of docs/install.md from what runs on this machine: `npx tsx test/install/table.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { BUNDLERS, bundle, runBundle } from './bundlers.js';
import { CHROMIUM, launch } from './chromium.js';
import { installPacked, installTools, ROOT } from './packages.js';
import { EXPECTED, type Report } from './program.js';
import { isThere, RUNTIMES } from './runtimes.js';

const DOCUMENT = `${ROOT}docs/install.md`;

function row(name: string, reports: readonly Report[]): string {
  const checks = reports.flatMap((report) => Object.entries(EXPECTED).map(([key, value]) => isDeepStrictEqual(report.checks[key], value)));
  const [first] = reports;
  if (!first) throw new Error(`${name} has no report`);
  const { variant, threads, threadsReason } = first;
  const times = reports.map(({ milliseconds }) => `${Math.round(milliseconds)} ms`);
  const passed = `${checks.filter(Boolean).length} of ${checks.length}`;
  return `| ${[name, variant, threadsReason ? `${threads}: ${threadsReason}` : threads, passed, times.join(', ')].join(' | ')} |`;
}

async function rows(): Promise<string[]> {
  const { folder, remove } = installPacked();
  const found: string[] = [];
  const add = (text: string): void => {
    console.log(text);
    found.push(text);
  };
  try {
    for (const runtime of RUNTIMES.filter(isThere)) {
      const reports: Report[] = [];
      for (const way of Object.values(runtime.ways)) reports.push(await way(folder));
      const [first = '', second = first] = Object.keys(runtime.ways);
      add(row(`${runtime.name} ${runtime.version()}, ${first}${second === 'require' ? ' and require' : ''}`, reports));
    }
    if (!CHROMIUM) throw new Error('no Chromium: apt-get install chromium, or set CHROMIUM');
    const browser = await launch(CHROMIUM);
    for (const bundler of BUNDLERS) {
      const report = await runBundle(browser, bundler, await bundle(bundler, folder));
      add(row(`Chromium ${parseInt(browser.version(), 10)}, bundled by ${bundler.name.split(' ')[0]} ${bundler.version()}`, [report]));
    }
    await browser.close();
  } finally {
    remove();
  }
  return found;
}

installTools();
const HEAD = '| runtime | variant | threads of 2 | checks passed | import to first result |\n| --- | --- | --- | --- | --- |\n';
const table = `${HEAD}${(await rows()).join('\n')}\n`;
const text = readFileSync(DOCUMENT, 'utf8');
writeFileSync(
  DOCUMENT,
  text.replace(/(<!-- install:begin -->\n).*(<!-- install:end -->)/s, (_, begin, end) => `${begin}${table}${end}`),
);
