import {
  DisposedError,
  type Kernels,
  type MatmulPlanOptions,
  OptionError,
  OutOfMemoryError,
  ShapeError,
  type Tensor,
} from '../../src/index.js';
import { type Backend, type Define, eachOwn } from './backend.js';
import { at, close, equal, sameBits, that, throws } from './check.js';
import { absolute, asView, filled, floats, guarded, guardedResident, integers, seeded, sizeOf } from './data.js';
import { tolerances } from './truth.js';

type Shape = readonly number[];

/** `matmul.plan`, and a bias of any shape that broadcasts, in calls and in plans. */
export function matmulPlan(define: Define, backend: Backend): void {
  const { kernels } = backend;
  plans(define, kernels);
  biases(define, backend);
  lifetime(define, backend);
  refusals(define, kernels);
}

function plans(define: Define, kernels: Kernels): void {
  const [MR = 4, NR = 8] = kernels.info.tile;
  const [, NC = 16, KC = 8] = kernels.info.blocks;
  for (const m of [...Array.from({ length: 2 * MR + 2 }, (_, i) => i + 1), 16, 24, 25, 33]) {
    define(`matmul.plan: ${m} rows, exactly`, () => {
      for (const [n, k] of [
        [1, 5],
        [NR - 1, 3],
        [NR, KC],
        [2 * NR + 5, KC + 3],
        [17, 2 * KC + 1],
      ] as const) {
        for (const transposeB of [false, true]) check(kernels, [m, k], transposeB ? [n, k] : [k, n], { transposeB });
      }
    });
  }
  define('matmul.plan: more columns than a block', () => {
    for (const m of [1, MR, 30]) check(kernels, [m, KC + 1], [NC + NR + 3, KC + 1], { transposeB: true });
  });
  for (const [a, b] of [
    [
      [2, 3, 4],
      [4, 9],
    ],
    [
      [5, 1, 4],
      [4, 9],
    ],
    [
      [3, 2, 4],
      [3, 4, 9],
    ],
    [
      [2, 4],
      [3, 4, 9],
    ],
    [
      [2, 1, 5, 4],
      [3, 4, 9],
    ],
    [
      [2, 3, 5, 4],
      [1, 3, 4, 9],
    ],
    [
      [0, 4],
      [4, 9],
    ],
    [
      [2, 4],
      [4, 0],
    ],
    [
      [2, 3, 0],
      [0, 9],
    ],
  ] as const) {
    define(`matmul.plan: [${a}] by [${b}]`, () => {
      check(kernels, a, b, {});
      check(kernels, a, flipped(b), { transposeB: true });
      check(kernels, flipped(a), b, { transposeA: true });
    });
  }
}

/** The plan has the bits of the call, and both are right: b and the bias may be overwritten after planning. */
function check(kernels: Kernels, aShape: Shape, bShape: Shape, options: Omit<MatmulPlanOptions, 'a' | 'b'>): void {
  const random = seeded(sizeOf(aShape) * 31 + sizeOf(bShape));
  const [a, b] = [integers(random, aShape), integers(random, bShape)];
  const n = options.transposeB ? at(bShape, bShape.length - 2) : at(bShape, bShape.length - 1);
  const bias = integers(random, [n]);
  for (const activation of [undefined, 'relu', 'relu6', { leakyRelu: 0.5 }] as const) {
    const given = { ...options, bias, ...(activation && { activation }) };
    const what = `[${aShape}] by [${bShape}] ${JSON.stringify({ ...options, activation })}`;
    const want = kernels.matmul(a, b, given);
    const kept = { data: b.data.slice(), shape: b.shape };
    const keptBias = { data: bias.data.slice(), shape: bias.shape };
    const plan = kernels.matmul.plan({ ...given, a: aShape, b: asView(kept), bias: keptBias });
    keptBias.data.fill(Number.NaN);
    equal(
      { data: [...plan.outputShape], shape: [want.shape.length] },
      { data: want.shape, shape: [want.shape.length] },
      `outputShape of ${what}`,
    );
    sameBits(plan.run(a), want, what);
    const { out, check } = guarded(want.shape);
    that(plan.run(asView(a), out) === out, 'out is what run returns');
    sameBits(out, want, `${what} into out`);
    check(what);
    const resident = guardedResident(kernels, want.shape);
    const own = kernels.tensor(a.shape, a.data);
    plan.run(own, resident.out);
    sameBits(resident.out, want, `${what}, resident`);
    resident.check(what);
    for (const each of [plan, resident, own]) each.dispose();
  }
}

const flipped = (shape: Shape): number[] => [...shape.slice(0, -2), ...shape.slice(-2).reverse()];

/** [a, b, bias]: each axis of the bias is the result's or one. */
const BIASED: readonly (readonly [Shape, Shape, Shape])[] = [
  [[5, 3], [3, 11], [11]],
  [[5, 3], [3, 11], []],
  [[2, 5, 3], [3, 11], []],
  [[2, 5, 3], [2, 3, 11], []],
  [[5, 3], [3, 11], [1]],
  [
    [5, 3],
    [3, 11],
    [1, 11],
  ],
  [
    [5, 3],
    [3, 11],
    [5, 1],
  ],
  [
    [5, 3],
    [3, 11],
    [5, 11],
  ],
  [
    [1, 3],
    [3, 11],
    [1, 11],
  ],
  [
    [30, 3],
    [3, 41],
    [30, 41],
  ],
  [
    [30, 3],
    [3, 41],
    [30, 1],
  ],
  [
    [41, 3],
    [3, 5],
    [41, 5],
  ],
  [
    [41, 3],
    [3, 1],
    [41, 1],
  ],
  [
    [2, 5, 3],
    [3, 11],
    [5, 11],
  ],
  [
    [2, 5, 3],
    [3, 11],
    [5, 1],
  ],
  [
    [2, 5, 3],
    [3, 11],
    [2, 5, 11],
  ],
  [
    [2, 5, 3],
    [3, 11],
    [2, 1, 11],
  ],
  [
    [2, 5, 3],
    [3, 11],
    [1, 5, 11],
  ],
  [
    [2, 4, 5, 3],
    [3, 11],
    [4, 1, 1],
  ],
  [
    [2, 5, 3],
    [2, 3, 11],
    [5, 11],
  ],
  [
    [2, 5, 3],
    [2, 3, 11],
    [2, 1, 1],
  ],
  [
    [5, 3],
    [4, 3, 11],
    [4, 5, 1],
  ],
  [
    [5, 0],
    [0, 11],
    [5, 11],
  ],
  [
    [2, 5, 0],
    [0, 11],
    [5, 1],
  ],
];

function biases(define: Define, { kernels, oracle }: Backend): void {
  for (const [a, b, shape] of BIASED) {
    define(`matmul: a bias of [${shape}] for [${a}] by [${b}]`, () => {
      const random = seeded(sizeOf(a) + sizeOf(shape));
      for (const activation of [undefined, 'relu', { leakyRelu: -0.5 }] as const) {
        const exact = { a: integers(random, a), b: integers(random, b), bias: integers(random, shape) };
        const plain = kernels.matmul(exact.a, exact.b);
        const want = filled(plain.shape, (i) =>
          activate(activation, at(plain.data, i) + at(exact.bias.data, biasAt(i, plain.shape, shape))),
        );
        const options = { bias: asView(exact.bias), ...(activation && { activation }) };
        equal(kernels.matmul(exact.a, exact.b, options), want, 'call');
        const plan = kernels.matmul.plan({ ...options, a, b: exact.b });
        equal(plan.run(exact.a), want, 'plan');
        plan.dispose();
        // A transposed a is never more rows of one product.
        const turned = { data: transposed(exact.a), shape: flipped(a) };
        equal(kernels.matmul(turned, exact.b, { ...options, transposeA: true }), want, 'transposeA');
      }
      const [x, w, bias] = [floats(random, a), floats(random, b), floats(random, shape)];
      const magnitude = oracle.matmul(absolute(x), absolute(w), { bias: absolute(bias) });
      close(kernels.matmul(x, w, { bias }), oracle.matmul(x, w, { bias }), tolerances(at(a, a.length - 1), magnitude.data), 'floats');
    });
  }
}

function activate(activation: 'relu' | { leakyRelu: number } | undefined, v: number): number {
  if (activation === undefined || v > 0) return v;
  return activation === 'relu' ? 0 : activation.leakyRelu * v;
}

/** Where the bias of the index-th element of the result is. */
function biasAt(index: number, result: Shape, shape: Shape): number {
  let [at_, step, rest] = [0, 1, index];
  for (let axis = result.length - 1; axis >= 0; axis--) {
    const size = at(result, axis);
    const own = shape[axis - result.length + shape.length] ?? 1;
    at_ += (own === 1 ? 0 : rest % size) * step;
    step *= own;
    rest = Math.floor(rest / size);
  }
  return at_;
}

function transposed(t: Tensor): Float32Array {
  const [m, k] = t.shape.slice(-2) as [number, number];
  return t.data.map((_, i) => {
    const within = i % (m * k);
    return at(t.data, i - within + (within % m) * k + Math.floor(within / m));
  });
}

function lifetime(define: Define, backend: Backend): void {
  const own = eachOwn(define, backend);
  own('a matmul plan holds its bytes until it is disposed', (kernels) => {
    const before = kernels.info.memory.liveBytes;
    const plan = kernels.matmul.plan({ a: [2, 5], b: filled([5, 9], Number), bias: filled([9], Number) });
    that(plan.bytes >= (5 * 9 + 9) * 4, `plan.bytes is ${plan.bytes}`);
    that(kernels.info.memory.liveBytes === before + plan.bytes, 'live bytes are those of the plan');
    plan.dispose();
    plan.dispose();
    that(kernels.info.memory.liveBytes === before, 'all is given back');
    const { message } = throws(() => plan.run(filled([2, 5], Number)), DisposedError, 'run');
    that(message === 'matmul.plan.run: the plan was disposed', message);
  });
  own('a matmul plan with a resident b and bias, made while the memory grows', (kernels) => {
    const b = kernels.tensor([600, 64], filled([600, 64], (i) => i % 7).data);
    const bias = kernels.tensor([3, 64], filled([3, 64], () => 100).data);
    const a = filled([3, 600], (i) => i % 5);
    const want = kernels.matmul(a, b, { bias });
    const plan = kernels.matmul.plan({ a: a.shape, b, bias });
    b.data.fill(Number.NaN);
    bias.data.fill(Number.NaN);
    sameBits(plan.run(a), want, 'plan');
  });
  own(
    'a matmul plan that does not fit changes nothing',
    (kernels) => {
      const before = kernels.info.memory.liveBytes;
      const { message } = throws(() => kernels.matmul.plan({ a: [1, 1000], b: filled([1000, 1000], () => 1) }), OutOfMemoryError, 'plan');
      that(/^matmul\.plan: /.test(message), message);
      that(kernels.info.memory.liveBytes === before, 'nothing is held');
      equal(
        kernels.matmul(filled([1, 2], Number), filled([2, 1], Number)),
        filled([1, 1], () => 1),
        'a small product',
      );
    },
    { maxBytes: 3 * 2 ** 20 },
  );
}

function refusals(define: Define, kernels: Kernels): void {
  const zeros = (...shape: number[]): Tensor => filled(shape, () => 0);
  const b = zeros(3, 4);
  const given =
    (options: object): (() => unknown) =>
    () =>
      kernels.matmul.plan({ a: [2, 3], b, ...options } as MatmulPlanOptions);
  for (const [what, run, error, message] of [
    [
      'an unknown option',
      given({ input: [2, 3] }),
      OptionError,
      /^matmul\.plan: unknown option 'input'; known: a, b, transposeA, transposeB, bias, activation$/,
    ],
    ['out', given({ out: zeros(2, 4) }), OptionError, /^matmul\.plan: unknown option 'out'/],
    ['no shape', given({ a: undefined }), ShapeError, /^matmul\.plan: a is undefined; expected an array of sizes/],
    ['no b', given({ b: undefined }), OptionError, /^matmul\.plan: b is undefined; expected a tensor/],
    ['another k', given({ a: [2, 5] }), ShapeError, /^matmul\.plan: b is \[\.\.\., k, n\] = \[3, 4\]; k must be 5/],
    ['a flag', given({ transposeB: 1 }), OptionError, /^matmul\.plan: transposeB is 1; expected a boolean/],
    ['an activation', given({ activation: 'gelu' }), OptionError, /^matmul\.plan: activation is "gelu"/],
    [
      'a bias that does not broadcast',
      given({ bias: zeros(3, 4) }),
      ShapeError,
      /^matmul\.plan: bias is \[3, 4\]; expected \[n\] = \[4\], \[m, n\] = \[2, 4\], or another shape that broadcasts to the result \[2, 4\]$/,
    ],
    ['a bias of more axes', given({ bias: zeros(1, 2, 4) }), ShapeError, /^matmul\.plan: bias is \[1, 2, 4\]; expected/],
  ] as const) {
    define(`matmul.plan refuses ${what}`, () => {
      const thrown = throws(run as () => unknown, error as never, what) as Error;
      that((message as RegExp).test(thrown.message), thrown.message);
    });
  }
  define('matmul.plan refuses an input of another shape, and an out that overlaps it', () => {
    const plan = kernels.matmul.plan({ a: [3, 3], b: zeros(3, 3) });
    const wrong = throws(() => plan.run(zeros(3, 4)), ShapeError, 'input');
    that(wrong.message === "matmul.plan.run: a is [3, 4]; expected the plan's a [3, 3]", wrong.message);
    const x = zeros(3, 3);
    const overlap = throws(() => plan.run(x, x), OptionError, 'out');
    that(/^matmul\.plan\.run: out overlaps the memory of a;/.test(overlap.message), overlap.message);
    throws(() => plan.run(x, zeros(3, 4)), ShapeError, 'out');
    plan.dispose();
  });
}
