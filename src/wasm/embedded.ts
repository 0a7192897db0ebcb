/**
 * The builds that the package brings along: `simd` always; `relaxed` comes with a file of its own when it is asked for, or beforehand where `simdconv/relaxed` is
 * imported, as it is in Node.
 */
import type { Builds } from './builds.js';
import { decode } from './decode.js';
import { simd } from './generated/simd.js';
import { WASM_VARIANTS, type WasmVariant } from './support.js';

const texts: Partial<Record<WasmVariant, string>> = { simd };

/** From now on `relaxed` is there without waiting. */
export function provideRelaxed(text: string): void {
  texts.relaxed = text;
}

export const EMBEDDED: Builds = {
  ready: () => WASM_VARIANTS.filter((variant) => texts[variant] !== undefined),
  async bytes(variant) {
    if (texts[variant] === undefined) provideRelaxed((await import('./generated/relaxed.js')).relaxed);
    return EMBEDDED.bytesSync(variant);
  },
  bytesSync: (variant) => decode(texts[variant] as string),
};
