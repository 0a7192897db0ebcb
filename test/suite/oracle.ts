import type { Activation, ConvShapeOptions, Kernels, Tensor } from '../../src/index.js';
import type { Backend, Define } from './backend.js';
import { close, sameBits, sameShape } from './check.js';
import { absolute, asView, filled, floats, guarded, imageLast, seeded, sizeOf, weightLast } from './data.js';
import {
  type ConvCase,
  type ConvName,
  compute,
  floatProblem,
  mapProblem,
  op as opOf,
  type Problem,
  RESULTS,
  resultShape,
  title,
} from './problem.js';
import { tolerances, truth } from './truth.js';

/** Seeded floats against the oracle, each element within the tolerance computed for it. */
export function oracle(define: Define, backend: Backend): void {
  for (const [index, c] of cases().entries()) {
    define(`oracle ${title(c)}`, () => {
      const p = floatProblem(backend.kernels, c, index);
      const results = closeToTruth(backend, p);
      sameByOtherWays(backend.kernels, p, results);
    });
  }
  sums(define, backend);
  products(define, backend);
  unrolling(define, backend);
}

type Results = Record<(typeof RESULTS)[number], Tensor>;

export function closeToTruth(backend: Backend, p: Problem): Results {
  const wants = truth(backend, p);
  return Object.fromEntries(
    RESULTS.map((name) => {
      const got = compute[name](backend.kernels, p);
      close(got, wants[name].want, wants[name].tolerance, name);
      return [name, got];
    }),
  ) as Results;
}

/** A plan, backward, views, `out` and resident operands change where numbers are, not one bit of them. */
function sameByOtherWays(kernels: Kernels, p: Problem, results: Results): void {
  const op = opOf(kernels, p);
  const { gradInput, gradWeight, gradBias } = op.backward(p.gradOutput, p.input, p.weight, p.shapeOptions);
  sameBits(gradInput, results.gradInput, 'backward gradInput');
  sameBits(gradWeight, results.gradWeight, 'backward gradWeight');
  sameBits(gradBias, results.gradBias, 'backward gradBias');

  const plan = op.plan({ input: p.input.shape, weight: p.weight, ...p.options });
  sameShape(plan.outputShape, results.output.shape, 'plan.outputShape');
  sameBits(plan.run(p.input), results.output, 'plan.run');
  const again = guarded(results.output.shape);
  plan.run(asView(p.input), again.out);
  sameBits(again.out, results.output, 'plan.run again, into out');
  again.check('plan.run');
  plan.dispose();

  const residents: { dispose(): void }[] = [];
  const moved = mapProblem(p, (t) => {
    const resident = kernels.tensor(t.shape, t.data);
    residents.push(resident);
    return resident;
  });
  for (const name of RESULTS) {
    const out = kernels.tensor(resultShape[name](p));
    residents.push(out);
    compute[name](kernels, moved, out);
    sameBits(out, results[name], `${name}, resident`);
  }
  for (const each of residents) each.dispose();
}

type Line = readonly [name: string, options: ConvShapeOptions, activation?: Activation];

/** What every op takes, on a 2-D image. Names say which rule is exercised. */
const SHARED: readonly Line[] = [
  ['plain', {}],
  ['stride 2', { stride: 2 }],
  ['stride [2, 3]', { stride: [2, 3] }],
  ['stride [4, 3] beyond the kernel', { stride: [4, 3] }],
  ['padding 1', { padding: 1 }],
  ['padding [2, 1]', { padding: [2, 1] }],
  [
    'padding [[0, 2], [1, 0]]',
    {
      padding: [
        [0, 2],
        [1, 0],
      ],
    },
  ],
  ['padding valid', { padding: 'valid', stride: 2 }],
  ['padding same', { padding: 'same' }],
  ['padding same, stride [2, 3]', { padding: 'same', stride: [2, 3] }],
  ['padding same-lower, stride [3, 2]', { padding: 'same-lower', stride: [3, 2] }],
  ['dilation 2', { dilation: 2 }],
  ['dilation [3, 2], padding, stride', { dilation: [3, 2], padding: [2, 3], stride: [2, 1] }],
  ['dilation, same', { dilation: [2, 3], padding: 'same' }],
  ['relu', { padding: 1 }, 'relu'],
  ['relu6', { padding: 1 }, 'relu6'],
  ['leaky relu', { padding: 1 }, { leakyRelu: 0.01 }],
  ['leaky relu that enlarges', { padding: 1 }, { leakyRelu: -3 }],
];

const TRANSPOSED: readonly Line[] = [
  ['outputPadding 1', { stride: 2, outputPadding: 1 }],
  ['outputPadding [1, 2], padding', { stride: [2, 3], padding: [1, 2], outputPadding: [1, 2] }],
  ['outputPadding below dilation', { dilation: [3, 2], outputPadding: [2, 1] }],
  ['outputSize', { stride: [2, 3], padding: 1, outputSize: [12, 20] }],
  [
    'padding crops more than the kernel',
    {
      padding: [
        [3, 2],
        [0, 4],
      ],
      stride: 2,
    },
  ],
];

/** [input channels, output channels, groups] */
const CHANNELS: readonly (readonly [number, number, number])[] = [
  [3, 5, 1],
  [6, 4, 2],
  [4, 4, 4],
  [3, 9, 3],
];

function cases(): ConvCase[] {
  const planar = CHANNELS.flatMap(([inputs, outputs, groups]) =>
    (['channels-first', 'channels-last'] as const).flatMap((layout) => [
      ...SHARED.map((line) => caseOf('conv2d', line, [2, 9, 8], [3, 2], inputs, outputs, groups, layout)),
      ...[...SHARED, ...TRANSPOSED].map((line) => caseOf('convTranspose2d', line, [2, 6, 7], [3, 2], inputs, outputs, groups, layout)),
    ]),
  );
  const others = (['channels-first', 'channels-last'] as const).flatMap((layout) => [
    caseOf('conv1d', ['stride 3, dilation 2, uneven pads', { stride: 3, dilation: 2, padding: [[3, 1]] }], [2, 17], [4], 6, 4, 2, layout),
    caseOf('conv1d', ['unbatched, same', { padding: 'same', stride: 2 }], [12], [5], 3, 4, 1, layout),
    caseOf('conv2d', ['unbatched', { padding: 1 }], [7, 6], [3, 4], 3, 4, 1, layout),
    caseOf(
      'conv3d',
      ['stride, dilation, pads', { stride: [1, 2, 3], dilation: [2, 1, 2], padding: [1, [0, 2], 2] }],
      [2, 5, 6, 7],
      [2, 3, 2],
      4,
      6,
      2,
      layout,
    ),
    caseOf('conv3d', ['unbatched, same', { padding: 'same', stride: 2 }], [5, 4, 6], [3, 2, 4], 2, 3, 1, layout),
    caseOf(
      'convTranspose1d',
      ['stride 3, outputPadding 2', { stride: 3, outputPadding: 2, padding: [[2, 1]] }],
      [2, 7],
      [4],
      6,
      4,
      2,
      layout,
    ),
    caseOf('convTranspose2d', ['unbatched', { stride: 2, padding: 1 }], [4, 5], [3, 4], 3, 4, 1, layout),
    caseOf(
      'convTranspose3d',
      ['stride, dilation, pads', { stride: [1, 2, 3], dilation: [2, 1, 2], padding: [1, 0, 2], outputPadding: [1, 0, 2] }],
      [2, 3, 4, 3],
      [2, 3, 2],
      4,
      6,
      2,
      layout,
    ),
    caseOf('convTranspose3d', ['unbatched, same', { padding: 'same', stride: 2 }], [3, 2, 4], [3, 2, 4], 2, 3, 1, layout),
  ]);
  return [...planar, ...others];
}

/** `space` is [batch, ...space], or without the batch when it is as long as the kernel. */
function caseOf(
  op: ConvName,
  [name, options, activation]: Line,
  space: readonly number[],
  kernel: readonly number[],
  inputs: number,
  outputs: number,
  groups: number,
  layout: 'channels-first' | 'channels-last',
): ConvCase {
  const [outer, inner] = op.startsWith('convTranspose') ? [inputs, outputs / groups] : [outputs, inputs / groups];
  const size = space.slice(-kernel.length);
  const batch = space.slice(0, -kernel.length);
  const first = layout === 'channels-first';
  return {
    name: `${layout} ${inputs}→${outputs}${groups > 1 ? `, groups ${groups}` : ''}${batch.length > 0 ? '' : ', unbatched'}: ${name}`,
    op,
    input: first ? [...batch, inputs, ...size] : [...batch, ...size, inputs],
    weight: first ? [outer, inner, ...kernel] : [...kernel, inner, outer],
    options: { ...options, groups, layout },
    bias: groups !== 2,
    ...(activation === undefined ? {} : { activation }),
  };
}

/** Sums longer than a block of KC in each direction. */
function sums(define: Define, backend: Backend): void {
  const [, , KC = 8] = backend.kernels.info.blocks;
  for (const c of [
    { op: 'conv2d', input: [1, KC, 4, 3], weight: [5, KC, 2, 2], name: `sums of ${4 * KC}` },
    {
      op: 'conv2d',
      input: [1, 3, 4, 5],
      weight: [2 * KC + 1, 3, 2, 3],
      options: { stride: 2, padding: 1 },
      name: `${2 * KC + 1} output channels`,
    },
    { op: 'conv2d', input: [2, 2, 18, 16], weight: [3, 2, 3, 3], options: { padding: 1 }, name: `${2 * 18 * 16} output positions` },
    {
      op: 'convTranspose2d',
      input: [1, 2 * KC + 1, 3, 2],
      weight: [2 * KC + 1, 3, 3, 2],
      options: { stride: 2 },
      name: `${2 * KC + 1} input channels`,
    },
  ] as const) {
    for (const layout of ['channels-first', 'channels-last'] as const) {
      define(`oracle ${c.op} ${layout}: ${c.name}`, () => {
        const options: ConvShapeOptions = 'options' in c ? c.options : {};
        const p = floatProblem(backend.kernels, { op: c.op, input: c.input, weight: c.weight, options }, KC);
        if (layout === 'channels-first') closeToTruth(backend, p);
        else closeToTruth(backend, lastProblem(p));
      });
    }
  }
}

/** A batched 2-D problem in channels-last, with the same numbers. */
function lastProblem(p: Problem): Problem {
  const shapeOptions = { ...p.shapeOptions, layout: 'channels-last' } as const;
  return {
    op: p.op,
    input: imageLast(p.input, 2),
    weight: weightLast(p.weight),
    gradOutput: imageLast(p.gradOutput, 2),
    shapeOptions,
    options: shapeOptions,
  };
}

function products(define: Define, { kernels, oracle: reference }: Backend): void {
  const [MR = 4, NR = 8] = kernels.info.tile;
  const [MC = 8, NC = 16, KC = 8] = kernels.info.blocks;
  for (const [m, n, k] of [
    [MR + 1, NR + 3, 1],
    [2 * MR + 1, 3 * NR - 1, 2 * KC + 3],
    [3, NC + 1, KC - 1],
    [MC + 3, NR, KC + 1],
    [1, 1, 4 * KC],
  ] as const) {
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        define(`oracle matmul: [m, n, k] = [${[m, n, k]}]${transposeA ? ', transposeA' : ''}${transposeB ? ', transposeB' : ''}`, () => {
          const random = seeded(m + n + k);
          const a = floats(random, transposeA ? [k, m] : [m, k]);
          const b = floats(random, transposeB ? [n, k] : [k, n]);
          const bias = floats(random, [n]);
          const linear = { transposeA, transposeB };
          const magnitude = reference.matmul(absolute(a), absolute(b), { ...linear, bias: absolute(bias) });
          const want = doubleProduct(a, b, bias, [m, n, k], linear);
          close(kernels.matmul(a, b, { ...linear, bias }), want, tolerances(k, magnitude.data), 'product');
        });
      }
    }
  }
}

/** In float64, by the definition: good for the reference too. */
function doubleProduct(
  a: Tensor,
  b: Tensor,
  bias: Tensor,
  [m, n, k]: readonly [number, number, number],
  { transposeA, transposeB }: { transposeA: boolean; transposeB: boolean },
): { data: Float64Array; shape: readonly number[] } {
  const [aRow, aColumn] = transposeA ? [1, m] : [k, 1];
  const [bRow, bColumn] = transposeB ? [1, k] : [n, 1];
  const data = new Float64Array(m * n);
  for (let i = 0; i < m * n; i++) {
    const [row, column] = [Math.floor(i / n), i % n];
    let sum = bias.data[column] as number;
    for (let j = 0; j < k; j++) sum += (a.data[row * aRow + j * aColumn] as number) * (b.data[j * bRow + column * bColumn] as number);
    data[i] = sum;
  }
  return { data, shape: [m, n] };
}

function unrolling(define: Define, { kernels, oracle: reference, name }: Backend): void {
  if (name === 'reference') return; // its unfold and fold have no second opinion here but the golden vectors and the algebra
  for (const [space, kernel, options] of [
    [[11], [3], { stride: 2, padding: [[1, 2]] }],
    [[6, 7], [3, 2], {}],
    [[6, 7], [3, 2], { stride: [2, 3], padding: [1, 2], dilation: [2, 1] }],
    [[9, 8], [2, 3], { padding: 'same', stride: 2 }],
    [[4, 5, 6], [2, 3, 2], { stride: [1, 2, 2], padding: [[0, 1], 1, 0] }],
  ] as const) {
    for (const layout of ['channels-first', 'channels-last'] as const) {
      define(`oracle unfold and fold ${layout}: [${space}] by [${kernel}] ${JSON.stringify(options)}`, () => {
        const random = seeded(sizeOf(space));
        const given = { ...options, layout };
        const x = floats(random, layout === 'channels-first' ? [2, 3, ...space] : [2, ...space, 3]);
        const columns = reference.unfold(x, kernel, given);
        sameBits(kernels.unfold(asView(x), kernel, given), columns, 'unfold');
        const y = floats(random, columns.shape);
        const want = reference.fold(y, space, kernel, given);
        const magnitude = reference.fold(absolute(y), space, kernel, given);
        const { out, check } = guarded(want.shape);
        kernels.fold(asView(y), space, kernel, { ...given, out });
        close(out, want, tolerances(sizeOf(kernel), magnitude.data), 'fold');
        check('fold');
        sameShape(
          kernels.unfold(filled([0, ...x.shape.slice(1)], Number), kernel, given).shape,
          [0, ...columns.shape.slice(1)],
          'empty batch',
        );
      });
    }
  }
}
