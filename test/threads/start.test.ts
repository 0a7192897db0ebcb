/** What `threads` may be, how many start in Node, and why none do. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Kernels, type LoadOptions, load, loadSync, OptionError, UnsupportedRuntimeError } from '../../src/index.js';
import { OVERHEAD } from '../../src/wasm/overhead.js';
import { Heap } from '../backends/heap.js';
import { compiled } from '../suite/build.js';
import { sameBits } from '../suite/check.js';
import { floats, seeded } from '../suite/data.js';
import { testProgram } from './program.js';

Object.assign(OVERHEAD, { job: 0, part: 0, small: 0 });

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const random = seeded(3);
const x = floats(random, [2, 8, 20, 20]);
const w = floats(random, [16, 8, 3, 3]);
const want = loadSync({ variant: 'simd' }).conv2d(x, w, { padding: 1 });

const open: Kernels[] = [];
afterEach(() => {
  vi.unstubAllGlobals();
  for (const kernels of open.splice(0)) kernels.dispose();
});

/** Both ways to load. */
async function each(options: LoadOptions, see: (kernels: Kernels) => void): Promise<void> {
  for (const start of [load, loadSync]) {
    const kernels = await start(options);
    open.push(kernels);
    see(kernels);
    const y = kernels.conv2d(x, w, { padding: 1 });
    if (kernels.info.variant === 'simd') sameBits(y, want, 'y');
  }
}

const starts = (options: LoadOptions, threads: number): Promise<void> =>
  each(options, ({ info }) => expect([info.threads, info.threadsReason]).toEqual([threads, undefined]));

/** One thread, and why; where threads are required, an error that says so. */
async function staysAlone(options: LoadOptions, reason: string | RegExp): Promise<void> {
  await each({ ...options, threads: 2 }, ({ info }) => {
    expect(info.threads).toBe(1);
    expect(info.threadsReason).toMatch(reason);
  });
  const required: LoadOptions = { ...options, threads: { count: 2, required: true } };
  await expect(load(required)).rejects.toThrow(UnsupportedRuntimeError);
  expect(() => loadSync(required)).toThrow(reason);
}

describe('the option threads', () => {
  const wrong = [0, 65, 1.5, -1, Number.NaN, 'many', {}, { required: true }, { count: 2, required: 1 }, { count: 2, workerUrl: 7 }];
  for (const threads of wrong as LoadOptions['threads'][]) {
    it(`refuses ${JSON.stringify(threads)}`, async () => {
      const expected = /^load(Sync)?: threads is .*; expected a whole number from 1 to 64, 'auto', or \{ count, required, workerUrl \}$/;
      expect(() => loadSync({ threads: threads as number })).toThrow(expected);
      await expect(load({ threads: threads as number })).rejects.toThrow(OptionError);
    });
  }

  it('starts as many', async () => {
    for (const threads of [1, 2, 5]) await starts({ variant: 'simd', threads }, threads);
    await starts({ variant: 'simd', threads: { count: 2, required: true } }, 2);
    await starts({ variant: 'simd', threads: { count: 2, workerUrl: '/only/for/pages.js' } }, 2);
    await starts({ variant: 'simd' }, 1);
  });

  it("starts what pays for 'auto'", async () => {
    await each({ variant: 'simd', threads: 'auto' }, ({ info }) => {
      expect(info.threads).toBeGreaterThanOrEqual(1);
      expect(info.threads).toBeLessThanOrEqual(8);
      expect(info.threadsReason).toBeUndefined();
    });
  });
});

describe('one thread, with a reason', () => {
  it('for the reference', () => staysAlone({ variant: 'reference' }, 'the reference runs on one thread'));

  it('for a module that was given', async () => {
    await staysAlone({ module: compiled('simd') }, 'a module was given: its memory is not shared');
  });

  it("for a host's memory that is not shared", async () => {
    const heap = new Heap();
    await staysAlone({ variant: 'simd', memory: heap.memory, allocator: heap }, 'memory is not shared');
    heap.check();
  });

  it('without SharedArrayBuffer', async () => {
    vi.stubGlobal('SharedArrayBuffer', undefined);
    await staysAlone({ variant: 'simd' }, /Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp/);
  });

  it('without workers', async () => {
    vi.stubGlobal('process', { ...process, getBuiltinModule: undefined });
    vi.stubGlobal('Worker', undefined);
    await staysAlone({ variant: 'simd' }, 'this runtime has no workers');
  });

  it('without the permission to start them', () => {
    const [flag] = ['--permission', '--experimental-permission'].filter((name) => process.allowedNodeEnvironmentFlags.has(name));
    const code = `import { load } from './dist/index.js';
      const { info, matmul } = await load({ threads: 2 });
      const one = { data: Float32Array.of(3), shape: [1, 1] };
      console.log(info.threads, matmul(one, one).data[0], info.threadsReason);`;
    const { stdout, stderr, status } = spawnSync(process.execPath, [flag as string, '--allow-fs-read=*', '--input-type=module', '-'], {
      cwd: ROOT,
      encoding: 'utf8',
      input: code,
      timeout: 60_000,
    });
    expect(stdout, stderr).toMatch(/^1 9 a worker does not start: Access to this API has been restricted.*\n$/);
    expect(status).toBe(0);
  });
});

describe('threads in Node', () => {
  it("run in a host's memory that is shared, with its allocator", async () => {
    const heap = new Heap({ shared: true });
    const options: LoadOptions = { variant: 'simd', memory: heap.memory, allocator: heap };
    await starts({ ...options, threads: { count: 2, required: true } }, 2);
    const { conv2d, dispose } = loadSync({ ...options, threads: 2 });
    const [resident, out] = [
      { ...x, data: heap.floats(x.data) },
      { ...want, data: heap.floats(want.data.map(() => Number.NaN)) },
    ];
    sameBits(conv2d(resident, w, { padding: 1, out }), want, 'in place');
    heap.check();
    dispose();
    // One that has a shared memory and one thread.
    await starts(options, 1);
    heap.check();
  });

  it('let a process end, and sleep while there is nothing to do; a call as it exits works', () => testProgram(process.execPath));

  it('run within a worker of the program', async () => {
    const code = `const { parentPort } = require('node:worker_threads');
      import(${JSON.stringify(new URL('../../dist/node.js', import.meta.url))}).then(async ({ load, loadSync }) => {
        const x = { data: Float32Array.from({ length: 64 * 56 * 56 }, (_, i) => Math.fround(Math.sin(i))), shape: [1, 64, 56, 56] };
        const w = { data: x.data.slice(0, 64 * 64 * 9), shape: [64, 64, 3, 3] };
        const want = loadSync().conv2d(x, w).data;
        const saw = [await load({ threads: 2 }), loadSync({ threads: 2 })].map(({ info, conv2d }) => {
          const same = conv2d(x, w).data.every((value, i) => Object.is(value, want[i]));
          return [info.threads, info.threadsReason, same];
        });
        parentPort.postMessage(saw);
      });`;
    const worker = new Worker(code, { eval: true, execArgv: [] });
    const exit = new Promise((resolve, reject) => worker.on('exit', resolve).on('error', reject));
    const saw = await new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject));
    expect(saw).toEqual([
      [2, undefined, true],
      [2, undefined, true],
    ]);
    expect(await exit).toBe(0);
  });

  it('start in a few milliseconds more than one does', () => {
    const milliseconds = ([1, 2] as const).map((threads) => {
      const code = `import { load } from './dist/index.js';
        const start = performance.now();
        await load({ threads: ${threads} });
        console.log(performance.now() - start);`;
      const runs = Array.from({ length: 5 }, () =>
        Number(spawnSync(process.execPath, ['--input-type=module', '-'], { cwd: ROOT, encoding: 'utf8', input: code }).stdout),
      );
      return runs.sort((a, b) => a - b)[2] as number;
    });
    const [one, two] = milliseconds as [number, number];
    expect(one).toBeGreaterThan(0);
    console.log(`load in a fresh process, median of 5: ${one.toFixed(1)} ms, with two threads ${two.toFixed(1)} ms`);
  });
});
