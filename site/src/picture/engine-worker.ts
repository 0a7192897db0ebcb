/** Applies filters on one engine, away from the page's own thread. */
import { type Info, type Kernels, type LoadOptions, load, type Tensor } from 'simdconv';
import { respond } from '../workers/caller.js';
import { filtered, type Speed, timed, type Work } from './apply.js';
import { type Pixels, tensorOf } from './pixels.js';

export interface EngineRequest {
  /** Of the first request counts. */
  readonly load: Pick<LoadOptions, 'variant' | 'threads'>;
  readonly pixels: Pixels;
  readonly work: Work;
  /** Milliseconds for taking the time; without it none is taken. */
  readonly budget?: number;
}

export interface EngineAnswer {
  readonly info: Pick<Info, 'version' | 'variant' | 'threads' | 'threadsReason'>;
  readonly tensor: Tensor;
  readonly speed: Speed | undefined;
}

let kernels: Promise<Kernels> | undefined;

async function answer({ load: options, pixels, work, budget }: EngineRequest): Promise<EngineAnswer> {
  kernels ??= load(options);
  const loaded = await kernels;
  const x = tensorOf(pixels);
  const tensor = filtered(loaded, x, work);
  const speed = budget === undefined ? undefined : timed(loaded, x, work, budget);
  const { version, variant, threads, threadsReason } = loaded.info;
  return { info: { version, variant, threads, threadsReason }, tensor, speed };
}

respond(answer, ({ tensor }) => [tensor.data.buffer as ArrayBuffer]);
