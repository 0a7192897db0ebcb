import { OptionError, UnsupportedRuntimeError } from '../errors.js';
import { checkNames, describe } from '../geometry/index.js';
import { EXPECTED_THREADS, readThreads, type ThreadsWanted } from '../threads/wanted.js';
import { supports, WASM_VARIANTS, type WasmVariant } from '../wasm/support.js';
import type { AccelerateOptions, BackendName, TensorFlow } from './types.js';

/** What `accelerate` was asked for. */
export interface Request {
  readonly backend: BackendName;
  readonly variant: WasmVariant;
  readonly maxPackedBytes: number;
  readonly threads: ThreadsWanted;
}

const OP = 'accelerate';
const BACKENDS: readonly unknown[] = ['wasm', 'cpu'];
const VARIANTS: readonly unknown[] = ['auto', 'relaxed', 'simd'];
/** Of one tab among others. ResNet-50 takes some 150 MB, its 3×3 filters two to four times their size, as Winograd has them. */
const MAX_PACKED_BYTES = 2 ** 28;
/** Of TensorFlow.js, what is called here. */
const FUNCTIONS = ['ready', 'getBackend', 'findBackendFactory', 'getKernel', 'registerKernel', 'getGradient', 'registerGradient', 'engine'];

/** Checks what was given before anything is started, then waits for the backend. */
export async function readRequest(tf: TensorFlow, options: AccelerateOptions): Promise<Request> {
  checkTensorFlow(OP, tf);
  checkNames(OP, options, ['backend', 'variant', 'maxPackedBytes', 'threads']);
  const { variant = 'auto', maxPackedBytes = MAX_PACKED_BYTES } = options;
  if (!VARIANTS.includes(variant)) throw new OptionError(OP, `variant is ${describe(variant)}; expected 'auto', 'relaxed' or 'simd'`);
  if (options.backend !== undefined) checkBackend(options.backend, 'backend');
  if (!(Number.isInteger(maxPackedBytes) && maxPackedBytes >= 0)) {
    throw new OptionError(OP, `maxPackedBytes is ${describe(maxPackedBytes)}; expected a whole number of bytes, 0 to pack no weight`);
  }
  const threads = readThreads(options.threads ?? 1);
  if (!threads) throw new OptionError(OP, `threads is ${describe(options.threads)}; expected ${EXPECTED_THREADS}`);
  const supported = variant === 'auto' ? WASM_VARIANTS.find(supports) : variant;
  if (supported === undefined || !supports(supported)) {
    throw new UnsupportedRuntimeError(OP, `variant '${supported ?? 'simd'}' needs what this runtime does not have`);
  }

  // Of a tfjs none of whose backends starts the one that is wanted is told of below, with the reason.
  await tf.ready().catch(() => {});
  const backend = checkBackend(options.backend ?? tf.getBackend() ?? 'wasm', 'the backend in use');
  await start(tf, backend);
  return { backend, variant: supported, maxPackedBytes, threads };
}

export function checkTensorFlow(op: string, tf: TensorFlow): void {
  const missing = FUNCTIONS.find((name) => typeof (tf as unknown as Record<string, unknown> | null | undefined)?.[name] !== 'function');
  if (missing === undefined) return;
  const given = tf === undefined || tf === null ? `${tf}` : `${describe(tf)} without ${missing}()`;
  throw new OptionError(op, `tf is ${given}; expected TensorFlow.js: import * as tf from '@tensorflow/tfjs'`);
}

function checkBackend(backend: unknown, name: string): BackendName {
  if (BACKENDS.includes(backend)) return backend as BackendName;
  throw new OptionError(OP, `${name} is ${describe(backend)}; expected 'wasm' or 'cpu'`);
}

/**
 * Makes the backend, where that has not been done, without making it the one in use. tfjs would keep what goes wrong to itself, and for as long as it waits
 * would refuse to compute on any other.
 */
async function start(tf: TensorFlow, backend: BackendName): Promise<void> {
  const factory = tf.findBackendFactory(backend);
  if (!factory) {
    throw new OptionError(
      OP,
      `backend '${backend}' is not registered with this TensorFlow.js; import '@tensorflow/tfjs-backend-${backend}' first`,
    );
  }
  const { registry } = tf.engine();
  if (registry[backend]) return;
  let made: { dispose(): void };
  try {
    made = await factory();
  } catch (cause) {
    const reason = (cause as Error | undefined)?.message ?? String(cause);
    const hint = backend === 'wasm' ? "; setWasmPaths of '@tensorflow/tfjs-backend-wasm' says where its .wasm files are" : '';
    throw new UnsupportedRuntimeError(OP, `backend '${backend}' of TensorFlow.js does not start (${reason})${hint}`, { cause });
  }
  // Someone else may have been quicker.
  if (registry[backend]) made.dispose();
  else registry[backend] = made;
}
