/**
 * A heap of tfjs's wasm backend that threads share. In a page that is isolated tfjs takes a build that has one; in Node it does not. Whether a memory is shared is said by the limits
 * with which the module makes it, so these are rewritten while the backend starts.
 */
import { OptionError } from '../errors.js';
import { withOwnMemoryShared } from '../threads/shared-module.js';
import { checkTensorFlow } from './request.js';
import type { TensorFlow } from './types.js';

const OP = 'shareHeap';
/** What tfjs's kernels say of XNNPACK's: no other module that starts meanwhile is taken for theirs. */
const MARK = 'XNN status for';
const shared = new WeakSet<object>();

/**
 * Makes the heap of the backend 'wasm' one that threads share, in Node, Deno and Bun. Call it before that backend starts; `accelerate(tf, { threads })` then computes everything where
 * tensors lie, on all threads, and copies nothing. Results are the same to the bit. Where memory cannot be shared, nothing changes.
 *
 * While the backend starts, `WebAssembly.instantiate` is replaced by a function that rewrites the limits of the memory of tfjs's module; then it is put back.
 *
 * @example
 * ```ts
 * shareHeap(tf);
 * await tf.setBackend('wasm');
 * await accelerate(tf, { threads: 'auto' });
 * ```
 *
 * @throws OptionError for what is not TensorFlow.js, and where its backend 'wasm' is not registered or was started before.
 */
export function shareHeap(tf: TensorFlow): void {
  checkTensorFlow(OP, tf);
  const { registry, registryFactory } = tf.engine();
  const entry = registryFactory.wasm;
  if (!entry) {
    throw new OptionError(OP, "backend 'wasm' is not registered with this TensorFlow.js; import '@tensorflow/tfjs-backend-wasm' first");
  }
  if (shared.has(entry)) return;
  if (registry.wasm) throw new OptionError(OP, "backend 'wasm' was started before; call shareHeap(tf) before tf.setBackend('wasm')");
  if (typeof SharedArrayBuffer === 'undefined') return;
  const { factory } = entry;
  const sharing = { ...entry, factory: () => whileSharing(factory) };
  shared.add(sharing);
  registryFactory.wasm = sharing;
}

type Instantiate = (source: unknown, imports?: object) => Promise<unknown>;

async function whileSharing(factory: () => unknown): Promise<unknown> {
  const assembly = WebAssembly as unknown as { instantiate: Instantiate };
  const { instantiate } = assembly;
  const sharing: Instantiate = (source, imports) => instantiate.call(WebAssembly, ofThreads(source), imports);
  assembly.instantiate = sharing;
  try {
    return await factory();
  } finally {
    if (assembly.instantiate === sharing) assembly.instantiate = instantiate;
  }
}

/** The bytes of tfjs's module with their memory shared; anything else as it is. */
function ofThreads(source: unknown): unknown {
  if (!ArrayBuffer.isView(source) && !(source instanceof ArrayBuffer)) return source;
  const bytes = ArrayBuffer.isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : new Uint8Array(source);
  return includes(bytes, MARK) ? (withOwnMemoryShared(bytes) ?? source) : source;
}

function includes(bytes: Uint8Array, text: string): boolean {
  const codes = Array.from(text, (character) => character.charCodeAt(0));
  for (let at = bytes.indexOf(codes[0] as number); at >= 0; at = bytes.indexOf(codes[0] as number, at + 1)) {
    if (codes.every((code, index) => bytes[at + index] === code)) return true;
  }
  return false;
}
