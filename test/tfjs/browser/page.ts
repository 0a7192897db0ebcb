/**
 * simdconv/tfjs in a page that is bundled as an application is, on one of the three builds of tfjs's wasm backend. Plain cpu, beside it in the page, is the oracle.
 * The page's query names the build that must be met and the variant of the kernels.
 */
import '@tensorflow/tfjs-backend-cpu';
import { getThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { type Acceleration, accelerate } from '../../../dist/tfjs/index.js';
import { type Case, report } from '../../browser/results.js';
import { equal, that } from '../../suite/check.js';
import { seeded } from '../../suite/data.js';
import { cases, copyCases, type Operand } from '../cases.js';
import { attempt, comparison, run } from '../compare.js';
import { type Build, FILES, WASM_FOLDER } from './builds.js';

const STEPS = 12;

const query = new URLSearchParams(location.search);
const build = query.get('build') as Build;
const variant = query.get('variant') as 'simd' | 'relaxed';
const THREADS = build === 'threaded' ? 2 : 1;

const factory = tf.findBackendFactory('wasm');

async function collect(): Promise<Case[]> {
  setWasmPaths(WASM_FOLDER);
  // tfjs takes a thread for every two cores, so that on a machine of two there would be none beside the page's own.
  Object.defineProperty(navigator, 'hardwareConcurrency', { value: 8 });
  if (build === 'plain') tf.env().set('WASM_HAS_SIMD_SUPPORT', false);
  await tf.setBackend('cpu');
  const close = cases(1, 200).map((c) => ({ name: c.name, compare: comparison(tf, c) }));
  const exact = copyCases(3, 60).flatMap((c) => attempt(tf, c)?.map((want, i) => ({ c, want, i })) ?? []);
  const curve = await losses();

  await tf.setBackend('wasm');
  const before = tf.getKernelsForBackend('wasm');
  const alone = await accelerate(tf, { variant });
  const large = { want: await layers(), inPlace: alone.info.inPlace };
  alone.restore();
  const accelerated = await accelerate(tf, { variant, threads: { count: THREADS, required: true } });
  return [
    { name: 'tfjs took the build that it was to', body: expectBuild },
    { name: 'the kernels live in its heap, and on threads where that is shared', body: () => expectInfo(accelerated) },
    { name: 'so they do on one thread', body: () => that(large.inPlace, 'inPlace is false') },
    { name: 'layers that are shared between threads have the bits of one', body: async () => expectSame(await layers(), large.want) },
    ...close.map(({ name, compare }) => ({ name, body: () => [1, 3].forEach(compare) })),
    ...exact.map(({ c, want, i }) => ({
      name: `${c.name}, output ${i}`,
      body: () => equal(run(tf, c, c.inputs)[i] as Operand, want, c.name),
    })),
    { name: `${STEPS} steps of model.fit have the losses of plain cpu`, body: async () => expectLosses(await losses(), curve) },
    { name: 'and leave no tensor and no byte behind', body: () => expectSteady(accelerated) },
    { name: 'tensors that make the heap grow during a call', body: expectGrowth },
    { name: 'a backend that is made again', body: () => expectRemade(accelerated, large.want) },
    { name: 'restore puts back every kernel', body: () => expectRestored(accelerated, before) },
  ];
}

function expectBuild(): void {
  const fetched = performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname.split('/').pop());
  const wasm = fetched.filter((name) => name?.endsWith('.wasm'));
  that(wasm.join() === FILES[build], `it fetched ${wasm}`);
  that(getThreadsCount() > 1 === (build === 'threaded'), `it runs on ${getThreadsCount()} threads`);
}

function expectInfo({ info }: Acceleration): void {
  that(info.variant === variant && info.backend === 'wasm', `it is ${info.variant} on ${info.backend}`);
  that(info.inPlace, 'inPlace is false');
  that(info.threads === THREADS && info.threadsReason === undefined, `${info.threads} threads run: ${info.threadsReason}`);
  that(crossOriginIsolated === (build === 'threaded'), `crossOriginIsolated is ${crossOriginIsolated}`);
  const { wasm } = tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } };
  const shared = typeof SharedArrayBuffer === 'function' && wasm.HEAPU8.buffer instanceof SharedArrayBuffer;
  that(shared === (build === 'threaded'), `the heap is ${shared ? '' : 'not '}shared`);
}

/** Convolutions in every direction, and what is done to arrays around them, large enough to be shared. */
async function layers(): Promise<Float32Array[]> {
  const random = seeded(5);
  const made = (shape: number[]) => tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b) }, random), shape);
  const results = tf.tidy(() => {
    const [x, w, one, deep] = [[1, 56, 56, 64], [3, 3, 64, 64], [1, 1, 64, 256], [3, 3, 64, 1]].map(made) as tf.Tensor4D[]; // biome-ignore format: a list of shapes
    const conv = (image: tf.Tensor, filter: tf.Tensor) => tf.conv2d(image as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same');
    const y = conv(x as tf.Tensor4D, w as tf.Tensor4D);
    const [dx, dw] = tf.grads((image, filter) => tf.sum(tf.square(conv(image as tf.Tensor, filter as tf.Tensor))))([
      x as tf.Tensor,
      w as tf.Tensor,
    ]);
    const wide = conv(y, one as tf.Tensor4D);
    const pooled = tf.grad((image) => tf.maxPool(image as tf.Tensor4D, 2, 2, 'valid'))(tf.concat([wide, wide]));
    const flat = tf.reshape(wide, [56 * 56, 256]);
    return [y, dx, dw, wide, tf.depthwiseConv2d(x as tf.Tensor4D, deep as tf.Tensor4D, 1, 'same'), pooled, tf.add(wide, tf.mean(flat, 0)), tf.sum(flat, 1)]
      .concat(tf.matMul(flat, flat, true, false), tf.transpose(wide, [0, 3, 1, 2]), tf.pad(wide as tf.Tensor4D, [[0, 0], [1, 1], [1, 1], [0, 0]])); // biome-ignore format: of each side
  }) as tf.Tensor[];
  const values = await Promise.all(results.map((result) => result.data<'float32'>()));
  tf.dispose(results);
  return values.map((array) => array.slice());
}

function expectSame(got: readonly Float32Array[], want: readonly Float32Array[]): void {
  that(
    want.every((array) => array.some((value) => value !== 0)),
    'a result is zero',
  );
  got.forEach((array, index) => {
    const other = array.findIndex((value, i) => !Object.is(value, want[index]?.[i]));
    that(other < 0, `result ${index} is ${array[other]} at ${other}, not ${want[index]?.[other]}`);
  });
}

/** Its heap is another one then, and so are the threads. */
async function expectRemade({ info }: Acceleration, want: readonly Float32Array[]): Promise<void> {
  tf.removeBackend('wasm');
  tf.registerBackend('wasm', factory as () => tf.KernelBackend, 2);
  await tf.setBackend('wasm');
  expectSame(await layers(), want);
  const end = performance.now() + 20_000;
  while (info.threads < THREADS && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
  that(info.threads === THREADS && info.inPlace, `${info.threads} threads run: ${info.threadsReason}`);
  expectSame(await layers(), want);
}

/** Of every kind of layer whose gradient the wasm backend lacks, one. */
async function losses(): Promise<number[]> {
  let seed = 0;
  const init = () => tfl.initializers.glorotUniform({ seed: ++seed });
  const l = tfl.layers;
  const model = tfl.sequential({
    layers: [
      l.conv2d({ inputShape: [8, 9, 3], filters: 16, kernelSize: 3, padding: 'same', kernelInitializer: init() }),
      l.batchNormalization(),
      l.depthwiseConv2d({ kernelSize: 3, strides: 2, padding: 'same', activation: 'relu', depthwiseInitializer: init() }),
      l.conv2dTranspose({ filters: 5, kernelSize: 3, strides: 2, activation: 'relu', kernelInitializer: init() }),
      l.maxPooling2d({ poolSize: 2 }),
      l.flatten(),
      l.dense({ units: 3, kernelInitializer: init() }),
    ],
  });
  const optimizer = tf.train.sgd(0.05);
  model.compile({ optimizer, loss: 'meanSquaredError' });
  const random = seeded(3);
  const made = (shape: number[]) => tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b) }, random), shape);
  const [x, y] = [made([4, 8, 9, 3]), made([4, 3])];
  const { history } = await model.fit(x, y, { epochs: STEPS, batchSize: 4, shuffle: false, verbose: 0 });
  tf.dispose([x, y]);
  model.dispose();
  optimizer.dispose();
  return history.loss as number[];
}

function expectLosses(got: readonly number[], want: readonly number[]): void {
  that((want.at(-1) as number) < (want[0] as number), `plain cpu learns nothing: ${want}`);
  want.forEach((loss, step) => {
    that(Math.abs((got[step] as number) - loss) < 1e-3 * loss, `step ${step}: ${got[step]}, plain ${loss}`);
  });
}

async function expectSteady({ info }: Acceleration): Promise<void> {
  const held = () => JSON.stringify([tf.memory().numTensors, tf.memory().numBytes, info.bytes, info.packedBytes]);
  await losses();
  const before = held();
  await losses();
  that(held() === before, `${before} before, ${held()} after`);
}

/** Its heap starts with 16 MiB, as many as x has here, and y. */
function expectGrowth(): void {
  tf.tidy(() => {
    const y = tf.conv2d(tf.ones([1, 256, 256, 64]) as tf.Tensor4D, tf.ones([1, 1, 64, 64]) as tf.Tensor4D, 1, 'valid');
    that(y.dataSync().length === 2 ** 22 && y.dataSync().every((value) => value === 64), 'not every sum is 64');
  });
}

function expectRestored({ info, restore }: Acceleration, before: readonly tf.KernelConfig[]): void {
  restore();
  const after = tf.getKernelsForBackend('wasm');
  that(after.length === before.length && before.every((config) => after.includes(config)), 'other kernels are there');
  that(info.bytes === 0, `${info.bytes} bytes are held`);
  tf.tidy(() => {
    const [x, filter] = [tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]), tf.tensor4d([1, 2, 3, 4], [2, 2, 1, 1])];
    that(tf.conv2d(x, filter, 1, 'valid').dataSync()[0] === 30, 'the plain conv2d is not what it was');
  });
}

await report(collect);
