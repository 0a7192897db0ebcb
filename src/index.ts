/**
 * Convolution and matrix kernels. Importing has no effect; `load` or `loadSync` starts an engine.
 *
 * @module simdconv
 */

import { type Engine, MOST_BYTES } from './engine.js';
import { OptionError, SimdconvError, UnsupportedRuntimeError } from './errors.js';
import { checkNames, describe } from './geometry/index.js';
import { kernelsOver } from './ops/index.js';
import { referenceEngine } from './reference/index.js';
import { EXPECTED_THREADS, readThreads, type ThreadsToStart, type ThreadsWanted, threadsToStart } from './threads/wanted.js';
import type { Allocator, Kernels, LoadOptions, Variant } from './types.js';
import { wasmEngine } from './wasm/engine.js';
import { HostMemory } from './wasm/memory/host.js';
import type { Memory } from './wasm/memory/memory.js';
import { OwnMemory } from './wasm/memory/own.js';
import { compile, compileSync, supports } from './wasm/module.js';

export * from './errors.js';
export type * from './types.js';
export { version } from './version.js';

/**
 * Starts the fastest variant that the runtime supports: `relaxed`, else `simd`, else `reference`.
 *
 * @example
 * ```js
 * const { conv2d, info } = await load({ maxBytes: 2 ** 28 });
 * conv2d.outputShape([1, 3, 8, 8], [4, 3, 3, 3]); // [1, 4, 6, 6]
 * info.memory.maxBytes; // 268435456
 * ```
 *
 * @throws OptionError for unknown or contradicting options.
 * @throws UnsupportedRuntimeError when the runtime lacks the variant that was asked for, or refuses the module.
 * @throws OutOfMemoryError when there is no room for the kernels' scratch.
 */
export async function load(options?: LoadOptions): Promise<Kernels> {
  const request = readRequest('load', options);
  try {
    const build = request.module ? undefined : embedded(request);
    const threads = threadsOf(request, build);
    const engine = start(request, build ? await compile(build, isShared(request, threads)) : request.module, threads);
    await engine.threadsStarted();
    return assembled(request, engine, threads);
  } catch (error) {
    throw refusal(request, error);
  }
}

/**
 * `load` without waiting. Browsers may refuse to compile on their main thread: prefer `load` there. In Node, Deno and Bun all threads have started when it returns; in a page, where
 * they cannot meanwhile, they join as they come. Throws as `load` does.
 */
export function loadSync(options?: LoadOptions): Kernels {
  const request = readRequest('loadSync', options);
  try {
    const build = request.module ? undefined : embedded(request);
    const threads = threadsOf(request, build);
    const engine = start(request, build ? compileSync(build, isShared(request, threads)) : request.module, threads);
    if ('spawner' in threads && threads.spawner.startsAtOnce) engine.waitForThreads();
    return assembled(request, engine, threads);
  } catch (error) {
    throw refusal(request, error);
  }
}

/** Checked load options. */
interface Request {
  readonly op: string;
  /** `auto` is what the runtime supports, or what the given module is; never `relaxed` when deterministic. */
  readonly variant: 'auto' | Variant;
  readonly deterministic: boolean;
  readonly maxBytes: number;
  readonly module: WebAssembly.Module | undefined;
  readonly host: HostHeap | undefined;
  readonly threads: ThreadsWanted;
}

interface HostHeap {
  readonly memory: WebAssembly.Memory;
  readonly allocator: Allocator;
}

const VARIANTS = ['auto', 'relaxed', 'simd', 'reference'] as const;
const LEAST_BYTES = 2 ** 20;

function readRequest(op: string, options: LoadOptions = {}): Request {
  checkNames(op, options, ['variant', 'deterministic', 'threads', 'module', 'maxBytes', 'memory', 'allocator']);
  const { variant = 'auto', deterministic = false, threads = 1, module, maxBytes = MOST_BYTES } = options;
  const refuse = (name: string, value: unknown, expected: string): never => {
    throw new OptionError(op, `${name} is ${describe(value)}; expected ${expected}`);
  };
  if (!VARIANTS.includes(variant)) refuse('variant', variant, VARIANTS.map((name) => `'${name}'`).join(', '));
  if (typeof deterministic !== 'boolean') refuse('deterministic', deterministic, 'a boolean');
  const wanted = readThreads(threads) ?? refuse('threads', threads, EXPECTED_THREADS);
  if (!(Number.isInteger(maxBytes) && maxBytes >= LEAST_BYTES && maxBytes <= MOST_BYTES)) {
    refuse('maxBytes', maxBytes, `a whole number of bytes from ${LEAST_BYTES} to ${MOST_BYTES}`);
  }
  if (module !== undefined && Object.prototype.toString.call(module) !== '[object WebAssembly.Module]') {
    refuse('module', module, 'a WebAssembly.Module');
  }
  if (deterministic && variant !== 'auto' && variant !== 'simd') refuse('variant', variant, "'simd' or 'auto', as deterministic is true");
  if (module && variant === 'reference') refuse('variant', variant, "'auto', 'simd' or 'relaxed', as a module is given");
  const host = readHost(options, refuse);
  if (host && variant === 'reference') refuse('variant', variant, "'auto', 'simd' or 'relaxed', as a memory is given");
  return { op, variant: deterministic ? 'simd' : variant, deterministic, maxBytes, module, host, threads: wanted };
}

function readHost(
  { memory, allocator }: LoadOptions,
  refuse: (name: string, value: unknown, expected: string) => never,
): HostHeap | undefined {
  if (memory === undefined && allocator === undefined) return undefined;
  if (Object.prototype.toString.call(memory) !== '[object WebAssembly.Memory]') {
    return refuse('memory', memory, 'a WebAssembly.Memory, as an allocator is given');
  }
  const { malloc, free } = (allocator ?? {}) as Partial<Allocator>;
  if (typeof malloc !== 'function' || typeof free !== 'function') {
    return refuse('allocator', allocator, '{ malloc, free }, as a memory is given');
  }
  return { memory: memory as WebAssembly.Memory, allocator: allocator as Allocator };
}

/** Which of the embedded modules to compile; none for the reference. */
function embedded({ op, variant }: Request): 'relaxed' | 'simd' | undefined {
  if (variant === 'reference') return undefined;
  if (variant === 'auto') return (['relaxed', 'simd'] as const).find(supports);
  if (supports(variant)) return variant;
  const missing = variant === 'simd' ? 'WebAssembly SIMD (simd128)' : 'WebAssembly relaxed SIMD';
  throw new UnsupportedRuntimeError(
    op,
    `variant '${variant}' needs ${missing}, which this runtime does not have; 'auto' takes what it has`,
  );
}

const isSharedMemory = (memory: WebAssembly.Memory): boolean =>
  Object.prototype.toString.call(memory.buffer) === '[object SharedArrayBuffer]';

/** Which threads to start beside this one, or why none. */
function threadsOf({ threads, module, host }: Request, build: string | undefined): ThreadsToStart {
  const obstacle = module
    ? 'a module was given: its memory is not shared'
    : build === undefined
      ? 'the reference runs on one thread'
      : host && !isSharedMemory(host.memory)
        ? 'memory is not shared'
        : undefined;
  return threadsToStart(threads, obstacle);
}

/** Whether the kernels' memory is shared between threads: theirs, or the host's own. */
const isShared = ({ host }: Request, threads: ThreadsToStart): boolean => (host ? isSharedMemory(host.memory) : 'spawner' in threads);

function start(request: Request, module: WebAssembly.Module | undefined, threads: ThreadsToStart): Engine {
  const { op, variant, maxBytes, host } = request;
  if (host && !module) throw new UnsupportedRuntimeError(op, 'memory needs WebAssembly SIMD, which this runtime does not have');
  const memory = (): Memory =>
    host ? new HostMemory(host.memory, host.allocator, maxBytes) : new OwnMemory(maxBytes, 'spawner' in threads);
  const others = 'spawner' in threads ? threads : undefined;
  const engine: Engine = module ? wasmEngine(module, memory(), others) : referenceEngine({ maxBytes });
  if (variant !== 'auto' && engine.variant !== variant) {
    engine.dispose();
    throw new OptionError(op, `module is the ${engine.variant} build; expected the ${variant} one`);
  }
  return engine;
}

/** The operations over an engine, if it has the threads that were required. */
function assembled({ op, deterministic, threads: { count, required } }: Request, engine: Engine, threads: ThreadsToStart): Kernels {
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

/** What the runtime threw, as an error of this library. */
function refusal({ op, module }: Request, error: unknown): SimdconvError {
  if (error instanceof SimdconvError) return error;
  const what = module ? 'the given module does not start' : 'the runtime refuses the embedded WebAssembly';
  const reason = error instanceof Error ? error.message : String(error);
  return new UnsupportedRuntimeError(op, `${what} (${reason}); pass a compiled \`module\` of simdconv/wasm, or variant 'reference'`, {
    cause: error,
  });
}
