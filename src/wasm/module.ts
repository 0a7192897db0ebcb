import { relaxed } from './generated/relaxed.js';
import { simd } from './generated/simd.js';

export type WasmVariant = 'simd' | 'relaxed';

const embedded: Readonly<Record<WasmVariant, string>> = { simd, relaxed };

const decoded = new Map<WasmVariant, Uint8Array<ArrayBuffer>>();

/** Decoded once, by a loop: `Uint8Array.from` with a callback takes five times as long, most of the time that a start has. */
function bytesOf(variant: WasmVariant): Uint8Array<ArrayBuffer> {
  const known = decoded.get(variant);
  if (known) return known;
  const text = atob(embedded[variant]);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  decoded.set(variant, bytes);
  return bytes;
}

/** Whether the runtime accepts the kernels: the bytes themselves are the feature test. */
export function supports(variant: WasmVariant): boolean {
  return typeof WebAssembly === 'object' && WebAssembly.validate(bytesOf(variant));
}

export const compile = (variant: WasmVariant): Promise<WebAssembly.Module> => WebAssembly.compile(bytesOf(variant));

export const compileSync = (variant: WasmVariant): WebAssembly.Module => new WebAssembly.Module(bytesOf(variant));
