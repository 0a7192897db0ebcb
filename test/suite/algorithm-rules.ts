import { OptionError } from '../../src/index.js';
import { both, conv, transpose } from './algorithm-cases.js';
import type { Backend, Define } from './backend.js';
import { equal, that, throws } from './check.js';
import { type ConvCase, compute, integerProblem, title, withAlgorithm } from './problem.js';
import { wanted } from './truth.js';

/** What algorithms refuse, and that `backward` takes what its gradients take. */
export function algorithmRules(define: Define, backend: Backend): void {
  refusals(define, backend);
  backwards(define, backend);
}

const NEEDS = {
  winograd:
    /algorithm 'winograd' is for kernels with two taps or more along their height or width, at most 16 apart along the width, and products by Cᵀ of which each phase of the stride has a tap; 'auto' takes what fits/,
  phases: /algorithm 'phases' is for products by Cᵀ: gradInput of a convolution, and a transposed convolution/,
} as const;

/** [algorithm, result, input, weight, options], channels-first. */
const REFUSED: readonly (readonly [keyof typeof NEEDS, 'output' | 'gradInput' | 'gradWeight', ConvCase])[] = [
  ['winograd', 'output', conv([1, 4, 6, 5], [3, 4, 1, 1])],
  ['winograd', 'output', { op: 'conv1d', input: [1, 4, 9], weight: [3, 4, 1] }],
  ['winograd', 'output', { op: 'conv3d', input: [1, 4, 5, 6, 7], weight: [3, 4, 3, 1, 1] }],
  ['winograd', 'output', { op: 'conv1d', input: [1, 4, 60], weight: [3, 4, 3], options: { dilation: 17 } }],
  ['winograd', 'gradInput', conv([1, 4, 6, 5], [3, 4, 2, 2], { stride: 3 })],
  ['winograd', 'gradInput', conv([1, 4, 6, 5], [3, 4, 2, 2], { stride: 2 })],
  ['winograd', 'gradInput', conv([1, 4, 8, 9], [3, 4, 3, 3], { stride: 2, dilation: 2 })],
  ['winograd', 'gradWeight', conv([1, 4, 6, 5], [3, 4, 1, 1], { stride: 2 })],
  ['winograd', 'gradWeight', { op: 'conv3d', input: [1, 4, 5, 6, 7], weight: [3, 4, 3, 1, 1] }],
  ['winograd', 'gradWeight', conv([1, 4, 6, 60], [3, 4, 3, 3], { dilation: [1, 17] })],
  ['winograd', 'gradWeight', transpose([1, 4, 3, 5], [4, 3, 1, 1])],
  ['winograd', 'output', transpose([1, 4, 3, 5], [4, 3, 1, 4], { stride: 2 })],
  ['winograd', 'output', transpose([1, 4, 3, 5], [4, 3, 4, 4], { stride: 2, dilation: 4 })],
  ['winograd', 'gradInput', transpose([1, 4, 3, 5], [4, 3, 1, 1])],
  ['phases', 'output', conv([1, 4, 6, 5], [3, 4, 3, 3])],
  ['phases', 'gradInput', transpose([1, 4, 3, 5], [4, 3, 3, 3], { stride: 2 })],
];

/** An algorithm that does not fit is an error that says what it needs, and changes nothing. The reference has one algorithm and takes every name. */
function refusals(define: Define, backend: Backend): void {
  const { kernels, name } = backend;
  for (const [algorithm, result, first] of REFUSED) {
    for (const c of both(first)) {
      define(`algorithm ${algorithm} refuses ${result} of ${title(c)}`, () => {
        const p = integerProblem(kernels, c, 3);
        const q = withAlgorithm(p, algorithm);
        const op = result === 'output' ? c.op : `${c.op}.${result}`;
        const plan = () => kernels[c.op].plan({ ...q.options, input: q.input.shape, weight: q.weight });
        if (name === 'reference') {
          equal(compute[result](kernels, q), compute[result](kernels, p), op);
          if (result === 'output') plan().dispose();
          return;
        }
        const { liveBytes, capacityBytes } = kernels.info.memory;
        refused(() => compute[result](kernels, q), op, NEEDS[algorithm]);
        if (result === 'output') refused(plan, `${c.op}.plan`, NEEDS[algorithm]);
        if (result !== 'output') {
          refused(() => kernels[c.op].backward(q.gradOutput, q.input, q.weight, q.shapeOptions), `${c.op}.backward`, NEEDS[algorithm]);
        }
        const { memory } = kernels.info;
        that(memory.liveBytes === liveBytes && memory.capacityBytes === capacityBytes, 'a refused call leaves the memory as it was');
        equal(compute[result](kernels, p), wanted(backend, p, [result])[result], 'afterwards');
      });
    }
  }
}

function refused(run: () => unknown, op: string, message: RegExp): void {
  const error = throws(run, OptionError, op);
  that(error.message.startsWith(`${op}: `) && message.test(error.message), `${op}: the message is '${error.message}', expected ${message}`);
}

/** Whatever fits the gradients of a layer fits `backward`, and the gradient of the bias, which is no convolution. */
function backwards(define: Define, backend: Backend): void {
  const { kernels } = backend;
  for (const [algorithm, first] of [
    ['gemm', conv([2, 3, 6, 5], [4, 3, 3, 3], { padding: 1 })],
    ['phases', conv([2, 3, 6, 7], [4, 3, 3, 2], { stride: 2 })],
  ] as const) {
    for (const c of both(first)) {
      define(`algorithm ${algorithm}: backward of ${title(c)}`, () => {
        const p = integerProblem(kernels, c, 8);
        const q = withAlgorithm(p, algorithm);
        const want = wanted(backend, p);
        const got = kernels[c.op].backward(q.gradOutput, q.input, q.weight, q.shapeOptions);
        for (const name of ['gradInput', 'gradWeight', 'gradBias'] as const) equal(got[name], want[name], name);
        equal(compute.gradBias(kernels, q), want.gradBias, 'gradBias alone');
      });
    }
  }
}
