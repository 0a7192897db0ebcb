/** What the page and the worker that measures tell each other. */
import type { Info } from 'simdconv';
import type { Result } from './lane.js';

export interface Loaded {
  readonly kind: 'loaded';
  readonly info: Pick<Info, 'version' | 'variant' | 'threads' | 'threadsReason'>;
  readonly peers: readonly { readonly name: string; readonly version: string }[];
  /** Who did not load, and why. */
  readonly absent: Readonly<Record<string, string>>;
  readonly layers: readonly string[];
}

export type ToPage =
  | Loaded
  | { readonly kind: 'result'; readonly result: Result }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly message: string };
