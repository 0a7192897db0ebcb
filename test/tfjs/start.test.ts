/** A backend that does not start. tfjs's wasm backend cannot be told of another path afterwards, so this has a process of its own. */
import { createRequire } from 'node:module';
import { expect, test, vi } from 'vitest';
import { UnsupportedRuntimeError } from '../../src/index.js';
import { accelerate } from '../../src/tfjs/index.js';
import { installTfjs } from './packages.js';

installTfjs();
const require = createRequire(import.meta.url);
const tf = require('@tensorflow/tfjs-core') as typeof import('@tensorflow/tfjs-core');
require('@tensorflow/tfjs-backend-cpu');
const { setWasmPaths } = require('@tensorflow/tfjs-backend-wasm') as typeof import('@tensorflow/tfjs-backend-wasm');
setWasmPaths('/nowhere/');

test.each([1, 2])('a backend whose .wasm is not found, call %i', async () => {
  await tf.setBackend('cpu');
  const silent = (['warn', 'error', 'log'] as const).map((name) => vi.spyOn(console, name).mockImplementation(() => {}));
  const error = (await accelerate(tf, { backend: 'wasm' }).catch((reason) => reason)) as Error;
  for (const each of silent) each.mockRestore();
  expect(error).toBeInstanceOf(UnsupportedRuntimeError);
  const { message } = error.cause as Error;
  expect(message).toBeTruthy();
  expect(error.message).toBe(
    `accelerate: backend 'wasm' of TensorFlow.js does not start (${message}); setWasmPaths of '@tensorflow/tfjs-backend-wasm' says where its .wasm files are`,
  );
  expect(tf.getBackend()).toBe('cpu');
  expect([...tf.matMul([[1, 2]], [[3], [4]]).dataSync()]).toEqual([11]);
});
