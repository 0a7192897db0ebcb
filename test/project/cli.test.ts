import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { load, version } from '../../src/index.js';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

const simdconv = (...args: string[]) => simdconvUnder([], args);

function simdconvUnder(node: readonly string[], args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', ...node, CLI, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('simdconv info', () => {
  it('prints what load picks with threads, as aligned lines', async () => {
    const kernels = await load({ threads: 'auto' });
    const { info } = kernels;
    const { status, stdout } = simdconv('info');
    expect(status).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    const value = (name: string) =>
      lines
        .find((line) => line.startsWith(`${name} `))
        ?.slice(name.length)
        .trim();
    expect(value('simdconv')).toBe(version);
    expect(value('variant')).toBe(info.variant);
    expect(value('variants')?.split(', ')).toContain(info.variant);
    expect(value('threads')).toBe(String(info.threads));
    expect(value('simd.wasm')).toMatch(/^\d+ bytes, \d+ gzipped$/);
    expect(value('node')).toContain(process.versions.node);
    expect(new Set(lines.map((line) => line.search(/(?<= {2})\S/))).size).toBe(1);
    kernels.dispose();
  });

  it('says why there are no threads', () => {
    const { status, stdout } = simdconvUnder(['--import', 'data:text/javascript,delete globalThis.SharedArrayBuffer'], ['info']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^threads +1: no SharedArrayBuffer: a page has it with the headers /m);
  });

  it('prints the same as JSON', async () => {
    const kernels = await load({ threads: 'auto' });
    const { info } = kernels;
    const { status, stdout } = simdconv('info', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      version,
      variant: info.variant,
      threads: info.threads,
      tile: info.tile,
      blocks: info.blocks,
      workspaceBytes: info.memory.workspaceBytes,
      node: process.versions.node,
      wasm: { simd: { bytes: expect.any(Number), gzipBytes: expect.any(Number) } },
    });
    kernels.dispose();
  });
});

describe('simdconv', () => {
  it('prints its help and its version', () => {
    const help = simdconv('--help');
    expect(help.status).toBe(0);
    expect(help.stdout).toMatch(/^Usage: simdconv /);
    expect(simdconv('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  });

  it.each([
    [[], 'a command is missing'],
    [['infos'], "unknown command 'infos'"],
    [['info', 'more'], "unexpected argument 'more'"],
    [['info', '--yaml'], '--yaml'],
  ])('refuses %j with status 2', (args, message) => {
    const { status, stdout, stderr } = simdconv(...args);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
    expect(stderr).toContain('Usage: simdconv');
  });
});
