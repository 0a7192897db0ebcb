import { withSharedMemory } from '../threads/shared-module.js';
import { relaxed } from './generated/relaxed.js';
import { simd } from './generated/simd.js';

/** WebAssembly with SIMD, or with relaxed SIMD. */
export type WasmVariant = 'simd' | 'relaxed';

const embedded: Readonly<Record<WasmVariant, string>> = { simd, relaxed };

interface Decoders {
  readonly Buffer?: { from(text: string, encoding: 'base64'): Uint8Array<ArrayBuffer> };
  readonly Uint8Array: { fromBase64?(text: string): Uint8Array<ArrayBuffer> };
}

/** By what the runtime has: a loop over the characters would take most of the time that a start has. */
function decode(base64: string): Uint8Array<ArrayBuffer> {
  const runtime = globalThis as unknown as Decoders;
  if (runtime.Uint8Array.fromBase64) return runtime.Uint8Array.fromBase64(base64);
  if (runtime.Buffer) return runtime.Buffer.from(base64, 'base64');
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

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

/** The bytes of a build; `shared` where its memory is of several threads. */
function bytesOf(variant: WasmVariant, shared = false): Uint8Array<ArrayBuffer> {
  const bytes = decode(embedded[variant]);
  return shared ? withSharedMemory(bytes) : bytes;
}

export const compile = (variant: WasmVariant, shared = false): Promise<WebAssembly.Module> => WebAssembly.compile(bytesOf(variant, shared));

export const compileSync = (variant: WasmVariant, shared = false): WebAssembly.Module => new WebAssembly.Module(bytesOf(variant, shared));
