/** What tfjs's heap does while our kernels live in it: it grows when data comes from another backend, and it has an end. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OutOfMemoryError } from '../../src/index.js';
import { accelerate } from '../../src/tfjs/index.js';
import { guardHeap, tf } from './tfjs.js';

type Tensor = import('@tensorflow/tfjs-core').Tensor;
type Image = import('@tensorflow/tfjs-core').Tensor4D;
interface Heap {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
}
const heap = (): Heap => (tf.findBackend('wasm') as unknown as { wasm: Heap }).wasm;

let restore: () => void;
beforeAll(async () => {
  await tf.setBackend('wasm');
  ({ restore } = await accelerate(tf));
});
afterAll(() => restore());

/** Whole numbers below `below`, whose sums are exact here. */
function whole(shape: number[], dtype: 'float32' | 'int32' = 'float32', below = 5): Tensor {
  const data = Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, i) => (i * 13) % below);
  return tf.tensor(dtype === 'int32' ? Int32Array.from(data) : data, shape, dtype);
}

describe('operands that come from another backend, each of which makes the heap grow', () => {
  /** Rows of so many floats: more than the heap has free when it has just grown. */
  const rows = (floats: number): number => Math.ceil((heap().HEAPU8.length * 0.4) / 4 / floats);

  const CASES: Record<string, [make: () => Tensor[], run: (...tensors: Tensor[]) => Tensor]> = {
    concat: [() => [whole([rows(1000), 1000]), whole([rows(1000), 1000])], (a, b) => tf.concat([a, b], 1)],
    matMul: [() => [whole([rows(3), 3], 'float32', 2), whole([rows(3), 2], 'float32', 2)], (a, b) => tf.matMul(a, b, true)],
    conv2d: [
      () => [whole([1, rows(20), 20, 1], 'float32', 2), whole([rows(20), 20, 1, 1], 'float32', 2)],
      (x, f) => tf.conv2d(x as never, f as never, 1, 'valid'),
    ],
    unsortedSegmentSum: [
      () => [whole([rows(1)], 'float32', 2), whole([rows(1)], 'int32', 3)],
      (x, ids) => tf.unsortedSegmentSum(x, ids as never, 3),
    ],
  };

  test.each(Object.entries(CASES))('%s', async (_, [make, run]) => {
    await tf.setBackend('cpu');
    const tensors = make();
    const want = run(...tensors).dataSync();
    const { length } = heap().HEAPU8;
    await tf.setBackend('wasm');
    const got = run(...tensors).dataSync();
    expect(heap().HEAPU8.length).toBeGreaterThan(length * 1.5);
    expect(got.length).toBe(want.length);
    expect(got.findIndex((value, i) => value !== want[i])).toBe(-1);
    // Nothing is disposed: the next finds no room.
  });
});

test('a heap that has no room for an output is not written to at address 0, where tfjs takes it to be', async () => {
  await tf.setBackend('wasm');
  const [x, f] = [whole([1, 16, 16, 4]), whole([3, 3, 4, 8])];
  const conv = () => tf.conv2d(x as Image, f as Image, 2, 'same');
  const want = conv().dataSync();
  const { numTensors, numDataBuffers } = tf.memory();
  const { _malloc: malloc } = heap();
  const before = heap().HEAPU8.slice(0, 4096);
  heap()._malloc = (bytes) => (bytes === 4 * want.length ? 0 : malloc(bytes));
  try {
    expect(conv).toThrow(OutOfMemoryError);
  } finally {
    heap()._malloc = malloc;
  }
  expect(heap().HEAPU8.slice(0, 4096)).toEqual(before);
  expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
  expect(conv().dataSync()).toEqual(want);
});

test('nor leaves the outputs before it behind', async () => {
  await tf.setBackend('wasm');
  const x = whole([3000]);
  const { numDataIds } = tf.backend() as unknown as { numDataIds(): number };
  const count = numDataIds.call(tf.backend());
  const { _malloc: malloc } = heap();
  heap()._malloc = (bytes) => (bytes === 8000 ? 0 : malloc(bytes));
  try {
    expect(() => tf.split(x, [1000, 2000])).toThrow(OutOfMemoryError);
  } finally {
    heap()._malloc = malloc;
  }
  expect(numDataIds.call(tf.backend())).toBe(count);
});

test.each(['cpu', 'wasm'])('a bias under another shape is another bias, %s', async (backend) => {
  await tf.setBackend(backend);
  const acceleration = backend === 'cpu' ? await accelerate(tf) : undefined;
  const [x, filter, bias] = [whole([1, 4, 4, 2]), whole([3, 3, 2, 4]), tf.tensor1d([100, 200, 300, 400])];
  const sums = tf.conv2d(x as Image, filter as Image, 1, 'same').dataSync();
  const fused = (shape: number[]) =>
    tf.fused.conv2d({ x: x as Image, filter: filter as Image, strides: 1, pad: 'same', bias: tf.reshape(bias, shape) }).dataSync();
  const [perChannel, perRow] = [(i: number) => i % 4, (i: number) => Math.floor(i / 16)];
  // The second call packs the filter with its bias.
  for (let call = 0; call < 3; call++) expect([...fused([4])]).toEqual([...sums].map((sum, i) => sum + 100 * (1 + perChannel(i))));
  for (let call = 0; call < 3; call++) expect([...fused([4, 1, 1])]).toEqual([...sums].map((sum, i) => sum + 100 * (1 + perRow(i))));
  acceleration?.restore();
});

test('an activation whose kernel the backend lacks, as a build of tfjs with some kernels may', async () => {
  await tf.setBackend('wasm');
  const elu = tf.getKernel('Elu', 'wasm');
  tf.unregisterKernel('Elu', 'wasm');
  const [a, b] = [tf.tensor2d([[-1, 2]]), tf.tensor2d([[1], [0]])];
  expect(tf.fused.matMul({ a, b, activation: 'elu' }).dataSync()[0]).toBeCloseTo(Math.exp(-1) - 1, 6);
  tf.registerKernel(elu);
});

test.each(['cpu', 'wasm'])('a product of nothing is zeros, whose bias and activation follow, %s', async (backend) => {
  await tf.setBackend(backend);
  const check = backend === 'wasm' ? guardHeap() : undefined;
  const acceleration = backend === 'cpu' ? await accelerate(tf) : undefined;
  for (const transposeA of [false, true]) {
    for (const transposeB of [false, true]) {
      for (const batch of [[], [2], [2, 1]]) {
        const [a, b] = [tf.zeros([...batch, ...(transposeA ? [0, 3] : [3, 0])]), tf.zeros([...batch, ...(transposeB ? [2, 0] : [0, 2])])];
        const y = tf.matMul(a, b, transposeA, transposeB);
        expect(y.shape).toEqual([...batch, 3, 2]);
        expect(y.dataSync()).toEqual(new Float32Array(y.size));
        for (const activation of ['linear', 'relu', 'sigmoid', 'elu'] as const) {
          const fused = tf.fused.matMul({ a, b, transposeA, transposeB, bias: tf.tensor1d([-1, 2]), activation }).dataSync();
          const [minus, plus] = {
            linear: [-1, 2],
            relu: [0, 2],
            sigmoid: [1 / (1 + Math.E), 1 / (1 + Math.exp(-2))],
            elu: [1 / Math.E - 1, 2],
          }[activation] as [number, number];
          for (const [i, value] of fused.entries()) expect(value).toBeCloseTo(i % 2 === 0 ? minus : plus, 5);
        }
        check?.();
      }
    }
  }
  acceleration?.restore();
});
