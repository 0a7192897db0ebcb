import type { Algorithm, Tensor } from '../../src/index.js';
import { both, conv, transpose } from './algorithm-cases.js';
import { everyWay } from './algorithm-ways.js';
import type { Backend, Define } from './backend.js';
import { at, close, that } from './check.js';
import { filled, rows, seeded, sizeOf } from './data.js';
import { type ConvCase, compute, floatProblem, isTransposed, type Problem, title, withAlgorithm } from './problem.js';
import { truth, wanted } from './truth.js';
import { localTolerance, localWeightTolerance, winogradTolerance } from './winograd-bound.js';
import { winogradFits } from './winograd-taps.js';

/** Values that would drown a tile's others, and windows of zeros: Winograd's error is of what an output meets, whatever stands beside it. */
export function winogradOutliers(define: Define, backend: Backend): void {
  if (backend.name === 'reference') return;
  pixels(define, backend);
  everywhere(define, backend);
  zeros(define, backend);
  weights(define, backend);
  magnitudes(define, backend);
  batches(define, backend);
  gradients(define, backend);
}

type Result = 'output' | 'gradInput';

/** Tiles of 4×4 and of 2×2, whole and partial ones, blocks that end within a row of them, groups, larger kernels, pads that reach further than the kernel; as y = C x and as x = Cᵀ y. */
const CASES = (
  [
    { ...conv([1, 6, 13, 14], [8, 3, 3, 3], { padding: 1, groups: 2 }), bias: true, activation: 'relu' },
    { ...conv([2, 5, 6, 7], [9, 5, 3, 3], { padding: [[2, 0], 1] }), bias: true },
    conv([1, 4, 11, 13], [3, 4, 5, 5], { padding: 2 }),
    conv([2, 2, 22, 18], [3, 2, 3, 3], { padding: 1 }),
    { ...conv([1, 4, 12, 13], [6, 2, 2, 2], { padding: 1, groups: 2 }), bias: true },
    conv([1, 3, 7, 14], [5, 3, 2, 3], { padding: [0, 1] }),
    {
      ...conv([1, 3, 12, 9], [5, 3, 7, 4], {
        padding: [
          [3, 3],
          [4, 1],
        ],
      }),
      bias: true,
      activation: { leakyRelu: 0.5 },
    },
    { ...transpose([1, 5, 11, 12], [5, 4, 3, 3], { padding: 1 }), bias: true, activation: 'relu6' },
    transpose([1, 4, 9, 10], [4, 3, 5, 3], { padding: [2, 0], groups: 2 }),
    { ...transpose([1, 4, 7, 9], [4, 3, 4, 4], { stride: 2, padding: 1 }), bias: true, activation: 'relu' },
    transpose([2, 3, 6, 5], [3, 4, 5, 4], { stride: 2, padding: [2, 1], outputPadding: 1 }),
    { ...transpose([1, 4, 6, 7], [4, 5, 3, 3], { stride: 2, padding: 1, outputPadding: 1 }), bias: true },
    { ...conv([1, 4, 15, 18], [5, 4, 3, 3], { stride: 2, padding: 1 }), bias: true, activation: 'relu' },
    conv([1, 3, 17, 14], [4, 3, 5, 4], { stride: [2, 3], padding: [1, 2] }),
    { ...conv([1, 4, 15, 14], [5, 4, 3, 3], { dilation: 2, padding: 2 }), bias: true },
    conv([1, 3, 13, 20], [4, 3, 3, 3], { dilation: [3, 4], stride: [2, 1], padding: [3, 1] }),
    { ...conv([1, 4, 5, 19], [5, 4, 1, 5], { padding: [0, 2] }), bias: true },
    conv([2, 3, 17, 6], [4, 3, 4, 1], { padding: [2, 1], stride: [1, 2] }),
    { op: 'conv1d', input: [2, 4, 41], weight: [5, 4, 3], options: { dilation: 3, padding: 3 }, bias: true },
    { op: 'conv3d', input: [1, 3, 4, 9, 10], weight: [4, 3, 3, 3, 3], options: { padding: 1 }, bias: true },
    { op: 'convTranspose3d', input: [1, 3, 3, 5, 6], weight: [3, 4, 2, 4, 3], options: { stride: [1, 2, 1], padding: [0, 1, 1] } },
  ] satisfies readonly ConvCase[]
).flatMap((c: ConvCase) => both(c));

/** What Winograd computes of a case. */
function namesOf(backend: Backend, c: ConvCase): readonly Result[] {
  const p = floatProblem(backend.kernels, c, 31);
  return (['output', 'gradInput'] as const).filter((name) => winogradFits(p, isTransposed(c.op) === (name === 'output')));
}

/** The algorithm of `gemm`'s sums over the same views. */
const exactOf = (c: ConvCase, name: Result): Algorithm => (isTransposed(c.op) === (name === 'output') ? 'phases' : 'gemm');

const given = (p: Problem, name: Result): Tensor => (name === 'output' ? p.input : p.gradOutput);
const withGiven = (p: Problem, name: Result, t: Tensor): Problem => (name === 'output' ? { ...p, input: t } : { ...p, gradOutput: t });

/** Which elements of the result meet a position where `t` is not zero, whatever the weight. */
function meeting(backend: Backend, p: Problem, name: Result, t: Tensor): Float32Array {
  const { bias: _, activation: __, ...linear } = p.options;
  const ones = filled(p.weight.shape, () => 1);
  const marks = { data: t.data.map((value) => (value === 0 ? 0 : 1)), shape: t.shape };
  return compute[name](backend.oracle, { ...withGiven(p, name, marks), weight: ones, options: linear }).data;
}

/** A pixel at every place of an image of a few tiles; what does not meet it is as near to the truth as without it, what does has the GEMM's bits or its own bound. */
function pixels(define: Define, backend: Backend): void {
  const [, , KC = 8] = backend.kernels.info.blocks;
  for (const c of CASES) {
    for (const name of namesOf(backend, c)) {
      define(`winograd outliers: one pixel, ${name} of ${title(c)}`, () => {
        const p = floatProblem(backend.kernels, c, 31);
        const clean = given(p, name);
        const want = wanted(backend, p, [name])[name];
        const tolerance = winogradTolerance(p, name, KC);
        for (const [i, value] of [3.4e38, 1e8, -1e6, Number.POSITIVE_INFINITY, 1e30, Number.NaN].entries()) {
          for (let place = i; place < clean.data.length; place += 199) {
            const only = filled(clean.shape, (each) => (each === place ? 1 : 0));
            const q = withGiven(
              p,
              name,
              filled(clean.shape, (each) => (each === place ? value : at(clean.data, each))),
            );
            const exact = compute[name](backend.kernels, withAlgorithm(q, exactOf(c, name)));
            const met = meeting(backend, p, name, only);
            const got = compute[name](backend.kernels, withAlgorithm(q, 'winograd'));
            const spoilt = wanted(backend, q, [name])[name];
            const bound = localTolerance(q, name, KC);
            for (let each = 0; each < got.data.length; each++) {
              const [found, known] = [at(got.data, each), at((at(met, each) ? spoilt : want).data, each)];
              // Where all of a tile meets the pixel, Winograd may compute it: to the pixel's scale, which is theirs.
              const likeGemm = at(met, each) !== 0 && Object.is(found, at(exact.data, each));
              const near = Math.abs(found - known) <= at(at(met, each) ? bound : tolerance, each);
              if (!likeGemm && !near) throw new Error(`${value} at ${place}: element ${each} is ${found}, expected ${known}`);
            }
            if (place % 5 === 0) {
              everyWay(backend, q, 'winograd', name, (other, what) =>
                that(
                  other.data.every((v, j) => Object.is(v, got.data[j])),
                  `${value} at ${place}: ${what}`,
                ),
              );
            }
          }
        }
      });
    }
  }
}

/** So large everywhere that a transform would overflow, in x or in the weight: all of it has the GEMM's bits. */
function everywhere(define: Define, backend: Backend): void {
  for (const c of CASES) {
    for (const name of namesOf(backend, c)) {
      define(`winograd outliers: everything large, ${name} of ${title(c)}`, () => {
        const p = floatProblem(backend.kernels, c, 32);
        const scaled = (t: Tensor, by: number): Tensor => filled(t.shape, (i) => at(t.data, i) * by);
        for (const [x, w] of [
          [1e37, 1],
          [1, 1e37],
          [1e19, 1e19],
          [3e38, 1e-30],
          [1e-40, 1],
        ] as const) {
          const q = { ...withGiven(p, name, scaled(given(p, name), x)), weight: scaled(p.weight, w) };
          const exact = compute[name](backend.kernels, withAlgorithm(q, exactOf(c, name)));
          everyWay(backend, q, 'winograd', name, (got, what) =>
            that(
              got.data.every((v, i) => Object.is(v, exact.data[i])),
              `x times ${x}, weight times ${w}: ${what}`,
            ),
          );
        }
      });
    }
  }
}

/** Digits on an empty ground, and sparse images: an output that meets zeros only is the bias, to the bit, and so is relu's derivative. */
function zeros(define: Define, backend: Backend): void {
  for (const c of CASES) {
    for (const name of namesOf(backend, c)) {
      define(`winograd outliers: windows of zeros, ${name} of ${title(c)}`, () => {
        for (const [seed, share] of [0.02, 0.1, 0.5, 0].entries()) {
          const p = floatProblem(backend.kernels, c, 33 + seed);
          const random = seeded(seed);
          const t = given(p, name);
          const last = c.options?.layout === 'channels-last';
          const channels = at(t.shape, last ? t.shape.length - 1 : 1);
          const space = sizeOf(t.shape) / at(t.shape, 0) / channels;
          const inked = Array.from({ length: space }, () => random() < share);
          const sparse = filled(t.shape, (i) => {
            const position = last ? Math.floor(i / channels) % space : i % space;
            return inked[position] ? at(t.data, i) : i % 3 === 0 ? -0 : 0;
          });
          const q = withGiven(p, name, sparse);
          const met = meeting(backend, q, name, sparse);
          const { want, tolerance } = truth(backend, q, [name])[name];
          const exact = compute[name](backend.kernels, withAlgorithm(q, exactOf(c, name)));
          const bound = winogradTolerance(q, name, at(backend.kernels.info.blocks, 2));
          everyWay(backend, q, 'winograd', name, (got, what) => {
            close(
              got,
              want,
              tolerance.map((sum, i) => (at(met, i) ? Math.max(sum, at(bound, i)) : 0)),
              what,
            );
            that(
              got.data.every((v, i) => at(met, i) !== 0 || Object.is(v, exact.data[i])),
              `${what}: the bits of the bias`,
            );
          });
        }
      });
    }
  }
}

/** A weight with one huge tap, or none finite. */
function weights(define: Define, backend: Backend): void {
  for (const c of CASES) {
    define(`winograd outliers: a huge tap, ${title(c)}`, () => {
      const p = floatProblem(backend.kernels, c, 34);
      for (const [i, value] of [1e4, 1e30, 3.4e38].entries()) {
        const tap = (i * 37 + 4) % p.weight.data.length;
        const q = { ...p, weight: filled(p.weight.shape, (each) => (each === tap ? value : at(p.weight.data, each))) };
        withinLocal(backend, q, namesOf(backend, c));
      }
    });
  }
}

/** Numbers of every magnitude and zeros among each other. */
function magnitudes(define: Define, backend: Backend): void {
  for (const c of CASES) {
    define(`winograd outliers: magnitudes from 1e-30 to 1e30, ${title(c)}`, () => {
      for (let seed = 0; seed < 12; seed++) {
        const random = seeded(seed * 7 + 1);
        const decades = at([1, 3, 8, 30], seed % 4);
        const wild = (t: Tensor): Tensor =>
          filled(t.shape, () => (random() < 0.2 ? 0 : Math.sign(random() - 0.5) * 10 ** ((2 * random() - 1) * decades)));
        const p = floatProblem(backend.kernels, c, seed);
        withinLocal(
          backend,
          { ...p, input: wild(p.input), gradOutput: wild(p.gradOutput), weight: seed % 3 === 0 ? wild(p.weight) : p.weight },
          namesOf(backend, c),
        );
      }
    });
  }
}

/** Every element within the documented bound of what it meets itself. */
function withinLocal(backend: Backend, p: Problem, names: readonly Result[]): void {
  const [, , KC = 8] = backend.kernels.info.blocks;
  const want = wanted(backend, p, names);
  for (const name of names) {
    const got = compute[name](backend.kernels, withAlgorithm(p, 'winograd'));
    const tolerance = localTolerance(p, name, KC);
    for (let i = 0; i < got.data.length; i++) {
      const [found, known] = [at(got.data, i), at(want[name].data, i)];
      const within =
        Object.is(found, known) || Math.abs(found - known) <= at(tolerance, i) || at(tolerance, i) === Number.POSITIVE_INFINITY;
      if (!within) throw new Error(`${name}: element ${i} is ${found}, expected ${known}, tolerance ${at(tolerance, i)}`);
    }
  }
}

/** Whatever stands in the other images of a batch, and in a tile beside, an image has the bits that it has alone. */
function batches(define: Define, backend: Backend): void {
  for (const first of [
    conv([5, 4, 9, 10], [7, 4, 3, 3], { padding: 1 }),
    conv([7, 3, 5, 6], [4, 3, 4, 5], { padding: 2 }),
    conv([5, 3, 9, 11], [4, 3, 3, 3], { stride: 2, padding: 1 }),
    conv([5, 3, 7, 11], [4, 3, 3, 3], { dilation: [2, 3], padding: 2 }),
    { op: 'conv1d', input: [6, 3, 21], weight: [4, 3, 5], options: { padding: 2, dilation: 2 } },
    { op: 'conv3d', input: [5, 3, 3, 5, 6], weight: [4, 3, 3, 3, 3], options: { padding: 1 } },
  ] satisfies readonly ConvCase[]) {
    for (const c of both(first)) {
      define(`winograd outliers: an image has its bits in any batch, ${title(c)}`, () => {
        const p = floatProblem(backend.kernels, c, 35);
        const image = p.input.data.length / at(p.input.shape, 0);
        const random = seeded(5);
        const input = filled(p.input.shape, (i) => {
          const kind = Math.floor(i / image) % 4;
          if (kind === 1 && i % 31 === 0) return 1e7;
          if (kind === 2 && random() < 0.9) return 0;
          return kind === 3 ? at(p.input.data, i) * 1e-42 : at(p.input.data, i);
        });
        const all = compute.output(backend.kernels, withAlgorithm({ ...p, input }, 'winograd'));
        for (let n = 0; n < at(p.input.shape, 0); n++) {
          const alone = compute.output(backend.kernels, withAlgorithm({ ...p, input: rows(input, n, n + 1) }, 'winograd'));
          that(
            rows(all, n, n + 1).data.every((v, i) => Object.is(v, alone.data[i])),
            `image ${n}`,
          );
        }
      });
    }
  }
}

/** Gradients of a weight: a pixel in either operand, empty ground, every magnitude. Each element is within the bound of what meets at its own tap. */
function gradients(define: Define, backend: Backend): void {
  const { kernels } = backend;
  const cases = [
    conv([2, 6, 13, 14], [8, 3, 3, 3], { padding: 1, groups: 2 }),
    conv([1, 5, 6, 143], [9, 5, 3, 3], { padding: [0, 1] }),
    transpose([3, 5, 11, 12], [5, 4, 3, 3], { padding: 1 }),
    conv([2, 4, 12, 15], [5, 4, 5, 5], { padding: 2 }),
    conv([1, 4, 10, 9], [6, 2, 2, 2], { padding: [1, 0], groups: 2 }),
    conv([2, 3, 11, 14], [4, 3, 3, 3], { stride: 2, padding: 1 }),
    conv([1, 3, 12, 141], [4, 3, 3, 3], { dilation: [2, 3], padding: [2, 3] }),
    conv([1, 3, 17, 20], [4, 3, 3, 4], { dilation: [3, 4], stride: [2, 3], padding: 4 }),
    conv([2, 3, 7, 16], [5, 3, 1, 7], { padding: [0, 3], stride: [2, 1] }),
    conv([1, 3, 70, 60], [4, 3, 12, 11], { stride: 10, padding: 3 }),
    transpose([1, 4, 7, 6], [4, 5, 4, 4], { stride: 2, padding: 1 }),
    { op: 'conv1d', input: [2, 4, 49], weight: [5, 4, 3], options: { dilation: 4, padding: 4 } },
    { op: 'conv3d', input: [2, 3, 4, 6, 7], weight: [4, 3, 3, 3, 3], options: { padding: 1 } },
    // Planes of y that meet the padding alone.
    { op: 'conv3d', input: [1, 3, 2, 6, 7], weight: [4, 3, 2, 3, 3], options: { padding: [2, 1, 1] } },
  ] satisfies readonly ConvCase[];
  const near = (p: Problem, what: string): void => {
    const want = wanted(backend, p, ['gradWeight']).gradWeight;
    const tolerance = localWeightTolerance(p);
    everyWay(backend, p, 'winograd', 'gradWeight', (got, way) => {
      for (let i = 0; i < got.data.length; i++) {
        const [found, known] = [at(got.data, i), at(want.data, i)];
        const right =
          Object.is(found, known) || Math.abs(found - known) <= at(tolerance, i) || at(tolerance, i) === Number.POSITIVE_INFINITY;
        if (!right) throw new Error(`${what}, ${way}: element ${i} is ${found}, expected ${known}, tolerance ${at(tolerance, i)}`);
      }
    });
  };
  for (const c of cases.flatMap((first: ConvCase) => both(first))) {
    define(`winograd outliers: one pixel, gradWeight of ${title(c)}`, () => {
      const p = floatProblem(kernels, c, 36);
      for (const operand of ['input', 'gradOutput'] as const) {
        const { shape, data } = p[operand];
        for (const [i, value] of [3.4e38, 1e8, -1e6, 1e4].entries()) {
          for (const place of [0, 1, data.length >> 1, data.length - 1, i * 53 + 7]) {
            const spoilt = filled(shape, (each) => (each === place ? value : at(data, each)));
            near({ ...p, [operand]: spoilt }, `${value} in ${operand} at ${place}`);
          }
        }
      }
    });
    define(`winograd outliers: magnitudes and zeros, gradWeight of ${title(c)}`, () => {
      for (let seed = 0; seed < 16; seed++) {
        const random = seeded(seed * 11 + 3);
        const [decades, zero] = [at([0.5, 3, 10, 19], seed % 4), at([0, 0.3, 0.9, 0.98], seed >> 2)];
        const wild = (t: Tensor): Tensor =>
          filled(t.shape, () => (random() < zero ? 0 : Math.sign(random() - 0.5) * 10 ** ((2 * random() - 1) * decades)));
        const p = floatProblem(kernels, c, seed);
        near({ ...p, input: wild(p.input), gradOutput: wild(p.gradOutput) }, `${decades} decades, ${zero} zeros`);
      }
    });
    define(`winograd outliers: large, small and empty, gradWeight of ${title(c)}`, () => {
      const p = floatProblem(kernels, c, 37);
      const scaled = (t: Tensor, by: number): Tensor => filled(t.shape, (i) => at(t.data, i) * by);
      for (const [x, y] of [
        [1e37, 1],
        [1, 1e37],
        [1e19, 1e18],
        [1e-40, 1],
        [1e30, 1e-42],
        [0, 1],
      ] as const) {
        near({ ...p, input: scaled(p.input, x), gradOutput: scaled(p.gradOutput, y) }, `input times ${x}, gradOutput times ${y}`);
      }
      const first = filled(p.gradOutput.shape, (i) => (i < 40 ? (i % 3 === 0 ? -3e38 : 3e38) : at(p.gradOutput.data, i)));
      near({ ...p, gradOutput: first }, 'the first of gradOutput too large for a transform');
      // All that a corner tap would meet is zero.
      const ring = filled(p.gradOutput.shape, () => 0);
      ring.data[0] = 1;
      near({ ...p, gradOutput: ring }, 'one corner of gradOutput');
    });
  }
}
