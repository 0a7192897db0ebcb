/**
 * Convolutions and their gradients by definition, exactly: of whole numbers, with random attributes, most of all those that plain tfjs computes wrongly or not at
 * all: depthwise and 3-D channels first, strides with dilations, each axis its own, pads larger than the kernel, images that it does not fit.
 */
import { afterAll, describe, expect, test } from 'vitest';
import { accelerate } from '../../src/tfjs/index.js';
import { at } from '../suite/check.js';
import { integers, seeded, sizeOf } from '../suite/data.js';
import { guardHeap, tf } from './tfjs.js';

type Tensor = import('@tensorflow/tfjs-core').Tensor;
interface Operand {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

interface Case {
  readonly kernel: string;
  readonly inputs: Readonly<Record<string, Operand>>;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly want: Operand;
}

const KERNELS = {
  '2d': ['Conv2D', 'FusedConv2D', 'Conv2DBackpropInput', 'Conv2DBackpropFilter'],
  depthwise: ['DepthwiseConv2dNative', 'FusedDepthwiseConv2D', 'DepthwiseConv2dNativeBackpropInput', 'DepthwiseConv2dNativeBackpropFilter'],
  '3d': ['Conv3D', 'Conv3D', 'Conv3DBackpropInputV2', 'Conv3DBackpropFilterV2'],
} as const;

function randomCase(random: () => number): Case {
  const int = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
  const pick = <T>(values: readonly T[]): T => values[int(0, values.length - 1)] as T;
  const kind = pick(['2d', 'depthwise', '3d'] as const);
  const axes = kind === '3d' ? 3 : 2;
  const each = (value: (axis: number) => number): number[] => Array.from({ length: axes }, (_, axis) => value(axis));
  const first = random() < 0.5;
  const [kernel, strides] = [each(() => int(1, 5 - axes + 1)), each(() => int(1, 3))];
  const dilations = random() < 0.4 ? each(() => 1) : each(() => int(1, 3));
  const space = each(() => int(1, axes === 3 ? 7 : 13));
  const [batch, inner] = [int(1, 2), int(1, 9)];
  const outer = kind === 'depthwise' ? int(1, 3) : int(1, 9);
  const channels = kind === 'depthwise' ? inner * outer : outer;

  const given = pick(['same', 'valid', int(0, 4), 'pairs'] as const);
  const pairs = Array.from({ length: axes }, (): [number, number] => [int(0, 4), int(0, 4)]);
  const none = [0, 0];
  const pad = given === 'pairs' ? (first ? [none, none, ...pairs] : [none, ...pairs, none]) : given;
  const dimRoundingMode = typeof pad === 'string' ? undefined : pick([undefined, 'floor', 'ceil', 'round'] as const);
  const round = Math[dimRoundingMode ?? 'floor'];
  const sides = each(() => 0).map((_, axis) => {
    const [size, stride] = [at(space, axis), at(strides, axis)];
    const extent = (at(kernel, axis) - 1) * at(dilations, axis) + 1;
    const same = Math.ceil(size / stride);
    if (given === 'same') return { out: same, before: Math.floor(Math.max(0, (same - 1) * stride + extent - size) / 2) };
    const [before, after] = given === 'pairs' ? (pairs[axis] as [number, number]) : given === 'valid' ? [0, 0] : [given, given];
    return { out: Math.max(0, round((size + before + after - extent) / stride + 1)), before };
  });
  const [out, befores] = [sides.map((side) => side.out), sides.map((side) => side.before)];
  const image = (depth: number, sizes: number[]): number[] => (first ? [batch, depth, ...sizes] : [batch, ...sizes, depth]);
  const [xShape, yShape, filterShape] = [image(inner, space), image(channels, out), [...kernel, inner, outer]];
  const dataFormat = `N${axes === 3 ? (first ? 'CDHW' : 'DHWC') : first ? 'CHW' : 'HWC'}`;
  const attributes = { strides, pad, dilations, dataFormat, dimRoundingMode };

  /** Of every product in the sums: where its factors are. */
  const products = (add: (x: number, filter: number, y: number) => void): void => {
    const indexOf = (shape: number[], n: number, channel: number, position: number[]): number =>
      (first ? [n, channel, ...position] : [n, ...position, channel]).reduce((index, i, axis) => index * at(shape, axis) + i, 0);
    for (let n = 0; n < batch; n++)
      for (const o of positions(out))
        for (const [tap, k] of positions(kernel).entries()) {
          const from = o.map((i, axis) => i * at(strides, axis) + at(k, axis) * at(dilations, axis) - at(befores, axis));
          if (from.some((i, axis) => i < 0 || i >= at(space, axis))) continue;
          for (let c = 0; c < inner; c++)
            for (let d = 0; d < outer; d++) {
              const channel = kind === 'depthwise' ? c * outer + d : d;
              add(indexOf(xShape, n, c, from), (tap * inner + c) * outer + d, indexOf(yShape, n, channel, o));
            }
        }
  };

  const [x, filter, dy] = [xShape, filterShape, yShape].map((shape) => integers(random, shape, 3)) as [Operand, Operand, Operand];
  const direction = int(0, 3);
  const made = { kernel: KERNELS[kind][direction] as string };
  const sumsOf = (shape: readonly number[], sum: (add: (to: number, product: number) => void) => void): Operand => {
    const data = new Float32Array(sizeOf(shape));
    sum((to, product) => {
      data[to] = at(data, to) + product;
    });
    return { data, shape };
  };
  if (direction === 2) {
    const want = sumsOf(xShape, (add) => products((i, j, k) => add(i, at(filter.data, j) * at(dy.data, k))));
    return { ...made, inputs: { dy, filter }, attributes: { ...attributes, inputShape: xShape }, want };
  }
  if (direction === 3) {
    const want = sumsOf(filterShape, (add) => products((i, j, k) => add(j, at(x.data, i) * at(dy.data, k))));
    return { ...made, inputs: { x, dy }, attributes: { ...attributes, filterShape }, want };
  }
  const want = sumsOf(yShape, (add) => products((i, j, k) => add(k, at(x.data, i) * at(filter.data, j))));
  if (direction === 0 || kind === '3d') return { ...made, inputs: { x, filter }, attributes, want };

  // A shape, and where an element of the result finds its value. In NCHW one axis means the channels.
  const perChannel = (i: number): number => (first ? Math.floor(i / sizeOf(out)) : i) % channels;
  const [row, last] = [yShape.slice(1), yShape.at(-1) as number];
  const operands: readonly (readonly [number[], (i: number) => number])[] = [
    [[], () => 0],
    [[channels], perChannel],
    [first ? [channels, 1, 1] : [1, 1, channels], perChannel],
    [row, (i) => i % sizeOf(row)],
    [[...row.slice(0, -1), 1], (i) => Math.floor((i % sizeOf(row)) / last)],
  ];
  const inputs: Record<string, Operand> = { x, filter };
  const [[biasShape, biasAt], [slopeShape, slopeAt]] = [pick(operands), pick(operands)];
  const [bias, slopes] = [integers(random, biasShape, 9).data, integers(random, slopeShape, 2).data];
  const biased = random() < 0.7;
  if (biased) inputs.bias = { data: bias, shape: biasShape };
  const activation = pick(['linear', 'relu', 'relu6', 'leakyrelu', 'prelu'] as const);
  if (activation === 'prelu') inputs.preluActivationWeights = { data: slopes, shape: slopeShape };
  const activate = {
    linear: (value: number) => value,
    relu: (value: number) => Math.max(0, value),
    relu6: (value: number) => Math.min(6, Math.max(0, value)),
    leakyrelu: (value: number) => (value < 0 ? value / 4 : value),
    prelu: (value: number, i: number) => (value < 0 ? value * at(slopes, slopeAt(i)) : value),
  }[activation];
  const fused = { ...attributes, activation, leakyreluAlpha: 0.25 };
  const data = want.data.map((sum, i) => activate(biased ? sum + at(bias, biasAt(i)) : sum, i));
  return { ...made, inputs, attributes: fused, want: { data, shape: want.shape } };
}

function positions(sizes: readonly number[]): number[][] {
  return sizes.reduce<number[][]>((all, size) => all.flatMap((at) => Array.from({ length: size }, (_, i) => [...at, i])), [[]]);
}

const random = seeded(11);
const CASES = Array.from({ length: 400 }, () => randomCase(random));

describe.each(['cpu', 'wasm'] as const)('accelerated %s', (backend) => {
  let check = (): void => {};
  let restore: (() => void) | undefined;
  const enter = async (): Promise<void> => {
    if (restore) return;
    await tf.setBackend(backend);
    if (backend === 'wasm') check = guardHeap();
    restore = (await accelerate(tf)).restore;
  };
  afterAll(() => restore?.());

  test.each(CASES.map((c, i) => [`${i} ${c.kernel} ${JSON.stringify(c.attributes)}`, c] as const))('%s', async (_, c) => {
    await enter();
    const { kernel, inputs, attributes, want } = c;
    tf.tidy(() => {
      const tensors = Object.fromEntries(Object.entries(inputs).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]));
      // The second call packs the filter, the third finds it packed.
      for (let call = 0; call < 3; call++) {
        const y = tf.engine().runKernel(kernel, tensors, attributes as never) as Tensor;
        expect(y.shape).toEqual(want.shape);
        const got = y.dataSync<'float32'>();
        const wrong = got.findIndex((value, i) => value !== want.data[i]);
        expect(wrong < 0 ? 'right' : `call ${call}, at ${wrong}: ${got[wrong]}, not ${want.data[wrong]}`).toBe('right');
      }
    });
    check();
  });
});
