/** A filter applied to a picture, and how long that takes. */
import type { ConvOptions, Kernels, Tensor } from 'simdconv';
import type { Border, Filter } from './filters.js';

export interface Work {
  readonly filter: Filter;
  readonly border: Border;
  /** How often the filter is applied, each time to what it made before. */
  readonly times: number;
}

/** x [1, 3, H, W]: each channel by the same kernel, which makes it a depthwise convolution. */
export function filtered({ conv2d }: Kernels, x: Tensor, { filter, border, times }: Work): Tensor {
  const { weight, options } = layerOf(filter, border);
  let y = x;
  for (let time = 0; time < times; time++) y = conv2d(y, weight, options);
  return y;
}

/** Whether a picture of this size can be continued, or cut, so far. */
export function obstacle([, , height = 0, width = 0]: readonly number[], { filter, border, times }: Work): string | undefined {
  const [reach, least] = [filter.size >> 1, Math.min(height, width)];
  if (border === 'none' && least <= 2 * reach * times) return 'The picture is too small to lose so much at its edges.';
  return (border === 'reflect' || border === 'circular') && least <= reach ? 'The picture is too small for this border.' : undefined;
}

interface Layer {
  readonly weight: Tensor;
  readonly options: ConvOptions;
}

function layerOf({ size, taps, divisor, offset }: Filter, border: Border): Layer {
  const data = Float32Array.from({ length: 3 * taps.length }, (_, i) => (taps[i % taps.length] as number) / divisor);
  const bias = { data: new Float32Array(3).fill(offset), shape: [3] };
  const beyond = border === 'none' ? {} : { padding: size >> 1, padMode: border };
  return { weight: { data, shape: [3, 1, size, size] }, options: { groups: 3, bias, ...beyond } };
}

export interface Speed {
  /** Of one application. */
  readonly milliseconds: number;
  readonly gflops: number;
}

/** Milliseconds of a sample: the clock of a page that is not isolated goes by steps of 0.1. */
const LEAST = 2;

/** The median of as many samples as fit into `budget` milliseconds, one at least, each of as many applications as it takes to be measured, planned and within the kernels' memory. */
export function timed(kernels: Kernels, x: Tensor, { filter, border }: Work, budget: number): Speed {
  const { weight, options } = layerOf(filter, border);
  const plan = kernels.conv2d.plan({ ...options, input: x.shape, weight });
  const input = kernels.tensor(x.shape, x.data);
  const out = kernels.tensor(kernels.conv2d.outputShape(x.shape, weight.shape, options));
  const samples: number[] = [];
  const begin = performance.now();
  do {
    const start = performance.now();
    let runs = 0;
    let passed = 0;
    for (; passed < LEAST; passed = performance.now() - start) {
      plan.run(input, out);
      runs++;
    }
    samples.push(passed / runs);
  } while (performance.now() - begin < budget);
  const milliseconds = samples.sort((a, b) => a - b)[samples.length >> 1] as number;
  const flops = 2 * filter.size ** 2 * out.data.length;
  for (const each of [plan, input, out]) each.dispose();
  return { milliseconds, gflops: flops / (milliseconds * 1e6) };
}

/** The largest difference of two results. */
export function largestDifference({ data: a }: Tensor, { data: b }: Tensor): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs((a[i] as number) - (b[i] as number)));
  return largest;
}
