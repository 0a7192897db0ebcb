import type { Kernels, LoadOptions } from '../../src/index.js';
import type { Golden } from './golden.js';

/** One way to run the kernels. The suite asks nothing of the place it runs in: no harness, no file system. */
export interface Backend {
  readonly name: 'reference' | 'debug' | 'tiny' | 'simd' | 'relaxed';
  /** Whether its memory belongs to a host, who decides what is kept of it. */
  readonly hosted: boolean;
  readonly kernels: Kernels;
  readonly golden: Golden;
  /** The reference kernels: what results are compared with. The reference itself is compared with the convolution matrix. */
  readonly oracle: Kernels;
  /** A fresh instance of the same backend. */
  load(options?: LoadOptions): Kernels;
}

export type Define = (name: string, body: () => void | Promise<void>) => void;

/** Defines cases that each have an instance of their own, which is disposed afterwards. */
export function eachOwn(define: Define, backend: Backend) {
  return (name: string, body: (kernels: Kernels) => void, options: LoadOptions = {}): void =>
    define(`memory: ${name}`, () => {
      const kernels = backend.load(options);
      try {
        body(kernels);
      } finally {
        kernels.dispose();
      }
    });
}
