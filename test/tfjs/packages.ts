/** TensorFlow.js and what runs its specs, in this folder only: neither the library nor `npm ci` at the root knows of them. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const HERE = fileURLToPath(new URL('.', import.meta.url));
export const MODULES = `${HERE}node_modules`;

/** By the lockfile, without install scripts. */
export function installTfjs(): void {
  if (existsSync(`${MODULES}/.package-lock.json`)) return;
  console.log('installing TensorFlow.js, into test/tfjs only (once, some 100 MB)');
  const { status } = spawnSync('npm', ['ci', '--prefix', HERE, '--ignore-scripts', '--no-audit', '--no-fund'], { stdio: 'inherit' });
  if (status !== 0) throw new Error('npm ci of test/tfjs failed');
}
