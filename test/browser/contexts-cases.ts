/** What must hold wherever a module script can run: how kernels start there, and that they compute. */
import { type Kernels, load, loadSync, UnsupportedRuntimeError } from '../../src/index.js';
import { supports } from '../../src/wasm/support.js';
import { digests } from '../digests/digests.js';
import table from '../digests/table.json' with { type: 'json' };
import type { Case } from './results.js';

/** Whether this is the copy of the script that imports `simdconv/relaxed`. */
const HAS_RELAXED = import.meta.url.includes('/relaxed/');
const FASTEST = supports('relaxed') ? 'relaxed' : 'simd';

export function expect(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

function same(name: string, got: Float32Array | undefined, want: readonly number[]): void {
  expect(got?.length === want.length && want.every((value, i) => got[i] === value), `${name} is ${got?.join()}; expected ${want.join()}`);
}

const ones = (...shape: number[]) => ({ data: new Float32Array(shape.reduce((a, b) => a * b)).fill(1), shape });
const numbers = (...data: number[]) => Float32Array.from(data);

/** A convolution and its gradients: one small enough for a pencil, and one of ones, whose sums count the taps that are within the input. */
export function computes({ conv2d }: Kernels): void {
  const x = { data: numbers(1, 2, 3, 4, 5, 6, 7, 8, 9), shape: [1, 1, 3, 3] };
  const w = { data: numbers(1, 2, 3, 4), shape: [1, 1, 2, 2] };
  const gradOutput = { data: numbers(1, 0, -1, 2), shape: [1, 1, 2, 2] };
  same('output', conv2d(x, w, { bias: { data: numbers(10), shape: [1] } }).data, [47, 57, 77, 87]);
  const small = conv2d.backward(gradOutput, x, w);
  same('gradInput', small.gradInput?.data, [1, 2, 0, 2, 4, 4, -3, 2, 8]);
  same('gradWeight', small.gradWeight?.data, [7, 9, 13, 15]);
  same('gradBias', small.gradBias?.data, [2]);

  const [batch, channels, outputs, size, kernel] = [2, 8, 16, 9, 5];
  const within = [3, 4, 5, 5, 5, 5, 5, 4, 3];
  const places = within.flatMap((rows) => within.map((columns) => rows * columns));
  const taps = [7, 8, 9, 8, 7].flatMap((rows, _, all) => all.map((columns) => rows * columns));
  const repeated = (times: number, values: readonly number[], by: number) =>
    Array.from({ length: times }, () => values.map((value) => value * by)).flat();
  const [input, weight] = [ones(batch, channels, size, size), ones(outputs, channels, kernel, kernel)];
  // By sums of products: whole numbers are exact.
  const options = { padding: 2, algorithm: 'gemm' } as const;
  same('output', conv2d(input, weight, options).data, repeated(batch * outputs, places, channels));
  const large = conv2d.backward(ones(batch, outputs, size, size), input, weight, options);
  same('gradInput', large.gradInput?.data, repeated(batch * channels, places, outputs));
  same('gradWeight', large.gradWeight?.data, repeated(outputs * channels, taps, batch));
  same('gradBias', large.gradBias?.data, repeated(outputs, [size * size], batch));
}

/** That kernels are of this variant, on this many threads, and compute. */
export function works(kernels: Kernels, variant: string, threads = 1): void {
  const { info } = kernels;
  try {
    expect(info.variant === variant, `the variant is ${info.variant}; expected ${variant}`);
    expect(info.threads === threads, `${info.threads} threads; expected ${threads}: ${info.threadsReason}`);
    computes(kernels);
  } finally {
    kernels.dispose();
  }
}

/** That it throws the error of a runtime that cannot. */
export function unsupported(error: unknown, message: RegExp): void {
  expect(error instanceof UnsupportedRuntimeError && message.test(error.message), String(error));
}

/** How it starts without waiting, as long as nothing has brought the other build. */
export const syncCases: readonly Case[] = [
  HAS_RELAXED
    ? { name: `loadSync takes ${FASTEST}, which was imported`, body: () => works(loadSync(), FASTEST) }
    : { name: 'loadSync takes simd', body: () => works(loadSync(), 'simd') },
  { name: 'loadSync takes simd when it is asked for', body: () => works(loadSync({ variant: 'simd' }), 'simd') },
  {
    name: 'loadSync says how relaxed comes, or that the browser has it not',
    body() {
      if (HAS_RELAXED && supports('relaxed')) return works(loadSync({ variant: 'relaxed' }), 'relaxed');
      try {
        loadSync({ variant: 'relaxed' });
      } catch (error) {
        return unsupported(error, supports('relaxed') ? /`await load\(\)` fetches it.*simdconv\/relaxed/ : /WebAssembly relaxed SIMD/);
      }
      throw new Error('it starts');
    },
  },
  {
    name: 'deterministic kernels have the bits of the table',
    body() {
      const kernels = loadSync({ deterministic: true });
      for (const [name, digest] of Object.entries(digests(kernels)))
        expect(digest === (table as Record<string, string>)[name], `${name} has other bits`);
      kernels.dispose();
    },
  },
  { name: 'loadSync takes the reference', body: () => works(loadSync({ variant: 'reference' }), 'reference') },
];

/** `imports`: whether a script may import later. Worklets and service workers may not. */
export function cases({ imports }: { imports: boolean }): Case[] {
  const variant = imports || HAS_RELAXED ? FASTEST : 'simd';
  return [
    ...syncCases,
    { name: `load takes ${variant}`, body: async () => works(await load(), variant) },
    { name: `loadSync takes ${variant} from then on`, body: () => works(loadSync(), variant) },
  ];
}

/** Files that the script has fetched. */
const fetchedFiles = (): string[] =>
  performance
    .getEntriesByType('resource')
    .map(({ name }) => new URL(name).pathname)
    .filter((path) => path.startsWith('/dist/'));

/** The other build is a file of its own, fetched by `load` where the browser has use for it. To be run before any other `load`. */
const FETCHES = FASTEST === 'relaxed' && !HAS_RELAXED;
export const secondFile: Case = {
  name: `load fetches ${FETCHES ? 'the relaxed build' : 'nothing'}`,
  async body() {
    const before = fetchedFiles();
    expect(before.includes('/dist/index.js'), `fetched are ${before.join()}`);
    (await load()).dispose();
    const more = fetchedFiles().filter((file) => !before.includes(file));
    expect(more.includes('/dist/bytes/relaxed.js') === FETCHES && (FETCHES || more.length === 0), `fetched are then ${more.join()}`);
  },
};
