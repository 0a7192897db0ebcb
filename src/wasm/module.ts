import { relaxed } from './generated/relaxed.js';
import { simd } from './generated/simd.js';

export type WasmVariant = 'simd' | 'relaxed';

const embedded: Readonly<Record<WasmVariant, string>> = { simd, relaxed };

const decoded = new Map<WasmVariant, Uint8Array<ArrayBuffer>>();

/** Decoded once, by what the runtime has: a loop over the characters takes most of the time that a start has. */
function bytesOf(variant: WasmVariant): Uint8Array<ArrayBuffer> {
  const known = decoded.get(variant);
  if (known) return known;
  const bytes = decode(embedded[variant]);
  decoded.set(variant, bytes);
  return bytes;
}

interface Decoders {
  readonly Buffer?: { from(text: string, encoding: 'base64'): Uint8Array<ArrayBuffer> };
  readonly Uint8Array: { fromBase64?(text: string): Uint8Array<ArrayBuffer> };
}

function decode(base64: string): Uint8Array<ArrayBuffer> {
  const runtime = globalThis as unknown as Decoders;
  if (runtime.Uint8Array.fromBase64) return runtime.Uint8Array.fromBase64(base64);
  if (runtime.Buffer) return runtime.Buffer.from(base64, 'base64');
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Whether the runtime accepts the kernels: the bytes themselves are the feature test. */
export function supports(variant: WasmVariant): boolean {
  return typeof WebAssembly === 'object' && WebAssembly.validate(bytesOf(variant));
}

export const compile = (variant: WasmVariant): Promise<WebAssembly.Module> => WebAssembly.compile(bytesOf(variant));

export const compileSync = (variant: WasmVariant): WebAssembly.Module => new WebAssembly.Module(bytesOf(variant));
