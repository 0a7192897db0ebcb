import '../../src/load-sync.js';
import { EMBEDDED } from '../../src/wasm/embedded.js';
import { SHARING } from '../../src/wasm/sharing.js';
import type { WasmVariant } from '../../src/wasm/support.js';

/** An embedded build; `shared` where its memory is of several threads. */
export function compiled(variant: WasmVariant, shared = false): WebAssembly.Module {
  const bytes = EMBEDDED.bytesSync(variant);
  return new WebAssembly.Module(shared ? SHARING.withSharedMemory(bytes) : bytes);
}
