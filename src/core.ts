/**
 * `simdconv` without the kernels' bytes: for whom a module of `simdconv/wasm` is at hand, as where a runtime imports .wasm files. The rest is the same.
 *
 * @module simdconv/core
 */

import { start } from './start/start.js';
import type { Kernels, LoadOptions } from './types.js';

export { loadSync } from './core-sync.js';
export * from './errors.js';
export type * from './types.js';
export { version } from './version.js';

/**
 * Starts the kernels of `module`, which must be given, or the reference.
 *
 * @throws OptionError for unknown or contradicting options, and without a module.
 * @throws UnsupportedRuntimeError when the runtime refuses the module.
 * @throws OutOfMemoryError when there is no room for the kernels' scratch.
 */
export const load = (options?: LoadOptions): Promise<Kernels> => start(undefined, options);
