/** A worker that takes part like any other, but for one call of which it never returns. Bundled by recovery.test.ts. */
import { workerData } from 'node:worker_threads';
import { busyOf, controlOf, JOB, READY, stateOf, take } from '../../src/threads/control.js';
import type { Assignment } from '../../src/threads/worker.js';

const { module, memory, control, thread, probe } = workerData.simdconv as Assignment;
const { words } = controlOf(control);
const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as { copy(...args: readonly number[]): void };
kernels.copy(...probe);
Atomics.store(words, stateOf(thread), READY);
Atomics.notify(words, stateOf(thread));
Atomics.wait(words, stateOf(thread), READY);
let item = -1;
for (let job = Atomics.load(words, JOB); item < 0; ) {
  Atomics.wait(words, JOB, job, 1);
  job = Atomics.load(words, JOB);
  item = take(words, thread, true);
}
Atomics.store(words, busyOf(thread), item + 1);
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
