/** TensorFlow.js for tests that run in this process, both backends registered, with guard bands around what its wasm heap gives out. */
import { createRequire } from 'node:module';
import { installTfjs, MODULES } from './packages.js';

installTfjs();
const require = createRequire(import.meta.url);
export const tf = require('@tensorflow/tfjs-core') as typeof import('@tensorflow/tfjs-core');
require('@tensorflow/tfjs-backend-cpu');
export const layers = require('@tensorflow/tfjs-layers') as typeof import('@tensorflow/tfjs-layers');
const { setWasmPaths } = require('@tensorflow/tfjs-backend-wasm') as typeof import('@tensorflow/tfjs-backend-wasm');
setWasmPaths(`${MODULES}/@tensorflow/tfjs-backend-wasm/dist/`);

const GUARD = 64;
const MARK = 0x5a;

interface Heap {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
}

/** Puts the allocator of the wasm backend in use behind one that leaves room on both sides. Returns what checks that room. */
export function guardHeap(): () => void {
  const { wasm } = tf.backend() as unknown as { wasm: Heap };
  wasm._free(wasm._malloc(1)); // the first call of each puts the module's own in its place
  const { _malloc: malloc, _free: free } = wasm;
  const live = new Map<number, number>();
  wasm._malloc = (bytes) => {
    const pointer = (malloc(bytes + 2 * GUARD) >>> 0) + GUARD;
    wasm.HEAPU8.fill(MARK, pointer - GUARD, pointer);
    wasm.HEAPU8.fill(0xff, pointer, pointer + bytes); // NaN: what is not written shows
    wasm.HEAPU8.fill(MARK, pointer + bytes, pointer + bytes + GUARD);
    live.set(pointer, bytes);
    return pointer;
  };
  const check = (): void => {
    for (const [pointer, bytes] of live) {
      for (const start of [pointer - GUARD, pointer + bytes]) {
        for (let i = start; i < start + GUARD; i++) {
          if (wasm.HEAPU8[i] !== MARK) throw new Error(`byte ${i} beside the ${bytes} bytes at ${pointer} was written to`);
        }
      }
    }
  };
  wasm._free = (pointer) => {
    check();
    if (!live.delete(pointer)) free(pointer);
    else free(pointer - GUARD);
  };
  return check;
}
