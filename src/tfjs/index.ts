/**
 * TensorFlow.js with the convolutions and products of this library. Importing has no effect.
 *
 * @module simdconv/tfjs
 */

import { OptionError, UnsupportedRuntimeError } from '../errors.js';
import { shown } from '../inspect.js';
import { threadsToStart, wantsThreads } from '../threads/wanted.js';
import { EMBEDDED } from '../wasm/embedded.js';
import type { WasmVariant } from '../wasm/support.js';
import { type Home, homeOf, sharesItsHeap } from './backend.js';
import { type Kernel, Work, type Workplace } from './call.js';
import { type IsSmall, smallOf } from './delegate.js';
import { replaceGradients } from './gradients/index.js';
import { cast } from './kernels/cast.js';
import { kernelsOf } from './kernels/index.js';
import { replace } from './registry.js';
import { readRequest } from './request.js';
import type { AccelerateOptions, BackendName, KernelCall, KernelConfig, TensorFlow, TensorInfo } from './types.js';

export type { WasmVariant } from '../wasm/support.js';
export { shareHeap } from './shared-heap.js';
export type { AccelerateOptions, BackendName, KernelCall, KernelConfig, TensorFlow, TensorInfo } from './types.js';

/** What `accelerate` has done, and how to undo it. */
export interface Acceleration {
  /** What is running, measured on each access. */
  readonly info: AccelerationInfo;
  /** Puts back the kernels and gradient functions that were there before. */
  restore(): void;
}

/** What an acceleration runs on, and what it holds. */
export interface AccelerationInfo {
  /** The backend that was accelerated. */
  readonly backend: BackendName;
  /** Whether it is the backend in use now: what runs on another is not accelerated. */
  readonly active: boolean;
  /** Which kernels were started. */
  readonly variant: WasmVariant;
  /** The kernels that were registered. */
  readonly kernels: readonly string[];
  /** Threads that run, the caller's among them. */
  readonly threads: number;
  /** Why there are fewer than were asked for; undefined where there are not. */
  readonly threadsReason: string | undefined;
  /** Whether tensors are read and written where they lie in tfjs's heap; on 'cpu', and where tfjs hides its memory, they are copied. */
  readonly inPlace: boolean;
  /** Bytes that the kernels hold: their scratch, packed filters, and room for copies. */
  readonly bytes: number;
  /** Bytes of filters, and of weights of products, that were packed because they came again. */
  readonly packedBytes: number;
  /** Most bytes that those may hold. */
  readonly maxPackedBytes: number;
}

/**
 * Gives the backend 'wasm' or 'cpu' of TensorFlow.js these kernels in place of its own, and dilated convolutions gradients on it.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { accelerate } from 'simdconv/tfjs';
 * const { info } = await accelerate(tf);
 * ```
 *
 * @throws OptionError for what is not TensorFlow.js, another backend, one that is not registered, or an unknown option.
 * @throws UnsupportedRuntimeError where the runtime has no WebAssembly SIMD, or where the backend does not start: `cause` is what it threw.
 */
export async function accelerate(tf: TensorFlow, options: AccelerateOptions = {}): Promise<Acceleration> {
  const { backend, variant, maxPackedBytes, threads } = await readRequest(tf, options);
  const found = tf.findBackend(backend) as object;
  const sharesHeap = sharesItsHeap(backend, found);
  const sharing = sharesHeap || wantsThreads(threads, undefined) ? (await import('../start/all-parts.js')).PARTS.sharing : undefined;
  const others = threadsToStart(threads, undefined, sharing);
  const several = 'spawner' in others ? others : undefined;
  const bytes = await EMBEDDED.bytes(variant);
  const plain = await WebAssembly.compile(bytes);
  const shared = sharing && (several || sharesHeap) ? await WebAssembly.compile(sharing.withSharedMemory(bytes)) : undefined;
  const home = homeOf(backend, { plain, shared, threads: several }, maxPackedBytes);
  await home.engine(found).threadsStarted();
  const reason = 'reason' in others ? others.reason : undefined;
  if (threads.required) checkThreads(home, several?.count ?? (threads.count === 'auto' ? 1 : threads.count), reason);

  const kernels = kernelsOf(backend);
  const place: Workplace = { home, kernelOf: (name) => (tf.getKernel(name, backend) as KernelConfig | undefined)?.kernelFunc };
  const small = smallOf(backend);
  let inUse = true;
  const replaced = Object.entries(kernels).map(([name, kernel]) => replaceKernel(tf, name, kernel, small[name], backend, place));
  // Its tensors go to the other backends.
  if (backend !== 'cpu' && tf.getKernel('Cast', 'cpu')) {
    replaced.push(replaceKernel(tf, 'Cast', cast, undefined, 'cpu', { ...place, home: homeOf('cpu', { plain }, 0) }));
  }
  replaced.push(...replaceGradients(tf));
  return {
    info: shown({
      backend,
      variant,
      kernels: Object.keys(kernels),
      get active() {
        return inUse && tf.getBackend() === backend;
      },
      get threads() {
        return inUse ? home.threads : 1;
      },
      get threadsReason() {
        return inUse ? (home.threadsReason ?? reason) : reason;
      },
      get inPlace() {
        return home.inPlace;
      },
      get bytes() {
        return home.bytes;
      },
      maxPackedBytes,
      get packedBytes() {
        return home.weights.bytes;
      },
    }),
    restore() {
      inUse = false;
      for (const putBack of replaced) putBack();
      home.dispose();
    },
  };
}

/** All threads that were asked for run, or nothing is held and it throws. */
function checkThreads(home: Home, wanted: number, reason: string | undefined): void {
  const { threads, threadsReason = reason } = home;
  if (threads >= wanted) return;
  home.dispose();
  throw new UnsupportedRuntimeError(
    'accelerate',
    `threads is { count: ${wanted}, required: true }, and ${threads} run: ${threadsReason ?? 'the others have not started'}`,
  );
}

/** Registers a kernel in place of the one that is there, to which it leaves what it does not compute. Returns what undoes it. */
function replaceKernel(
  tf: TensorFlow,
  kernelName: string,
  kernel: Kernel,
  isSmall: IsSmall | undefined,
  backendName: BackendName,
  place: Workplace,
): () => void {
  const op = `tfjs ${kernelName}`;
  const slot = {
    get: () => tf.getKernel(kernelName, backendName) as KernelConfig | undefined,
    put(config: KernelConfig | undefined): void {
      if (tf.getKernel(kernelName, backendName)) tf.unregisterKernel(kernelName, backendName); // else tfjs warns
      if (config) tf.registerKernel(config);
    },
  };
  const before = slot.get();
  let inUse = true;
  const config: KernelConfig = {
    ...before, // with what sets it up on a backend that is made again
    kernelName,
    backendName,
    kernelFunc: (call: KernelCall): TensorInfo | TensorInfo[] => {
      if (before && isSmall?.(call) && (backendName === 'cpu' || !isMisnamed(place.home, call))) return before.kernelFunc(call);
      const out = inUse ? kernel(new Work(op, place, call)) : null;
      if (out) return out;
      if (before) return before.kernelFunc(call);
      throw new OptionError(op, `no kernel of the ${backendName} backend computes this`);
    },
  };
  const undo = replace(slot, config);
  return () => {
    inUse = false; // though another that was put over it may still call it
    undo();
  };
}

/** What tfjs's kernels would read as another type than it is (cast.ts), in a heap: an array is what it is. It takes 0.1 µs. */
function isMisnamed(home: Home, { inputs, backend }: KernelCall): boolean {
  for (const input of Object.values(inputs)) {
    if (input && home.bring(backend, input.dataId) !== input.dtype) return true;
  }
  return false;
}
