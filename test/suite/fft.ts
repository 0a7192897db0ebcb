import type { Tensor } from '../../src/index.js';
import { OptionError } from '../../src/index.js';
import { both, conv, transpose } from './algorithm-cases.js';
import { everyWay } from './algorithm-ways.js';
import type { Backend, Define } from './backend.js';
import { at, close, equal, sameBits, that, throws } from './check.js';
import { filled, rows, seeded } from './data.js';
import { fftLocalTolerance, fftTolerance } from './fft-bound.js';
import { type ConvCase, compute, floatProblem, integerProblem, type Problem, title, withAlgorithm } from './problem.js';
import { wanted } from './truth.js';
import { RATIO } from './winograd-bound.js';

type Result = 'output' | 'gradInput';
const RESULTS: readonly Result[] = ['output', 'gradInput'];

/** Convolutions by Fourier transforms: sizes around tiles, values that would drown others, zeros and what is not finite. */
export function fft(define: Define, backend: Backend): void {
  for (const c of CASES.flatMap(both)) {
    define(`fft: floats, ${title(c)}`, () => floats(backend, c));
    define(`fft: outliers, ${title(c)}`, () => outliers(backend, c));
    define(`fft: windows of zeros, ${title(c)}`, () => zeros(backend, c));
    define(`fft: not finite, ${title(c)}`, () => notFinite(backend, c));
    define(`fft: an image in a batch, ${title(c)}`, () => batches(backend, c));
  }
  for (const c of REFUSED.flatMap(both)) define(`fft: refuses ${title(c)}`, () => refusals(backend, c));
  define('fft: beside what is 32 times as large it transforms, beside what is larger it leaves all to direct sums', () => ratio(backend));
  define('fft: long filters', () => {
    for (const [length, taps] of [
      [5000, 128],
      [4099, 400],
      [9000, 4000],
    ] as const) {
      floats(backend, line(1, 1, length, taps, [taps - 1, 0]), ['output']);
    }
  });
}

const line = (batch: number, channels: number, length: number, taps: number, padding: readonly [number, number]): ConvCase => ({
  op: 'conv1d',
  input: [batch, channels, length],
  weight: [channels, 1, taps],
  options: { groups: channels, padding: [padding] },
  bias: true,
});

/** One tile and several, whole and partial pairs, one more and one less than a tile has; pads of no, half, all and more than the kernel, before alone (causal), and crops. */
const CASES: readonly ConvCase[] = [
  line(2, 1, 8, 8, [0, 0]),
  line(2, 3, 33, 8, [7, 0]),
  ...[63, 64, 65, 200].map((length, i) => line(1 + (i % 2), 2, length, 9 + 4 * i, [4 * i, 3])),
  { ...line(3, 1, 150, 20, [25, 25]), activation: 'relu' },
  line(1, 2, 300, 40, [-3, -2]),
  {
    op: 'convTranspose1d',
    input: [2, 3, 70],
    weight: [3, 1, 12],
    options: { groups: 3, padding: [[2, 4]] },
    bias: true,
    activation: 'relu6',
  },
  { ...conv([2, 3, 11, 23], [3, 1, 1, 9], { groups: 3, padding: [0, 4] }), bias: true },
  { ...conv([2, 3, 20, 23], [3, 1, 9, 8], { groups: 3, padding: 4 }), bias: true, activation: 'relu' },
  conv([1, 1, 17, 31], [1, 1, 2, 8], { padding: [1, 3] }),
  { ...conv([1, 5, 14, 14], [5, 1, 13, 13], { groups: 5, padding: 6 }), activation: { leakyRelu: 0.5 } },
  conv([1, 2, 40, 37], [2, 1, 16, 17], { groups: 2 }),
  {
    ...conv([2, 4, 9, 10], [4, 1, 3, 10], {
      groups: 4,
      padding: [
        [2, 0],
        [12, 1],
      ],
    }),
    bias: true,
  },
  conv([1, 2, 30, 28], [2, 1, 31, 31], { groups: 2, padding: 15 }),
  conv([1, 2, 21, 30], [2, 1, 5, 11], {
    groups: 2,
    padding: [
      [-1, 2],
      [3, -4],
    ],
  }),
  { ...transpose([1, 3, 12, 15], [3, 1, 8, 9], { groups: 3, padding: [3, 2] }), bias: true, activation: 'relu' },
];

const given = (p: Problem, name: Result): Tensor => (name === 'output' ? p.input : p.gradOutput);
const withGiven = (p: Problem, name: Result, t: Tensor): Problem => (name === 'output' ? { ...p, input: t } : { ...p, gradOutput: t });

function floats(backend: Backend, c: ConvCase, names: readonly Result[] = RESULTS): void {
  const p = floatProblem(backend.kernels, c, 41);
  for (const name of names) {
    const want = wanted(backend, p, [name])[name];
    const tolerance = fftTolerance(backend, p, name);
    for (const algorithm of ['fft', 'auto'] as const)
      everyWay(backend, p, algorithm, name, (got, what) => close(got, want, tolerance, what));
  }
  const q = integerProblem(backend.kernels, c, 42);
  equal(
    compute.gradWeight(backend.kernels, withAlgorithm(q, 'fft')),
    wanted(backend, q, ['gradWeight']).gradWeight,
    'gradWeight, by direct sums',
  );
}

/** Elements within the bound of their own windows, whatever stands beside these. */
function isLocal(backend: Backend, p: Problem, name: Result, what: string): void {
  const want = wanted(backend, p, [name])[name];
  const got = compute[name](backend.kernels, withAlgorithm(p, 'fft'));
  close(got, want, fftLocalTolerance(backend, p, name), what);
}

/** A pixel, a row of them, and numbers of every magnitude. */
function outliers(backend: Backend, c: ConvCase): void {
  for (const name of RESULTS) {
    const p = floatProblem(backend.kernels, c, 43);
    const t = given(p, name);
    const changed = (change: (value: number, i: number) => number): Problem =>
      withGiven(
        p,
        name,
        filled(t.shape, (i) => change(at(t.data, i), i)),
      );
    for (const [i, value] of [1e30, 1e8, -1e4, 100].entries()) {
      const place = (Math.floor((0.1 + 0.28 * i) * t.data.length) + 7 * i) % t.data.length;
      isLocal(
        backend,
        changed((v, each) => (each === place ? value : v)),
        name,
        `${name}, ${value} at ${place}`,
      );
    }
    for (const by of [1e-44, 1e-35, 1e-15, 1e15, 1e28])
      isLocal(
        backend,
        changed((v) => v * by),
        name,
        `${name}, everything times ${by}`,
      );
    for (const decades of [1, 3, 8, 20]) {
      const random = seeded(decades);
      isLocal(
        backend,
        changed((v) => (random() < 0.2 ? 0 : v * 10 ** ((random() * 2 - 1) * decades))),
        name,
        `${name}, 1e±${decades}`,
      );
    }
    // A step: on one side everything is a thousand times as large.
    isLocal(
      backend,
      changed((v, i) => (2 * i > t.data.length ? 1000 * v : v)),
      name,
      `${name}, a step`,
    );
    for (const [i, value] of [1e4, 1e30].entries()) {
      const tap = (i * 37 + 4) % p.weight.data.length;
      const weight = filled(p.weight.shape, (each) => (each === tap ? value : at(p.weight.data, each)));
      isLocal(backend, { ...p, weight }, name, `${name}, a tap of ${value}`);
    }
    isLocal(backend, { ...p, weight: filled(p.weight.shape, (each) => at(p.weight.data, each) * 1e-30) }, name, `${name}, small taps`);
  }
}

/** Of numbers of magnitude 1, but for the first, in one pair of tiles. */
function ratio(backend: Backend): void {
  for (const c of [line(1, 1, 40, 16, [0, 0]), conv([1, 1, 16, 22], [1, 1, 8, 8])].flatMap(both)) {
    const p = floatProblem(backend.kernels, c, 48);
    for (const largest of [RATIO, RATIO + 1]) {
      const input = filled(p.input.shape, (i) => (i === 0 ? largest : Math.sign(at(p.input.data, i)) || 1));
      const [fft, direct] = (['fft', 'direct'] as const).map((algorithm) =>
        compute.output(backend.kernels, withAlgorithm({ ...p, input }, algorithm)),
      ) as [Tensor, Tensor];
      const others = fft.data.filter((value, i) => !Object.is(value, at(direct.data, i))).length;
      const transforms = largest <= RATIO && backend.name !== 'reference';
      that(others > 0 === transforms, `${largest} beside 1: ${others} of ${fft.data.length} elements have other bits than direct sums`);
    }
  }
}

/** Which elements meet a position where `t` is not zero, whatever the weight. */
function meeting(backend: Backend, p: Problem, name: Result, t: Tensor): Float32Array {
  const { bias: _, activation: __, ...linear } = p.options;
  const marks = { data: t.data.map((value) => (value === 0 ? 0 : 1)), shape: t.shape };
  const ones = filled(p.weight.shape, () => 1);
  return compute[name](backend.oracle, { ...withGiven(p, name, marks), weight: ones, options: linear }).data;
}

/** An element that meets zeros alone is the bias, to the bit. */
function zeros(backend: Backend, c: ConvCase): void {
  for (const name of RESULTS) {
    for (const [seed, share] of [0, 0.002, 0.02, 0.3].entries()) {
      const p = floatProblem(backend.kernels, c, 44 + seed);
      const random = seeded(seed);
      const t = given(p, name);
      const sparse = filled(t.shape, (i) => (random() < share ? at(t.data, i) : i % 3 === 0 ? -0 : 0));
      const q = withGiven(p, name, sparse);
      const met = meeting(backend, q, name, sparse);
      const want = wanted(backend, q, [name])[name];
      const tolerance = fftTolerance(backend, q, name);
      everyWay(backend, q, 'fft', name, (got, what) => {
        close(
          got,
          want,
          tolerance.map((bound, i) => (at(met, i) ? bound : 0)),
          what,
        );
      });
    }
  }
}

/** NaN and infinity reach what meets them, and nothing else. */
function notFinite(backend: Backend, c: ConvCase): void {
  if (backend.name === 'reference') return; // its truth, the matrix C, has no padding and drops a NaN at relu
  for (const name of RESULTS) {
    const p = floatProblem(backend.kernels, c, 45);
    const t = given(p, name);
    const clean = wanted(backend, p, [name])[name];
    const tolerance = fftTolerance(backend, p, name);
    for (const [i, value] of [Number.NaN, Number.POSITIVE_INFINITY, 3.4e38].entries()) {
      for (const share of [i * 0.1, 0.99 - i * 0.2]) {
        const place = (Math.floor(share * t.data.length) + i) % t.data.length;
        const only = filled(t.shape, (each) => (each === place ? 1 : 0));
        const q = withGiven(
          p,
          name,
          filled(t.shape, (each) => (each === place ? value : at(t.data, each))),
        );
        const met = meeting(backend, p, name, only);
        const want = wanted(backend, q, [name])[name];
        everyWay(backend, q, 'fft', name, (got, what) => {
          for (let each = 0; each < got.data.length; each++) {
            const [found, known] = [at(got.data, each), at((at(met, each) ? want : clean).data, each)];
            const same = Object.is(found, known) || Math.abs(found - known) <= Math.max(at(tolerance, each), 1e-6 * Math.abs(known));
            that(same, `${value} at ${place}: element ${each} is ${found}, expected ${known}, ${what}`);
          }
        });
      }
    }
    // A weight that is not finite is multiplied as the definition says: not with what x = Cᵀ y does not meet.
    const q = withGiven(
      { ...p, weight: filled(p.weight.shape, () => 1) },
      name,
      filled(t.shape, () => 1),
    );
    const bounds = fftTolerance(backend, q, name);
    const spoilt = { ...q, weight: filled(p.weight.shape, (i) => (i === 5 ? Number.POSITIVE_INFINITY : 1)) };
    const want = wanted(backend, spoilt, [name])[name];
    const got = compute[name](backend.kernels, withAlgorithm(spoilt, 'fft'));
    for (const [i, known] of want.data.entries()) {
      const same = Object.is(at(got.data, i), known) || Math.abs(at(got.data, i) - known) <= at(bounds, i);
      that(same, `an infinite tap: element ${i} is ${got.data[i]}, expected ${known}, ${name}`);
    }
  }
}

/** Alone and among others, at any place. */
function batches(backend: Backend, c: ConvCase): void {
  const many = { ...c, input: [5, ...c.input.slice(1)] };
  const p = withAlgorithm(floatProblem(backend.kernels, many, 46), 'fft');
  const all = compute.output(backend.kernels, p);
  for (const image of [0, 3, 4]) {
    const alone = compute.output(backend.kernels, { ...p, input: rows(p.input, image, image + 1) });
    sameBits(alone, rows(all, image, image + 1), `image ${image}`);
  }
}

const REFUSED: readonly ConvCase[] = [
  conv([1, 2, 9, 30], [2, 2, 3, 9]),
  conv([1, 2, 9, 30], [4, 1, 3, 9], { groups: 2 }),
  conv([1, 2, 9, 30], [2, 1, 9, 7], { groups: 2 }),
  conv([1, 2, 20, 30], [2, 1, 9, 9], { groups: 2, stride: 2 }),
  conv([1, 2, 20, 30], [2, 1, 9, 9], { groups: 2, dilation: [1, 2] }),
  { op: 'conv3d', input: [1, 2, 3, 9, 20], weight: [2, 1, 2, 3, 9], options: { groups: 2 } },
];

function refusals(backend: Backend, c: ConvCase): void {
  if (backend.name === 'reference') return; // has one algorithm, and takes every name
  const p = withAlgorithm(floatProblem(backend.kernels, c, 47), 'fft');
  for (const name of RESULTS) {
    const error = throws(() => compute[name](backend.kernels, p), OptionError, name);
    that(/algorithm 'fft' is for one channel of the operand and one of the result in a group/.test(error.message), error.message);
  }
}
