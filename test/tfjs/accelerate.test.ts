import { inspect } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { OptionError, ShapeError } from '../../src/index.js';
import { type Acceleration, accelerate, type BackendName } from '../../src/tfjs/index.js';
import { layers, tf } from './tfjs.js';

const BACKENDS = ['cpu', 'wasm'] as const;
const accelerated: Acceleration[] = [];
/** Removing a backend forgets it. */
const wasmFactory = tf.findBackendFactory('wasm');

async function enter(backend: BackendName): Promise<Acceleration> {
  await tf.setBackend(backend);
  const acceleration = await accelerate(tf);
  accelerated.push(acceleration);
  return acceleration;
}

afterEach(() => {
  for (const { restore } of accelerated.splice(0).reverse()) restore();
});

const image = (shape: [number, number, number, number]) => tf.tensor4d(ramp(shape), shape);
const ramp = (shape: readonly number[]): Float32Array =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((i * 7) % 11) / 4 - 1);

/** The convolution by definition: numbers in, NHWC. */
function naive(
  x: readonly number[],
  f: readonly number[],
  stride: readonly number[],
  pad: readonly number[],
  out: readonly number[],
): number[] {
  const [[n = 0, h = 0, w = 0, c = 0], [kh = 0, kw = 0, , o = 0], [oh = 0, ow = 0]] = [x, f, out];
  const [xs, fs] = [ramp(x), ramp(f)];
  const result: number[] = [];
  for (let b = 0; b < n; b++)
    for (let r = 0; r < oh; r++)
      for (let s = 0; s < ow; s++)
        for (let channel = 0; channel < o; channel++) {
          let sum = 0;
          for (let i = 0; i < kh; i++)
            for (let j = 0; j < kw; j++)
              for (let d = 0; d < c; d++) {
                const [row, column] = [r * (stride[0] ?? 1) + i - (pad[0] ?? 0), s * (stride[1] ?? 1) + j - (pad[1] ?? 0)];
                if (row < 0 || row >= h || column < 0 || column >= w) continue;
                sum += (xs[((b * h + row) * w + column) * c + d] ?? 0) * (fs[((i * kw + j) * c + d) * o + channel] ?? 0);
              }
          result.push(sum);
        }
  return result;
}

function expectClose(got: ArrayLike<number>, want: ArrayLike<number>): void {
  expect(got).toHaveLength(want.length);
  for (let i = 0; i < want.length; i++) expect(got[i]).toBeCloseTo(want[i] ?? Number.NaN, 4);
}

describe.each(BACKENDS)('accelerate, %s', (backend) => {
  test('says what it did, without a word on the console, and restores what was there', async () => {
    const [warn, log] = [vi.spyOn(console, 'warn').mockImplementation(() => {}), vi.spyOn(console, 'log').mockImplementation(() => {})];
    await tf.setBackend(backend);
    const before = tf.getKernelsForBackend(backend);
    const { info, restore } = await accelerate(tf);
    expect(info).toMatchObject({ backend, inPlace: backend === 'wasm' });
    expect(['simd', 'relaxed']).toContain(info.variant);
    expect(inspect(info)).toMatch(/active: (true|false).*packedBytes: \d/s);
    expect(info.kernels).toContain('Conv2DBackpropFilter');
    for (const name of info.kernels) expect(before).not.toContain(tf.getKernel(name, backend));
    restore();
    const after = tf.getKernelsForBackend(backend);
    expect(after).toHaveLength(before.length);
    for (const config of before) expect(after).toContain(config);
    restore();
    expect(warn).not.toHaveBeenCalled();
    expect(log).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });

  test('a numeric pad with a kernel that is not square: plain tfjs takes both sizes from its height, here each axis has its own', async () => {
    const [x, f] = [
      [1, 9, 8, 2],
      [5, 3, 2, 3],
    ] as [[number, number, number, number], [number, number, number, number]];
    await tf.setBackend('cpu');
    expect(tf.conv2d(image(x), image(f), 1, 1).shape).toEqual([1, 7, 6, 3]);
    await enter(backend);
    const y = tf.conv2d(image(x), image(f), 1, 1);
    expect(y.shape).toEqual([1, 7, 8, 3]);
    expectClose(y.dataSync(), naive(x, f, [1, 1], [1, 1], [7, 8]));
  });

  test("'same' in 3 dimensions with a stride larger than the kernel reads every position where it is", async () => {
    const [x, f] = [
      [1, 8, 8, 8, 1],
      [1, 1, 1, 1, 1],
    ] as [[number, number, number, number, number], [number, number, number, number, number]];
    const conv = () => tf.conv3d(tf.tensor5d(ramp(x), x), tf.ones<import('@tensorflow/tfjs-core').Rank.R5>(f), 3, 'same').dataSync();
    const [values, want] = [ramp(x), [] as number[]];
    for (const d of [0, 3, 6]) for (const h of [0, 3, 6]) for (const w of [0, 3, 6]) want.push(values[(d * 8 + h) * 8 + w] ?? 0);
    await tf.setBackend('cpu');
    expect([...conv()]).not.toEqual(want);
    await enter(backend);
    expect([...conv()]).toEqual(want);
  });

  test('max pooling: where nothing is positive, plain wasm gives the gradient to another than the largest', async () => {
    const gradient = () => [
      ...tf
        .grad((x) => tf.maxPool(x as never, 2, 1, 'valid'))(tf.tensor4d([-4, -3, -1, -2], [1, 2, 2, 1]))
        .dataSync(),
    ];
    await tf.setBackend('wasm');
    expect(gradient()).toEqual([1, 0, 0, 0]);
    await enter(backend);
    expect(gradient()).toEqual([0, 0, 1, 0]);
  });

  test('a NaN stays in clipByValue, where plain wasm makes it the least', async () => {
    const clipped = () => [...tf.clipByValue([Number.NaN, 0.5, 7], -1, 1).dataSync()];
    await tf.setBackend('wasm');
    expect(clipped()).toEqual([-1, 0.5, 1]);
    await enter(backend);
    expect(clipped()).toEqual([Number.NaN, 0.5, 1]);
  });

  test('depthwise in NCHW', async () => {
    await enter(backend);
    const [x, f] = [image([2, 7, 6, 5]), image([3, 2, 5, 2])];
    const want = tf.depthwiseConv2d(x, f, [1, 2], 'same');
    const got = tf.depthwiseConv2d(tf.transpose(x, [0, 3, 1, 2]) as typeof x, f, [1, 2], 'same', 'NCHW');
    expectClose(tf.transpose(got, [0, 2, 3, 1]).dataSync(), want.dataSync());
  });

  test('fused matMul with a long sum, a transpose and a batch', async () => {
    const a = tf.tensor(ramp([2, 200, 5]), [2, 200, 5]);
    const b = tf.tensor(ramp([2, 200, 7]), [2, 200, 7]);
    const bias = tf.tensor1d(ramp([7]));
    const fused = () => tf.fused.matMul({ a, b, transposeA: true, bias, activation: 'relu6' }).dataSync();
    await tf.setBackend('cpu');
    const want = fused();
    await tf.setBackend('wasm');
    expect(Math.max(...fused().map((value, i) => Math.abs(value - (want[i] ?? 0))))).toBeGreaterThan(1);
    await enter(backend);
    expectClose(fused(), want);
  });

  test('a matMul of whole numbers, and of what tfjs refuses', async () => {
    await enter(backend);
    const a = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3], 'int32');
    const y = tf.matMul(a, a, false, true);
    expect(y.dtype).toBe('int32');
    expect([...y.dataSync()]).toEqual([14, 32, 32, 77]);
  });

  test('refuses what does not fit, and frees the output that it had begun', async () => {
    await enter(backend);
    const { numTensors, numDataBuffers } = tf.memory();
    const run = (kernel: string, inputs: object, attributes: object) => tf.engine().runKernel(kernel, inputs as never, attributes as never);
    tf.tidy(() => {
      const [x, f] = [image([1, 5, 5, 2]), image([3, 3, 2, 4])];
      const attributes = { strides: 1, pad: 'valid', dilations: 1, dataFormat: 'NHWC' };
      expect(() => run('Conv2D', { x, filter: f }, { ...attributes, pad: -1 })).toThrow(OptionError);
      expect(() => run('Conv2D', { x, filter: f }, { ...attributes, strides: 0 })).toThrow(OptionError);
      expect(() => run('FusedConv2D', { x, filter: f, bias: tf.ones([3]) }, { ...attributes, activation: 'relu' })).toThrow(ShapeError);
      expect(() => run('FusedConv2D', { x, filter: f }, { ...attributes, activation: 'tan' })).toThrow(OptionError);
      expect(() => run('Conv2DBackpropInput', { dy: x, filter: f }, { ...attributes, inputShape: [1, 99, 99, 2] })).toThrow(ShapeError);
      expect(() => run('Conv2DBackpropFilter', { x, dy: x }, { ...attributes, filterShape: [9, 9, 2, 2] })).not.toThrow(RangeError);
    });
    expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
  });

  test('an image that its kernel does not fit gives an empty output, and only zeros give its bias', async () => {
    await enter(backend);
    expect(tf.conv2d(image([1, 2, 2, 1]), image([3, 3, 1, 1]), 1, 'valid').shape).toEqual([1, 0, 0, 1]);
    expect(tf.conv2d(image([0, 4, 4, 1]), image([3, 3, 1, 2]), 1, 'valid').shape).toEqual([0, 2, 2, 2]);
    expect(tf.conv2d(image([1, 4, 4, 2]), image([3, 3, 2, 0]), 1, 'valid').shape).toEqual([1, 2, 2, 0]);
    const ofNothing = { x: image([1, 4, 4, 0]), filter: image([3, 3, 0, 2]), strides: 1, pad: 'valid', bias: tf.tensor1d([3, 4]) } as const;
    expect([...tf.fused.conv2d(ofNothing).dataSync()]).toEqual([3, 4, 3, 4, 3, 4, 3, 4]);
    const [dx, dw] = tf.grads((x, f) => tf.conv2d(x as never, f as never, 1, 'valid'))([image([1, 4, 4, 2]), image([3, 3, 2, 0])]);
    expect([dx?.shape, dw?.shape]).toEqual([
      [1, 4, 4, 2],
      [3, 3, 2, 0],
    ]);
    expect(dx?.dataSync()).toEqual(new Float32Array(32));
  });

  test('outlives the reset of the engine', async () => {
    await enter(backend);
    const conv = () => [...tf.conv2d(image([1, 6, 6, 20]), image([3, 3, 20, 17]), 1, 'same').dataSync()];
    const want = conv();
    tf.engine().reset();
    await tf.setBackend(backend);
    expect(conv()).toEqual(want);
  });

  test('packs a filter that comes again, and forgets it when tfjs has disposed it', async () => {
    const { info } = await enter(backend);
    const x = image([1, 8, 8, 40]);
    const conv = (f: ReturnType<typeof image>) => tf.tidy(() => [...tf.conv2d(x, f, 1, 'same').dataSync()]);
    const other = image([1, 1, 40, 1]);
    conv(other);
    const filter = image([5, 5, 40, 40]);
    const first = conv(filter);
    const before = info.packedBytes; // the room for copies may be large enough already
    expectClose(conv(filter), first);
    expect(info.packedBytes - before).toBeGreaterThanOrEqual(4 * 5 * 5 * 40 * 40);
    expectClose(conv(filter), first);
    filter.dispose();
    conv(image([2, 2, 40, 16])); // large enough not to be left to tfjs
    expect(info.packedBytes).toBe(0);
  });

  test('holds the same bytes, and tfjs as many tensors, after a thousand steps, each with its filter packed and dropped', async () => {
    const { info } = await enter(backend);
    const f = tf.variable(image([3, 3, 3, 4]));
    const x = image([2, 8, 8, 3]);
    const step = () =>
      tf.tidy(() => {
        const { grads } = tf.variableGrads(() => tf.sum(tf.square(tf.conv2d(x, f as never, 1, 'same'))) as never, [f]);
        for (const grad of Object.values(grads)) f.assign(tf.sub(f, tf.mul(grad, 1e-6)));
        for (let i = 0; i < 3; i++) tf.conv2d(x, f as never, 1, 'same');
      });
    for (let i = 0; i < 10; i++) step();
    const [memory, bytes] = [tf.memory(), info.bytes];
    for (let i = 0; i < 1000; i++) step();
    expect(tf.memory()).toMatchObject({ numTensors: memory.numTensors, numBytes: memory.numBytes });
    expect(info.bytes).toBe(bytes);
    tf.dispose([f, x]);
  });
});

test('a small net that learns and predicts holds the same bytes after 10,000 steps of each', async () => {
  const { info } = await enter('wasm');
  const l = layers.layers;
  const model = layers.sequential({
    layers: [l.conv2d({ inputShape: [6, 6, 2], filters: 3, kernelSize: 3, activation: 'relu' }), l.flatten(), l.dense({ units: 2 })],
  });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const [x, y] = [image([2, 6, 6, 2]), tf.ones([2, 2])];
  const steps = async (count: number) => {
    // Each a step of learning and one of predicting.
    await model.fit(x, y, { epochs: count, batchSize: 2, shuffle: false, verbose: 0, yieldEvery: 'never' });
    for (let i = 0; i < count; i++) tf.dispose(model.predict(x));
  };
  await steps(10);
  const [memory, bytes, packed] = [tf.memory(), info.bytes, info.packedBytes];
  for (let round = 0; round < 10; round++) {
    await steps(1000);
    expect(tf.memory()).toMatchObject({ numTensors: memory.numTensors, numBytes: memory.numBytes });
    expect([info.bytes, info.packedBytes]).toEqual([bytes, packed]);
  }
  tf.dispose([x, y]);
  model.dispose();
});

test('a backend that is removed and made again', async () => {
  const { info } = await enter('wasm');
  const conv = () => tf.tidy(() => [...tf.conv2d(image([1, 6, 6, 20]), image([3, 3, 20, 17]), 1, 'same').dataSync()]);
  const want = conv();
  const first = tf.backend();
  await tf.setBackend('cpu');
  tf.removeBackend('wasm');
  const factory = tf.findBackendFactory('wasm') ?? wasmFactory;
  if (!tf.findBackendFactory('wasm')) tf.registerBackend('wasm', factory, 2);
  await tf.setBackend('wasm');
  expect(tf.backend()).not.toBe(first);
  expect(conv()).toEqual(want);
  expect(info.inPlace).toBe(true);
});

test('a heap that is hidden is read and written by copying', async () => {
  const { info } = await enter('wasm');
  const { wasm } = tf.backend() as unknown as { wasm: { asm: unknown } };
  const conv = () => [...tf.conv2d(image([1, 6, 6, 20]), image([3, 3, 20, 17]), 1, 'same').dataSync()];
  const want = conv();
  const { asm } = wasm;
  wasm.asm = { ...(asm as object), memory: undefined };
  expect(conv()).toEqual(want);
  expect(info.inPlace).toBe(false);
  wasm.asm = asm;
  expect(conv()).toEqual(want);
  expect(info.inPlace).toBe(true);
});

test('another backend is refused', async () => {
  await tf.setBackend('cpu');
  await expect(accelerate(tf, { backend: 'webgl' as never })).rejects.toThrow(/backend is "webgl"; expected 'wasm' or 'cpu'/);
  await expect(accelerate(tf, { backends: 'cpu' } as never)).rejects.toThrow(OptionError);
});
