import type { ConvOptions, Tensor } from '../../src/index.js';
import type { Backend, Define } from './backend.js';
import { at, equal } from './check.js';
import { filled } from './data.js';
import { type ConvCase, compute, integerProblem, type Problem, title } from './problem.js';

const CASES: readonly ConvCase[] = [
  { op: 'conv1d', input: [2, 2, 7], weight: [4, 1, 3], options: { groups: 2, stride: 3, padding: [[1, 2]] }, bias: true },
  { op: 'conv2d', input: [2, 2, 4, 5], weight: [3, 2, 3, 2], options: { stride: [2, 3], padding: 1, dilation: [1, 2] }, bias: true },
  { op: 'conv3d', input: [1, 2, 3, 2, 4], weight: [2, 2, 2, 1, 3], options: { padding: [1, 0, 1], stride: [2, 1, 3] }, bias: true },
  { op: 'convTranspose1d', input: [2, 2, 4], weight: [2, 2, 3], options: { stride: 3, outputPadding: 2, padding: [[2, 0]] }, bias: true },
  {
    op: 'conv2d',
    input: [1, 2, 4, 5],
    weight: [3, 2, 3, 2],
    options: {
      padding: [
        [1, 2],
        [3, -1],
      ],
      padMode: 'reflect',
    },
    bias: true,
  },
  { op: 'conv2d', input: [2, 2, 3, 2], weight: [2, 2, 2, 3], options: { padding: 2, padMode: 'circular', stride: [1, 2] }, bias: true },
  { op: 'conv3d', input: [1, 1, 2, 3, 2], weight: [2, 1, 2, 2, 3], options: { padding: [0, 2, 3], padMode: 'replicate' }, bias: true },
  {
    op: 'convTranspose2d',
    input: [2, 2, 3, 2],
    weight: [2, 3, 2, 3],
    options: { stride: 2, padding: [0, 1], outputPadding: 1 },
    bias: true,
  },
  {
    op: 'convTranspose3d',
    input: [1, 2, 2, 1, 3],
    weight: [2, 1, 2, 3, 2],
    options: { groups: 2, stride: [1, 2, 2], padding: [0, 1, 0] },
    bias: true,
  },
];

/**
 * Finite differences: the gradient of L = <y, gradOutput> in an element is what L changes by when that element grows by one. L is linear in each
 * operand, so the difference is the derivative, and in whole numbers it is exact.
 */
export function differences(define: Define, { kernels }: Backend): void {
  for (const [seed, c] of CASES.entries()) {
    define(`differences ${title(c)}`, () => {
      const p = integerProblem(kernels, c, seed);
      const loss = (q: Problem): number => compute.output(kernels, q).data.reduce((sum, y, i) => sum + y * at(p.gradOutput.data, i), 0);
      const start = loss(p);
      const slopes = (t: Tensor, withOperand: (t: Tensor) => Problem): Tensor =>
        filled(
          t.shape,
          (i) => loss(withOperand({ shape: t.shape, data: t.data.map((value, j) => (j === i ? value + 1 : value)) })) - start,
        );
      equal(
        compute.gradInput(kernels, p),
        slopes(p.input, (input) => ({ ...p, input })),
        'gradInput',
      );
      equal(
        compute.gradWeight(kernels, p),
        slopes(p.weight, (weight) => ({ ...p, weight })),
        'gradWeight',
      );
      const { bias } = p.options;
      if (!bias) throw new Error('the case has no bias');
      const withBias = (options: ConvOptions): Problem => ({ ...p, options });
      equal(
        compute.gradBias(kernels, p),
        slopes(bias, (each) => withBias({ ...p.options, bias: each })),
        'gradBias',
      );
    });
  }
}
