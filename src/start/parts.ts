/**
 * What not every start needs: threads, the reference, a memory that is another's. A page fetches it, as one file, when it is asked for; where `loadSync` is, which cannot wait, it has come
 * along.
 */
import { UnsupportedRuntimeError } from '../errors.js';
import type { Parts } from './all-parts.js';

let here: Parts | undefined;

export function provideParts(parts: Parts): void {
  here = parts;
}

/** Brings them here, if they are not. */
export async function fetchParts(op: string): Promise<void> {
  if (here) return;
  try {
    provideParts((await import('./all-parts.js')).PARTS);
  } catch (cause) {
    throw notLoaded(op, 'a part of it', cause);
  }
}

/** What is here. */
export function parts(): Parts {
  if (!here) throw new Error('simdconv: its parts were not fetched');
  return here;
}

/** Of a file that a bundler has set apart, where it is out of reach, or in a scope that has no `import()`. */
export const notLoaded = (op: string, what: string, cause: unknown): UnsupportedRuntimeError =>
  new UnsupportedRuntimeError(op, `${what} does not load (${messageOf(cause)}); loadSync has all that it needs with it`, { cause });

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
