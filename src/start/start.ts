/** What `load` does, wherever the kernels' bytes come from. */
import type { Kernels, LoadOptions } from '../types.js';
import type { Builds } from '../wasm/builds.js';
import { WASM_VARIANTS } from '../wasm/support.js';
import { assembled, candidatesOf, compiled, engineOf, fallBack, lacking, needsParts, type Start, threadsOf } from './engine.js';
import { fetchParts, notLoaded } from './parts.js';
import { type Request, readRequest } from './request.js';

/** With the builds that come along; without any, a module must be given. */
export async function start(builds: Builds | undefined, options?: LoadOptions): Promise<Kernels> {
  const request = readRequest('load', options, builds);
  try {
    return await started({ request, bytes: request.module ? undefined : await fetched(request, builds) });
  } catch (error) {
    return started(fallBack(request, error));
  }
}

async function started(start: Start): Promise<Kernels> {
  const { request, bytes } = start;
  if (needsParts(start)) await fetchParts(request.op);
  const threads = threadsOf(start);
  const module = bytes ? await WebAssembly.compile(compiled(request, bytes, threads)) : request.module;
  const engine = engineOf(request, module, threads);
  await engine.threadsStarted();
  return assembled(request, engine, threads);
}

/** The bytes of the fastest build that the runtime supports, or of the one that was asked for; none for the reference. */
async function fetched(request: Request, builds: Builds | undefined): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (request.variant === 'reference' || builds === undefined) return undefined;
  const candidates = candidatesOf(request, WASM_VARIANTS);
  for (const variant of candidates) {
    try {
      return await builds.bytes(variant);
    } catch (cause) {
      // A file of its own, which may be out of reach: the other build may be here.
      if (variant === candidates.at(-1)) throw notLoaded(request.op, `the ${variant} build`, cause);
    }
  }
  throw lacking(request);
}
