/**
 * Convolution and matrix kernels. Importing has no effect; `load` or `loadSync` starts an engine.
 *
 * @module simdconv
 */

import { start, startSync } from './start.js';
import type { Kernels, LoadOptions } from './types.js';
import { EMBEDDED } from './wasm/embedded.js';

export * from './errors.js';
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

/**
 * `load` without waiting. In a page it has `simd` alone, until `load` or an import of `simdconv/relaxed` has brought the other build. Browsers may refuse to compile on their main
 * thread: prefer `load` there. In Node, Deno and Bun all threads have started when it returns; in a page, where they cannot meanwhile, they join as they come. Throws as `load` does.
 */
export const loadSync = (options?: LoadOptions): Kernels => startSync(EMBEDDED, options);
