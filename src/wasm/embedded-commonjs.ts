/**
 * The builds in CommonJS, under the name of embedded.ts: from their files, which lie beside it in Node. Where there are no files, as in a page, a bundler has put in the bytes that
 * `require` names.
 */
import type { Builds } from './builds.js';
import { decode } from './decode.js';
import { WASM_VARIANTS, type WasmVariant } from './support.js';

declare const require: (name: string) => unknown;
declare const __dirname: string;

interface Files {
  readFileSync?(path: string): Uint8Array<ArrayBuffer>;
}

function bytesOf(variant: WasmVariant): Uint8Array<ArrayBuffer> {
  try {
    const bytes = (require('node:fs') as Files).readFileSync?.(`${__dirname}/../wasm/${variant}.wasm`);
    if (bytes) return bytes;
  } catch {
    // Not there.
  }
  const texts = variant === 'simd' ? require('../bytes/simd.js') : require('../bytes/relaxed.js');
  return decode((texts as Readonly<Record<WasmVariant, string>>)[variant]);
}

/** They are there already. */
export function provideBuild(): void {}

export const EMBEDDED: Builds = { ready: () => WASM_VARIANTS, bytes: async (variant) => bytesOf(variant), bytesSync: bytesOf };
