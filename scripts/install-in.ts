/** Packages of a folder with a package.json of its own: neither the library nor `npm ci` at the root knows of them. */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Installs them by the folder's lockfile, without install scripts, where that was not done or the lockfile is newer. `what` is told: it may take minutes. */
export function installIn(folder: string, what: string): void {
  const installed = join(folder, 'node_modules/.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(folder, 'package-lock.json')).mtimeMs) return;
  console.log(`installing ${what}, into ${relative('.', folder)} only`);
  const { status } = spawnSync('npm', ['ci', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund'], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`npm ci of ${relative('.', folder)} failed`);
}
