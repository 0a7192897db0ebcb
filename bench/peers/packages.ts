/** The packages of this folder: installed on first use, found from here. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const folderOf = (name: string): URL => new URL(`./node_modules/${name}/`, import.meta.url);

export function versionOf(name: string): string {
  const { version } = JSON.parse(readFileSync(new URL('package.json', folderOf(name)), 'utf8')) as { version: string };
  return version;
}

/** By the lockfile, without install scripts: what the peers need ships inside their packages. */
export function installPeers(): void {
  const here = fileURLToPath(new URL('.', import.meta.url));
  if (existsSync(new URL('./node_modules/.package-lock.json', import.meta.url))) return;
  console.log('installing the peers, into bench/peers only (once, some 550 MB)');
  const { status } = spawnSync('npm', ['ci', '--prefix', here, '--ignore-scripts', '--no-audit', '--no-fund'], { stdio: 'inherit' });
  if (status !== 0) throw new Error('bench: npm ci of bench/peers failed');
}

/** A package of this folder's own package.json, typed by the few names that its peer uses. */
export async function importPeer<T>(name: string): Promise<T> {
  const module = (await import(name)) as T & { readonly default?: T };
  return module;
}
