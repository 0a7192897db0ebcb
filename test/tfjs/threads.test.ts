/** On several threads the adapter gives the bits of one, whether tensors lie in tfjs's heap or elsewhere, and holds nothing after restore. */
import { afterEach, describe, expect, test } from 'vitest';
import { type AccelerateOptions, type Acceleration, accelerate, type BackendName, shareHeap } from '../../src/tfjs/index.js';
import { OVERHEAD } from '../../src/wasm/overhead.js';
import { seeded } from '../suite/data.js';
import { guardHeap, tf } from './tfjs.js';

Object.assign(OVERHEAD, { job: 0, part: 0, small: 0 });

type Tensor = import('@tensorflow/tfjs-core').Tensor;
type Tensor4D = import('@tensorflow/tfjs-core').Tensor4D;

/** Of tfjs-backend-wasm. */
interface WasmBackend {
  readonly wasm: { readonly HEAPU8: Uint8Array };
}

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

function expectSameBits(runs: readonly Float32Array[][], shape: readonly number[]): void {
  const [one, ...others] = runs as [Float32Array[], ...Float32Array[][]];
  for (const [index, bits] of one.entries()) {
    for (const other of others) {
      const first = bits.findIndex((value, i) => !Object.is(value, other[index]?.[i]));
      expect(first, `${shape}, ${index}`).toBe(-1);
    }
  }
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
      expectSameBits(results, shape);
    }
  });
});

describe('a heap that threads share', () => {
  const heapOf = (): ArrayBufferLike => (tf.findBackend('wasm') as unknown as WasmBackend).wasm.HEAPU8.buffer;
  const { instantiate } = WebAssembly;

  test('is what shareHeap makes of that of the next backend, and puts WebAssembly.instantiate back', async () => {
    await tf.setBackend('wasm');
    expect(heapOf()).toBeInstanceOf(ArrayBuffer);
    expect(() => shareHeap(tf)).toThrow(
      /^shareHeap: backend 'wasm' was started before; call shareHeap\(tf\) before tf.setBackend\('wasm'\)$/,
    );
    const { factory, priority } = tf.engine().registryFactory.wasm as { factory: () => never; priority: number };
    tf.removeBackend('wasm');
    expect(() => shareHeap(tf)).toThrow(/^shareHeap: backend 'wasm' is not registered/);
    tf.registerBackend('wasm', factory, priority);
    shareHeap(tf);
    shareHeap(tf);

    const starting = tf.setBackend('wasm');
    const memory = [5, 4, 1, 1, 1, 2]; // of one page to two
    const other = await WebAssembly.instantiate(Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, ...memory, 7, 5, 1, 1, 109, 2, 0]));
    expect((other.instance.exports.m as WebAssembly.Memory).buffer).toBeInstanceOf(ArrayBuffer);
    await starting;
    expect(heapOf()).toBeInstanceOf(SharedArrayBuffer);
    expect(WebAssembly.instantiate).toBe(instantiate);
    checkHeap = undefined; // the guards are of the heap before
  });

  test('is computed in by all threads, with the bits of one, and grows', async () => {
    for (const shape of LAYERS) {
      const [size, from, to, taps] = shape;
      const [x, w] = [values([2, size, size, from]), values([taps, taps, from, to])];
      const results: Float32Array[][] = [];
      for (const threads of [1, 2, 3]) {
        const info = await enter('wasm', { threads: { count: threads, required: true } });
        expect(info).toMatchObject({ threads, threadsReason: undefined, inPlace: true });
        results.push(layer(shape, x, w));
        leave();
      }
      expectSameBits(results, shape);
    }
    const before = heapOf().byteLength;
    const floats = before / 4;
    await enter('wasm', { threads: { count: 2, required: true } });
    const large = tf.add(tf.ones([floats]), tf.ones([floats]));
    expect(large.dataSync().every((value) => value === 2)).toBe(true);
    expect(heapOf().byteLength).toBeGreaterThan(before);
    large.dispose();
  });
});

test('what is no number of threads is refused', async () => {
  await expect(accelerate(tf, { threads: 0 })).rejects.toThrow(
    /^accelerate: threads is 0; expected a whole number from 1 to 64, 'auto', or/,
  );
});
