/** TensorFlow.js with its cpu and wasm backends: the one copy of it that the models' packages find too. */
import { createRequire } from 'node:module';
// In a folder with a package.json of its own, 'simdconv/tfjs' would be sought among its packages.
import { type Acceleration, accelerate, shareHeap } from '../../dist/tfjs/index.js';
import { folderOf } from './packages.js';

export const require = createRequire(import.meta.url);
export const tf = require('@tensorflow/tfjs') as typeof import('@tensorflow/tfjs');
const { setWasmPaths } = require('@tensorflow/tfjs-backend-wasm') as typeof import('@tensorflow/tfjs-backend-wasm');

setWasmPaths(folderOf('@tensorflow/tfjs-backend-wasm/dist'));
tf.env().set('PROD', true); // else the cpu backend recommends another one, at length

/** A backend as it comes, or accelerated. */
export interface Side {
  readonly name: string;
  readonly backend: 'cpu' | 'wasm';
  readonly accelerated: boolean;
  /** Default 1. */
  readonly threads?: number | 'auto';
}

export const SIDES = {
  plainCpu: { name: 'plain cpu', backend: 'cpu', accelerated: false },
  plainWasm: { name: 'plain wasm', backend: 'wasm', accelerated: false },
  fastCpu: { name: 'accelerated cpu', backend: 'cpu', accelerated: true },
  fastWasm: { name: 'accelerated wasm', backend: 'wasm', accelerated: true },
  threadedWasm: { name: 'on all threads', backend: 'wasm', accelerated: true, threads: 'auto' },
} as const satisfies Record<string, Side>;

/** Before the wasm backend starts: all of its sides then compute in a heap that threads share. */
export const makeHeapShared = (): void => shareHeap(tf);

let entered: Acceleration | undefined;

/** Makes this side the one that computes. */
export async function enter({ backend, accelerated, threads = 1 }: Side): Promise<Acceleration | undefined> {
  entered?.restore();
  entered = undefined;
  await tf.setBackend(backend);
  if (accelerated) entered = await accelerate(tf, { threads });
  return entered;
}
