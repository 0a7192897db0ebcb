/** TensorFlow.js and the models that these examples run, in this folder only: neither the library nor `npm ci` at the root knows of them. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const MODULES = `${HERE}node_modules`;

/** Where a package lies, with a slash at the end. */
export const folderOf = (name: string): string => `${MODULES}/${name}/`;

/** By the lockfile, without install scripts. */
export function installPackages(): void {
  if (existsSync(`${MODULES}/.package-lock.json`)) return;
  console.log('installing TensorFlow.js and the models, into examples/tfjs only (once, some 340 MB)');
  const { status } = spawnSync('npm', ['ci', '--prefix', HERE, '--ignore-scripts', '--no-audit', '--no-fund'], { stdio: 'inherit' });
  if (status !== 0) throw new Error('npm ci of examples/tfjs failed');
}
