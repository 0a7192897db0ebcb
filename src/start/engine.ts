/** What every start does with the module it has: an engine of so many threads, and the operations over it. */
import type { Engine } from '../engine.js';
import { OptionError, SimdconvError, UnsupportedRuntimeError } from '../errors.js';
import { kernelsOver } from '../ops/index.js';
import { type ThreadsToStart, threadsToStart, wantsThreads } from '../threads/wanted.js';
import type { Kernels } from '../types.js';
import { wasmEngine } from '../wasm/engine.js';
import type { Memory } from '../wasm/memory/memory.js';
import { OwnMemory } from '../wasm/memory/own.js';
import { supports, type WasmVariant } from '../wasm/support.js';
import { messageOf, parts } from './parts.js';
import type { Request } from './request.js';

/** Those builds of `of` that may be taken, as they are ordered there. */
export const candidatesOf = ({ variant }: Request, of: readonly WasmVariant[]): WasmVariant[] =>
  of.filter((each) => (variant === 'auto' || variant === each) && supports(each));

/** There is no candidate. */
export function lacking({ op, variant }: Request): UnsupportedRuntimeError {
  const missing =
    typeof WebAssembly !== 'object' ? 'WebAssembly' : variant === 'relaxed' ? 'WebAssembly relaxed SIMD' : 'WebAssembly SIMD (simd128)';
  const otherwise =
    variant === 'relaxed' ? "'auto' takes what it has" : "fallback: true, or variant 'reference', computes in plain JavaScript";
  return new UnsupportedRuntimeError(op, `variant '${variant}' needs ${missing}, which this runtime does not have; ${otherwise}`);
}

/** What comes of a request: the build that is compiled for it, or the module that was given; neither for the reference. */
export interface Start {
  readonly request: Request;
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
}

const isSharedMemory = (memory: WebAssembly.Memory): boolean =>
  Object.prototype.toString.call(memory.buffer) === '[object SharedArrayBuffer]';

/** Why what was asked for besides forbids threads. */
const obstacleOf = ({ request: { module, host }, bytes }: Start): string | undefined =>
  module
    ? 'a module was given: its memory is not shared'
    : bytes === undefined
      ? 'the reference runs on one thread'
      : host && !isSharedMemory(host.memory)
        ? 'memory is not shared'
        : undefined;

/** Whether more is needed than the kernels on a memory of one thread. */
export function needsParts(start: Start): boolean {
  const { module, host, threads } = start.request;
  const isReference = start.bytes === undefined && module === undefined;
  return isReference || host !== undefined || wantsThreads(threads, obstacleOf(start));
}

/** Which threads to start beside this one, or why none. */
export function threadsOf(start: Start): ThreadsToStart {
  const obstacle = obstacleOf(start);
  const { threads } = start.request;
  return threadsToStart(threads, obstacle, wantsThreads(threads, obstacle) ? parts().sharing : undefined);
}

/** What to compile: of kernels whose memory is shared between threads, theirs or the host's own, another import of it. */
export function compiled({ host }: Request, bytes: Uint8Array<ArrayBuffer>, threads: ThreadsToStart): Uint8Array<ArrayBuffer> {
  const shared = host ? isSharedMemory(host.memory) : 'spawner' in threads;
  return shared ? parts().sharing.withSharedMemory(bytes) : bytes;
}

export function engineOf(request: Request, module: WebAssembly.Module | undefined, threads: ThreadsToStart): Engine {
  const { op, variant, maxBytes, host } = request;
  const memory = (): Memory =>
    host ? new (parts().HostMemory)(host.memory, host.allocator, maxBytes) : new OwnMemory(maxBytes, 'spawner' in threads);
  const others = 'spawner' in threads ? threads : undefined;
  const engine: Engine = module ? wasmEngine(module, memory(), others) : parts().referenceEngine({ maxBytes });
  if (variant !== 'auto' && engine.variant !== variant) {
    engine.dispose();
    throw new OptionError(op, `module is the ${engine.variant} build; expected the ${variant} one`);
  }
  return engine;
}

/** The operations over an engine, if it has the threads that were required. */
export function assembled({ op, deterministic, threads: { count, required } }: Request, engine: Engine, threads: ThreadsToStart): Kernels {
  const reason = 'reason' in threads ? threads.reason : undefined;
  const most = 'count' in threads ? threads.count : count === 'auto' ? 1 : count;
  const { threads: running } = engine;
  if (required && running < most) {
    const why = engine.threadsReason ?? reason;
    engine.dispose();
    throw new UnsupportedRuntimeError(op, `threads is { count: ${count}, required: true }, and ${running} of ${most} run: ${why}`);
  }
  return kernelsOver(engine, { deterministic, threadsReason: reason });
}

/** The request for the reference instead, where that was asked for and the runtime is what fails; else throws what it threw, as an error of this library. */
export function fallBack(request: Request, error: unknown): Start {
  const refused = refusal(request, error);
  if (!(request.fallback && refused instanceof UnsupportedRuntimeError)) throw refused;
  return { request: { ...request, module: undefined }, bytes: undefined };
}

function refusal({ op, module, variant }: Request, error: unknown): SimdconvError {
  if (error instanceof SimdconvError) return error;
  const what = module ? 'the given module does not start' : 'the runtime refuses the embedded WebAssembly';
  const reason = messageOf(error);
  const advice = /security.policy|\bcsp\b|unsafe-eval/i.test(reason)
    ? "the page's Content-Security-Policy must have 'wasm-unsafe-eval' in its script-src"
    : `pass a compiled \`module\` of simdconv/wasm${variant === 'auto' ? ', or fallback: true for plain JavaScript' : ", or variant 'reference'"}`;
  return new UnsupportedRuntimeError(op, `${what} (${reason}); ${advice}`, { cause: error });
}
