import { startSync } from './start/start-sync.js';
import type { Kernels, LoadOptions } from './types.js';

/** `load` without waiting. Throws as it does. */
export const loadSync = (options?: LoadOptions): Kernels => startSync(undefined, options);
