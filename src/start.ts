/** What `load` and `loadSync` do, wherever the kernels' bytes come from. */
import { type Engine, MOST_BYTES } from './engine.js';
import { OptionError, SimdconvError, UnsupportedRuntimeError } from './errors.js';
import { checkNames, describe } from './geometry/index.js';
import { kernelsOver } from './ops/index.js';
import { referenceEngine } from './reference/index.js';
import { EXPECTED_THREADS, readThreads, type ThreadsToStart, type ThreadsWanted, threadsToStart } from './threads/wanted.js';
import type { Allocator, Kernels, LoadOptions, Variant } from './types.js';
import { type Builds, moduleOf } from './wasm/builds.js';
import { wasmEngine } from './wasm/engine.js';
import { HostMemory } from './wasm/memory/host.js';
import type { Memory } from './wasm/memory/memory.js';
import { OwnMemory } from './wasm/memory/own.js';
import { supports, WASM_VARIANTS, type WasmVariant } from './wasm/support.js';

/** With the builds that come along; without any, a module must be given. */
export async function start(builds: Builds | undefined, options?: LoadOptions): Promise<Kernels> {
  const request = readRequest('load', options, builds);
  try {
    const taken = request.module ? undefined : await fetched(request, builds);
    const threads = threadsOf(request, taken !== undefined);
    const module = taken ? await WebAssembly.compile(moduleOf(taken.bytes, isShared(request, threads))) : request.module;
    const engine = engineOf(request, module, threads);
    await engine.threadsStarted();
    return assembled(request, engine, threads);
  } catch (error) {
    return fallBack(request, error);
  }
}

/** The same without waiting, of the builds that are there. */
export function startSync(builds: Builds | undefined, options?: LoadOptions): Kernels {
  const request = readRequest('loadSync', options, builds);
  try {
    const taken = request.module ? undefined : there(request, builds);
    const threads = threadsOf(request, taken !== undefined);
    const module = taken ? new WebAssembly.Module(moduleOf(taken.bytes, isShared(request, threads))) : request.module;
    const engine = engineOf(request, module, threads);
    if ('spawner' in threads && threads.spawner.startsAtOnce) engine.waitForThreads();
    return assembled(request, engine, threads);
  } catch (error) {
    return fallBack(request, error);
  }
}

/** Checked load options. */
interface Request {
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

function readRequest(op: string, options: LoadOptions = {}, builds: Builds | undefined): Request {
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

/** A build that the runtime can run. */
interface Taken {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The bytes of the fastest build that the runtime supports, or of the one that was asked for; none for the reference. */
async function fetched(request: Request, builds: Builds | undefined): Promise<Taken | undefined> {
  if (request.variant === 'reference' || builds === undefined) return undefined;
  const candidates = candidatesOf(request, WASM_VARIANTS);
  for (const variant of candidates) {
    try {
      return { bytes: await builds.bytes(variant) };
    } catch (cause) {
      // A file of its own, which may be out of reach: the other build is here.
      if (variant !== candidates.at(-1)) continue;
      throw new UnsupportedRuntimeError(request.op, `the ${variant} build does not load (${messageOf(cause)})`, { cause });
    }
  }
  throw lacking(request);
}

function there(request: Request, builds: Builds | undefined): Taken | undefined {
  if (request.variant === 'reference' || builds === undefined) return undefined;
  const [variant] = candidatesOf(request, builds.ready());
  if (variant !== undefined) return { bytes: builds.bytesSync(variant) };
  if (request.variant === 'relaxed' && supports('relaxed')) {
    throw new UnsupportedRuntimeError(
      request.op,
      "the relaxed build is not here yet; `await load()` fetches it, and importing 'simdconv/relaxed' brings it along",
    );
  }
  throw lacking(request);
}

const candidatesOf = ({ variant }: Request, of: readonly WasmVariant[]): WasmVariant[] =>
  of.filter((each) => (variant === 'auto' || variant === each) && supports(each));

function lacking({ op, variant }: Request): UnsupportedRuntimeError {
  const missing =
    typeof WebAssembly !== 'object' ? 'WebAssembly' : variant === 'relaxed' ? 'WebAssembly relaxed SIMD' : 'WebAssembly SIMD (simd128)';
  const otherwise =
    variant === 'relaxed' ? "'auto' takes what it has" : "fallback: true, or variant 'reference', computes in plain JavaScript";
  return new UnsupportedRuntimeError(op, `variant '${variant}' needs ${missing}, which this runtime does not have; ${otherwise}`);
}

const isSharedMemory = (memory: WebAssembly.Memory): boolean =>
  Object.prototype.toString.call(memory.buffer) === '[object SharedArrayBuffer]';

/** Which threads to start beside this one, or why none. `ours`: the build comes along. */
function threadsOf({ threads, module, host }: Request, ours: boolean): ThreadsToStart {
  const obstacle = module
    ? 'a module was given: its memory is not shared'
    : !ours
      ? 'the reference runs on one thread'
      : host && !isSharedMemory(host.memory)
        ? 'memory is not shared'
        : undefined;
  return threadsToStart(threads, obstacle);
}

/** Whether the kernels' memory is shared between threads: theirs, or the host's own. */
const isShared = ({ host }: Request, threads: ThreadsToStart): boolean => (host ? isSharedMemory(host.memory) : 'spawner' in threads);

function engineOf(request: Request, module: WebAssembly.Module | undefined, threads: ThreadsToStart): Engine {
  const { op, variant, maxBytes, host } = request;
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

/** The reference, where that was asked for and the runtime is what fails; else what it threw, as an error of this library. */
function fallBack(request: Request, error: unknown): Kernels {
  const refused = refusal(request, error);
  const { fallback, maxBytes, threads } = request;
  if (!(fallback && refused instanceof UnsupportedRuntimeError)) throw refused;
  return assembled(request, referenceEngine({ maxBytes }), threadsToStart(threads, 'the reference runs on one thread'));
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

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
