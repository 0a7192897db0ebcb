import { relaxed } from './generated/relaxed.js';
import { simd } from './generated/simd.js';

export type WasmVariant = 'simd' | 'relaxed';

const embedded: Readonly<Record<WasmVariant, string>> = { simd, relaxed };

const bytesOf = (variant: WasmVariant): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(embedded[variant]), (char) => char.charCodeAt(0));

/** Whether the runtime accepts the kernels: the bytes themselves are the feature test. */
export function supports(variant: WasmVariant): boolean {
  return typeof WebAssembly === 'object' && WebAssembly.validate(bytesOf(variant));
}

export const compile = (variant: WasmVariant): Promise<WebAssembly.Module> => WebAssembly.compile(bytesOf(variant));

export const compileSync = (variant: WasmVariant): WebAssembly.Module => new WebAssembly.Module(bytesOf(variant));
