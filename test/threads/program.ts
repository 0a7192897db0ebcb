import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

const FILE = fileURLToPath(new URL('program.mjs', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Of a processor, what a process may use while it has nothing to do. */
const MOST_IDLE = 0.02;

/** Runs program.mjs in a runtime: two threads, the same bits, no use of a processor while nothing is to be done, and it ends by itself. */
export function testProgram(runtime: string, ...args: string[]): void {
  const { status, signal, stdout, stderr } = spawnSync(runtime, [...args, FILE], { cwd: ROOT, encoding: 'utf8', timeout: 60_000 });
  const ended = { status, signal, stderr };
  expect(ended, stdout).toEqual({ status: 0, signal: null, stderr: '' });
  const [{ saw, idle }, atExit] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const two = { threads: 2, reason: '', sameBits: true };
  expect(saw).toEqual([two, two]);
  expect(atExit).toEqual({ sameBitsAtExit: true });
  expect(idle).toBeLessThan(MOST_IDLE);
}
