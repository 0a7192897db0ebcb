/** Runs the cases of two threads on the page's own thread, which may not wait and so looks again and again, or all of them within a worker, which starts workers itself. */
import { leave, outcomes, type Result } from './results.js';
import { cases } from './threads-cases.js';

await leave(async () => (location.search === '?worker' ? inWorker() : outcomes(await cases())));

function inWorker(): Promise<readonly Result[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker('/build/browser-threads/threads-worker.js', { type: 'module' });
    worker.onmessage = ({ data }) => resolve(data as readonly Result[]);
    worker.onerror = ({ message }) => reject(new Error(message));
  });
}
