/**
 * The builds that the package brings along. Each is a file of its own, which comes when it is asked for; or beforehand, `simd` with `loadSync`, `relaxed` where `simdconv/relaxed` is
 * imported, as it is in Node.
 */
import type { Builds } from './builds.js';
import { decode } from './decode.js';
import { WASM_VARIANTS, type WasmVariant } from './support.js';

const texts: Partial<Record<WasmVariant, string>> = {};

const FETCH: Readonly<Record<WasmVariant, () => Promise<string>>> = {
  simd: async () => (await import('./generated/simd.js')).simd,
  relaxed: async () => (await import('./generated/relaxed.js')).relaxed,
};

/** From now on it is there without waiting. */
export function provideBuild(variant: WasmVariant, text: string): void {
  texts[variant] = text;
}

export const EMBEDDED: Builds = {
  ready: () => WASM_VARIANTS.filter((variant) => texts[variant] !== undefined),
  async bytes(variant) {
    if (texts[variant] === undefined) provideBuild(variant, await FETCH[variant]());
    return EMBEDDED.bytesSync(variant);
  },
  bytesSync: (variant) => decode(texts[variant] as string),
};
