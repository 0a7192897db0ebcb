/** Bundlers, runtimes and compilers, in this folder only, and the packed library in an empty one. */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installIn } from '../../scripts/install-in.js';

export const HERE = fileURLToPath(new URL('.', import.meta.url));
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const MODULES = `${HERE}node_modules`;

export const installTools = (): void => installIn(HERE, 'bundlers and runtimes (some 1.6 GB)');

/** Of a package of this folder, or of the library's own tools. */
export function versionOf(name: string): string {
  const folder = [MODULES, `${ROOT}node_modules`].find((modules) => existsSync(`${modules}/${name}`)) ?? MODULES;
  const { version } = JSON.parse(readFileSync(`${folder}/${name}/package.json`, 'utf8')) as { version: string };
  return version.replace(/^v/, '');
}

export interface Installed {
  readonly folder: string;
  readonly tarball: string;
  remove(): void;
}

/** The library as npm would publish it now, in a folder with nothing else. */
export function installPacked(): Installed {
  const folder = mkdtempSync(join(tmpdir(), 'simdconv-install-'));
  const npm = (...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`npm ${args.join(' ')}\n${stderr}`);
    return stdout;
  };
  const [{ filename }] = JSON.parse(npm('pack', ROOT, '--json', '--ignore-scripts', '--pack-destination', folder)) as [
    { filename: string },
  ];
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'stranger', private: true }));
  npm('install', '--no-audit', '--no-fund', '--prefer-offline', join(folder, filename));
  return { folder, tarball: join(folder, filename), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** What a command prints; throws with all that it printed, if it fails. */
export function run(command: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const [file = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const options = { cwd, env: { ...process.env, NODE_OPTIONS: '', ...env }, encoding: 'utf8', maxBuffer: 2 ** 26 } as const;
    execFile(file, args, options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${command.join(' ')}: ${error.code ?? error.signal}\n${stdout}\n${stderr}`));
      else resolve(stdout);
    });
  });
}
