import { equivalentConv } from '../../src/arithmetic/index.js';
import type { ConvShapeOptions, Tensor } from '../../src/index.js';
import type { Backend, Define } from './backend.js';
import { at, equal, sameBits } from './check.js';
import { concat, filled, floats, imageLast, integers, map, reshape, rows, seeded, slice, weightLast } from './data.js';
import { type ConvCase, compute, floatProblem, integerProblem, isTransposed, type Problem, RESULTS, title } from './problem.js';

const CASES: readonly ConvCase[] = [
  { op: 'conv1d', input: [3, 6, 13], weight: [4, 3, 4], options: { groups: 2, stride: 3, padding: [[2, 1]] } },
  {
    op: 'conv2d',
    input: [3, 6, 9, 8],
    weight: [9, 2, 3, 2],
    options: {
      groups: 3,
      stride: [2, 1],
      padding: [
        [0, 2],
        [1, 0],
      ],
      dilation: [1, 2],
    },
  },
  { op: 'conv2d', input: [3, 4, 7, 6], weight: [8, 1, 3, 3], options: { groups: 4, padding: 'same', stride: 2 } },
  { op: 'conv3d', input: [2, 4, 4, 5, 6], weight: [6, 2, 2, 3, 2], options: { groups: 2, padding: [0, 1, 2], stride: [1, 2, 3] } },
  { op: 'convTranspose1d', input: [3, 6, 7], weight: [6, 2, 4], options: { groups: 2, stride: 3, outputPadding: 2, padding: 1 } },
  {
    op: 'convTranspose2d',
    input: [3, 6, 4, 5],
    weight: [6, 3, 3, 2],
    options: {
      groups: 3,
      stride: [2, 3],
      padding: [
        [0, 1],
        [2, 0],
      ],
      outputPadding: [1, 2],
    },
  },
  { op: 'convTranspose2d', input: [3, 4, 4, 3], weight: [4, 2, 3, 3], options: { groups: 4, padding: 'same', stride: 2, dilation: 2 } },
  {
    op: 'convTranspose3d',
    input: [2, 4, 3, 2, 4],
    weight: [4, 3, 2, 3, 2],
    options: { groups: 2, stride: [1, 2, 3], dilation: [2, 1, 1] },
  },
];

/** What must hold between calls, whatever each of them gives. */
export function algebra(define: Define, backend: Backend): void {
  const { kernels } = backend;
  for (const [seed, c] of CASES.entries()) {
    const name = title(c);
    define(`algebra ${name}: groups are convolutions side by side`, () => groupwise(backend, c, seed));
    define(`algebra ${name}: linear in input and weight`, () => linear(backend, c, seed));
    define(`algebra ${name}: channels-last is channels-first, permuted`, () => layouts(backend, c, seed));
    define(`algebra ${name}: a batch is its images one by one`, () => batchwise(backend, c, seed));
    define(`algebra ${name}: the same bits again`, () => {
      const p = floatProblem(kernels, c, seed);
      for (const result of RESULTS) sameBits(compute[result](kernels, p), compute[result](kernels, p), result);
    });
    if (isTransposed(c.op)) {
      define(`algebra ${name}: the direct conv of the stretched input and the rotated weight`, () => direct(backend, c, seed));
    }
  }
  foldings(define, backend);
  define('algebra matmul: the bits of a row do not depend on how many rows there are', () => {
    const [MR = 4, NR = 8] = kernels.info.tile;
    const [, , KC = 8] = kernels.info.blocks;
    const random = seeded(11);
    const [a, b] = [floats(random, [3 * MR + 2, KC + 5]), floats(random, [KC + 5, 2 * NR + 3])];
    const whole = kernels.matmul(a, b);
    for (let row = 0; row < at(a.shape, 0); row++)
      sameBits(kernels.matmul(rows(a, row, row + 1), b), rows(whole, row, row + 1), `row ${row}`);
    const columns = kernels.matmul(a, slice(b, 1, 3, NR + 4));
    sameBits(columns, slice(whole, 1, 3, NR + 4), 'some columns');
  });
  define('algebra matmul: (A·B)ᵀ = Bᵀ·Aᵀ', () => {
    const random = seeded(12);
    const [a, b] = [integers(random, [7, 9]), integers(random, [9, 11])];
    const product = kernels.matmul(a, b);
    const turned = kernels.matmul(b, a, { transposeA: true, transposeB: true });
    equal(
      turned,
      filled([11, 7], (i) => at(product.data, (i % 7) * 11 + Math.floor(i / 7))),
      'transposed',
    );
  });
}

function groupwise({ kernels }: Backend, c: ConvCase, seed: number): void {
  const p = integerProblem(kernels, c, seed);
  const groups = p.shapeOptions.groups ?? 1;
  const { groups: _, ...shapeOptions } = p.shapeOptions;
  const part = (t: Tensor, axis: number, group: number): Tensor => {
    const size = at(t.shape, axis) / groups;
    return slice(t, axis, group * size, (group + 1) * size);
  };
  const parts = Array.from({ length: groups }, (_, group): Problem => {
    const operands = { input: part(p.input, 1, group), weight: part(p.weight, 0, group), gradOutput: part(p.gradOutput, 1, group) };
    return { ...p, ...operands, shapeOptions, options: shapeOptions };
  });
  for (const result of RESULTS) {
    const axis = result === 'output' || result === 'gradInput' ? 1 : 0;
    equal(
      compute[result](kernels, p),
      concat(
        parts.map((each) => compute[result](kernels, each)),
        axis,
      ),
      result,
    );
  }
}

function linear({ kernels }: Backend, c: ConvCase, seed: number): void {
  const p = integerProblem(kernels, c, seed);
  const q = integerProblem(kernels, c, seed + 1000);
  const plus = (a: Tensor, b: Tensor): Tensor => filled(a.shape, (i) => at(a.data, i) + 3 * at(b.data, i));
  for (const [result, operand] of [
    ['output', 'input'],
    ['output', 'weight'],
    ['gradInput', 'gradOutput'],
    ['gradInput', 'weight'],
    ['gradWeight', 'gradOutput'],
    ['gradWeight', 'input'],
    ['gradBias', 'gradOutput'],
  ] as const) {
    const sum = { ...p, [operand]: plus(p[operand], q[operand]) };
    const other = { ...p, [operand]: q[operand] };
    equal(compute[result](kernels, sum), plus(compute[result](kernels, p), compute[result](kernels, other)), `${result} in ${operand}`);
  }
}

function layouts({ kernels }: Backend, c: ConvCase, seed: number): void {
  const p = integerProblem(kernels, c, seed);
  const axes = p.weight.shape.length - 2;
  const shapeOptions: ConvShapeOptions = { ...p.shapeOptions, layout: 'channels-last' };
  const last: Problem = {
    op: p.op,
    input: imageLast(p.input, axes),
    weight: weightLast(p.weight),
    gradOutput: imageLast(p.gradOutput, axes),
    shapeOptions,
    options: shapeOptions,
  };
  equal(compute.output(kernels, last), imageLast(compute.output(kernels, p), axes), 'output');
  equal(compute.gradInput(kernels, last), imageLast(compute.gradInput(kernels, p), axes), 'gradInput');
  equal(compute.gradWeight(kernels, last), weightLast(compute.gradWeight(kernels, p)), 'gradWeight');
  equal(compute.gradBias(kernels, last), compute.gradBias(kernels, p), 'gradBias');
}

function batchwise({ kernels }: Backend, c: ConvCase, seed: number): void {
  const p = floatProblem(kernels, c, seed);
  const whole = { output: compute.output(kernels, p), gradInput: compute.gradInput(kernels, p) };
  for (let n = 0; n < at(p.input.shape, 0); n++) {
    const unbatched = (t: Tensor): Tensor => reshape(rows(t, n, n + 1), t.shape.slice(1));
    const one = { ...p, input: unbatched(p.input), gradOutput: unbatched(p.gradOutput) };
    for (const result of ['output', 'gradInput'] as const) {
      sameBits(compute[result](kernels, one), unbatched(whole[result]), `${result} of image ${n}, unbatched`);
    }
  }
}

function direct({ kernels }: Backend, c: ConvCase, seed: number): void {
  const p = integerProblem(kernels, c, seed);
  const equivalent = equivalentConv(p.input.shape, p.weight, p.shapeOptions);
  const { padding: _, ...rest } = equivalent.options;
  const op = p.op.replace('convTranspose', 'conv') as 'conv1d' | 'conv2d' | 'conv3d';
  equal(kernels[op](equivalent.prepare(p.input), equivalent.weight, rest), compute.output(kernels, p), p.op);
}

/** fold is the adjoint of unfold; one after the other counts how many windows hold each position. */
function foldings(define: Define, { kernels }: Backend): void {
  for (const [space, kernel, options] of [
    [[12], [4], { stride: 2 }],
    [[7, 8], [3, 2], {}],
    [[9, 8], [3, 4], { stride: [2, 3], padding: [1, 2] }],
    [
      [9, 11],
      [2, 3],
      {
        dilation: [3, 2],
        padding: [
          [0, 1],
          [2, 0],
        ],
      },
    ],
    [[4, 5, 6], [2, 3, 2], { stride: [1, 2, 3], padding: 1 }],
    [[9, 10], [3, 2], { stride: [2, 1], padding: [[-2, 1], -1] }],
    [[4, 6, 7], [2, 3, 2], { stride: [1, 2, 1], padding: [-1, [1, -2], [-3, 0]] }],
  ] as const) {
    const name = `[${space}] by [${kernel}] ${JSON.stringify(options)}`;
    define(`algebra fold∘unfold = divisor · x: ${name}`, () => {
      const x = integers(seeded(3), [2, 3, ...space], 100);
      const around = (t: Tensor): Tensor => kernels.fold(kernels.unfold(t, kernel, options), space, kernel, options);
      const divisor = around(map(x, () => 1));
      equal(
        around(x),
        filled(x.shape, (i) => at(x.data, i) * at(divisor.data, i)),
        'fold(unfold(x))',
      );
    });
    define(`algebra conv = weight · unfold: ${name}`, () => {
      const random = seeded(4);
      const op = (['conv1d', 'conv2d', 'conv3d'] as const)[space.length - 1] as 'conv1d' | 'conv2d' | 'conv3d';
      const [x, w] = [integers(random, [2, 3, ...space]), integers(random, [5, 3, ...kernel])];
      const y = kernels[op](x, w, options);
      const product = kernels.matmul(reshape(w, [5, w.data.length / 5]), kernels.unfold(x, kernel, options));
      equal(reshape(product, y.shape), y, 'product');
      const dy = integers(random, y.shape);
      const columns = kernels.matmul(reshape(w, [5, w.data.length / 5]), reshape(dy, [2, 5, dy.data.length / 10]), { transposeA: true });
      equal(kernels.fold(columns, space, kernel, options), kernels[op].gradInput(dy, w, x.shape, options), 'gradInput');
    });
  }
}
