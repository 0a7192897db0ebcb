/**
 * What a worker runs. scripts/build-worker.ts bundles it to text (src/threads/generated/worker.ts), because a package that starts its own workers can count on no file: not in
 * a bundle, not in a page.
 */
import { asleepOf, type Call, type Control, controlOf, FAILED, functionsOf, JOB, READY, SERVING, spin, stateOf, work } from './control.js';

/** What a worker is told. */
export interface Assignment {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly control: SharedArrayBuffer;
  readonly thread: number;
  readonly threads: number;
  /** Milliseconds for which it looks for work before it sleeps. */
  readonly linger: number;
  /** Addresses of a copy to make by a kernel: its `Axes`, from where and to where. A worker that cannot does not count. */
  readonly probe: readonly [axes: number, from: number, to: number];
}

type Kernels = WebAssembly.Exports & { copy(axes: number, from: number, to: number): void };

function start({ module, memory, control, thread, threads, linger, probe }: Assignment, ready: () => void): void {
  const shared = controlOf(control);
  const { words } = shared;
  const tell = (state: number): void => {
    Atomics.store(words, stateOf(thread), state);
    Atomics.notify(words, stateOf(thread));
    ready();
  };
  try {
    const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as Kernels;
    kernels.copy(...probe);
    const functions = functionsOf(kernels);
    tell(READY);
    Atomics.wait(words, stateOf(thread), READY);
    serve(shared, thread, threads, linger, functions);
  } catch (error) {
    tell(FAILED);
    throw error;
  }
}

function serve(control: Control, thread: number, threads: number, linger: number, functions: readonly Call[]): void {
  const { words } = control;
  for (;;) {
    const job = Atomics.load(words, JOB);
    if (Atomics.load(words, stateOf(thread)) !== SERVING) return;
    work(control, thread, threads, functions);
    if (spin(words, JOB, job, linger)) continue;
    Atomics.store(words, asleepOf(thread), 1);
    Atomics.wait(words, JOB, job);
    Atomics.store(words, asleepOf(thread), 0);
  }
}

/** The side of the worker in Node, Deno and Bun, and in a page. */
interface NodeThreads {
  readonly workerData?: { readonly simdconv?: Assignment } | null;
  readonly parentPort?: { postMessage(message: unknown): void } | null;
}
interface Surroundings {
  readonly process?: { getBuiltinModule?(name: string): NodeThreads | undefined };
  /** Of a text in Node; before 20.16 nothing else leads to its modules. */
  require?(name: string): NodeThreads | undefined;
  postMessage(message: unknown): void;
  onmessage: ((event: { readonly data: Assignment }) => void) | null;
}

const surroundings = globalThis as unknown as Surroundings;
const { process, require } = surroundings;
const node = process?.getBuiltinModule?.('node:worker_threads') ?? (process && require?.('node:worker_threads'));
const { workerData, parentPort } = node ?? {};
if (workerData?.simdconv) start(workerData.simdconv, () => parentPort?.postMessage('simdconv'));
else surroundings.onmessage = ({ data }) => start(data, () => surroundings.postMessage('simdconv'));
