/** WebAssembly with SIMD, or with relaxed SIMD. */
export type WasmVariant = 'simd' | 'relaxed';

/** The fastest first. */
export const WASM_VARIANTS: readonly WasmVariant[] = ['relaxed', 'simd'];

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
