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
    return start(request, build ? await compile(build) : request.module);
  } catch (error) {
    throw refusal(request, error);
  }
}

/** `load` without waiting. Browsers may refuse to compile on their main thread: prefer `load` there. Throws as `load` does. */
export function loadSync(options?: LoadOptions): Kernels {
  const request = readRequest('loadSync', options);
  try {
    const build = request.module ? undefined : embedded(request);
    return start(request, build ? compileSync(build) : request.module);
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
  if (threads !== 'auto' && !(Number.isInteger(threads) && threads > 0)) refuse('threads', threads, "a positive whole number or 'auto'");
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
  return { op, variant: deterministic ? 'simd' : variant, deterministic, maxBytes, module, host };
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
  const { buffer } = memory as WebAssembly.Memory;
  if (Object.prototype.toString.call(buffer) === '[object SharedArrayBuffer]') {
    return refuse('memory', buffer, 'a memory that is not shared, as these kernels run on one thread');
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

function start(request: Request, module: WebAssembly.Module | undefined): Kernels {
  const { op, variant, maxBytes, deterministic, host } = request;
  if (host && !module) throw new UnsupportedRuntimeError(op, 'memory needs WebAssembly SIMD, which this runtime does not have');
  const memory = (): Memory => (host ? new HostMemory(host.memory, host.allocator, maxBytes) : new OwnMemory(maxBytes));
  const engine: Engine = module ? wasmEngine(module, memory()) : referenceEngine({ maxBytes });
  if (variant !== 'auto' && engine.variant !== variant) {
    engine.dispose();
    throw new OptionError(op, `module is the ${engine.variant} build; expected the ${variant} one`);
  }
  return kernelsOver(engine, { deterministic });
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
