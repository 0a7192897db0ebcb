/** What the tests need of a browser, whatever drives it. */
import type { Result } from './results.js';

/** Of a page, in milliseconds. */
export const TIMEOUT = 600_000;

/** What a page has left when it is done, and what the browser said meanwhile. */
export interface Left {
  readonly results: readonly Result[] | undefined;
  readonly failure: string | undefined;
  readonly messages: readonly string[];
}

/** A running browser. */
export interface Browser {
  version(): string;
  /** Opens a page of its own and waits until it has left something. */
  open(url: string): Promise<Left>;
  close(): Promise<void>;
}

/** A browser on this machine; undefined where there is none. */
export type Launch = (() => Promise<Browser>) | undefined;
