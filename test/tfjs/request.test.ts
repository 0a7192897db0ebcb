/** What `accelerate` refuses, and the backends that it waits for (one that does not start: start.test.ts). The tests are in this order: each registers more with the one tfjs of this file. */
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { OptionError } from '../../src/index.js';
import { type Acceleration, accelerate } from '../../src/tfjs/index.js';
import { installTfjs, MODULES } from './packages.js';

installTfjs();
const require = createRequire(import.meta.url);
const tf = require('@tensorflow/tfjs-core') as typeof import('@tensorflow/tfjs-core');
const refusal = (...given: unknown[]): Promise<Error> =>
  (accelerate as (...given: unknown[]) => Promise<Acceleration>)(...given).then(
    ({ restore }) => {
      restore();
      throw new Error('it was not refused');
    },
    (error) => error,
  );

test.each([
  [undefined, 'tf is undefined'],
  [null, 'tf is null'],
  [{}, 'tf is an Object without ready()'],
  [5, 'tf is 5 without ready()'],
  ['@tensorflow/tfjs', 'tf is "@tensorflow/tfjs" without ready()'],
  [import('@tensorflow/tfjs-core').catch(() => {}), 'tf is a Promise without ready()'],
])('%s is not TensorFlow.js', async (given, words) => {
  const error = await refusal(given);
  expect(error).toBeInstanceOf(OptionError);
  expect(error.message).toBe(`accelerate: ${words}; expected TensorFlow.js: import * as tf from '@tensorflow/tfjs'`);
});

test.each<readonly [options: unknown, message: string]>([
  [{ backends: 'cpu' }, "accelerate: unknown option 'backends'; known: backend, variant, maxPackedBytes, threads; did you mean 'backend'?"],
  [{ backend: 'webgl' }, "accelerate: backend is \"webgl\"; expected 'wasm' or 'cpu'"],
  [{ backend: 5 }, "accelerate: backend is 5; expected 'wasm' or 'cpu'"],
  [{ backend: null }, 'accelerate: backend is null; leave it out for its default'],
  [{ variant: 'reference' }, "accelerate: variant is \"reference\"; expected 'auto', 'relaxed' or 'simd'"],
  [{ variant: ['simd'] }, "accelerate: variant is [\"simd\"]; expected 'auto', 'relaxed' or 'simd'"],
  ...[-1, 0.5, Number.NaN, '1'].map(
    (maxPackedBytes) =>
      [
        { maxPackedBytes },
        `accelerate: maxPackedBytes is ${typeof maxPackedBytes === 'string' ? '"1"' : maxPackedBytes}; expected a whole number of bytes, 0 to pack no weight`,
      ] as const,
  ),
  ['wasm', 'accelerate: options is "wasm"; expected an object of backend, variant, maxPackedBytes, threads'],
  [null, 'accelerate: options is null; expected an object of backend, variant, maxPackedBytes, threads'],
])('options %j', async (options, message) => {
  const error = await refusal(tf, options);
  expect(error).toBeInstanceOf(OptionError);
  expect(error.message).toBe(message);
});

test.each(['cpu', 'wasm'])('a backend that was not imported: %s', async (backend) => {
  const error = await refusal(tf, { backend });
  expect(error).toBeInstanceOf(OptionError);
  expect(error.message).toBe(
    `accelerate: backend '${backend}' is not registered with this TensorFlow.js; import '@tensorflow/tfjs-backend-${backend}' first`,
  );
});

test('a tfjs without any backend', async () => {
  expect((await refusal(tf)).message).toMatch(/backend 'wasm' is not registered .* import '@tensorflow\/tfjs-backend-wasm' first/);
});

test('a backend of another kind in use', async () => {
  class Backend extends tf.KernelBackend {
    override numDataIds(): number {
      return 0;
    }
  }
  tf.registerBackend('webgl', () => new Backend() as never, 3);
  tf.registerKernel({ kernelName: 'Probe', backendName: 'webgl', kernelFunc: () => [] });
  expect((await refusal(tf)).message).toBe("accelerate: the backend in use is \"webgl\"; expected 'wasm' or 'cpu'");
  expect(tf.getBackend()).toBe('webgl');
});

test('a backend that was not started is, while the one in use computes on; info.active says which it is', async () => {
  const { setWasmPaths } = require('@tensorflow/tfjs-backend-wasm') as typeof import('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(`${MODULES}/@tensorflow/tfjs-backend-wasm/dist/`);
  expect(tf.engine().registry.wasm).toBeUndefined();
  const promise = accelerate(tf, { backend: 'wasm', variant: 'auto' });
  await Promise.resolve();
  tf.engine().runKernel('Probe', {});
  const { info, restore } = await promise;
  expect(tf.getBackend()).toBe('webgl');
  expect(info).toMatchObject({ backend: 'wasm', active: false, inPlace: true });
  expect(['simd', 'relaxed']).toContain(info.variant);
  const started = tf.engine().registry.wasm;
  await tf.setBackend('wasm');
  expect(tf.backend()).toBe(started);
  expect(info.active).toBe(true);
  expect([...tf.matMul([[1, 2]], [[3], [4]]).dataSync()]).toEqual([11]);
  await tf.setBackend('webgl');
  expect(info.active).toBe(false);
  await tf.setBackend('wasm');
  restore();
  expect(info.active).toBe(false);
});

test('two that wait for the same backend share it', async () => {
  require('@tensorflow/tfjs-backend-cpu');
  const both = await Promise.all([accelerate(tf, { backend: 'cpu' }), accelerate(tf, { backend: 'cpu' })]);
  await tf.setBackend('cpu');
  expect(both.map(({ info }) => info.active)).toEqual([true, true]);
  for (const { restore } of both) restore();
});

test('a setBackend that nobody waited for', async () => {
  await tf.setBackend('cpu');
  const factory = tf.findBackendFactory('wasm');
  tf.removeBackend('wasm');
  tf.registerBackend('wasm', factory, 2);
  void tf.setBackend('wasm');
  const { info, restore } = await accelerate(tf);
  expect(info).toMatchObject({ backend: 'wasm', active: true });
  restore();
});
