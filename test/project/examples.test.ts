import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

function start(...options: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'examples/start.ts', ...options], {
    cwd: root,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('npm start', () => {
  it('answers the question: every claim holds on both engines', () => {
    const { status, stdout, stderr } = start('--only', 'question');
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toMatch(availableParallelism() > 1 ? /^simdconv .+, \d+ threads, Node / : /^simdconv .+, one thread, Node /);
    expect(stdout).toContain('to y[0,1]  ·  a  b  c    ·  d  e  f    ·  g  h  i    ·  ·  ·  ·');
    const verdicts = stdout.split('\n').filter((line) => /(holds|FAILS)$/.test(line));
    expect(verdicts).toHaveLength(9);
    for (const line of verdicts) expect(line).toMatch(line.includes(' = ') ? / 0 +0 {2}holds$/ : / [1-9]\d* +[1-9]\d* {2}holds$/);
  });

  it('says why it runs on one thread', () => {
    const { stdout } = start('--only', 'question', '--variant', 'reference');
    expect(stdout).toContain(', one thread (the reference runs on one thread), Node ');
  });

  it('trains a network, with no control characters where there is no terminal', () => {
    const { status, stdout, stderr } = start('--only', 'mnist', '--quick');
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toMatch(/^ {2}\d\d\.\d % of 1000 held-out digits read right \(80\.0 % wanted\): good$/m);
    expect(stdout).toMatch(/^ {2}\d+ images\/s in training, [\d.]+ s in all$/m);
  });

  it('prints its options, and refuses others', () => {
    expect(start('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('--quick') });
    for (const wrong of [['--only', 'all'], ['--variant', 'fast'], ['--epochs', '0'], ['--seed', 'x'], ['--fast']]) {
      expect(start(...wrong)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('Usage: npm start') });
    }
  });
});
