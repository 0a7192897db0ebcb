/** Data of another type than its tensor's, which tfjs's Cast to a wider type makes on cpu: what every backend reads of it, wherever it was cast and used. */
import { afterEach, describe, expect, test } from 'vitest';
import { type Acceleration, accelerate } from '../../src/tfjs/index.js';
import { seeded } from '../suite/data.js';
import { guardHeap, tf } from './tfjs.js';

type Tensor = import('@tensorflow/tfjs-core').Tensor;
type Type = 'float32' | 'int32' | 'bool';
const TYPES: readonly Type[] = ['float32', 'int32', 'bool'];

await tf.setBackend('wasm');
const check = guardHeap();
const accelerated: Acceleration[] = [];
const accelerateOn = async (...backends: readonly ('cpu' | 'wasm')[]): Promise<void> => {
  for (const backend of backends) accelerated.push(await accelerate(tf, { backend }));
};
afterEach(() => {
  for (const { restore } of accelerated.splice(0).reverse()) restore();
  check();
});

/** Of so many elements that nothing is left to tfjs for being small, and of so few that all is. */
const SIZES = [3, 40_000];
const random = seeded(17);
const numbers = (size: number, type: Type): number[] =>
  Array.from({ length: size }, (_, i) =>
    type === 'bool' ? (i % 3) % 2 : Math.floor(random() * 1000) - 500 + (type === 'float32' ? 0.25 : 0),
  );
const as = (type: Type, value: number): number =>
  type === 'bool' ? Number(value !== 0) : type === 'int32' ? Math.trunc(value) + 0 : value;

describe.each([
  ['wasm', ['wasm']],
  ['cpu', ['cpu']],
  ['both', ['cpu', 'wasm']],
] as const)('accelerated: %s', (_, backends) => {
  const pairs = TYPES.flatMap((from) => TYPES.map((to) => [from, to] as const));
  test.each(pairs)('%s cast to %s on cpu, then used on wasm, and the other way round', async (from, to) => {
    await accelerateOn(...backends);
    for (const [made, used] of [
      ['cpu', 'wasm'],
      ['wasm', 'cpu'],
      ['cpu', 'cpu'],
      ['wasm', 'wasm'],
    ] as const) {
      for (const size of SIZES) {
        const values = numbers(size, from);
        await tf.setBackend(made);
        if (made === 'wasm' && to === 'bool' && !(backends as readonly string[]).includes('wasm')) continue; // plain: the last eight bits
        const x = tf.tensor1d(values, from);
        const y = tf.cast(x, to);
        const z = tf.clone(y);
        await tf.setBackend(used);
        // Kernels of ours and of tfjs, and what was cast is as it was.
        const wanted = values.map((value) => as(to, value));
        const zeros = tf.zeros<import('@tensorflow/tfjs-core').Rank.R1>([size], to);
        if (to !== 'bool') expectValues(tf.add(y, zeros).dataSync(), wanted, `added, ${made} ${used}`);
        expectValues(
          tf.notEqual(z, zeros).dataSync(),
          wanted.map((value) => Number(value !== 0)),
          `compared, ${made} ${used}`,
        );
        expectValues(tf.cast(x, from).dataSync(), values, `cast back, ${made} ${used}`);
        expectValues(x.dataSync(), values, `before, ${made} ${used}`);
        expectValues(y.dataSync(), wanted, `cast, ${made} ${used}`);
        tf.dispose([x, y, z]);
      }
    }
  });

  test('the loss of whole numbers is what it is', async () => {
    await accelerateOn(...backends);
    await tf.setBackend('cpu');
    const labels = tf.cast(tf.tensor1d([1, 2, 3, 4], 'int32'), 'float32');
    await tf.setBackend('wasm');
    expect(tf.losses.meanSquaredError(labels, tf.zeros([4])).dataSync()[0]).toBe(7.5);
  });
});

/** Of so many, whose difference would be printed at length. */
function expectValues(got: ArrayLike<number>, want: readonly number[], what: string): void {
  const wrong = want.findIndex((value, i) => got[i] !== value);
  expect([what, got.length, wrong < 0 ? 'right' : `at ${wrong} ${got[wrong]}, not ${want[wrong]}`]).toEqual([what, want.length, 'right']);
}

const widened: [Type, Type][] = [
  ['int32', 'float32'],
  ['bool', 'float32'],
  ['bool', 'int32'],
];

describe('what plain cpu cast before anything was accelerated', () => {
  const image = (x: Tensor) => tf.reshape(x, [1, 100, 100, 4]) as import('@tensorflow/tfjs-core').Tensor4D;
  const filter = () => tf.ones([1, 1, 4, 2]) as import('@tensorflow/tfjs-core').Tensor4D;
  const USES: Record<string, (x: Tensor, other: Tensor) => Tensor> = {
    add: (x, other) => tf.add(x, other),
    'add, small': (x) => tf.add(tf.slice(x, [0], [4]), [1, 2, 3, 4]),
    relu: (x) => tf.relu(x),
    identity: (x) => tf.exp(tf.mul(tf.clone(x), 1e-3)),
    cast: (x) => tf.cast(tf.cast(x, 'float32'), 'bool'),
    conv2d: (x) => tf.conv2d(image(x), filter(), 1, 'valid'),
    'as a filter': (x) => tf.conv2d(image(tf.ones([40_000])), tf.reshape(tf.slice(x, [0], [8]), [1, 1, 4, 2]) as never, 1, 'valid'),
    matMul: (x) => tf.matMul(tf.reshape(x, [200, 200]), tf.eye(200)),
    sum: (x) => tf.sum(tf.reshape(x, [200, 200]), 0),
    concat: (x, other) => tf.concat([x, other]),
    pad: (x) => tf.pad(x, [[1, 2]]),
    'batch normalization': (x) => tf.batchNorm(image(x), tf.zeros([4]), tf.ones([4])),
  };
  const SMALL: Record<string, (x: Tensor) => Tensor> = {
    relu: (x) => tf.relu(x),
    leakyRelu: (x) => tf.leakyRelu(x),
    sum: (x) => tf.sum(x),
    'batch normalization': (x) => tf.batchNorm(tf.reshape(x, [1, 1, 1, 8]), tf.zeros([8]), tf.ones([8])),
    conv2d: (x) => tf.conv2d(tf.reshape(x, [1, 2, 2, 2]) as never, tf.ones([1, 1, 2, 2]), 1, 'valid'),
  };

  /** On plain cpu, then cast there and used on accelerated wasm. */
  async function expectSame(use: (x: Tensor, other: Tensor) => Tensor, from: Type, size: number): Promise<void> {
    const values = numbers(size, from);
    await tf.setBackend('cpu');
    const other = tf.tensor1d(values.map((value) => value / 4));
    const want = use(tf.tensor1d(values), other).dataSync();
    const y = tf.cast(tf.tensor1d(values, from), 'float32');
    await tf.setBackend('wasm');
    await accelerateOn('wasm');
    const got = use(y, other).dataSync();
    expect(got).toHaveLength(want.length);
    const wrong = got.findIndex((value, i) => !(Math.abs(value - (want[i] as number)) <= 1e-5 * Math.abs(want[i] as number)));
    expect(wrong < 0 ? 'right' : `at ${wrong} ${got[wrong]}, not ${want[wrong]}`).toBe('right');
  }

  test.each(Object.keys(USES).flatMap((use) => (['int32', 'bool'] as const).map((from) => [use, from] as const)))('%s of %s', (use, from) =>
    expectSame(USES[use] as (x: Tensor, other: Tensor) => Tensor, from, 40_000),
  );
  test.each(Object.keys(SMALL))('%s of eight, which is left to tfjs', (use) => expectSame(SMALL[use] as (x: Tensor) => Tensor, 'int32', 8));

  test('the ids of a gather', async () => {
    await tf.setBackend('cpu');
    const ids = tf.cast(tf.tensor1d([1, 0, 1], 'bool'), 'int32');
    await tf.setBackend('wasm');
    await accelerateOn('wasm');
    expect([...tf.unsortedSegmentSum(tf.tensor1d([1, 2, 4]), ids, 2).dataSync()]).toEqual([2, 5]);
  });

  test('a product of whole numbers', async () => {
    await tf.setBackend('cpu');
    const x = tf.cast(tf.tensor2d([1, 0, 1, 1], [2, 2], 'bool'), 'int32');
    await tf.setBackend('wasm');
    await accelerateOn('wasm');
    expect([...tf.matMul(x, x).dataSync()]).toEqual([1, 0, 2, 1]);
  });
});

test.each(['cpu', 'wasm'] as const)('accelerated %s and restored, the casts are those that were there', async (backend) => {
  const casts = () => ['cpu', 'wasm'].map((name) => tf.getKernel('Cast', name));
  const before = casts();
  const { restore } = await accelerate(tf, { backend });
  expect(tf.getKernel('Cast', 'cpu')).not.toBe(before[0]);
  restore();
  expect(casts()).toEqual(before);
});

test.each(widened)('a cast from %s to %s makes no copy of what it need not', async (from, to) => {
  await accelerateOn('cpu', 'wasm');
  for (const backend of ['cpu', 'wasm']) {
    await tf.setBackend(backend);
    const x = tf.tensor1d([1, 0], from);
    expect(tf.cast(x, from).dataId).toBe(x.dataId);
    expect(tf.cast(x, to).dataId).not.toBe(x.dataId);
  }
});
