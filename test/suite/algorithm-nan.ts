import type { Algorithm, Tensor } from '../../src/index.js';
import { both, conv, transpose } from './algorithm-cases.js';
import { everyWay } from './algorithm-ways.js';
import type { Backend, Define } from './backend.js';
import { at, equal, that } from './check.js';
import { filled } from './data.js';
import {
  type ConvCase,
  channelsLast,
  compute,
  floatProblem,
  integerProblem,
  isTransposed,
  type Problem,
  title,
  withAlgorithm,
} from './problem.js';
import { wanted } from './truth.js';
import { winogradTolerance } from './winograd-bound.js';

/** Where NaN and infinity go, by each algorithm. */
export function algorithmNan(define: Define, backend: Backend): void {
  weightsThatAreNotFinite(define, backend);
  dataThatIsNotFinite(define, backend);
  gradientsThatAreNotFinite(define, backend);
  tilesThatSeeNaN(define, backend);
  channelsThatSeeNaN(define, backend);
}

const LAYOUTS = ['channels-first', 'channels-last'] as const;
const VALUES = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] as const;

/** Every one is taken by another algorithm than 'gemm' as long as its weight is finite. */
const ADJOINTS: readonly (readonly [Algorithm, ConvCase])[] = [
  ['phases', conv([2, 3, 7, 8], [4, 3, 4, 3], { stride: [2, 3], padding: [1, 2] })],
  ['phases', transpose([2, 4, 3, 4], [4, 3, 3, 4], { stride: [3, 2], padding: 1, outputPadding: 1 })],
  ['winograd', conv([1, 16, 20, 21], [16, 16, 3, 3], { padding: 1 })],
  ['winograd', transpose([1, 16, 20, 21], [16, 17, 3, 3], { padding: [[2, 0], 1] })],
  ['winograd', conv([1, 5, 20, 21], [9, 5, 5, 4], { padding: 2 })],
  ['winograd', transpose([1, 5, 20, 21], [5, 7, 4, 7], { padding: [[2, 0], 3] })],
  ['direct', conv([2, 5, 7, 8], [10, 1, 3, 3], { stride: 2, padding: 1, groups: 5 })],
  ['direct', transpose([2, 5, 4, 6], [5, 1, 3, 4], { stride: 2, groups: 5 })],
];

/**
 * x = Cᵀ y sums over the pairs that meet and no others. Phases and Winograd multiply zeros besides, so they give way to 'gemm' where the weight is not
 * finite: NaN and infinity come out exactly where the definition has them, by whatever algorithm was asked for.
 */
function weightsThatAreNotFinite(define: Define, backend: Backend): void {
  const { kernels, name } = backend;
  for (const [algorithm, first] of ADJOINTS) {
    for (const c of both(first)) {
      define(`algorithm ${algorithm}: NaN and infinity in the weight of ${title(c)}`, () => {
        const p = integerProblem(kernels, c, 12);
        const result = isTransposed(c.op) ? 'output' : 'gradInput';
        const length = p.weight.data.length;
        for (const [i, index] of [0, 1, 4, length >> 1, length - 2, length - 1].entries()) {
          const weight = filled(p.weight.shape, (each) => (each === index ? at(VALUES, i % 3) : at(p.weight.data, each)));
          const q = { ...p, weight };
          const want = wanted(backend, q, [result])[result];
          that(want.data.some(Number.isFinite) && !want.data.every(Number.isFinite), 'the value reaches some elements, not all');
          for (const by of ['auto', 'gemm', algorithm] as const) {
            const found = compute[result](kernels, withAlgorithm(q, by));
            equal(found, want, `${at(VALUES, i % 3)} at ${index}, ${by}`);
          }
        }
        if (!isTransposed(c.op)) return;
        // A plan is made for the weight that it packs, and says what it took.
        const spoiled = filled(p.weight.shape, (i) => (i === 5 ? Number.NaN : at(p.weight.data, i)));
        for (const [weight, by] of [
          [p.weight, algorithm],
          [spoiled, algorithm === 'direct' ? 'direct' : 'gemm'],
        ] as const) {
          const plan = kernels[c.op].plan({ ...p.options, algorithm, input: p.input.shape, weight });
          that(name === 'reference' || plan.algorithm === by, `the plan took ${plan.algorithm}, expected ${by}`);
          if (weight === spoiled) equal(plan.run(p.input), wanted(backend, { ...p, weight }, ['output']).output, 'plan');
          plan.dispose();
        }
      });
    }
  }
}

/** In the data: exactly where the definition sends it. Whole numbers, for algorithms that add them without an error. */
function dataThatIsNotFinite(define: Define, backend: Backend): void {
  for (const [by, first] of [
    [['gemm', 'phases', 'auto'], conv([2, 3, 7, 8], [4, 3, 4, 3], { stride: [2, 3], padding: [1, 2] })],
    [['gemm', 'phases', 'auto'], conv([2, 6, 5, 7], [4, 3, 2, 3], { stride: [1, 4], dilation: [2, 2], padding: [2, 1], groups: 2 })],
    [['gemm', 'phases', 'auto'], transpose([2, 4, 3, 4], [4, 3, 3, 4], { stride: [3, 2], padding: 1, outputPadding: 1 })],
    [['gemm', 'phases', 'direct', 'auto'], conv([2, 5, 7, 8], [10, 1, 3, 3], { stride: 1, padding: 1, groups: 5 })],
    [['gemm', 'phases', 'direct', 'auto'], conv([2, 5, 9, 12], [5, 1, 5, 3], { stride: 2, padding: [2, 1], groups: 5 })],
    [['gemm', 'phases', 'direct', 'auto'], transpose([2, 5, 4, 6], [5, 1, 3, 4], { stride: 2, groups: 5 })],
  ] as const) {
    for (const c of both(first)) {
      define(`algorithms ${by}: NaN and infinity in the data of ${title(c)}`, () => {
        const clean = integerProblem(backend.kernels, c, 21);
        for (const [i, value] of VALUES.entries()) {
          const spoil = (t: Tensor): Tensor =>
            filled(t.shape, (each) => (each === (i * 41 + 6) % t.data.length ? value : at(t.data, each)));
          const p: Problem = { ...clean, input: spoil(clean.input), gradOutput: spoil(clean.gradOutput) };
          const want = wanted(backend, p, ['output', 'gradInput']);
          for (const result of ['output', 'gradInput'] as const) {
            const adjoint = isTransposed(c.op) === (result === 'output');
            for (const algorithm of by) {
              if (algorithm === 'phases' && !adjoint) continue;
              everyWay(backend, p, algorithm, result, (got, what) => equal(got, want[result], `${value}, ${what}`));
            }
          }
        }
      });
    }
  }
}

/** A gradient of the weight by Winograd gives way to 'gemm' where either operand is not finite: 0·∞ of the padding is NaN, other taps and channels are finite. */
function gradientsThatAreNotFinite(define: Define, backend: Backend): void {
  const { kernels } = backend;
  if (backend.name === 'reference') return; // it has no Winograd, and its truth, the matrix C, no padding
  for (const first of [
    conv([2, 9, 10, 13], [8, 9, 3, 3], { padding: [1, 0] }),
    transpose([2, 8, 9, 11], [8, 5, 3, 3], { padding: 1, groups: 2 }),
  ]) {
    for (const c of both(first)) {
      define(`algorithm winograd: NaN and infinity in gradWeight's operands, ${title(c)}`, () => {
        const p = integerProblem(kernels, c, 4);
        for (const operand of ['input', 'gradOutput'] as const) {
          const { length } = p[operand].data;
          for (const [i, index] of [0, 1, length >> 1, length - 1].entries()) {
            const spoiled = filled(p[operand].shape, (each) => (each === index ? at(VALUES, i % 3) : at(p[operand].data, each)));
            const q = { ...p, [operand]: spoiled };
            const want = wanted(backend, q, ['gradWeight']).gradWeight;
            that(want.data.some(Number.isFinite) && !want.data.every(Number.isFinite), 'the value reaches some elements, not all');
            for (const by of ['auto', 'gemm', 'winograd'] as const) {
              everyWay(backend, q, by, 'gradWeight', (got, what) =>
                equal(got, want, `${at(VALUES, i % 3)} in ${operand} at ${index}, ${what}`),
              );
            }
          }
        }
      });
    }
  }
}

/** Of Winograd too: NaN and infinity reach what meets them and nothing else, in their own tile and channel as in others. */
function tilesThatSeeNaN(define: Define, backend: Backend): void {
  const { kernels, name } = backend;
  if (name === 'reference') return;
  const [, , KC = 8] = kernels.info.blocks;
  const [batch, channels, height, width] = [2, 6, 13, 14] as const;
  for (const [layout, kernel] of LAYOUTS.flatMap((each) => KERNELS.map((taps) => [each, taps] as const))) {
    define(`algorithm winograd ${layout}: NaN and infinity reach what meets them, ${kernel}x${kernel}`, () => {
      const pad = Math.floor(kernel / 2);
      const padding = [pad, kernel - 1 - pad] as const;
      const first = conv([batch, channels, height, width], [8, channels / 2, kernel, kernel], { padding: [padding, padding], groups: 2 });
      const c = layout === 'channels-last' ? channelsLast(first) : first;
      const p = floatProblem(kernels, c, 9);
      const tolerance = winogradTolerance(p, 'output', KC);
      for (const [i, [row, column]] of (
        [
          [0, 0],
          [5, 6],
          [4, 8],
          [12, 13],
          [7, 3],
        ] as const
      ).entries()) {
        const place =
          layout === 'channels-last'
            ? (height * width + row * width + column) * channels + 1
            : ((channels + 1) * height + row) * width + column;
        const value = at(VALUES, i % 3);
        const q = { ...p, input: filled(c.input, (each) => (each === place ? value : at(p.input.data, each))) };
        const want = compute.output(kernels, withAlgorithm(q, 'gemm'));
        that(want.data.some(Number.isFinite) && !want.data.every(Number.isFinite), 'the value reaches some elements, not all');
        const allowed = tolerance.map((each, j) => (Number.isFinite(at(want.data, j)) ? 2 * each : 0));
        everyWay(backend, q, 'winograd', 'output', (got, what) => closeOrSame(got, want, allowed, `${value}, ${what}`));
      }
    });
  }
}

/** In the weight of y = C x: as the GEMM has it, to the bit. */
function channelsThatSeeNaN(define: Define, backend: Backend): void {
  const { kernels, name } = backend;
  if (name === 'reference') return;
  // Tiles of 2×2 and of 4×4.
  const sizes = [
    [6, 7],
    [13, 12],
  ] as const;
  for (const c of sizes.flatMap((size) => both(conv([2, 10, ...size], [12, 5, 3, 3], { padding: 1, groups: 2 })))) {
    define(`algorithm winograd: a weight that is not finite, ${title(c)}`, () => {
      const p = floatProblem(kernels, c, 5);
      for (const [i, value] of VALUES.entries()) {
        const place = (i * 211 + 7) % p.weight.data.length;
        const q = { ...p, weight: filled(c.weight, (each) => (each === place ? value : at(p.weight.data, each))) };
        const want = compute.output(kernels, withAlgorithm(q, 'gemm'));
        that(want.data.some(Number.isFinite) && !want.data.every(Number.isFinite), 'the value reaches some elements, not all');
        const tolerance = winogradTolerance(p, 'output', at(kernels.info.blocks, 2)).map((each) => 2 * each);
        everyWay(backend, q, 'winograd', 'output', (got, what) => closeOrSame(got, want, tolerance, `${value}, ${what}`));
      }
    });
  }
}

const KERNELS = [3, 4, 5, 7] as const;

/** Within the tolerance where `want` is finite, else the same. */
function closeOrSame(got: Tensor, want: Tensor, tolerance: Float64Array, what: string): void {
  for (let i = 0; i < want.data.length; i++) {
    const [found, known] = [at(got.data, i), at(want.data, i)];
    const right = Number.isFinite(known) ? Math.abs(found - known) <= at(tolerance, i) : Object.is(found, known);
    that(right, `${what}: element ${i} is ${found}, expected ${known}`);
  }
}
