/**
 * Gradients that tfjs-core lacks: of conv3dTranspose, of products whose batch is broadcast, and of gradients. A product of a convolution's matrix is linear in each
 * operand, so that of whole numbers a difference of two values is its gradient, exactly.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { type Acceleration, accelerate, type BackendName } from '../../src/tfjs/index.js';
import { integers, seeded, sizeOf } from '../suite/data.js';
import { guardHeap, tf } from './tfjs.js';

type Tensor = import('@tensorflow/tfjs-core').Tensor;
type Of = (...operands: Tensor[]) => Tensor;

const accelerated: Acceleration[] = [];
let checkHeap: (() => void) | undefined;
async function enter(backend: BackendName): Promise<void> {
  await tf.setBackend(backend);
  if (backend === 'wasm') checkHeap ??= guardHeap();
  accelerated.push(await accelerate(tf));
}
afterEach(() => {
  for (const { restore } of accelerated.splice(0)) restore();
  checkHeap?.();
});

const arrays = (shapes: readonly (readonly number[])[], most = 3): Float32Array[] => {
  const random = seeded(shapes.flat().reduce((sum, size) => sum * 3 + size, 1) % 1000);
  return shapes.map((shape) => integers(random, shape, most).data);
};

/** <u, f(...)>, with whole numbers in u. */
function form(f: Of, operands: readonly Tensor[]): Tensor {
  const y = f(...operands);
  const [u] = arrays([y.shape]) as [Float32Array];
  return tf.sum(tf.mul(y, tf.tensor(u, y.shape)));
}

/** The gradient of a form that is linear in every operand, by its differences, or of degree 4 by five of them, which are exact too. */
function differences(
  value: (operands: readonly Float32Array[]) => number,
  operands: readonly Float32Array[],
  which: number,
  degree: 1 | 4,
): number[] {
  const steps: [at: number, weight: number][] =
    degree === 1
      ? [
          [1, 1],
          [0, -1],
        ]
      : [
          [-2, 1 / 12],
          [-1, -8 / 12],
          [1, 8 / 12],
          [2, -1 / 12],
        ];
  const operand = operands[which] as Float32Array;
  return Array.from(operand, (_, i) =>
    steps.reduce((sum, [at, weight]) => {
      const moved = operand.slice();
      moved[i] = (moved[i] as number) + at;
      return sum + weight * value(operands.map((each, j) => (j === which ? moved : each)));
    }, 0),
  );
}

/** On this backend the gradients of the form of every operand, and what they are by differences. */
function expectGradients(f: Of, shapes: readonly (readonly number[])[]): void {
  const data = arrays(shapes);
  const tensors = (given: readonly Float32Array[]): Tensor[] => given.map((each, i) => tf.tensor(each, [...(shapes[i] as number[])]));
  const value = (given: readonly Float32Array[]): number => tf.tidy(() => form(f, tensors(given)).dataSync()[0] as number);
  tf.tidy(() => {
    const found = tf.grads((...operands: Tensor[]) => form(f, operands))(tensors(data));
    for (const [which, gradient] of found.entries()) {
      expect(gradient.shape).toEqual(shapes[which]);
      expect([...gradient.dataSync()], `operand ${which}`).toEqual(differences(value, data, which, 1).map((each) => each + 0));
    }
  });
}

interface Convolution {
  readonly name: string;
  readonly conv: (x: Tensor, filter: Tensor) => Tensor;
  readonly x: readonly number[];
  readonly filter: readonly number[];
}

const pads: [[number, number], [number, number], [number, number], [number, number]] = [
  [0, 0],
  [1, 0],
  [0, 2],
  [0, 0],
];
const CONVOLUTIONS: Convolution[] = [
  { name: 'conv2d', conv: (x, f) => tf.conv2d(x as never, f as never, [2, 1], 'same'), x: [2, 4, 5, 2], filter: [3, 2, 2, 3] },
  { name: 'conv2d, padded', conv: (x, f) => tf.conv2d(x as never, f as never, 1, pads), x: [1, 4, 4, 2], filter: [2, 3, 2, 2] },
  {
    name: 'conv2d, dilated',
    conv: (x, f) => tf.conv2d(x as never, f as never, 1, 'valid', 'NHWC', 2),
    x: [1, 6, 5, 2],
    filter: [2, 2, 2, 3],
  },
  { name: 'conv2d, NCHW', conv: (x, f) => tf.conv2d(x as never, f as never, 1, 'same', 'NCHW'), x: [1, 2, 4, 4], filter: [2, 3, 2, 3] },
  {
    name: 'conv2d, rounded up',
    conv: (x, f) => tf.conv2d(x as never, f as never, 2, 1, 'NHWC', 1, 'ceil'),
    x: [1, 4, 4, 1],
    filter: [3, 3, 1, 2],
  },
  { name: 'conv1d', conv: (x, f) => tf.conv1d(x as never, f as never, 1, 'same', 'NWC', 2), x: [2, 7, 2], filter: [3, 2, 2] },
  {
    name: 'depthwiseConv2d',
    conv: (x, f) => tf.depthwiseConv2d(x as never, f as never, 1, 'same'),
    x: [2, 4, 3, 2],
    filter: [3, 3, 2, 2],
  },
  {
    name: 'depthwiseConv2d, strided',
    conv: (x, f) => tf.depthwiseConv2d(x as never, f as never, 2, 'valid'),
    x: [1, 5, 5, 3],
    filter: [2, 3, 3, 1],
  },
  {
    name: 'depthwiseConv2d, dilated',
    conv: (x, f) => tf.depthwiseConv2d(x as never, f as never, 1, 'same', 'NHWC', 2),
    x: [1, 5, 5, 2],
    filter: [3, 2, 2, 1],
  },
  {
    name: 'depthwiseConv2d, NCHW',
    conv: (x, f) => tf.depthwiseConv2d(x as never, f as never, 1, 'same', 'NCHW'),
    x: [1, 2, 4, 4],
    filter: [2, 2, 2, 2],
  },
  {
    name: 'separableConv2d',
    conv: (x, f) => tf.separableConv2d(x as never, f as never, tf.ones([1, 1, 2, 3]), 1, 'same'),
    x: [1, 4, 4, 2],
    filter: [3, 3, 2, 1],
  },
  { name: 'conv3d', conv: (x, f) => tf.conv3d(x as never, f as never, [1, 2, 1], 'same'), x: [1, 3, 4, 3, 2], filter: [2, 2, 2, 2, 2] },
  {
    name: 'conv3d, dilated',
    conv: (x, f) => tf.conv3d(x as never, f as never, 1, 'valid', 'NDHWC', 2),
    x: [1, 4, 3, 3, 1],
    filter: [2, 2, 2, 1, 2],
  },
  {
    name: 'conv2dTranspose',
    conv: (x, f) => tf.conv2dTranspose(x as never, f as never, [2, 6, 5, 2], 2, 'same'),
    x: [2, 3, 3, 3],
    filter: [3, 2, 2, 3],
  },
  {
    name: 'conv3dTranspose',
    conv: (x, f) => tf.conv3dTranspose(x as never, f as never, [1, 4, 3, 3, 2], [2, 1, 1], 'same'),
    x: [1, 2, 3, 3, 2],
    filter: [3, 2, 2, 2, 2],
  },
  {
    name: 'conv3dTranspose, unbatched',
    conv: (x, f) => tf.conv3dTranspose(x as never, f as never, [3, 4, 3, 2], 1, 'valid'),
    x: [2, 3, 2, 3],
    filter: [2, 2, 2, 2, 3],
  },
];

const NEGATIVE = /gradient function not found|not registered|not yet supported|does not match the shape|Cannot/;

describe.each(['cpu', 'wasm'] as const)('accelerated %s', (backend) => {
  test.each(CONVOLUTIONS.map((each) => [each.name, each] as const))(
    '%s: gradients, and gradients of gradients',
    async (_, { conv, x, filter }) => {
      await enter(backend);
      const y = tf.tidy(() => conv(tf.zeros([...x]), tf.zeros([...filter])).shape);
      expectGradients(conv, [x, filter]);
      // Of the gradient of the input with respect to dy and the filter, and of the filter's with respect to dy and the input. Each is linear in both.
      expectGradients((dy, f) => tf.grad((image) => conv(image, f))(tf.zeros([...x]), dy), [y, filter]);
      expectGradients((dy, image) => tf.grad((f) => conv(image, f))(tf.zeros([...filter]), dy), [y, x]);
    },
  );

  test.each(CONVOLUTIONS.map((each) => [each.name, each] as const))(
    '%s: a penalty on the gradient of the input',
    async (_, { conv, x, filter }) => {
      await enter(backend);
      // Σ (∂/∂x Σ y² / 2)², of degree 4 in the filter, of small whole numbers.
      const [xs, fs] = arrays([x, filter], 1) as [Float32Array, Float32Array];
      const penalty = (image: Tensor, f: Tensor): Tensor => {
        const energy = (each: Tensor): Tensor => tf.mul(tf.sum(tf.square(conv(each, f))), 0.5);
        return tf.sum(tf.square(tf.grad(energy)(image)));
      };
      const value = ([moved]: readonly Float32Array[]): number =>
        tf.tidy(() => penalty(tf.tensor(xs, [...x]), tf.tensor(moved as Float32Array, [...filter])).dataSync()[0] as number);
      tf.tidy(() => {
        const got = tf
          .grad((f) => penalty(tf.tensor(xs, [...x]), f))(tf.tensor(fs, [...filter]))
          .dataSync();
        const want = differences(value, [fs], 0, 4);
        // Whole numbers below 2^24 in every step; the twelfths are rounded in float64.
        want.forEach((each, i) => {
          expect(Math.round(each)).toBeCloseTo(each, 3);
          expect(got[i]).toBe(Math.round(each) + 0);
        });
      });
    },
  );

  const BATCHES: [a: number[], b: number[]][] = [
    [[2], []],
    [[], [2]],
    [[3], [1]],
    [[1], [3]],
    [[2, 3], []],
    [[2, 3], [3]],
    [
      [2, 3],
      [1, 3],
    ],
    [
      [2, 1],
      [1, 3],
    ],
    [
      [1, 3],
      [2, 1],
    ],
    [
      [2, 3],
      [2, 1],
    ],
    [[1], []],
  ];
  test.each(BATCHES.flatMap(([a, b]) => [0, 1, 2, 3].map((transposes) => [a, b, transposes > 1, transposes % 2 === 1] as const)))(
    'matMul of batches [%s] and [%s], transposed %s and %s',
    async (aBatch, bBatch, transposeA, transposeB) => {
      await enter(backend);
      const [a, b] = [
        [...aBatch, ...(transposeA ? [4, 2] : [2, 4])],
        [...bBatch, ...(transposeB ? [3, 4] : [4, 3])],
      ];
      const product: Of = (x, y) => tf.matMul(x, y, transposeA, transposeB);
      expectGradients(product, [a, b]);
      const y = tf.tidy(() => product(tf.zeros(a), tf.zeros(b)).shape);
      expectGradients((dy, other) => tf.grad((x) => product(x, other))(tf.zeros(a), dy), [y, b]);
      expectGradients((dy, other) => tf.grad((x) => product(other, x))(tf.zeros(b), dy), [y, a]);
    },
  );

  test('the gradient of a matrix that all of a batch are multiplied by takes no memory for each', async () => {
    await enter(backend);
    const [a, b] = [tf.ones([64, 3, 40]), tf.ones([40, 50])];
    const before = tf.memory().numBytes;
    let most = 0;
    const y = tf.matMul(a, b);
    const run = tf.engine().runKernel.bind(tf.engine());
    tf.engine().runKernel = ((...call: Parameters<typeof run>) => {
      const out = run(...call);
      most = Math.max(most, tf.memory().numBytes - before);
      return out;
    }) as typeof run;
    const gradient = tf.grad((weight: Tensor) => tf.matMul(a, weight))(b, tf.onesLike(y));
    tf.engine().runKernel = run;
    expect(gradient.shape).toEqual([40, 50]);
    expect(gradient.dataSync().every((value) => value === 192)).toBe(true);
    expect(most).toBeLessThan(4 * 64 * 40 * 50);
  });
});

test('where plain cpu has them, the same', async () => {
  const { conv, x, filter } = CONVOLUTIONS[0] as Convolution;
  const [xs, fs] = arrays([x, filter]) as [Float32Array, Float32Array];
  const second = () =>
    tf.tidy(() => {
      const ofInput = (f: Tensor) => tf.sum(tf.square(tf.grad((image) => tf.sum(tf.square(conv(image, f))))(tf.tensor(xs, [...x]))));
      return [
        ...tf
          .grad(ofInput)(tf.tensor(fs, [...filter]))
          .dataSync(),
      ];
    });
  await tf.setBackend('cpu');
  const want = second();
  for (const backend of ['cpu', 'wasm'] as const) {
    await enter(backend);
    expect(second()).toEqual(want);
  }
});

test('on a backend that is not accelerated, and of other types, they are missing as they were', async () => {
  const { conv, x, filter } = CONVOLUTIONS.at(-2) as Convolution;
  const learn = () =>
    tf.tidy(() =>
      tf
        .grad((f) => tf.sum(conv(tf.ones([...x]), f)))(tf.ones([...filter]))
        .dataSync(),
    );
  const broadcast = () =>
    tf.tidy(() =>
      tf
        .grad((b: Tensor) => tf.sum(tf.matMul(tf.ones([2, 3, 4]), b)))(tf.ones([4, 5]))
        .dataSync(),
    );
  await tf.setBackend('cpu');
  const plain = [learn, broadcast].map((run) => messageOf(run));
  expect(plain[0]).toBe('Cannot compute gradient: gradient function not found for Conv3DBackpropInputV2.');
  expect(plain[1]).toMatch(NEGATIVE);
  await enter('wasm');
  expect([learn(), broadcast()].map(({ length }) => length)).toEqual([sizeOf(filter), 20]);
  await tf.setBackend('cpu');
  expect([learn, broadcast].map((run) => messageOf(run))).toEqual(plain);
  await tf.setBackend('wasm');
  for (const { restore } of accelerated.splice(0)) restore();
  for (const name of ['Conv3DBackpropInputV2', 'Conv2DBackpropFilter', 'DepthwiseConv2dNativeBackpropFilter']) {
    expect(tf.getGradient(name)).toBeUndefined();
  }
});

function messageOf(run: () => unknown): string {
  try {
    run();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}
