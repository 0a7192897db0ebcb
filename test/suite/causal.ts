import type { Tensor } from '../../src/index.js';
import type { Backend, Define } from './backend.js';
import { at, equal, that } from './check.js';
import { slice, stridesOf } from './data.js';
import { type ConvCase, channelsLast, compute, integerProblem, isTransposed, title } from './problem.js';

/** The first spatial axis is time; the second of two has a rule of its own. */
const CASES: readonly ConvCase[] = [
  { op: 'conv1d', input: [2, 3, 9], weight: [4, 3, 3], options: { padding: 'causal' }, bias: true },
  { op: 'conv1d', input: [1, 4, 11], weight: [6, 2, 4], options: { padding: ['causal'], stride: 2, dilation: 3, groups: 2 } },
  { op: 'conv1d', input: [1, 2, 10], weight: [2, 2, 2], options: { padding: 'causal', stride: 4 } },
  { op: 'conv2d', input: [1, 2, 7, 5], weight: [3, 2, 3, 4], options: { padding: ['causal', 'same'], stride: [2, 1] } },
  { op: 'conv2d', input: [1, 4, 6, 5], weight: [4, 1, 2, 3], options: { padding: 'causal', dilation: 2, groups: 4 }, bias: true },
  { op: 'conv3d', input: [1, 2, 5, 4, 3], weight: [2, 2, 3, 2, 2], options: { padding: ['causal', 0, [1, -1]] } },
  { op: 'convTranspose1d', input: [2, 3, 5], weight: [3, 2, 4], options: { padding: 'causal', stride: 2 }, bias: true },
  { op: 'convTranspose1d', input: [1, 4, 4], weight: [4, 1, 3], options: { padding: 'causal', stride: 3, dilation: 2, groups: 4 } },
  { op: 'convTranspose1d', input: [1, 2, 4], weight: [2, 3, 2], options: { padding: 'causal', stride: 4 }, bias: true },
  { op: 'convTranspose1d', input: [1, 2, 4], weight: [2, 3, 5], options: { padding: 'causal', stride: 3, outputSize: 10 } },
  { op: 'convTranspose2d', input: [1, 3, 4, 3], weight: [3, 2, 4, 3], options: { padding: ['causal', 'same'], stride: [2, 3] } },
  { op: 'convTranspose3d', input: [1, 2, 3, 2, 3], weight: [2, 2, 3, 2, 2], options: { padding: ['causal', -1, 0] } },
];

/**
 * What 'causal' means: time t of a convolution's input plays no part in outputs before t / stride, nor that of a transposed one in outputs before t · stride; and
 * it does in the first that is not before it.
 */
export function causal(define: Define, { kernels }: Backend): void {
  for (const [seed, c] of CASES.flatMap((each) => [each, channelsLast(each)]).entries()) {
    define(`causal ${title(c)}`, () => {
      const p = integerProblem(kernels, c, seed);
      const positive = { ...p, weight: { shape: p.weight.shape, data: p.weight.data.map((value) => Math.abs(value) + 1) } };
      const axis = c.options?.layout === 'channels-last' ? 1 : 2;
      const [stride] = [c.options?.stride ?? 1].flat() as [number];
      const y = compute.output(kernels, positive);
      for (let t = 0; t < at(p.input.shape, axis); t++) {
        const changed = compute.output(kernels, { ...positive, input: later(p.input, axis, t) });
        const first = isTransposed(c.op) ? t * stride : Math.ceil(t / stride);
        equal(slice(changed, axis, 0, first), slice(y, axis, 0, first), `before the ${t}`);
        if (isTransposed(c.op) || t % stride === 0) {
          const [now, then] = [slice(changed, axis, first, first + 1), slice(y, axis, first, first + 1)];
          that(
            now.data.some((value, i) => value !== at(then.data, i)),
            `output ${first} does not depend on input ${t}`,
          );
        }
      }
    });
  }
}

/** One more at every position of time t. */
function later(x: Tensor, axis: number, t: number): Tensor {
  const step = at(stridesOf(x.shape), axis);
  const size = at(x.shape, axis);
  return { shape: x.shape, data: x.data.map((value, i) => (Math.floor(i / step) % size === t ? value + 1 : value)) };
}
