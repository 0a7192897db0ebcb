/** `simdconv` on Cloudflare's workers, which import a .wasm file as a module. */
import { loadersOf } from './modules.js';
import relaxed from './wasm/relaxed.wasm';
import simd from './wasm/simd.wasm';

export * from './errors.js';
export type * from './types.js';
export { version } from './version.js';

export const { load, loadSync } = loadersOf({ simd, relaxed });
