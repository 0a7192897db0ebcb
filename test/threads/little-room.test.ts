/** Where there is no room for the scratch of each thread, a call runs on its own thread alone: threads never make one fail that fits on one. */
import { expect, it } from 'vitest';
import { type Kernels, loadSync, OutOfMemoryError, type Tensor } from '../../src/index.js';
import { OVERHEAD } from '../../src/wasm/overhead.js';
import { sameBits } from '../suite/check.js';
import { floats, seeded } from '../suite/data.js';

Object.assign(OVERHEAD, { job: 0, part: 0, small: 0 });

const PAGE = 65536;
const MOST = 512;
const random = seeded(8);
const x = floats(random, [1, 32, 24, 24]);
const w = floats(random, [32, 32, 3, 3]);
const y = floats(random, [1, 32, 24, 24]);
const options = { padding: 1, algorithm: 'winograd' } as const;
const strided = { padding: 1, stride: 2, outputPadding: 1 } as const;
const [deep, kernel] = [floats(random, [1, 96, 9, 9]), floats(random, [96, 96, 3, 3])];

/** Winograd has a scratch of its own; phases pack each of their weights. */
const CALLS: Readonly<Record<string, (kernels: Kernels) => Tensor>> = {
  forward: ({ conv2d }) => conv2d(x, w, options),
  gradInput: ({ conv2d }) => conv2d.gradInput(y, w, x.shape, options),
  gradWeight: ({ conv2d }) => conv2d.gradWeight(y, x, w.shape, options),
  'transposed, by phases': ({ convTranspose2d }) => convTranspose2d(deep, kernel, strided),
  plan: ({ conv2d }) => conv2d.plan({ input: x.shape, weight: w, ...options }).run(x),
};

/** Pages beyond those that an instance starts with, the fewest with which the call does not fail; and its results from there on. */
function least(count: number, call: (kernels: Kernels) => Tensor): { readonly pages: number; readonly results: readonly Tensor[] } {
  const threads = { count, required: true };
  const empty = loadSync({ variant: 'simd', threads });
  const before = empty.info.memory.capacityBytes / PAGE;
  empty.dispose();
  const results: Tensor[] = [];
  let [fails, fits] = [0, MOST];
  while (fits - fails > 1) {
    const pages = Math.floor((fails + fits) / 2);
    const kernels = loadSync({ variant: 'simd', threads, maxBytes: (before + pages) * PAGE });
    try {
      results.push(call(kernels));
      fits = pages;
    } catch (error) {
      expect(error).toBeInstanceOf(OutOfMemoryError);
      fails = pages;
    } finally {
      kernels.dispose();
    }
  }
  return { pages: fits, results };
}

it.each(Object.entries(CALLS))('%s', (_, call) => {
  const [one, three] = [least(1, call), least(3, call)];
  // Both begin with part of a page that is not in use.
  expect(three.pages).toBeLessThanOrEqual(one.pages + 1);
  for (const result of [...one.results, ...three.results]) sameBits(result, one.results[0] as Tensor, 'the result');
});
