/** The options of `load`, checked. */
import { MOST_BYTES } from '../engine.js';
import { OptionError } from '../errors.js';
import { checkNames, describe } from '../geometry/index.js';
import { EXPECTED_THREADS, readThreads, type ThreadsWanted } from '../threads/wanted.js';
import type { Allocator, LoadOptions, Variant } from '../types.js';
import type { Builds } from '../wasm/builds.js';

/** What was asked for. */
export interface Request {
  readonly op: string;
  /** `auto` is what the runtime supports, or what the given module is; never `relaxed` when deterministic. */
  readonly variant: 'auto' | Variant;
  readonly fallback: boolean;
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

const OPTIONS = ['variant', 'fallback', 'deterministic', 'threads', 'module', 'maxBytes', 'memory', 'allocator'];
const VARIANTS = ['auto', 'relaxed', 'simd', 'reference'] as const;
const LEAST_BYTES = 2 ** 20;

export function readRequest(op: string, options: LoadOptions = {}, builds: Builds | undefined): Request {
  checkNames(op, options, OPTIONS);
  const { variant = 'auto', fallback = false, deterministic = false, threads = 1, module, maxBytes = MOST_BYTES } = options;
  const refuse = (name: string, value: unknown, expected: string): never => {
    throw new OptionError(op, `${name} is ${describe(value)}; expected ${expected}`);
  };
  if (!VARIANTS.includes(variant)) refuse('variant', variant, VARIANTS.map((name) => `'${name}'`).join(', '));
  if (typeof fallback !== 'boolean') refuse('fallback', fallback, 'a boolean');
  if (typeof deterministic !== 'boolean') refuse('deterministic', deterministic, 'a boolean');
  const wanted = readThreads(threads) ?? refuse('threads', threads, EXPECTED_THREADS);
  if (!(Number.isInteger(maxBytes) && maxBytes >= LEAST_BYTES && maxBytes <= MOST_BYTES)) {
    refuse('maxBytes', maxBytes, `a whole number of bytes from ${LEAST_BYTES} to ${MOST_BYTES}`);
  }
  if (module !== undefined && Object.prototype.toString.call(module) !== '[object WebAssembly.Module]') {
    refuse('module', module, 'a WebAssembly.Module');
  }
  if (module === undefined && builds === undefined && variant !== 'reference') {
    refuse('module', module, "a WebAssembly.Module of simdconv/wasm, as simdconv/core brings none along, or variant 'reference'");
  }
  if (deterministic && variant !== 'auto' && variant !== 'simd') refuse('variant', variant, "'simd' or 'auto', as deterministic is true");
  if (module && variant === 'reference') refuse('variant', variant, "'auto', 'simd' or 'relaxed', as a module is given");
  const host = readHost(options, refuse);
  if (host && variant === 'reference') refuse('variant', variant, "'auto', 'simd' or 'relaxed', as a memory is given");
  if (fallback && variant !== 'auto') refuse('variant', variant, "'auto', as fallback is true");
  if (fallback && (host || deterministic)) {
    refuse(
      'fallback',
      fallback,
      `false, as ${host ? 'a memory is given' : 'deterministic is true'}: the reference gives other bits and has no memory`,
    );
  }
  return { op, variant: deterministic ? 'simd' : variant, fallback, deterministic, maxBytes, module, host, threads: wanted };
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
