/** How many threads an instance starts, or why it starts none. */
import type { Threads as ThreadsOption } from '../types.js';
import type { Threads } from '../wasm/instance.js';
import type { Sharing } from '../wasm/sharing.js';
import { MOST_THREADS } from './limits.js';

/** As asked for, checked. */
export interface ThreadsWanted {
  readonly count: number | 'auto';
  readonly required: boolean;
  /** Where a page has the file of its workers. */
  readonly workerUrl: string | URL | undefined;
}

export const EXPECTED_THREADS = `a whole number from 1 to ${MOST_THREADS}, 'auto', or { count, required, workerUrl }`;

/** Undefined for what is no such option. */
export function readThreads(threads: ThreadsOption): ThreadsWanted | undefined {
  const {
    count,
    required = false,
    workerUrl,
  } = typeof threads === 'object' && threads !== null ? threads : { count: threads, workerUrl: undefined };
  const isCount = count === 'auto' || (Number.isInteger(count) && count >= 1 && count <= MOST_THREADS);
  const isUrl = workerUrl === undefined || typeof workerUrl === 'string' || workerUrl instanceof URL;
  return isCount && isUrl && typeof required === 'boolean' ? { count, required, workerUrl } : undefined;
}

/** Threads to start, this one among them, or the reason for one alone. */
export type ThreadsToStart = Threads | { readonly reason: string | undefined };

/** Whether there may be any: what they need must be here then. */
export const wantsThreads = ({ count }: ThreadsWanted, obstacle: string | undefined): boolean =>
  count !== 1 && obstacle === undefined && typeof SharedArrayBuffer === 'function';

/** `obstacle`: why what was asked for besides forbids threads. `sharing` is here where threads are wanted. */
export function threadsToStart(
  { count, workerUrl }: ThreadsWanted,
  obstacle: string | undefined,
  sharing: Sharing | undefined,
): ThreadsToStart {
  if (count === 1) return { reason: undefined };
  if (obstacle) return { reason: obstacle };
  if (typeof SharedArrayBuffer !== 'function') {
    return {
      reason:
        'no SharedArrayBuffer: a page has it with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp (or credentialless)',
    };
  }
  const spawner = sharing?.spawnerOf(workerUrl);
  if (!sharing || !spawner) return { reason: 'this runtime has no workers' };
  const threads = count === 'auto' ? automatic(spawner.processors) : count;
  return threads > 1 ? { count: threads, spawner, sharing } : { reason: undefined };
}

/**
 * All processors up to 4, and half of more: of those two are mostly one core. A core is kept busy by one thread of these kernels. At most 8, for layers have no more work than
 * that.
 */
function automatic(processors: number): number {
  return Math.min(8, Math.max(Math.min(4, processors), Math.floor(processors / 2)));
}
