/**
 * Two threads, with whatever can be shared between them shared: the part of the suite that compares numbers with what they should be, and layers with one thread. All of the suite
 * on one runs beside it, and on three in Node.
 */
import { type Kernels, load, loadSync } from '../../src/index.js';
import { OVERHEAD } from '../../src/wasm/overhead.js';
import { sameBits } from '../suite/check.js';
import { exactConv } from '../suite/exact-conv.js';
import { exactMatmul } from '../suite/exact-matmul.js';
import { exactNan } from '../suite/exact-nan.js';
import { golden } from '../suite/golden.js';
import { type Backend, GOLDEN_OPS, type Golden } from '../suite/index.js';
import { oracle } from '../suite/oracle.js';
import { oracleProducts } from '../suite/oracle-products.js';
import { type ConvCase, compute, floatProblem, RESULTS, title } from '../suite/problem.js';
import { winogradOutliers } from '../suite/winograd-outliers.js';
import type { Case } from './results.js';

Object.assign(OVERHEAD, { job: 0, part: 0, small: 0 });

const TIERS = [golden, exactMatmul, exactConv, exactNan, oracle, oracleProducts, winogradOutliers];

export async function cases(): Promise<Case[]> {
  const files = GOLDEN_OPS.map(async (op) => [op, await (await fetch(`/test/golden/${op}.json`)).json()] as const);
  const one = await load();
  const two = await load({ threads: { count: 2, required: true } });
  const name = one.info.variant as 'simd' | 'relaxed';
  const backend: Backend = {
    name,
    hosted: false,
    kernels: two,
    oracle: loadSync({ variant: 'reference' }),
    golden: Object.fromEntries(await Promise.all(files)) as unknown as Golden,
    load: (options) => loadSync({ threads: 2, ...options }),
  };
  const collected: Case[] = [];
  for (const tier of TIERS) tier((title, body) => collected.push({ name: title, body }), backend);
  return [...collected, ...layers(one, two), { name: 'both threads still serve', body: () => serves(two) }];
}

function serves({ info }: Kernels): void {
  if (info.threads !== 2) throw new Error(`${info.threads}: ${info.threadsReason}`);
}

function layers(one: Kernels, two: Kernels): Case[] {
  return layerCases().map((c, index) => ({
    name: `as on one thread: ${title(c)}`,
    body: () => {
      const p = floatProblem(one, c, index);
      for (const result of RESULTS) sameBits(compute[result](two, p), compute[result](one, p), result);
    },
  }));
}

function layerCases(): ConvCase[] {
  const drawn: ConvCase[] = [];
  for (const layout of ['channels-first', 'channels-last'] as const) {
    for (const op of ['conv2d', 'convTranspose2d'] as const) {
      for (const kernel of [1, 3, 5]) {
        for (const stride of [1, 2]) {
          for (const groups of [1, 24]) {
            const [input, weight] = [
              [2, 24, 19, 23],
              [24, 24 / groups, kernel, kernel],
            ];
            const last = layout === 'channels-last';
            drawn.push({
              op,
              input: last ? [2, 19, 23, 24] : input,
              weight: last ? [kernel, kernel, 24 / groups, 24] : weight,
              options: { layout, stride, groups, padding: kernel >> 1 },
              bias: true,
              activation: 'relu',
            });
          }
        }
      }
    }
  }
  return drawn;
}
