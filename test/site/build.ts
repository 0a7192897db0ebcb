/** The page that the tests of this folder open, built once for all of them. */
import { spawnSync } from 'node:child_process';

export function setup(): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/site.ts', 'build'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the page is not built\n${stdout}\n${stderr}`);
}
