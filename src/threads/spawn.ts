/** How a runtime starts a worker: as a thread of Node's (Deno and Bun have them too), or as a page does. Nothing of Node is imported here, for bundlers would look for it. */
import { worker } from './generated/worker.js';
import type { Assignment } from './worker.js';

/** A worker from outside. */
export interface Worker {
  /** Calls the last callback given, once: when it has started to serve or has failed, and when it has ended. */
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
  readonly Worker?: new (url: string | URL, options: { readonly name: string }) => WebWorker;
  readonly navigator?: { readonly hardwareConcurrency?: number };
}

const NAME = 'simdconv';
const REFUSED = 'the page refuses it; where its Content-Security-Policy has no `worker-src blob:`, threads takes a workerUrl';

interface NodeModules {
  readonly 'node:worker_threads': NodeThreads;
  readonly 'node:os': NodeSystem;
}

let imported: ((name: keyof NodeModules) => unknown) | undefined;

/** Where an entry for Node has its modules: before Node 20.16 no other way leads to them. */
export function provideNode(modules: (name: keyof NodeModules) => unknown): void {
  imported = modules;
}

/** In part, for a bundler may have put an empty one in its place. */
function ofNode<Name extends keyof NodeModules>(name: Name): Partial<NodeModules[Name]> | undefined {
  const { process } = globalThis as unknown as Surroundings;
  return (process?.getBuiltinModule?.(name) ?? imported?.(name)) as Partial<NodeModules[Name]> | undefined;
}

/** The runtime's way; undefined where it has none. A page's workers are those at `workerUrl`, where it is given. */
export function spawnerOf(workerUrl?: string | URL): Spawner | undefined {
  const runtime = globalThis as unknown as Surroundings;
  const NodeWorker = ofNode('node:worker_threads')?.Worker;
  if (NodeWorker) {
    const processors = ofNode('node:os')?.availableParallelism?.() ?? 1;
    return { startsAtOnce: true, processors, spawn: (assignment) => nodeWorker(NodeWorker, assignment) };
  }
  const { Worker } = runtime;
  if (!Worker) return undefined;
  return {
    startsAtOnce: false,
    processors: runtime.navigator?.hardwareConcurrency ?? 1,
    spawn: (assignment) => webWorker(Worker, assignment, workerUrl),
  };
}

/** It keeps the process from ending only until it is ready, for somebody may wait for that. */
function nodeWorker(Worker: NodeThreads['Worker'], assignment: Assignment): Worker {
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

/** How long a worker of a page may take to end, which it does not say: what it writes to is not used for so long. */
const END_MILLISECONDS = 1000;

/** From a text, or from where a page that allows no such worker has the file. */
function webWorker(Worker: NonNullable<Surroundings['Worker']>, assignment: Assignment, workerUrl: string | URL | undefined): Worker {
  const text = workerUrl === undefined ? URL.createObjectURL(new Blob([worker], { type: 'text/javascript' })) : undefined;
  const revoke = (): void => {
    if (text !== undefined) URL.revokeObjectURL(text);
  };
  let [ready, ended]: [() => void, (reason: string) => void] = [() => {}, () => {}];
  let started: WebWorker;
  try {
    started = new Worker(text ?? (workerUrl as string | URL), { name: NAME });
    started.postMessage(assignment);
  } catch (error) {
    revoke();
    // WebKit says by this that a policy forbids it; others say it later, to `onerror`.
    throw (error as Error).name === 'SecurityError' ? new Error(REFUSED, { cause: error }) : error;
  }
  started.onmessage = () => {
    revoke();
    ready();
  };
  started.onerror = (event) => {
    event.preventDefault?.();
    revoke();
    started.terminate();
    // A policy of the page that forbids it, or a file that is not there, has no message.
    ended(event.message || REFUSED);
  };
  return {
    onReady(callback) {
      ready = callback;
    },
    onEnd(callback) {
      ended = callback;
    },
    terminate() {
      started.terminate();
      setTimeout(() => ended('it was terminated'), END_MILLISECONDS);
    },
  };
}
