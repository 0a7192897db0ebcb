import type { Algorithm, Kernels, ResidentTensor, Tensor } from '../../src/index.js';
import { type Backend, type Define, eachOwn } from './backend.js';
import { equal, sameBits, that } from './check.js';
import { filled, floats, seeded, sizeOf } from './data.js';
import {
  type ConvCase,
  channelsLast,
  compute,
  floatProblem,
  op,
  type Problem,
  RESULTS,
  resultShape,
  title,
  withAlgorithm,
} from './problem.js';

const PAGE = 65536;
/** What a host's heap of test/backends/heap.ts keeps around two allocations, with its guards; less than one more takes. */
const GUARDS = 288;

/** Every kind of program: packed, in phases, by Winograd, by Fourier transforms, over the taps; with a bias. */
const CASES: readonly (ConvCase & { readonly algorithm?: Algorithm })[] = [
  { op: 'conv1d', input: [2, 6, 40], weight: [8, 3, 5], options: { stride: 2, padding: 2, groups: 2 }, bias: true },
  { op: 'conv2d', input: [2, 16, 9, 10], weight: [17, 16, 3, 3], options: { padding: 1 }, bias: true, algorithm: 'winograd' },
  { op: 'conv2d', input: [1, 6, 12, 9], weight: [6, 1, 3, 3], options: { groups: 6, padding: 1 }, bias: true, activation: 'relu' },
  { op: 'conv2d', input: [1, 8, 12, 9], weight: [3, 8, 3, 2], bias: true, algorithm: 'direct' },
  { op: 'conv2d', input: [1, 2, 20, 22], weight: [2, 1, 9, 9], options: { groups: 2, padding: 4 }, bias: true, algorithm: 'fft' },
  { op: 'conv3d', input: [1, 3, 4, 6, 5], weight: [9, 3, 2, 3, 2], options: { dilation: [1, 2, 1] }, bias: true, algorithm: 'gemm' },
  { op: 'convTranspose1d', input: [2, 9, 21], weight: [9, 10, 4], options: { stride: 2, padding: 1 }, bias: true },
  { op: 'convTranspose2d', input: [1, 8, 9, 7], weight: [8, 9, 4, 4], options: { stride: 2, padding: 1 }, bias: true, algorithm: 'phases' },
  { op: 'convTranspose2d', input: [1, 16, 9, 7], weight: [16, 16, 3, 3], options: { padding: 1 }, bias: true, algorithm: 'winograd' },
  { op: 'convTranspose3d', input: [1, 5, 3, 4, 5], weight: [5, 6, 2, 3, 3], options: { stride: [1, 2, 3] }, bias: true },
];

/**
 * A call may make the memory grow, which ends the views of every operand that lies there. Here each call runs where there is no byte left, with each choice of its
 * operands resident; it must give what it gives for plain ones.
 */
export function growth(define: Define, backend: Backend): void {
  const own = eachOwn(define, backend);

  /** Runs `call` for each choice of resident operands, each time on a memory that is full. */
  function check(name: string, operands: readonly Tensor[], call: (kernels: Kernels, operands: readonly Tensor[]) => Tensor[]): void {
    own(`growth: ${name}`, (plain) => {
      const want = call(plain, operands);
      for (let choice = 1; choice < 2 ** operands.length; choice++) {
        const kernels = backend.load();
        const given = operands.map((each, i): Tensor => ((choice >> i) & 1 ? kernels.tensor(each.shape, each.data) : each));
        const last = fill(kernels, backend);
        const { buffer } = last.data;
        const got = call(kernels, given);
        const which = `resident ${given.map((_, i) => (choice >> i) & 1).join('')}`;
        that(backend.name === 'reference' || last.data.buffer !== buffer, `${which}: the memory has grown`);
        for (const [i, each] of want.entries()) sameBits(got[i] as Tensor, each, `${which}, result ${i}`);
        for (const [i, each] of operands.entries()) equal(given[i] as Tensor, each, `${which}, operand ${i} afterwards`);
        kernels.dispose();
      }
    });
  }

  for (const each of CASES.flatMap((c) => (c.algorithm === 'phases' ? [c, { ...channelsLast(c), algorithm: c.algorithm }] : [c]))) {
    const problem = problemOf(backend.kernels, each);
    const name = `${title(each)}${each.algorithm ? `, ${each.algorithm}` : ''}`;
    const { input, weight, gradOutput } = problem;
    const bias = problem.options.bias as Tensor;
    for (const result of RESULTS) {
      const p = each.algorithm === 'phases' && result === 'gradInput' ? withAlgorithm(problem, 'auto') : problem;
      const used = {
        output: [input, weight, bias],
        gradInput: [gradOutput, weight],
        gradWeight: [gradOutput, input],
        gradBias: [gradOutput],
      };
      check(`${name}, ${result}`, used[result], (kernels, operands) => [compute[result](kernels, placed(p, result, operands))]);
    }
    check(`${name}, plan`, [input, weight, bias], (kernels, [x, w, b]) => {
      const plan = op(kernels, problem).plan({ ...problem.options, bias: b as Tensor, input: input.shape, weight: w as Tensor });
      return [plan.run(x as Tensor)];
    });
    check(`${name}, plan.run`, [input, filled(resultShape.output(problem), () => 0)], (kernels, [x, y]) => {
      const plan = op(kernels, problem).plan({ ...problem.options, input: input.shape, weight });
      plan.run(x as Tensor, y);
      return [{ data: (y as Tensor).data.slice(), shape: (y as Tensor).shape }];
    });
  }

  const random = seeded(77);
  const [a, b, bias] = [floats(random, [3, 7, 20]), floats(random, [3, 20, 19]), floats(random, [19])];
  check('matmul of a batch', [a, b, bias], (kernels, [x, y, z]) => [kernels.matmul(x as Tensor, y as Tensor, { bias: z as Tensor })]);
  const [left, right] = [floats(random, [20, 30]), floats(random, [25, 20])];
  check('matmul, both transposed', [left, right], (kernels, [x, y]) => [
    kernels.matmul(x as Tensor, y as Tensor, { transposeA: true, transposeB: true }),
  ]);
  const image = floats(random, [2, 3, 9, 8]);
  check('unfold', [image], (kernels, [x]) => [kernels.unfold(x as Tensor, [3, 2])]);
  const columns = floats(random, [2, 18, 49]);
  check('fold', [columns], (kernels, [x]) => [kernels.fold(x as Tensor, [9, 8], [3, 2])]);
  check('tensor', [image], (kernels, [x]) => [kernels.tensor(image.shape, (x as Tensor).data)]);
  const layer = problemOf(backend.kernels, { op: 'conv2d', input: [2, 3, 9, 8], weight: [4, 3, 3, 2], options: { padding: 1 } });
  check('backward', [layer.gradOutput, layer.input, layer.weight], (kernels, [dy, x, w]) => {
    const got = kernels.conv2d.backward(dy as Tensor, x as Tensor, w as Tensor, { padding: 1 });
    return [got.gradInput, got.gradWeight, got.gradBias];
  });

  own('growth: a plan of a transposed convolution keeps a resident bias when it makes the memory grow', (kernels) => {
    const bias = kernels.tensor([64], new Float32Array(64).fill(100));
    const weight = filled([64, 64, 4, 4], () => 0);
    const plan = kernels.convTranspose2d.plan({ input: [1, 64, 8, 8], weight, bias, stride: 2, padding: 1 });
    equal(
      plan.run(filled([1, 64, 8, 8], Number)),
      filled([1, 64, 16, 16], () => 100),
      'zeros and the bias',
    );
  });
}

function problemOf(kernels: Kernels, c: ConvCase & { readonly algorithm?: Algorithm }): Problem {
  const problem = floatProblem(kernels, c, 5);
  return c.algorithm ? withAlgorithm(problem, c.algorithm) : problem;
}

/** The problem with these operands, in the order of its result's. */
function placed(p: Problem, result: (typeof RESULTS)[number], operands: readonly Tensor[]): Problem {
  const [first, second, third] = operands as [Tensor, Tensor, Tensor];
  if (result === 'output') return { ...p, input: first, weight: second, options: { ...p.options, bias: third } };
  if (result === 'gradInput') return { ...p, gradOutput: first, weight: second };
  return { ...p, gradOutput: first, ...(result === 'gradWeight' ? { input: second } : {}) };
}

/** Takes all that is left of the memory as it is; returns the last tensor. */
function fill(kernels: Kernels, { name, hosted }: Backend): ResidentTensor {
  const last = kernels.tensor([4]);
  if (name === 'reference') return last;
  const { buffer, byteOffset, byteLength } = last.data;
  const left = buffer.byteLength - byteOffset - byteLength - (hosted ? GUARDS : 0);
  // There is always a page's worth to be had: where this page has less left than the guards take, of the next.
  const filler = kernels.tensor([Math.floor((left < 16 ? left + PAGE : left) / 16) * 4]);
  that(sizeOf(filler.shape) > 0, 'something was left');
  return filler;
}
