/** The way of a page, in Node: workers that say nothing of their end, and a page that refuses them. Real pages are in test/browser. */
import { Worker as NodeWorker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Kernels, load, loadSync } from '../../src/index.js';
import { worker } from '../../src/threads/generated/worker.js';
import { PATIENCE } from '../../src/threads/pool.js';
import { OVERHEAD } from '../../src/wasm/overhead.js';
import { sameBits } from '../suite/check.js';
import { floats, seeded } from '../suite/data.js';

Object.assign(OVERHEAD, { job: 0, part: 0, small: 0 });

const random = seeded(3);
const x = floats(random, [2, 8, 20, 20]);
const w = floats(random, [16, 8, 3, 3]);
const want = loadSync({ variant: 'simd' }).conv2d(x, w, { padding: 1 });
const right = ({ conv2d }: Kernels): void => sameBits(conv2d(x, w, { padding: 1 }), want, 'y');

/** What a page has, within a worker of Node's. */
const PAGE = `{
  const { parentPort } = require('node:worker_threads');
  process.getBuiltinModule = undefined;
  globalThis.postMessage = (message) => parentPort.postMessage(message);
  parentPort.on('message', (data) => globalThis.onmessage({ data }));
}`;

const urls: string[] = [];
class PageWorker {
  static code = worker;
  readonly #started: NodeWorker;
  onmessage: (() => void) | null = null;
  onerror: ((event: { message?: string }) => void) | null = null;

  constructor(url: string | URL) {
    urls.push(String(url));
    this.#started = new NodeWorker(PAGE + PageWorker.code, { eval: true, execArgv: [] });
    this.#started.unref();
    this.#started.on('message', () => this.onmessage?.());
    this.#started.on('error', ({ message }) => this.onerror?.({ message }));
  }

  postMessage(message: unknown): void {
    this.#started.postMessage(message);
  }

  terminate(): void {
    this.#started.terminate();
  }
}

class Refused {
  onerror: ((event: object) => void) | null = null;
  constructor() {
    setTimeout(() => this.onerror?.({}));
  }
  postMessage(): void {}
  terminate(): void {}
}

const { milliseconds } = PATIENCE;
beforeEach(() => {
  urls.splice(0);
  vi.stubGlobal('process', { ...process, getBuiltinModule: undefined });
  vi.stubGlobal('Worker', PageWorker);
});
afterEach(() => {
  PATIENCE.milliseconds = milliseconds;
  PageWorker.code = worker;
  vi.unstubAllGlobals();
});

it('starts them from a text, or from a file', async () => {
  const kernels = await load({ variant: 'simd', threads: { count: 2, required: true } });
  right(kernels);
  kernels.dispose();
  const fromFile = await load({ variant: 'simd', threads: { count: 3, required: true, workerUrl: '/worker.js' } });
  right(fromFile);
  fromFile.dispose();
  expect(urls).toEqual([expect.stringMatching(/^blob:/), '/worker.js', '/worker.js']);
});

it('does not wait in loadSync', async () => {
  const kernels = loadSync({ variant: 'simd', threads: 2 });
  const { info } = kernels;
  expect([info.threads, info.threadsReason]).toEqual([1, 'the others have not started yet']);
  right(kernels);
  await vi.waitUntil(() => info.threads === 2, { timeout: 10_000 });
  expect(info.threadsReason).toBeUndefined();
  right(kernels);
  kernels.dispose();
});

it('says at once that the page refuses them', async () => {
  vi.stubGlobal('Worker', Refused);
  const start = performance.now();
  const kernels = await load({ variant: 'simd', threads: 3 });
  expect(performance.now() - start).toBeLessThan(5000);
  expect(kernels.info.threads).toBe(1);
  expect(kernels.info.threadsReason).toMatch(/^a worker does not start: the page refuses it; .* threads takes a workerUrl$/);
  right(kernels);
  kernels.dispose();
});

it('replaces one that hangs, and uses what it may write to once it has had time to end', async () => {
  PATIENCE.milliseconds = 200;
  // A kernel that never returns; the copy that shows that the memory is shared does.
  PageWorker.code = `{
    const { Instance } = WebAssembly;
    WebAssembly.Instance = function (...args) {
      const hang = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      const { exports } = new Instance(...args);
      return { exports: Object.fromEntries(Object.entries(exports).map(([name, value]) => [name, typeof value === 'function' && name !== 'copy' ? hang : value])) };
    };
  }${worker}`;
  const kernels = await load({ variant: 'simd', threads: { count: 2, required: true } });
  PageWorker.code = worker;
  const { liveBytes } = kernels.info.memory;
  for (let call = 0; call < 50 && kernels.info.threads === 2; call++) right(kernels);
  expect(kernels.info.threads).toBe(1);
  expect(kernels.info.memory.liveBytes).toBeGreaterThan(liveBytes);
  right(kernels);
  await vi.waitUntil(() => kernels.info.threads === 2, { timeout: 10_000 });
  expect(kernels.info.memory.liveBytes).toBe(liveBytes);
  right(kernels);
  kernels.dispose();
});
