/** What `loadSync` does: the same without waiting, of the builds and parts that are there. All parts are. */
import { UnsupportedRuntimeError } from '../errors.js';
import type { Kernels, LoadOptions } from '../types.js';
import type { Builds } from '../wasm/builds.js';
import { supports } from '../wasm/support.js';
import { PARTS } from './all-parts.js';
import { assembled, candidatesOf, compiled, engineOf, fallBack, lacking, type Start, threadsOf } from './engine.js';
import { provideParts } from './parts.js';
import { type Request, readRequest } from './request.js';

// It goes with this file: a bundle without `loadSync` has neither.
provideParts(PARTS);

export function startSync(builds: Builds | undefined, options?: LoadOptions): Kernels {
  const request = readRequest('loadSync', options, builds);
  try {
    return started({ request, bytes: request.module ? undefined : there(request, builds) });
  } catch (error) {
    return started(fallBack(request, error));
  }
}

function started(start: Start): Kernels {
  const { request, bytes } = start;
  const threads = threadsOf(start);
  const module = bytes ? new WebAssembly.Module(compiled(request, bytes, threads)) : request.module;
  const engine = engineOf(request, module, threads);
  if ('spawner' in threads && threads.spawner.startsAtOnce) engine.waitForThreads();
  return assembled(request, engine, threads);
}

function there(request: Request, builds: Builds | undefined): Uint8Array<ArrayBuffer> | undefined {
  if (request.variant === 'reference' || builds === undefined) return undefined;
  const [variant] = candidatesOf(request, builds.ready());
  if (variant !== undefined) return builds.bytesSync(variant);
  if (request.variant === 'relaxed' && supports('relaxed')) {
    throw new UnsupportedRuntimeError(
      request.op,
      "the relaxed build is not here yet; `await load()` fetches it, and importing 'simdconv/relaxed' brings it along",
    );
  }
  throw lacking(request);
}
