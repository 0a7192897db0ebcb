/** Public data types. */
/// <reference lib="esnext.disposable" preserve="true" />

export type * from './types/kernels.js';
export type * from './types/ops.js';
export type * from './types/options.js';
export type * from './types/tensor.js';
