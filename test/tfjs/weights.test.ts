/** Packed weights: one for all the shapes, biases and activations that meet it, of which no more are held than was allowed. */
import { afterEach, describe, expect, test } from 'vitest';
import { type AccelerateOptions, type Acceleration, accelerate, type BackendName } from '../../src/tfjs/index.js';
import { Weights } from '../../src/tfjs/packed-weights.js';
import { seeded } from '../suite/data.js';
import { guardHeap, tf } from './tfjs.js';

type Tensor = import('@tensorflow/tfjs-core').Tensor;
type Tensor4D = import('@tensorflow/tfjs-core').Tensor4D;

const accelerated: Acceleration[] = [];
let checkHeap: (() => void) | undefined;
async function enter(backend: BackendName, options: AccelerateOptions = {}): Promise<Acceleration['info']> {
  await tf.setBackend(backend);
  if (backend === 'wasm') checkHeap ??= guardHeap();
  const acceleration = await accelerate(tf, options);
  accelerated.push(acceleration);
  return acceleration.info;
}
afterEach(() => {
  for (const { restore } of accelerated.splice(0)) restore();
  checkHeap?.();
});

const random = seeded(23);
const floats = (shape: number[]): Tensor =>
  tf.tensor(
    Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () => 2 * random() - 1),
    shape,
  );
const MIB = 2 ** 20;

describe.each(['cpu', 'wasm'] as const)('accelerated %s', (backend) => {
  test('79 row counts of a matrix of 1 MiB hold one packed weight, and give the bits of each alone', async () => {
    const info = await enter(backend);
    const [all, weight] = [floats([80, 512]), floats([512, 512])];
    const rows = (count: number): Tensor => tf.slice(all, [0, 0], [count, 512]);
    const product = (count: number): Float32Array => tf.tidy(() => tf.matMul(rows(count), weight).dataSync<'float32'>().slice());
    const last = product(80);
    let held = 0;
    for (let count = 80; count > 1; count--) {
      for (let call = 0; call < 2; call++) {
        const wrong = product(count).findIndex((value, i) => value !== last[i]);
        expect(wrong).toBe(-1);
      }
      if (count === 80) held = info.packedBytes;
      expect(info.packedBytes).toBe(held);
    }
    expect(held).toBeGreaterThanOrEqual(MIB);
    expect(held).toBeLessThan(1.1 * MIB);
    // One row reads it as it lies: in the heap where that is, elsewhere from a copy.
    for (let call = 0; call < 2; call++) expect(product(1)).toEqual(last.slice(0, 512));
    expect(info.packedBytes).toBe(backend === 'wasm' ? held : held + MIB);
    tf.dispose([all, weight]);
  });

  test('a filter that many images meet, of each shape, with each bias and activation', async () => {
    const info = await enter(backend);
    // Of so many channels, whatever the image, by the same algorithm.
    const filter = floats([3, 3, 256, 256]);
    const held = new Set<number>();
    for (const [height, width] of [
      [9, 9],
      [12, 10],
      [20, 31],
    ] as const) {
      for (const batch of [1, 3]) {
        for (const activation of ['linear', 'relu', 'relu6', 'leakyrelu', 'elu'] as const) {
          const [x, bias] = [floats([batch, height, width, 256]), floats([256])];
          const conv = (options: object) =>
            tf.fused.conv2d({ x: x as never, filter: filter as never, strides: 3, pad: 'same', activation, ...options });
          for (let call = 0; call < 3; call++) tf.tidy(() => [conv({}), conv({ bias })]);
          held.add(info.packedBytes);
          tf.dispose([x, bias]);
        }
      }
    }
    expect([...held]).toEqual([info.packedBytes]);
    expect(info.packedBytes).toBeGreaterThanOrEqual(4 * 3 * 3 * 256 * 256);
    expect(info.packedBytes).toBeLessThan(2 * 4 * 3 * 3 * 256 * 256);
    tf.dispose(filter);
  });

  const use = (weight: Tensor, times = 2): void => {
    for (let i = 0; i < times; i++) tf.tidy(() => tf.matMul(tf.ones([16, weight.shape[0] as number]), weight));
  };

  test('what was used least recently gives way, and what is disposed goes', async () => {
    const info = await enter(backend, { maxPackedBytes: 2.25 * MIB });
    const [a, b, c] = [floats([512, 512]), floats([512, 512]), floats([512, 512])] as [Tensor, Tensor, Tensor];
    use(a);
    use(b);
    const two = info.packedBytes;
    expect(two).toBeGreaterThanOrEqual(2 * MIB);
    use(a, 1);
    use(c); // in the place of b
    expect(info.packedBytes).toBe(two);
    a.dispose();
    use(floats([64, 64]), 1); // something new, at whose sight those that are gone are dropped
    expect(info.packedBytes).toBe(two / 2); // c: b is gone, though nobody disposed it
    use(b);
    expect(info.packedBytes).toBe(two);
    expect(info.maxPackedBytes).toBe(2.25 * MIB);
  });

  test('0 packs nothing, and what is larger than all that is allowed stays as it is', async () => {
    for (const maxPackedBytes of [0, MIB / 2]) {
      const info = await enter(backend, { maxPackedBytes });
      use(floats([512, 512]), 4);
      expect(info).toMatchObject({ packedBytes: 0, maxPackedBytes });
      for (const { restore } of accelerated.splice(0)) restore();
    }
  });

  test('a filter with a NaN, and one with none, by the way that is for each', async () => {
    const info = await enter(backend);
    const filter = floats([4, 4, 64, 96]); // by phases, which are packed, on the smallest image, on simd by columns and directly on the others
    const values = filter.dataSync<'float32'>().slice();
    values[5] = Number.NaN;
    const broken = tf.tensor(values, filter.shape);
    const gradient = (f: Tensor, size: number) =>
      tf.tidy(() =>
        tf
          .conv2dTranspose(tf.ones([1, size, size, 96]) as Tensor4D, f as never, [1, 2 * size, 2 * size, 64], 2, 'same')
          .dataSync<'float32'>()
          .slice(),
      );
    for (const f of [filter, broken]) {
      for (const size of [6, 14, 20]) {
        const first = gradient(f, size);
        for (let call = 0; call < 3; call++) {
          const again = gradient(f, size);
          const wrong = again.findIndex(
            (value, i) => Number.isNaN(value) !== Number.isNaN(first[i]) || Math.abs(value - (first[i] as number)) > 1e-4,
          );
          expect(wrong).toBe(-1);
        }
      }
    }
    expect(info.packedBytes).toBeGreaterThan(0);
  });
});

describe('what is held', () => {
  const live = { isLive: () => true };
  const sizes = new Map<object, number>();
  /** Packed weights that say how many bytes are out. */
  function store(maxBytes: number) {
    const weights = new Weights(maxBytes);
    let out = 0;
    const find = (weight: object, key = 'k'): boolean => {
      const bytes = sizes.get(weight) as number;
      const pack = () => {
        out += bytes;
        expect(out).toBeLessThanOrEqual(maxBytes);
        const free = (): void => {
          out -= bytes;
        };
        return { key, bytes, multiply: () => {}, free };
      };
      const found = weights.find(weight, { key, bytes, asIs: false }, live, pack);
      expect(weights.bytes).toBe(out);
      return found !== undefined;
    };
    return { find, weights };
  }
  const made = (bytes: number): object => {
    const weight = {};
    sizes.set(weight, bytes);
    return weight;
  };

  test('of layers in turn that do not fit, some stay packed', () => {
    const { find, weights } = store(50);
    const layers = Array.from({ length: 10 }, () => made(10));
    for (let round = 0; round < 3; round++) for (const layer of layers) find(layer);
    for (let round = 0; round < 5; round++) expect(layers.map((layer) => find(layer)).filter(Boolean)).toHaveLength(5);
    expect(weights.bytes).toBe(50);
  });

  test('of another net, all come in the place of the first', () => {
    const { find } = store(50);
    const [first, second] = [0, 1].map(() => Array.from({ length: 5 }, () => made(10))) as [object[], object[]];
    for (let round = 0; round < 3; round++) for (const layer of first) find(layer);
    for (let round = 0; round < 2; round++) for (const layer of second) find(layer);
    expect(second.map((layer) => find(layer))).toEqual(Array(5).fill(true));
    expect(first.map((layer) => find(layer))).toEqual(Array(5).fill(false));
  });

  test('random uses never hold more than was allowed', () => {
    const { find } = store(100);
    const layers = Array.from({ length: 20 }, (_, i) => made(5 + i * 6));
    for (let i = 0; i < 5000; i++) find(layers[Math.floor(random() * 20)] as object, random() < 0.5 ? 'fprop' : 'dgrad');
  });
});
