/** Workers that end, hang or do not start: no call is lost, none hangs, all are right, and the pool goes on. */
import { fileURLToPath } from 'node:url';
import { Worker as NodeWorker } from 'node:worker_threads';
import { build } from 'esbuild';
import { afterEach, describe, expect, it } from 'vitest';
import { type Kernels, loadSync } from '../../src/index.js';
import { kernelsOver } from '../../src/ops/index.js';
import { PATIENCE } from '../../src/threads/pool.js';
import { type Spawner, spawnerOf, type Worker } from '../../src/threads/spawn.js';
import { wasmEngine } from '../../src/wasm/engine.js';
import { OwnMemory } from '../../src/wasm/memory/own.js';
import { OVERHEAD } from '../../src/wasm/overhead.js';
import { SHARING } from '../../src/wasm/sharing.js';
import { compiled } from '../suite/build.js';
import { sameBits, type Values } from '../suite/check.js';
import { floats, seeded } from '../suite/data.js';

Object.assign(OVERHEAD, { job: 0, part: 0, small: 0 });

/** RECOVERY_CALLS=10000 for the long run. */
const CALLS = Number(process.env.RECOVERY_CALLS ?? 600);
const system = spawnerOf() as Spawner;
const module = compiled('simd', true);
const random = seeded(5);
const x = floats(random, [1, 16, 40, 40]);
const w = floats(random, [32, 16, 3, 3]);
const one = loadSync({ variant: 'simd' });
const want = one.conv2d(x, w, { padding: 1 });
const right = (y: Values, what = 'y'): void => sameBits(y, want, what);
const turn = (milliseconds = 0): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

const open: Kernels[] = [];
afterEach(() => {
  for (const kernels of open.splice(0)) kernels.dispose();
});

function kernelsWith(spawner: Spawner, count: number): Kernels {
  const engine = wasmEngine(module, new OwnMemory(2 ** 28, true), { count, spawner, sharing: SHARING });
  engine.waitForThreads();
  const kernels = kernelsOver(engine);
  open.push(kernels);
  return kernels;
}

/** The runtime's own, with a list of the workers that were started. */
function watched(workers: Worker[]): Spawner {
  return {
    ...system,
    spawn(assignment) {
      const worker = system.spawn(assignment);
      workers.push(worker);
      return worker;
    },
  };
}

async function until(condition: () => boolean, milliseconds = 10_000): Promise<void> {
  for (const end = performance.now() + milliseconds; !condition() && performance.now() < end; ) await turn(5);
  expect(condition()).toBe(true);
}

describe('a pool of threads', () => {
  it('survives workers that are terminated at random', async () => {
    const workers: Worker[] = [];
    const kernels = kernelsWith(watched(workers), 3);
    const plan = kernels.conv2d.plan({ input: x.shape, weight: w, padding: 1 });
    let [ended, capacity] = [0, 0];
    // On a quick machine a worker takes longer to start than many calls do: they go on until enough have ended.
    for (let call = 0; call < CALLS || ended <= CALLS / 40; call++) {
      if (random() < 0.1 && kernels.info.threads === 3) {
        // The end comes some time in this call or a later one.
        workers.at(-1 - Math.floor(random() * 2))?.terminate();
        ended++;
      }
      const y = call % 2 === 0 ? plan.run(x) : kernels.conv2d(x, w, { padding: 1 });
      right(y, `call ${call}`);
      if (call % 7 === 0) await turn();
      if (call === Math.floor(CALLS / 2)) capacity = kernels.info.memory.capacityBytes;
    }
    expect(kernels.info.memory.capacityBytes).toBeLessThanOrEqual(2 * capacity);
    await until(() => kernels.info.threads === 3);
    expect(kernels.info.threadsReason).toBeUndefined();
    plan.dispose();
    await until(() => kernels.info.memory.liveBytes === 0);
  });

  it('makes the call of a worker that hangs, and replaces that one', async () => {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL('stuck-worker.ts', import.meta.url))],
      bundle: true,
      format: 'cjs',
      platform: 'node',
      write: false,
    });
    const stuck = outputFiles[0]?.text as string;
    let started = 0;
    const spawner: Spawner = {
      ...system,
      spawn(assignment) {
        if (++started > 1) return system.spawn(assignment);
        const worker = new NodeWorker(stuck, { eval: true, workerData: { simdconv: assignment }, execArgv: [] });
        worker.unref();
        return {
          onReady: () => {},
          onEnd: (callback) => worker.on('exit', () => callback('it ended')),
          terminate: () => void worker.terminate(),
        };
      },
    };
    const { milliseconds } = PATIENCE;
    PATIENCE.milliseconds = 200;
    try {
      const kernels = kernelsWith(spawner, 2);
      expect(kernels.info.threads).toBe(2);
      const { liveBytes } = kernels.info.memory;
      // Until it has taken one: the other thread may have been faster.
      const times: number[] = [];
      for (let call = 0; call < 50 && kernels.info.threads === 2; call++) {
        const start = performance.now();
        right(kernels.conv2d(x, w, { padding: 1 }));
        times.push(performance.now() - start);
      }
      expect(Math.max(...times)).toBeGreaterThanOrEqual(200);
      // What it may yet write to is kept until it has ended.
      expect(kernels.info.memory.liveBytes).toBeGreaterThan(liveBytes);
      await until(() => kernels.info.threads === 2);
      expect(kernels.info.memory.liveBytes).toBe(liveBytes);
      expect(started).toBe(2);
      right(kernels.conv2d(x, w, { padding: 1 }));
    } finally {
      PATIENCE.milliseconds = milliseconds;
    }
  });

  it('runs on fewer threads, and says why, where workers do not start', async () => {
    let started = 0;
    const failing: Spawner = {
      ...system,
      spawn() {
        if (++started > 1) throw new Error('no room for another');
        const worker = new NodeWorker('throw new Error("not today")', { eval: true });
        let reason = 'it ended';
        worker.on('error', (error) => {
          reason = error.message;
        });
        return { onReady: () => {}, onEnd: (callback) => worker.on('exit', () => callback(reason)), terminate: () => {} };
      },
    };
    const engine = wasmEngine(module, new OwnMemory(2 ** 28, true), { count: 3, spawner: failing, sharing: SHARING });
    await engine.threadsStarted();
    const kernels = kernelsOver(engine);
    open.push(kernels);
    expect(kernels.info.threads).toBe(1);
    expect(kernels.info.threadsReason).toBe('a worker does not start: no room for another');
    right(kernels.conv2d(x, w, { padding: 1 }));
  });

  it('starts a worker that fails twice, and not again', async () => {
    const workers: Worker[] = [];
    const spawner = watched(workers);
    // It imports env.f, a function.
    const other = new WebAssembly.Module(
      Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 2, 9, 1, 3, 101, 110, 118, 1, 102, 0, 0),
    );
    const failing: Spawner = { ...spawner, spawn: (assignment) => spawner.spawn({ ...assignment, module: other }) };
    const engine = wasmEngine(module, new OwnMemory(2 ** 28, true), { count: 2, spawner: failing, sharing: SHARING });
    await engine.threadsStarted();
    const kernels = kernelsOver(engine);
    open.push(kernels);
    expect(kernels.info.threadsReason).toMatch(/^a worker does not start: WebAssembly.Instance\(\): Import #0/);
    await turn(200);
    expect(workers).toHaveLength(2);
    right(kernels.conv2d(x, w, { padding: 1 }));
  });

  it('does not count a worker that does not share the memory, nor start it again', async () => {
    const workers: Worker[] = [];
    const spawner = watched(workers);
    const apart: Spawner = {
      ...spawner,
      spawn: (assignment) =>
        spawner.spawn({ ...assignment, memory: new WebAssembly.Memory({ initial: 256, maximum: 4096, shared: true }) }),
    };
    const kernels = kernelsWith(apart, 2);
    await turn(200);
    expect(kernels.info.threads).toBe(1);
    expect(kernels.info.threadsReason).toBe('a worker does not share the memory');
    expect(workers).toHaveLength(1);
    right(kernels.conv2d(x, w, { padding: 1 }));
  });

  it('serves two instances at once, and ends with dispose', async () => {
    const workers: [Worker[], Worker[]] = [[], []];
    const [first, second] = workers.map((list) => kernelsWith(watched(list), 2)) as [Kernels, Kernels];
    for (let call = 0; call < 20; call++) {
      for (const kernels of [first, second]) right(kernels.conv2d(x, w, { padding: 1 }));
    }
    let ended = false;
    workers[0][0]?.onEnd(() => {
      ended = true;
    });
    first.dispose();
    await until(() => ended);
    expect(workers[0]).toHaveLength(1);
    right(second.conv2d(x, w, { padding: 1 }));
  });
});
