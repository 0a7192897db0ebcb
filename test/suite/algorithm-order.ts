import type { Algorithm, ConvOptions, Tensor } from '../../src/index.js';
import { OptionError } from '../../src/index.js';
import { type Backend, type Define, eachOwn } from './backend.js';
import { at, sameBits, that, throws } from './check.js';
import { concat, filled, floats, imageLast, reshape, rows, seeded, weightLast } from './data.js';
import {
  type ConvCase,
  channelsLast,
  compute,
  floatProblem,
  type Problem,
  RESULTS,
  type ResultName,
  title,
  withAlgorithm,
} from './problem.js';

/** The order of sums, bit for bit: what 'gemm' documents, and what `deterministic` promises. */
export function algorithmOrder(define: Define, backend: Backend): void {
  documentedOrder(define, backend);
  coveringKernel(define, backend);
  batches(define, backend);
  deterministic(define, backend);
}

const LAYOUTS = ['channels-first', 'channels-last'] as const;

/**
 * y sums over k = (channel, tap) in channels-first, (tap, channel) in channels-last: 'gemm' in blocks of KC, each from zero, 'direct' all at once.
 * `relaxed` may fuse.
 */
function documentedOrder(define: Define, { kernels, name }: Backend): void {
  const [, , KC] = kernels.info.blocks;
  if (KC === undefined || name === 'relaxed') return;
  const channels = Math.ceil((2 * KC + 5) / 6);
  const blocks = [['gemm', KC], ['direct', Number.POSITIVE_INFINITY]] as const; // biome-ignore format: one line
  for (const [algorithm, block, layout] of blocks.flatMap(([by, most]) => LAYOUTS.map((each) => [by, most, each] as const))) {
    define(`algorithm ${algorithm} ${layout}: conv2d has the bits of the documented order, blocks of ${block}`, () => {
      const random = seeded(KC + 1);
      const groups = 2;
      const [x, w, bias] = [floats(random, [2, groups * channels, 5, 6]), floats(random, [10, channels, 3, 2]), floats(random, [10])];
      const last = layout === 'channels-last';
      const options: ConvOptions = {
        stride: [1, 2],
        padding: [
          [1, 0],
          [0, 1],
        ],
        dilation: [1, 2],
        groups,
        layout,
        bias,
        algorithm,
      };
      const [given, weight] = last ? [imageLast(x, 2), weightLast(w)] : [x, w];
      const got = kernels.conv2d(given, weight, options);
      const [outH, outW] = [4, 3] as const;
      const want = filled([2, 10, outH, outW], (i) => {
        const [n, o, h, v] = [
          Math.floor(i / (10 * outH * outW)),
          Math.floor(i / (outH * outW)) % 10,
          Math.floor(i / outW) % outH,
          i % outW,
        ];
        return (
          at(bias.data, o) +
          sumInBlocks(channels * 6, block, (k) => {
            const [c, tap] = last ? [k % channels, Math.floor(k / channels)] : [Math.floor(k / 6), k % 6];
            const [row, column] = [h + Math.floor(tap / 2) - 1, 2 * v + 2 * (tap % 2)];
            const inside = row >= 0 && row < 5 && column < 6;
            const channel = Math.floor(o / 5) * channels + c;
            const value = inside ? at(x.data, ((n * groups * channels + channel) * 5 + row) * 6 + column) : 0;
            return Math.fround(value * at(w.data, (o * channels + c) * 6 + tap));
          })
        );
      });
      sameBits(got, last ? imageLast(want, 2) : want, 'conv2d');
      const plan = kernels.conv2d.plan({ ...options, input: given.shape, weight });
      sameBits(plan.run(given), got, 'plan');
      plan.dispose();
    });
  }
}

/** A kernel as large as the image is a matrix, and the images of a batch are another's rows: the same sums in the same order. */
function coveringKernel(define: Define, { kernels }: Backend): void {
  const [, , KC] = kernels.info.blocks;
  if (KC === undefined) return;
  for (const layout of LAYOUTS) {
    define(`algorithm gemm ${layout}: a kernel that covers the image has the bits of matmul`, () => {
      const random = seeded(KC + 2);
      const images = KC + 3;
      const channels = Math.ceil((KC + 5) / 6);
      const [first, weight, upstream] = [
        floats(random, [images, channels, 3, 2]),
        floats(random, [9, channels, 3, 2]),
        floats(random, [images, 9, 1, 1]),
      ];
      const last = layout === 'channels-last';
      const [x, w, dy] = last ? [imageLast(first, 2), weightLast(weight), imageLast(upstream, 2)] : [first, weight, upstream];
      const depth = channels * 6;
      const [a, b, c] = [reshape(x, [images, depth]), reshape(w, last ? [depth, 9] : [9, depth]), reshape(dy, [images, 9])];
      const options: ConvOptions = { layout, algorithm: 'gemm' };
      const expected = {
        output: kernels.matmul(a, b, { transposeB: !last }),
        gradInput: kernels.matmul(c, b, { transposeB: last }),
        gradWeight: last ? kernels.matmul(a, c, { transposeA: true }) : kernels.matmul(c, a, { transposeA: true }),
      };
      sameBits(kernels.conv2d(x, w, options), reshape(expected.output, dy.shape), 'output');
      sameBits(kernels.conv2d.gradInput(dy, w, x.shape, options), reshape(expected.gradInput, x.shape), 'gradInput');
      sameBits(kernels.conv2d.gradWeight(dy, x, w.shape, options), reshape(expected.gradWeight, w.shape), 'gradWeight');
      const plan = kernels.conv2d.plan({ ...options, input: x.shape, weight: w });
      sameBits(plan.run(x), reshape(expected.output, dy.shape), 'plan');
      plan.dispose();
    });
  }
}

/** float32 sums of `length` products in blocks, each from zero, the blocks added in order. */
function sumInBlocks(length: number, most: number, product: (k: number) => number): number {
  let sum = 0;
  for (let start = 0; start < length; start += most) {
    let block = 0;
    for (let k = start; k < Math.min(start + most, length); k++) block = Math.fround(block + product(k));
    sum = start === 0 ? block : Math.fround(sum + block);
  }
  return sum;
}

/** [case, algorithms of the output, of gradInput]: sizes that leave part of every tile over. */
const LAYERS: readonly (readonly [ConvCase, readonly Algorithm[], readonly Algorithm[]])[] = [
  [
    { op: 'conv2d', input: [3, 17, 11, 13], weight: [18, 17, 3, 3], options: { padding: 1 }, bias: true, activation: 'relu' },
    ['gemm', 'winograd'],
    ['gemm', 'phases', 'winograd'],
  ],
  [
    { op: 'conv2d', input: [3, 7, 11, 13], weight: [9, 7, 4, 3], options: { stride: [2, 3], padding: 1 }, bias: true },
    ['gemm'],
    ['gemm', 'phases'],
  ],
  [
    { op: 'conv2d', input: [3, 6, 11, 13], weight: [12, 1, 3, 3], options: { padding: 1, groups: 6 }, bias: true },
    ['gemm', 'direct'],
    ['gemm', 'direct'],
  ],
  [
    { op: 'convTranspose2d', input: [3, 17, 5, 7], weight: [17, 9, 4, 4], options: { stride: 2, padding: 1 }, bias: true },
    ['gemm', 'phases'],
    ['gemm'],
  ],
  [
    { op: 'convTranspose2d', input: [3, 17, 9, 10], weight: [17, 18, 3, 3], options: { padding: 1 } },
    ['gemm', 'phases', 'winograd'],
    ['gemm', 'winograd'],
  ],
  // Products of two matrices, one for the batch.
  [
    { op: 'conv2d', input: [5, 17, 1, 1], weight: [18, 17, 1, 1], options: { stride: 2 }, bias: true, activation: 'relu' },
    ['gemm', 'direct'],
    ['gemm', 'phases', 'direct'],
  ],
  [
    { op: 'conv2d', input: [3, 17, 5, 7], weight: [18, 17, 1, 1], options: {}, bias: true },
    ['gemm', 'direct'],
    ['gemm', 'phases', 'direct'],
  ],
  [
    { op: 'conv2d', input: [3, 6, 4, 3], weight: [12, 2, 4, 3], options: { groups: 3, stride: [1, 3] }, bias: true },
    ['gemm', 'direct'],
    ['gemm', 'phases', 'direct'],
  ],
  [
    { op: 'convTranspose2d', input: [5, 17, 1, 1], weight: [17, 9, 4, 4], options: { stride: 2 }, bias: true, activation: 'relu6' },
    ['gemm', 'phases'],
    ['gemm'],
  ],
];

/** An image's result is the same in a batch and alone, by each algorithm, on each backend. */
function batches(define: Define, { kernels }: Backend): void {
  for (const [first, outputs, gradients] of LAYERS) {
    for (const c of [first, channelsLast(first)]) {
      define(`algorithms ${[...new Set([...outputs, ...gradients])]}: a batch has the bits of its images, ${title(c)}`, () => {
        const p = floatProblem(kernels, c, 31);
        for (const [result, by] of [
          ['output', outputs],
          ['gradInput', gradients],
        ] as const) {
          for (const algorithm of by)
            sameBits(
              imageByImage(kernels, withAlgorithm(p, algorithm), result),
              compute[result](kernels, withAlgorithm(p, algorithm)),
              `${result} by ${algorithm}`,
            );
        }
      });
    }
  }
}

function imageByImage(kernels: Backend['kernels'], p: Problem, result: ResultName): Tensor {
  const images = Array.from({ length: at(p.input.shape, 0) }, (_, n) => {
    const image = { ...p, input: rows(p.input, n, n + 1), gradOutput: rows(p.gradOutput, n, n + 1) };
    return compute[result](kernels, image);
  });
  return concat(images, 0);
}

/** With `deterministic`, 'auto' is 'gemm' or 'direct' in a plan and in one call, for a batch and for an image, in place and copied: the same bits. */
function deterministic(define: Define, backend: Backend): void {
  if (!['simd', 'tiny', 'debug'].includes(backend.name)) return; // the others are no `simd` variant
  const own = eachOwn(define, backend);
  for (const [first] of LAYERS) {
    for (const c of [first, channelsLast(first)]) {
      own(
        `deterministic has one result, ${title(c)}`,
        (kernels) => {
          that(kernels.info.deterministic, 'info.deterministic');
          const p = floatProblem(kernels, c, 32);
          const results = Object.fromEntries(RESULTS.map((name) => [name, compute[name](kernels, p)])) as Record<ResultName, Tensor>;
          const moved = {
            ...p,
            input: kernels.tensor(p.input.shape, p.input.data),
            weight: kernels.tensor(p.weight.shape, p.weight.data),
            gradOutput: kernels.tensor(p.gradOutput.shape, p.gradOutput.data),
          };
          for (const name of RESULTS) sameBits(compute[name](kernels, moved), results[name], `${name}, resident`);
          for (const name of ['output', 'gradInput'] as const)
            sameBits(imageByImage(kernels, p, name), results[name], `${name}, image by image`);
          const plan = kernels[c.op].plan({ ...p.options, input: p.input.shape, weight: p.weight });
          that(['gemm', 'direct'].includes(plan.algorithm), `the plan's algorithm is ${plan.algorithm}`);
          sameBits(plan.run(p.input), results.output, 'plan');
          sameBits(plan.run(moved.input, kernels.tensor(results.output.shape)), results.output, 'plan, resident');
          for (const name of ['output', 'gradInput'] as const) {
            const named = (['gemm', 'direct'] as const).map((algorithm) => compute[name](kernels, withAlgorithm(p, algorithm)));
            that(
              named.some((by) => isSame(by, results[name])),
              `${name} has the bits of 'gemm' or of 'direct'`,
            );
          }
          for (const algorithm of ['winograd', 'phases'] as const) {
            for (const name of RESULTS) {
              const { message } = throws(() => compute[name](kernels, withAlgorithm(p, algorithm)), OptionError, name);
              that(message.includes(`algorithm is '${algorithm}'; deterministic kernels have 'auto', 'gemm' and 'direct'`), message);
            }
            throws(() => kernels[c.op].plan({ ...p.options, algorithm, input: p.input.shape, weight: p.weight }), OptionError, 'plan');
          }
          sameBits(compute.output(kernels, p), results.output, 'after what was refused');
        },
        { deterministic: true },
      );
    }
  }
}

function isSame(a: Tensor, b: Tensor): boolean {
  return a.data.length === b.data.length && a.data.every((value, i) => Object.is(value, b.data[i]));
}
