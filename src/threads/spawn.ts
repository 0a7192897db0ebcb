/** How a runtime starts a worker: as a thread of Node's (Deno and Bun have them too), or as a page does. Nothing of Node is imported, for bundlers would look for it. */
import { worker } from './generated/worker.js';
import type { Assignment } from './worker.js';

/** A worker from outside. */
export interface Worker {
  /** Calls back once, when it has started to serve or has failed, and when it has ended. */
  onReady(callback: () => void): void;
  onEnd(callback: (reason: string) => void): void;
  terminate(): void;
}

export interface Spawner {
  /** Whether a worker starts while this thread waits for it. */
  readonly startsAtOnce: boolean;
  spawn(assignment: Assignment): Worker;
  /** Processors that the runtime says it has. */
  readonly processors: number;
}

interface NodeWorker {
  on(event: 'error', listener: (error: Error) => void): void;
  on(event: 'exit', listener: (code: number) => void): void;
  once(event: 'message', listener: () => void): void;
  terminate(): Promise<number>;
  ref(): void;
  unref(): void;
}
interface NodeThreads {
  readonly Worker: new (
    code: string,
    options: { readonly eval: true; readonly workerData: unknown; readonly execArgv: readonly string[]; readonly name: string },
  ) => NodeWorker;
}
interface NodeSystem {
  availableParallelism(): number;
}
interface WebWorker {
  postMessage(message: unknown): void;
  terminate(): void;
  onmessage: (() => void) | null;
  onerror: ((event: { readonly message?: string; preventDefault?(): void }) => void) | null;
}
interface Surroundings {
  readonly process?: { getBuiltinModule?(name: string): unknown };
  readonly Worker?: new (url: string, options: { readonly name: string; readonly type?: 'module' }) => WebWorker;
  readonly navigator?: { readonly hardwareConcurrency?: number };
}

const NAME = 'simdconv';

/** The runtime's way; undefined where it has none. */
export function spawnerOf(runtime = globalThis as unknown as Surroundings): Spawner | undefined {
  const node = runtime.process?.getBuiltinModule?.('node:worker_threads') as NodeThreads | undefined;
  if (node) {
    const system = runtime.process?.getBuiltinModule?.('node:os') as NodeSystem | undefined;
    return { startsAtOnce: true, processors: system?.availableParallelism() ?? 1, spawn: (assignment) => nodeWorker(node, assignment) };
  }
  const { Worker } = runtime;
  if (!Worker) return undefined;
  return {
    startsAtOnce: false,
    processors: runtime.navigator?.hardwareConcurrency ?? 1,
    spawn: (assignment) => webWorker(Worker, assignment),
  };
}

/** It keeps the process from ending only until it is ready, for somebody may wait for that. */
function nodeWorker({ Worker }: NodeThreads, assignment: Assignment): Worker {
  const started = new Worker(worker, { eval: true, workerData: { simdconv: assignment }, execArgv: [], name: NAME });
  let reason = 'it ended';
  started.on('error', ({ message }) => {
    reason = message;
  });
  const unref = (): void => started.unref();
  started.once('message', unref);
  return {
    onReady(callback) {
      started.once('message', callback);
    },
    onEnd(callback) {
      started.on('exit', () => callback(reason));
    },
    terminate() {
      started.terminate();
    },
  };
}

function webWorker(Worker: NonNullable<Surroundings['Worker']>, assignment: Assignment): Worker {
  const url = URL.createObjectURL(new Blob([worker], { type: 'text/javascript' }));
  const started = new Worker(url, { name: NAME });
  let [ready, end]: [() => void, (reason: string) => void] = [() => {}, () => {}];
  started.onmessage = () => {
    URL.revokeObjectURL(url);
    ready();
  };
  started.onerror = (event) => {
    event.preventDefault?.();
    URL.revokeObjectURL(url);
    end(event.message ?? 'the page refuses it');
  };
  started.postMessage(assignment);
  return {
    onReady(callback) {
      ready = callback;
    },
    onEnd(callback) {
      end = callback;
    },
    terminate() {
      started.terminate();
    },
  };
}
