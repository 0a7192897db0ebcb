/** `deterministic: true` has the bits of the table on any machine, in any runtime, on any number of threads: also in browsers (test/browser) and in the packed library (test/install). */
import { expect, test } from 'vitest';
import { load } from '../../src/index.js';
import { OVERHEAD } from '../../src/wasm/overhead.js';
import { digests } from '../digests/digests.js';
import table from '../digests/table.json' with { type: 'json' };

test.each([1, 2, 3])('deterministic kernels have the bits of the table on %i threads', async (threads) => {
  Object.assign(OVERHEAD, { job: 0, part: 0, small: 0 });
  const kernels = await load({ deterministic: true, threads: { count: threads, required: true } });
  expect(digests(kernels)).toEqual(table);
  kernels.dispose();
});
