/**
 * `simdconv` on Vercel's edge and its like, which import a .wasm file as a module by the name `?module`. They compile it beforehand, relaxed or not: a host on Node 20 would refuse
 * the relaxed build, so it is not here.
 */
import { loadersOf } from './modules.js';
import simd from './wasm/simd.wasm?module';

export * from './errors.js';
export type * from './types.js';
export { version } from './version.js';

export const { load, loadSync } = loadersOf({ simd });
