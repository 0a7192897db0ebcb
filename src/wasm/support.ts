/** WebAssembly with SIMD, or with relaxed SIMD. */
export type WasmVariant = 'simd' | 'relaxed';

/**
 * The fastest first. V8 up to 12, as of Node 22 and 23, keeps too few of `relaxed`'s sums in registers: products are 0.6 times as fast as by `simd`, Winograd 0.7 (Node 22.23.3, AMD Zen 4;
 * `npm run bench -- --variant relaxed`, and simd). A page does not say its V8: those browsers are of 2024 and before.
 */
export const fastestFirst = (v8 = ''): readonly WasmVariant[] => (Number.parseInt(v8, 10) < 13 ? ['simd', 'relaxed'] : ['relaxed', 'simd']);

export const WASM_VARIANTS = fastestFirst((globalThis as { process?: { versions?: { v8?: string } } }).process?.versions?.v8);

/** A vector of zeros, and the multiply-add of three: `i32.const 0, i32x4.splat` and `f32x4.relaxed_madd`. */
const ZEROS = [0x41, 0, 0xfd, 0x11];
const MADD = [...ZEROS, ...ZEROS, ...ZEROS, 0xfd, 0x85, 0x02];

/** A module of one function, which returns a vector. */
function moduleOf(body: readonly number[]): Uint8Array<ArrayBuffer> {
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7b, 3, 2, 1, 0];
  return Uint8Array.from([...header, 10, body.length + 4, 1, body.length + 2, 0, ...body, 0x0b]);
}

/** Whether the runtime has the instructions of a variant. To validate the kernels themselves takes half a millisecond of a start. */
export function supports(variant: WasmVariant): boolean {
  return typeof WebAssembly === 'object' && WebAssembly.validate(moduleOf(variant === 'relaxed' ? MADD : ZEROS));
}
