import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { installPackages } from '../../examples/tfjs/packages.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

function start(...options: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'examples/tfjs/start.ts', ...options], {
    cwd: root,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

/** Without a network there are no models to run. */
function whyMissing(): string {
  try {
    installPackages();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('npm run example:tfjs', () => {
  const missing = whyMissing();

  it('trains where plain wasm throws, with the losses of plain cpu', ({ skip }) => {
    skip(missing !== '', missing);
    const { status, stdout, stderr } = start('train', '--quick');
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).not.toContain('\u001b');
    expect(stdout.match(/plain wasm: Kernel '\w+' not registered for backend 'wasm'$/gm)).toHaveLength(3);
    expect(stdout.match(/^ {2}The losses are the same/gm)).toHaveLength(3);
  });

  it('upscales a picture to the one that its package ships', ({ skip }) => {
    skip(missing !== '', missing);
    const { status, stdout, stderr } = start('upscale', '--quick');
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ {2}0\.\d\d of 255 at most from the picture that the package ships/m);
    expect(stdout).toMatch(/^ {2}The pictures are the same$/m);
  });

  it('finds faces where plain wasm does', ({ skip }) => {
    skip(missing !== '', missing);
    const { status, stdout, stderr } = start('faces', '--quick');
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ {2}ssd mobilenet +0\.9\d+ +0\.9\d+ /m);
    expect(stdout).toMatch(/^ {2}The results are the same/m);
  });

  it('computes the bits of one thread on all', ({ skip }) => {
    skip(missing !== '', missing);
    const { status, stdout, stderr } = start('threads', '--quick');
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ {2}Inception of layers, 75x75 /m);
    expect(stdout).toMatch(/^ {2}The results are the same, to the bit$/m);
  });

  it('races every kernel that is replaced', ({ skip }) => {
    skip(missing !== '', missing);
    const { status, stdout, stderr } = start('kernels', '--quick');
    expect(stderr).toBe('');
    expect(stdout).not.toContain('NOT MEASURED');
    expect(stdout.match(/^ {2}The results are the same$/gm)).toHaveLength(2);
    expect(status).toBe(0);
  });

  it('prints its options, and refuses others', () => {
    expect(start('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('--quick') });
    for (const wrong of [['dream'], ['train', '--only', 'gan'], ['--seed', 'x'], ['--fast']]) {
      expect(start(...wrong)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('Usage: npm run example:tfjs') });
    }
  });
});
