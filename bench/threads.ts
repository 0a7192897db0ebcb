/** `npm run bench -- --threads <n>`: the cases on n threads beside one. */
import { type Kernels, load } from 'simdconv';
import type { Case } from './cases.js';
import type { BenchOptions } from './options.js';
import { type Comparison, closing, compareCases, meanAndWorst } from './side-by-side.js';

/** A product of fewer may be over sooner than another thread is awake. */
const LARGE_MFLOP = 20;

/** Prints a line a case, then what they come to, all and the large ones. */
export async function compareWithOne(kernels: Kernels, cases: readonly Case[], options: BenchOptions): Promise<Comparison[]> {
  const { variant, threads } = kernels.info;
  const one = await load({ variant });
  try {
    const results = compareCases([kernels, one], 'one thread', cases, options);
    console.log(`\n${closing(results, `one thread over ${threads}`)}`);
    const large = meanAndWorst(
      results.filter(({ macs }) => 2 * macs > LARGE_MFLOP * 1e6),
      `of more than ${LARGE_MFLOP} MFLOP`,
    );
    if (large) console.log(large);
    return results;
  } finally {
    one.dispose();
  }
}
