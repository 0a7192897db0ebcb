/** The builds of tfjs's wasm backend, and when it takes them. */
export type Build = 'plain' | 'simd' | 'threaded';

export const FILES: Readonly<Record<Build, string>> = {
  plain: 'tfjs-backend-wasm.wasm',
  simd: 'tfjs-backend-wasm-simd.wasm',
  threaded: 'tfjs-backend-wasm-threaded-simd.wasm',
};

export const WASM_FOLDER = '/test/tfjs/node_modules/@tensorflow/tfjs-backend-wasm/dist/';
