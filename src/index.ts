/**
 * Convolution and matrix kernels. Importing has no effect; `load` or `loadSync` starts an engine.
 *
 * @module simdconv
 */

import { start } from './start/start.js';
import type { Kernels, LoadOptions } from './types.js';
import { EMBEDDED } from './wasm/embedded.js';

export * from './errors.js';
export { loadSync } from './load-sync.js';
export type * from './types.js';
export { version } from './version.js';

/**
 * Starts the fastest variant that the runtime supports: `relaxed`, else `simd`. With `fallback` also `reference`, where it supports neither or refuses WebAssembly.
 *
 * @example
 * ```js
 * const { conv2d, info } = await load({ maxBytes: 2 ** 28 });
 * conv2d.outputShape([1, 3, 8, 8], [4, 3, 3, 3]); // [1, 4, 6, 6]
 * info.memory.maxBytes; // 268435456
 * ```
 *
 * @throws OptionError for unknown or contradicting options.
 * @throws UnsupportedRuntimeError when the runtime lacks the variant that was asked for, or refuses the module.
 * @throws OutOfMemoryError when there is no room for the kernels' scratch.
 */
export const load = (options?: LoadOptions): Promise<Kernels> => start(EMBEDDED, options);
