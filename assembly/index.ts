/**
 * The ABI and nothing else: stateless functions over pointers (usize, bytes) and counts or strides (i32, elements). `g` points to a Geometry, `workspace`
 * to WORKSPACE bytes aligned to 16. Results are written in full and never read; a bias or packed weight that is absent is 0.
 */
import * as config from './config';

export const MR: i32 = config.MR;
export const NR: i32 = config.NR;
export const MC: i32 = config.MC;
export const NC: i32 = config.NC;
export const KC: i32 = config.KC;
export const WORKSPACE: usize = config.WORKSPACE;
/** Where memory is free: past the module's own static data. */
export const HEAP_BASE: usize = __heap_base;
export const RELAXED: bool = ASC_FEATURE_RELAXED_SIMD;

export { col2im } from './col2im';
export { dgrad, fprop, packedWeightBytes, packWeight, wgrad } from './conv';
export { gemm } from './gemm';
export { im2col } from './im2col';
export { multiplyPanels } from './product';
