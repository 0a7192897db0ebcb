/** Public data types. */
export type * from './types/kernels.js';
export type * from './types/ops.js';
export type * from './types/options.js';
export type * from './types/tensor.js';

// What `using` needs, also of a compiler that has no library for it; one that has merges the two.
declare global {
  interface SymbolConstructor {
    readonly dispose: unique symbol;
  }
  interface Disposable {
    [Symbol.dispose](): void;
  }
}
