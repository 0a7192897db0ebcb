/**
 * The global Worker, which Node has not and onnxruntime-web defines. jax-js must not see it: it would ask for memory of another kind than it has. So it is there only
 * while somebody starts threads.
 */
import { Worker } from 'node:worker_threads';

let shown = false;

export function hideWorkers(): void {
  Object.defineProperty(globalThis, 'Worker', { get: () => (shown ? Worker : undefined), set: () => undefined, configurable: true });
}

export async function withWorkers<T>(start: () => Promise<T>): Promise<T> {
  shown = true;
  try {
    return await start();
  } finally {
    shown = false;
  }
}
