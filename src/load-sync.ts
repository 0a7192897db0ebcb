import { startSync } from './start/start-sync.js';
import type { Kernels, LoadOptions } from './types.js';
import { EMBEDDED, provideBuild } from './wasm/embedded.js';
import { simd } from './wasm/generated/simd.js';

// It goes with this file, as the parts go with that of `startSync`.
provideBuild('simd', simd);

/**
 * `load` without waiting. In a page it has `simd` alone, until `load` or an import of `simdconv/relaxed` has brought the other build. Browsers may refuse to compile on their main
 * thread: prefer `load` there. In Node, Deno and Bun all threads have started when it returns; in a page, where they cannot meanwhile, they join as they come. Throws as `load` does.
 */
export const loadSync = (options?: LoadOptions): Kernels => startSync(EMBEDDED, options);
