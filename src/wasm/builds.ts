import type { WasmVariant } from './support.js';

/** Where the bytes of the builds come from. */
export interface Builds {
  /** Those that are there without waiting, the fastest first. */
  ready(): readonly WasmVariant[];
  /** Waits for what is not there. */
  bytes(variant: WasmVariant): Promise<Uint8Array<ArrayBuffer>>;
  bytesSync(variant: WasmVariant): Uint8Array<ArrayBuffer>;
}
