/** `simdconv` on Vercel's edge and its like, which import a .wasm file as a module by the name `?module`. */
import { loadersOf } from './modules.js';
import relaxed from './wasm/relaxed.wasm?module';
import simd from './wasm/simd.wasm?module';

export * from './errors.js';
export type * from './types.js';
export { version } from './version.js';

export const { load, loadSync } = loadersOf({ simd, relaxed });
