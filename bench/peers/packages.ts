/** The packages of this folder: installed on first use, found from here. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { installIn } from '../../scripts/install-in.js';

export const folderOf = (name: string): URL => new URL(`./node_modules/${name}/`, import.meta.url);

export function versionOf(name: string): string {
  const { version } = JSON.parse(readFileSync(new URL('package.json', folderOf(name)), 'utf8')) as { version: string };
  return version;
}

/** By the lockfile, without install scripts: what the peers need ships inside their packages. */
export const installPeers = (): void => installIn(fileURLToPath(new URL('.', import.meta.url)), 'the peers (some 550 MB)');

/** A package of this folder's own package.json, typed by the few names that its peer uses. */
export async function importPeer<T>(name: string): Promise<T> {
  const module = (await import(name)) as T & { readonly default?: T };
  return module;
}
