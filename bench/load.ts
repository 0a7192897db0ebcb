/** The built package's kernels, on as many threads as were asked for, or not at all. */
import { type Kernels, type LoadOptions, load, UnsupportedRuntimeError } from 'simdconv';
import { UsageError } from './options.js';

export async function loadOn({
  variant,
  threads = 1,
}: {
  readonly variant: LoadOptions['variant'];
  readonly threads?: number | undefined;
}): Promise<Kernels> {
  try {
    return await load({ ...(variant && { variant }), threads: { count: threads, required: true } });
  } catch (error) {
    if (!(error instanceof UnsupportedRuntimeError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}
