import { moduleOf } from '../../src/wasm/builds.js';
import { EMBEDDED } from '../../src/wasm/embedded.js';
import type { WasmVariant } from '../../src/wasm/support.js';

/** An embedded build; `shared` where its memory is of several threads. */
export const compiled = (variant: WasmVariant, shared = false): WebAssembly.Module =>
  new WebAssembly.Module(moduleOf(EMBEDDED.bytesSync(variant), shared));
