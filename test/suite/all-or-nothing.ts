import { type Kernels, OptionError, OutOfMemoryError, type Tensor } from '../../src/index.js';
import { conv, transpose } from './algorithm-cases.js';
import type { Backend, Define } from './backend.js';
import { sameBits, that, throws } from './check.js';
import { type ConvCase, compute, floatProblem, integerProblem, op, type Problem, RESULTS, title, withAlgorithm } from './problem.js';

const PAGE = 65536;
/** Of the smallest memory that is taken. */
const LEAST_PAGES = 16;
/** More pages than any of these calls takes. */
const MOST_PAGES = 160;

/** What can be refused is refused before anything is done: memory is as it was, however little of it was missing. */
export function allOrNothing(define: Define, backend: Backend): void {
  for (const c of [
    conv([1, 16, 40, 48], [16, 16, 3, 3], { padding: 1 }),
    conv([1, 8, 80, 90], [8, 1, 3, 3], { padding: [[2, 1], [1, 3]], groups: 8 }) /* biome-ignore format: one line a case */,
    conv([1, 3, 120, 90], [5, 3, 3, 2], { padding: 2, padMode: 'reflect' }),
    conv([1, 16, 40, 48], [16, 16, 3, 3], { padding: 1, padMode: 'circular' }),
    conv([1, 8, 60, 90], [8, 1, 3, 3], { padding: 1, groups: 8, padMode: 'replicate', layout: 'channels-first' }),
    conv([1, 200, 3, 3], [210, 200, 3, 3], { padding: 1 }),
    conv([1, 2, 60, 64], [2, 1, 31, 31], { padding: 15, groups: 2 }),
    transpose([1, 12, 40, 30], [12, 6, 4, 4], { stride: 2, padding: 1 }),
  ]) {
    for (const [name, call] of Object.entries(CALLS)) {
      define(`all or nothing: ${name} of ${title(c)}`, () => {
        const p = floatProblem(backend.kernels, c, 4);
        everyMemory(backend, (kernels) => call(kernels, p));
      });
    }
  }
  define('all or nothing: a plan of a weight that is not finite', () => {
    const p = floatProblem(backend.kernels, transpose([1, 40, 9, 8], [40, 50, 4, 4], { stride: 2 }), 4);
    p.weight.data[7] = Number.NaN;
    everyMemory(backend, (kernels) => plan(kernels, p));
  });
  refusals(define, backend);
}

type Call = (kernels: Kernels, p: Problem) => Tensor[];

function plan(kernels: Kernels, p: Problem): Tensor[] {
  const made = op(kernels, p).plan({ ...p.options, input: p.input.shape, weight: p.weight });
  made.dispose();
  return [];
}

const CALLS: Readonly<Record<string, Call>> = {
  ...Object.fromEntries(RESULTS.map((name): [string, Call] => [name, (kernels, p) => [compute[name](kernels, p)]])),
  backward: (kernels, p) => {
    const { gradInput, gradWeight, gradBias } = op(kernels, p).backward(p.gradOutput, p.input, p.weight, p.shapeOptions);
    return [gradInput, gradWeight, gradBias];
  },
  plan,
};

/** With each size of memory, from what an instance takes to what the call takes, it is refused and changes nothing, or is right. */
function everyMemory(backend: Backend, call: (kernels: Kernels) => Tensor[]): void {
  const want = call(backend.kernels);
  // An instance of several threads takes long to start.
  const step = backend.kernels.info.threads > 1 ? 7 : 1;
  for (let pages = LEAST_PAGES; ; pages += step) {
    const most = MOST_PAGES * backend.kernels.info.threads;
    that(pages < most, `it takes more than ${most} pages`);
    const kernels = instance(backend, pages * PAGE);
    if (!kernels) continue;
    const { liveBytes, capacityBytes } = kernels.info.memory;
    let got: Tensor[] | undefined;
    try {
      got = call(kernels);
    } catch (error) {
      if (!(error instanceof OutOfMemoryError)) throw error;
    }
    const { memory } = kernels.info;
    that(memory.liveBytes === liveBytes, `${pages} pages: ${memory.liveBytes} bytes are live, ${liveBytes} before`);
    if (got === undefined)
      that(memory.capacityBytes === capacityBytes, `${pages} pages: refused, but it has ${memory.capacityBytes} of ${capacityBytes}`);
    for (const [i, each] of (got ?? []).entries()) sameBits(each, want[i] as Tensor, `${pages} pages, result ${i}`);
    kernels.dispose();
    if (got) return;
  }
}

/** None where so little does not hold the kernels themselves. */
function instance(backend: Backend, maxBytes: number): Kernels | undefined {
  try {
    return backend.load({ maxBytes });
  } catch (error) {
    if (error instanceof OutOfMemoryError) return undefined;
    throw error;
  }
}

const REFUSED: readonly (readonly ['winograd' | 'fft' | 'phases', ConvCase])[] = [
  ['winograd', conv([1, 16, 90, 80], [16, 16, 2, 2], { stride: 2 })],
  ['winograd', conv([1, 16, 90, 80], [16, 16, 3, 3], { stride: 2, dilation: 2, padding: 2, padMode: 'reflect' })],
  ['winograd', transpose([1, 16, 90, 80], [16, 16, 3, 3], { dilation: [1, 17] })],
  ['fft', conv([1, 16, 90, 80], [16, 1, 9, 9], { groups: 16, stride: 2 })],
  ['phases', transpose([1, 16, 90, 80], [16, 3, 2, 3], { stride: 2 })],
];

/** An algorithm that one of the gradients is not for, and an empty batch, of which nothing would be computed. The reference takes every name. */
function refusals(define: Define, backend: Backend): void {
  if (backend.name === 'reference') return;
  for (const [algorithm, c] of REFUSED) {
    define(`all or nothing: algorithm ${algorithm}, backward of ${title(c)}`, () => {
      const kernels = backend.load();
      const p = withAlgorithm(integerProblem(kernels, c, 4), algorithm);
      const { capacityBytes } = kernels.info.memory;
      throws(() => op(kernels, p).backward(p.gradOutput, p.input, p.weight, p.shapeOptions), OptionError, 'backward');
      that(kernels.info.memory.capacityBytes === capacityBytes, 'the memory has grown');
      kernels.dispose();
    });
  }
  define('all or nothing: an algorithm is refused of an empty batch too', () => {
    const { kernels } = backend;
    const p = withAlgorithm(integerProblem(kernels, conv([0, 3, 6, 5], [4, 3, 1, 1]), 1), 'winograd');
    for (const name of ['output', 'gradInput', 'gradWeight'] as const) throws(() => compute[name](kernels, p), OptionError, name);
    throws(() => op(kernels, p).backward(p.gradOutput, p.input, p.weight, p.shapeOptions), OptionError, 'backward');
  });
}
