/** How threads start in a page, by the headers that it was served with: its query says which. */
import { type Kernels, load, loadSync, UnsupportedRuntimeError } from '../../src/index.js';
import { type Case, report } from './results.js';

const values = (length: number, seed: number): Float32Array => Float32Array.from({ length }, (_, i) => Math.sin((i + 1) * seed));
const x = { data: values(64 * 56 * 56, 1), shape: [1, 64, 56, 56] };
const w = { data: values(64 * 64 * 9, 2), shape: [64, 64, 3, 3] };
const one = await load();
const { data: want } = one.conv2d(x, w, { padding: 1 });

function expect(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

function works(kernels: Kernels): void {
  const { data } = kernels.conv2d(x, w, { padding: 1 });
  for (let i = 0; i < want.length; i++) expect(Object.is(data[i], want[i]), `at ${i}: ${data[i]}, not ${want[i]}`);
}

async function runs(kernels: Kernels, threads: number, reason: RegExp = /^$/): Promise<void> {
  try {
    const { info } = kernels;
    expect(info.threads === threads, `${info.threads} threads: ${info.threadsReason}`);
    expect(reason.test(info.threadsReason ?? ''), `the reason is '${info.threadsReason}'`);
    for (let call = 0; call < 5; call++) works(kernels);
  } finally {
    kernels.dispose();
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = performance.now() + 10_000; !condition(); ) {
    if (performance.now() > end) throw new Error('it does not happen');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** That it is refused, and not when time is up. */
async function refused(threads: { count: number; workerUrl?: string }, reason: RegExp): Promise<void> {
  const start = performance.now();
  const kernels = await load({ threads });
  const spent = performance.now() - start;
  await runs(kernels, 1, reason);
  expect(spent < 3000, `it took ${spent} ms`);
  try {
    await load({ threads: { ...threads, required: true } });
  } catch (error) {
    expect(error instanceof UnsupportedRuntimeError && reason.test(error.message.replace(/^.*of 2 run: /, '')), String(error));
    return;
  }
  throw new Error('required threads were not missed');
}

const HEADERS = /Cross-Origin-Opener-Policy: same-origin.*Cross-Origin-Embedder-Policy: require-corp/;

const CASES: Record<string, readonly Case[]> = {
  isolated: [
    { name: 'load starts two threads', body: async () => runs(await load({ threads: 2 }), 2) },
    {
      name: "load starts threads for 'auto'",
      body: async () => runs(await load({ threads: 'auto' }), Math.min(4, navigator.hardwareConcurrency)),
    },
    {
      name: 'load starts them from a file',
      body: async () => runs(await load({ threads: { count: 2, workerUrl: '/dist/worker.js' } }), 2),
    },
    {
      name: 'load says that there is no such file',
      body: () => refused({ count: 2, workerUrl: '/dist/nowhere.js' }, /^a worker does not start/),
    },
    {
      name: 'loadSync starts on one, and takes in the other as it comes',
      body: async () => {
        const kernels = loadSync({ threads: 2 });
        const { info } = kernels;
        expect(info.threads === 1, `${info.threads} threads`);
        expect(info.threadsReason === 'the others have not started yet', String(info.threadsReason));
        works(kernels);
        await until(() => info.threads === 2);
        await runs(kernels, 2);
      },
    },
    {
      name: 'a worker that the browser ends takes no call with it',
      body: async () => {
        const { Worker } = globalThis;
        const workers: Worker[] = [];
        globalThis.Worker = class extends Worker {
          constructor(...args: ConstructorParameters<typeof Worker>) {
            super(...args);
            workers.push(this);
          }
        };
        try {
          const kernels = await load({ threads: { count: 2, required: true } });
          const plan = kernels.conv2d.plan({ input: x.shape, weight: w, padding: 1 });
          plan.run(x);
          workers[0]?.terminate();
          for (let call = 0; call < 5; call++) works(kernels);
          await new Promise((resolve) => setTimeout(resolve, 20));
          for (let call = 0; call < 5; call++) works(kernels);
          kernels.dispose();
        } finally {
          globalThis.Worker = Worker;
        }
      },
    },
  ],
  // WebKitGTK, where its switch is on, has shared memory in every page.
  alone:
    crossOriginIsolated || typeof SharedArrayBuffer !== 'function'
      ? [
          {
            name: 'it has no shared memory',
            body: () => expect(!crossOriginIsolated && typeof SharedArrayBuffer === 'undefined', 'it has'),
          },
          { name: 'load names the headers', body: () => refused({ count: 2 }, HEADERS) },
          { name: 'loadSync names the headers', body: () => runs(loadSync({ threads: 2 }), 1, HEADERS) },
        ]
      : [{ name: 'load starts two threads, as memory is shared', body: async () => runs(await load({ threads: 2 }), 2) }],
  policy: [
    { name: 'load runs on one thread, and says what to do', body: () => refused({ count: 2 }, /^a worker does not start: .*workerUrl/) },
    {
      name: 'load starts them from a file',
      body: async () => runs(await load({ threads: { count: 2, workerUrl: '/dist/worker.js' } }), 2),
    },
  ],
};

await report(async () => CASES[location.search.slice(1)] as readonly Case[]);
