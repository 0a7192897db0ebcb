/** Gradients of dilated convolutions, exactly: of whole numbers, against plain cpu with zeros between the taps of the filter, and against the reference engine. */
import { afterEach, describe, expect, test } from 'vitest';
import { loadSync, type Tensor } from '../../src/index.js';
import { type Acceleration, accelerate } from '../../src/tfjs/index.js';
import { close } from '../suite/check.js';
import { integers, seeded, sizeOf } from '../suite/data.js';
import { winogradTolerance, winogradWeightTolerance } from '../suite/winograd-bound.js';
import { guardHeap, tf, layers as tfl } from './tfjs.js';

type TfTensor = import('@tensorflow/tfjs-core').Tensor;
type Pads = [number, number][];

interface Problem {
  readonly op: 'conv1d' | 'conv2d' | 'depthwiseConv2d' | 'conv3d';
  /** Channels last, as are the pads; `first` moves them. */
  readonly x: number[];
  readonly filter: number[];
  readonly dilations: number[];
  readonly strides?: number[];
  readonly pad: 'same' | 'valid' | number | Pads;
  readonly rounding?: 'floor' | 'ceil' | 'round';
  readonly first?: boolean;
  /** So large that Winograd computes it: whole numbers to within its bound. */
  readonly transformed?: boolean;
}

const PROBLEMS: Problem[] = [
  { op: 'conv1d', x: [2, 19, 3], filter: [3, 3, 4], dilations: [3], pad: 'same' },
  { op: 'conv1d', x: [1, 16, 2], filter: [4, 2, 5], dilations: [2], pad: 'valid' },
  { op: 'conv2d', x: [2, 11, 9, 3], filter: [3, 3, 3, 4], dilations: [2, 2], pad: 'same' },
  { op: 'conv2d', x: [2, 11, 9, 3], filter: [3, 3, 3, 4], dilations: [2, 2], pad: 'valid', first: true },
  { op: 'conv2d', x: [1, 14, 13, 17], filter: [3, 2, 17, 9], dilations: [3, 1], pad: 'same', first: true },
  { op: 'conv2d', x: [3, 9, 12, 2], filter: [2, 3, 2, 5], dilations: [1, 4], pad: 'valid' },
  { op: 'conv2d', x: [1, 8, 9, 4], filter: [3, 3, 4, 3], dilations: [2, 2], pad: 2, rounding: 'ceil' },
  { op: 'conv2d', x: [1, 8, 9, 4], filter: [3, 3, 4, 3], dilations: [2, 2], pad: 1, rounding: 'floor', first: true },
  {
    op: 'conv2d',
    x: [2, 7, 8, 5],
    filter: [3, 2, 5, 4],
    dilations: [2, 3],
    pad: [
      [2, 1],
      [0, 3],
    ],
  },
  {
    op: 'conv2d',
    x: [2, 7, 8, 5],
    filter: [3, 2, 5, 4],
    dilations: [2, 3],
    pad: [
      [1, 3],
      [2, 0],
    ],
    rounding: 'round',
    first: true,
  },
  // Large enough for each of the engine's ways: many channels, few taps, long rows.
  { op: 'conv2d', x: [2, 20, 21, 32], filter: [3, 3, 32, 24], dilations: [2, 2], pad: 'same', transformed: true },
  { op: 'depthwiseConv2d', x: [2, 11, 9, 3], filter: [3, 3, 3, 2], dilations: [2, 2], pad: 'same' },
  { op: 'depthwiseConv2d', x: [2, 11, 9, 3], filter: [3, 3, 3, 1], dilations: [2, 2], pad: 'valid', first: true },
  { op: 'depthwiseConv2d', x: [1, 17, 18, 20], filter: [5, 3, 20, 1], dilations: [2, 3], pad: 'same', first: true },
  { op: 'depthwiseConv2d', x: [1, 12, 13, 4], filter: [3, 3, 4, 2], dilations: [2, 2], strides: [2, 2], pad: 'same' },
  { op: 'depthwiseConv2d', x: [2, 12, 13, 4], filter: [3, 3, 4, 1], dilations: [2, 2], strides: [2, 2], pad: 1, rounding: 'ceil' },
  { op: 'depthwiseConv2d', x: [2, 13, 12, 4], filter: [3, 3, 4, 1], dilations: [2, 2], strides: [3, 3], pad: 2, rounding: 'round' },
  {
    op: 'depthwiseConv2d',
    x: [2, 13, 12, 4],
    filter: [3, 2, 4, 1],
    dilations: [2, 3],
    strides: [3, 2],
    pad: [
      [2, 0],
      [1, 2],
    ],
    rounding: 'floor',
    first: true,
  },
  { op: 'conv3d', x: [2, 7, 6, 8, 3], filter: [3, 2, 3, 3, 4], dilations: [2, 2, 2], pad: 'same', transformed: true },
  { op: 'conv3d', x: [1, 5, 8, 9, 2], filter: [2, 3, 2, 2, 5], dilations: [1, 3, 4], pad: 'valid' },
];

/** Undilated, with attributes that tfjs-core's gradient functions forget. */
const FORGOTTEN: Problem[] = [
  { op: 'conv2d', x: [2, 8, 9, 3], filter: [3, 3, 3, 4], dilations: [1, 1], strides: [2, 3], pad: 0, rounding: 'ceil' },
  { op: 'conv2d', x: [1, 8, 8, 2], filter: [3, 3, 2, 5], dilations: [1, 1], strides: [2, 2], pad: 1, rounding: 'ceil', first: true },
  { op: 'conv2d', x: [2, 10, 10, 3], filter: [3, 3, 3, 2], dilations: [1, 1], strides: [2, 2], pad: 1, rounding: 'round' },
  { op: 'depthwiseConv2d', x: [2, 8, 9, 4], filter: [3, 3, 4, 2], dilations: [1, 1], strides: [2, 3], pad: 0, rounding: 'ceil' },
  { op: 'depthwiseConv2d', x: [2, 8, 9, 4], filter: [3, 3, 4, 1], dilations: [1, 1], strides: [1, 1], pad: 'same', first: true },
];

/** What tfjs is given for a problem: the axes and pads where its data format has them. */
function convolve({ op, pad, dilations, strides = [1, 1], rounding, first }: Problem, x: TfTensor, filter: TfTensor): TfTensor {
  const pads = typeof pad === 'object' ? (first ? [[0, 0], [0, 0], ...pad] : [[0, 0], ...pad, [0, 0]]) : pad;
  const [image, weight, given] = [x as never, filter as never, pads as never];
  const format = first ? 'NCHW' : 'NHWC';
  if (op === 'conv1d') return tf.conv1d(image, weight, 1, given, 'NWC', dilations[0], rounding);
  if (op === 'conv3d') return tf.conv3d(image, weight, 1, given, 'NDHWC', dilations as never);
  return tf[op](image, weight, strides as never, given, format, dilations as never, rounding);
}

/** tf.tidy, whatever comes of it. */
function tidy<T>(run: () => T): T {
  const results: T[] = [];
  tf.tidy(() => {
    results.push(run());
  });
  return results[0] as T;
}

const permuted = (t: TfTensor, axes: number[], first: boolean | undefined): TfTensor => (first ? tf.transpose(t, axes) : t);
const channelsFirst = [0, 3, 1, 2];
const channelsLast = [0, 2, 3, 1];
const tensor = ({ data, shape }: Tensor): TfTensor => tf.tensor(data as Float32Array, [...shape]);
const plainOf = (t: TfTensor): Tensor => ({ data: t.dataSync<'float32'>().slice(), shape: t.shape });

interface Gradients {
  readonly x: Tensor;
  readonly filter: Tensor;
}

/** Of the op, by tfjs's gradient functions, the image's channels last again. */
function gradients(problem: Problem, x: Tensor, filter: Tensor, dy?: Tensor): Gradients & { readonly dy: Tensor } {
  const { first } = problem;
  return tidy(() => {
    const [image, weight] = [permuted(tensor(x), channelsFirst, first), tensor(filter)];
    const shape = permuted(convolve(problem, image, weight), channelsLast, first).shape;
    const upstream = dy ?? integers(seeded(9), shape, 3);
    const given = permuted(tensor(upstream), channelsFirst, first);
    const [dx, dw] = tf.grads((a, b) => convolve(problem, a as never, b as never))([image, weight], given) as [TfTensor, TfTensor];
    return { x: plainOf(permuted(dx, channelsLast, first)), filter: plainOf(dw), dy: upstream };
  });
}

/** The filter with zeros between its taps, and which of its elements the filter's are. */
function stuffed({ filter, dilations }: Problem): { readonly shape: number[]; readonly at: (index: number) => number } {
  const axes = dilations.length;
  const shape = filter.map((size, axis) => (axis < axes ? (size - 1) * (dilations[axis] as number) + 1 : size));
  const at = (index: number): number => {
    let [rest, to, step] = [index, 0, 1];
    for (let axis = filter.length - 1; axis >= 0; axis--) {
      const size = filter[axis] as number;
      to += (rest % size) * (dilations[axis] ?? 1) * step;
      rest = Math.floor(rest / size);
      step *= shape[axis] as number;
    }
    return to;
  };
  return { shape, at };
}

/** Plain tfjs, undilated and channels last. */
function byZeros(problem: Problem, x: Tensor, filter: Tensor, dy: Tensor): Gradients {
  const { shape, at } = stuffed(problem);
  const data = new Float32Array(sizeOf(shape));
  filter.data.forEach((value, i) => {
    data[at(i)] = value;
  });
  const undilated = { ...problem, filter: shape, dilations: problem.dilations.map(() => 1), first: false };
  const found = gradients(undilated, x, { data, shape }, dy);
  return { x: found.x, filter: { data: filter.data.map((_, i) => found.filter.data[at(i)] as number), shape: filter.shape } };
}

/** The engine that is written from the definition. */
function byReference(problem: Problem, x: Tensor, filter: Tensor, dy: Tensor): Gradients {
  const { op, shape, options } = problemOf(problem, x, filter, dy);
  const conv = loadSync({ variant: 'reference' })[op];
  const dw = conv.gradWeight(dy, x, shape, options);
  return { x: conv.gradInput(dy, { data: filter.data, shape }, x.shape, options), filter: { data: dw.data, shape: filter.shape } };
}

/** As this library has it. */
function problemOf({ op, pad, dilations, strides = dilations.map(() => 1) }: Problem, x: Tensor, filter: Tensor, dy: Tensor) {
  const padding = dilations.map((dilation, axis): [number, number] => {
    const [size, out, taps] = [x.shape[axis + 1], dy.shape[axis + 1], filter.shape[axis]] as [number, number, number];
    const spare = (out - 1) * (strides[axis] as number) + (taps - 1) * dilation + 1 - size;
    const numeric = pad === 'valid' ? 0 : (pad as number);
    const before = pad === 'same' ? Math.floor(Math.max(0, spare) / 2) : typeof pad === 'object' ? (pad[axis]?.[0] as number) : numeric;
    return [before, Math.max(0, spare - before)];
  });
  const channels = x.shape.at(-1) as number;
  const groups = op === 'depthwiseConv2d' ? channels : 1;
  const multiplied = filter.shape.slice(-2).reduce((a, b) => a * b, 1);
  const shape = groups === 1 ? filter.shape : [...filter.shape.slice(0, -2), 1, multiplied];
  const options = { stride: strides, padding, dilation: dilations, groups, layout: 'channels-last' } as const;
  return { op: op === 'depthwiseConv2d' ? ('conv2d' as const) : op, shape, options };
}

/** Winograd's bound of both gradients. */
function near(problem: Problem, x: Tensor, filter: Tensor, dy: Tensor, got: Gradients, want: Gradients): void {
  const { op, options } = problemOf(problem, x, filter, dy);
  const p = { op, input: x, weight: filter, gradOutput: dy, options, shapeOptions: options };
  close(got.x, want.x, winogradTolerance(p, 'gradInput', 256), 'the gradient of x');
  close(got.filter, want.filter, winogradWeightTolerance(p), 'the gradient of the filter');
}

const operands = ({ x, filter }: Problem): [Tensor, Tensor] => {
  const random = seeded(5);
  return [integers(random, x, 3), integers(random, filter, 3)];
};

const accelerated: Acceleration[] = [];
let checkHeap: (() => void) | undefined;
async function enter(backend: 'cpu' | 'wasm'): Promise<void> {
  await tf.setBackend(backend);
  if (backend === 'wasm') checkHeap ??= guardHeap();
  accelerated.push(await accelerate(tf));
}
afterEach(() => {
  for (const { restore } of accelerated.splice(0)) restore();
  checkHeap?.();
});

const REFUSAL = /dilation rates greater than 1 are not yet supported/;
const small: Problem = { op: 'conv2d', x: [1, 6, 7, 2], filter: [3, 3, 2, 3], dilations: [2, 2], pad: 'same' };
const refused = (): void => expect(() => gradients(small, ...operands(small))).toThrow(REFUSAL);

describe.each(['cpu', 'wasm'] as const)('accelerated %s', (backend) => {
  test.each(PROBLEMS.map((problem) => [JSON.stringify(problem), problem] as const))('%s', async (_, problem) => {
    const [x, filter] = operands(problem);
    await enter(backend);
    const { dy, ...got } = gradients(problem, x, filter);
    for (const { restore } of accelerated.splice(0)) restore();
    await tf.setBackend('cpu');
    const [stuffed, reference] = [byZeros(problem, x, filter, dy), byReference(problem, x, filter, dy)];
    expect(stuffed).toEqual(reference);
    if (problem.transformed) near(problem, x, filter, dy, got, reference);
    else expect(got).toEqual(reference);
  });

  test.each(FORGOTTEN.map((problem) => [JSON.stringify(problem), problem] as const))('undilated, %s', async (_, problem) => {
    const [x, filter] = operands(problem);
    await enter(backend);
    const { dy, ...got } = gradients(problem, x, filter);
    expect(got).toEqual(byReference(problem, x, filter, dy));
  });

  test('of a gradient: what tfjs has for conv2d, dilated', async () => {
    await enter(backend);
    const [x, filter] = operands(small);
    const { dy } = gradients(small, x, filter);
    const other = integers(seeded(7), small.x, 3);
    const found = tidy(() => {
      const ofInput = (up: TfTensor, weight: TfTensor): TfTensor =>
        tf.grad((image) => convolve(small, image as never, weight))(tensor(x), up) as TfTensor;
      return tf
        .grads((up, weight) => ofInput(up as never, weight as never))([tensor(dy), tensor(filter)], tensor(other))
        .map((each) => plainOf(each as TfTensor));
    });
    expect(found[0]).toEqual(tidy(() => plainOf(convolve(small, tensor(other), tensor(filter)))));
    expect(found[1]).toEqual(byReference(small, other, filter, dy).filter);
  });

  test('whole numbers, whose kernel is not ours, are refused', async () => {
    await enter(backend);
    const x = tf.ones<import('@tensorflow/tfjs-core').Rank.R5>([1, 5, 5, 5, 1], 'int32');
    const filter = tf.ones<import('@tensorflow/tfjs-core').Rank.R5>([2, 2, 2, 1, 1]);
    // Plain wasm has no forward kernel of whole numbers either.
    expect(() => tf.grad((f) => tf.conv3d(x, f as never, 1, 'valid', 'NDHWC', 2))(filter)).toThrow();
  });

  test('a dy that is larger than the dilated convolution gives is refused, not given to a kernel that knows no dilation', async () => {
    await enter(backend);
    const attributes = { strides: 1, pad: 'valid', dilations: 2, dataFormat: 'NHWC', inputShape: [1, 6, 6, 1], filterShape: [3, 3, 1, 1] };
    const [dy, x, filter] = [tf.ones([1, 3, 3, 1]), tf.ones([1, 6, 6, 1]), tf.ones([3, 3, 1, 1])];
    const run = (kernel: string, inputs: object) => () => tf.engine().runKernel(kernel, inputs as never, attributes);
    expect(run('Conv2DBackpropInput', { dy, filter })).toThrow(/dy is \[1, 3, 3, 1\]; the forward convolution gives \[1, 2, 2, 1\]/);
    expect(run('Conv2DBackpropFilter', { dy, x })).toThrow(/dy is/);
  });

  test('the layers that learn with a dilation, and the one that cannot: its fused convolution has a gradient of its own', async () => {
    await enter(backend);
    const l = tfl.layers;
    const made = { filters: 2, kernelSize: 3, dilationRate: 2 };
    const models = {
      conv1d: (activation: Activation) => l.conv1d({ ...made, inputShape: [9, 2], activation }),
      conv2d: (activation: Activation) => l.conv2d({ ...made, inputShape: [7, 8, 2], activation }),
      conv3d: (activation: Activation) => l.conv3d({ ...made, inputShape: [6, 5, 7, 1], activation }),
      separableConv2d: (activation: Activation) => l.separableConv2d({ ...made, inputShape: [7, 8, 2], activation }),
      // Takes no notice of dilationRate.
      depthwiseConv2d: (activation: Activation) => l.depthwiseConv2d({ ...made, inputShape: [7, 8, 2], activation }),
    };
    const learns: string[] = [];
    for (const [name, layer] of Object.entries(models)) {
      for (const activation of ['linear', 'relu', 'elu', 'tanh'] as const) {
        const model = tfl.sequential({ layers: [layer(activation)] });
        model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
        const x = tf.ones(model.inputs[0]?.shape.map((size) => size ?? 1) as number[]);
        const y = tf.ones((model.outputShape as number[]).map((size) => size ?? 1));
        try {
          await model.trainOnBatch(x, y);
          learns.push(`${name} ${activation}`);
        } catch (error) {
          expect((error as Error).message).toMatch(REFUSAL);
        }
      }
    }
    const every = Object.keys(models).flatMap((name) => ['linear', 'relu', 'elu', 'tanh'].map((activation) => `${name} ${activation}`));
    expect(learns).toEqual(every.filter((each) => each !== 'conv2d linear' && each !== 'conv2d tanh'));
  });
});

type Activation = 'linear' | 'relu' | 'elu' | 'tanh';

test('a dilated model learns alike on cpu and wasm, with model.fit', async () => {
  const losses = async (): Promise<number[]> => {
    const l = tfl.layers;
    let seed = 0;
    const init = () => tfl.initializers.glorotUniform({ seed: ++seed });
    const model = tfl.sequential({
      layers: [
        l.conv2d({ inputShape: [12, 12, 2], filters: 8, kernelSize: 3, dilationRate: 2, activation: 'relu', kernelInitializer: init() }),
        l.separableConv2d({ filters: 6, kernelSize: 3, dilationRate: 3, depthwiseInitializer: init(), pointwiseInitializer: init() }),
        l.flatten(),
        l.dense({ units: 2, kernelInitializer: init() }),
      ],
    });
    model.compile({ optimizer: tf.train.sgd(0.05), loss: 'meanSquaredError' });
    const [x, y] = [tensor(integers(seeded(1), [8, 12, 12, 2], 1)), tensor(integers(seeded(2), [8, 2], 1))];
    const { history } = await model.fit(x, y, { epochs: 20, batchSize: 8, shuffle: false, verbose: 0, yieldEvery: 'never' });
    tf.dispose([x, y]);
    model.dispose();
    return history.loss as number[];
  };
  await enter('cpu');
  const cpu = await losses();
  await enter('wasm');
  const wasm = await losses();
  expect(cpu).toHaveLength(20);
  expect(cpu.at(-1)).toBeLessThan((cpu[0] as number) / 2);
  for (const [i, loss] of cpu.entries()) expect(Math.abs((wasm[i] as number) - loss) / loss).toBeLessThan(1e-3);
});

describe('the gradient functions are of every backend', () => {
  const NAMES = ['Conv2D', 'Conv2DBackpropInput', 'Conv3D', 'DepthwiseConv2dNative'];

  test('on a backend that is not accelerated they refuse, and what is not dilated is computed by what was there', async () => {
    await enter('cpu');
    const [x, filter] = operands(small);
    const undilated = { ...small, dilations: [1, 1] };
    gradients(small, x, filter);
    await tf.setBackend('wasm');
    refused();
    expect(() => gradients(undilated, x, filter)).toThrow(/Kernel 'Conv2DBackpropFilter' not registered for backend 'wasm'/);
    await enter('wasm');
    const { dy, ...got } = gradients(undilated, x, filter);
    expect(got).toEqual(byReference(undilated, x, filter, dy));
  });

  test.each([
    ['the first first', [0, 1, 2]],
    ['the last first', [2, 1, 0]],
    ['the one between first', [1, 0, 2]],
  ])('restore puts back what was there, of cpu, wasm and wasm again, %s', async (_, order) => {
    const registered = () => [
      ...NAMES.map((name) => tf.getGradient(name)),
      ...['cpu', 'wasm'].flatMap((backend) => tf.getKernelsForBackend(backend)),
    ];
    const before = new Set(registered());
    for (const backend of ['cpu', 'wasm', 'wasm'] as const) await enter(backend);
    for (const name of NAMES) expect(before).not.toContain(tf.getGradient(name));
    const [x, filter] = operands(small);
    for (const [done, index] of order.entries()) {
      for (const [backend, those] of [
        ['cpu', [0]],
        ['wasm', [1, 2]],
      ] as const) {
        await tf.setBackend(backend);
        if (those.some((each) => order.indexOf(each) >= done)) gradients(small, x, filter);
        else refused();
      }
      accelerated[index]?.restore();
    }
    expect(new Set(registered())).toEqual(before);
    for (const config of registered()) expect(before).toContain(config);
    refused();
  });
});
