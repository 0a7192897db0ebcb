/** `npm run site` and `npm run site:build`: installs what bundles the page, by its lockfile and into site/ alone, and runs that. */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { writeDigits } from './site-digits.js';
import { writeLicences } from './site-licences.js';

const HERE = 'site';
const INSTALLED = `${HERE}/node_modules/.package-lock.json`;

function npm(...args: string[]): void {
  const { status } = spawnSync('npm', [...args, '--prefix', HERE], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

const [script = 'build'] = process.argv.slice(2);
const isStale = !existsSync(INSTALLED) || statSync(INSTALLED).mtimeMs < statSync(`${HERE}/package-lock.json`).mtimeMs;
if (isStale) npm('ci', '--silent', '--ignore-scripts', '--no-audit', '--no-fund');
writeDigits();
writeLicences();
npm('run', '--silent', script);
