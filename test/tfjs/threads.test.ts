/** On several threads the adapter gives the bits of one, whether tensors lie in tfjs's heap or elsewhere, and holds nothing after restore. */
import { afterEach, describe, expect, test } from 'vitest';
import { type AccelerateOptions, type Acceleration, accelerate, type BackendName } from '../../src/tfjs/index.js';
import { OVERHEAD } from '../../src/wasm/schedule.js';
import { seeded } from '../suite/data.js';
import { guardHeap, tf } from './tfjs.js';

Object.assign(OVERHEAD, { job: 0, part: 0, small: 0 });

type Tensor = import('@tensorflow/tfjs-core').Tensor;
type Tensor4D = import('@tensorflow/tfjs-core').Tensor4D;

const accelerated: Acceleration[] = [];
let checkHeap: (() => void) | undefined;
async function enter(backend: BackendName, options: AccelerateOptions): Promise<Acceleration['info']> {
  await tf.setBackend(backend);
  if (backend === 'wasm') checkHeap ??= guardHeap();
  const acceleration = await accelerate(tf, options);
  accelerated.push(acceleration);
  return acceleration.info;
}
function leave(): void {
  for (const { restore } of accelerated.splice(0)) restore();
  checkHeap?.();
}
afterEach(leave);

const random = seeded(41);
const values = (shape: readonly number[]): Float32Array =>
  Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () => 2 * random() - 1);

/** [height and width, channels of x and of y, taps, stride]. */
const LAYERS = [
  [28, 32, 48, 3, 1],
  [30, 16, 40, 5, 2],
  [20, 64, 72, 1, 1],
  [40, 3, 24, 7, 2],
] as const;

/** Everything that a layer does, twice over: the second time with its filter packed. */
function layer([size, from, to, taps, stride]: (typeof LAYERS)[number], x: Float32Array, w: Float32Array): Float32Array[] {
  return tf.tidy(() => {
    const [image, filter] = [tf.tensor4d(x, [2, size, size, from]), tf.tensor4d(w, [taps, taps, from, to])];
    const conv = (a: Tensor4D, b: Tensor4D): Tensor4D => tf.conv2d(a, b, stride, 'same');
    const results: Tensor[] = [];
    for (let time = 0; time < 3; time++) {
      const y = conv(image, filter);
      const loss = (...[a, b]: Tensor[]): Tensor => tf.sum(tf.square(conv(a as Tensor4D, b as Tensor4D)));
      const [dx, dw] = tf.grads(loss)([image, filter]) as [Tensor, Tensor];
      results.push(y, dx, dw, tf.fused.conv2d({ x: image, filter, strides: stride, pad: 'same', activation: 'relu' }));
    }
    const depthwise = tf.depthwiseConv2d(image, tf.slice(filter, [0, 0, 0, 0], [taps, taps, from, 1]) as Tensor4D, stride, 'same');
    const flat = tf.reshape(image, [2 * size, size * from]);
    results.push(depthwise, tf.matMul(flat, flat, false, true), tf.matMul(flat, flat, true, false));
    return results.map((result) => result.dataSync<'float32'>().slice());
  });
}

describe.each(['cpu', 'wasm'] as const)('accelerated %s', (backend) => {
  test('gives the same bits on 1, 2 and 3 threads', async () => {
    for (const shape of LAYERS) {
      const [size, from, to, taps] = shape;
      const [x, w] = [values([2, size, size, from]), values([taps, taps, from, to])];
      const results: Float32Array[][] = [];
      for (const threads of [1, 2, 3]) {
        const info = await enter(backend, { threads: { count: threads, required: true } });
        expect(info.threads).toBe(threads);
        expect(info.threadsReason).toBeUndefined();
        const before = tf.memory().numTensors;
        results.push(layer(shape, x, w));
        expect(tf.memory().numTensors).toBe(before);
        leave();
        expect(info.bytes).toBe(0);
        expect(info.threads).toBe(1);
      }
      const [one, ...others] = results as [Float32Array[], ...Float32Array[][]];
      for (const [index, bits] of one.entries()) {
        for (const other of others)
          expect(
            bits.findIndex((value, i) => !Object.is(value, other[index]?.[i])),
            `${shape}, ${index}`,
          ).toBe(-1);
      }
    }
  });
});

test('what is no number of threads is refused', async () => {
  await expect(accelerate(tf, { threads: 0 })).rejects.toThrow(
    /^accelerate: threads is 0; expected a whole number from 1 to 64, 'auto', or/,
  );
});
