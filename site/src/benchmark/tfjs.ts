/** TensorFlow.js on its WebAssembly backend: the kernel that a layer comes down to, as bench/peers calls it. */
import { setThreadsCount, setWasmPaths, version_wasm } from '@tensorflow/tfjs-backend-wasm';
import plainUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simdUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threadedUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import { engine, env, getKernel, matMul, setBackend, type Tensor, tensor } from '@tensorflow/tfjs-core';
import type { Case } from '../../../bench/cases.js';
import { type Entry, productOf } from '../../../bench/peers/peer.js';
import { asGiven, type Given, kernelCall } from '../../../bench/peers/tfjs-kernels.js';
import type { Operands } from '../../../bench/problem.js';
import type { Entrant } from './entrant.js';

export async function tfjsWasm(threads: number): Promise<Entrant> {
  const absolute = (url: string): string => new URL(url, import.meta.url).href;
  setWasmPaths({
    'tfjs-backend-wasm.wasm': absolute(plainUrl),
    'tfjs-backend-wasm-simd.wasm': absolute(simdUrl),
    'tfjs-backend-wasm-threaded-simd.wasm': absolute(threadedUrl),
  });
  // Its build for threads would be taken for one as well.
  if (threads === 1) env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  setThreadsCount(threads);
  if (!(await setBackend('wasm'))) throw new Error('its WebAssembly backend does not start');
  return { name: 'tfjs-wasm', version: version_wasm, layout: 'channels-last', prepare };
}

async function prepare(c: Case, operands: Operands): Promise<Entry | string> {
  const product = productOf(c, operands);
  const call = product ? kernelCall(product) : undefined;
  if (typeof call === 'string') return call;
  if (call && !getKernel(call.kernel, 'wasm')) return `no kernel ${call.kernel}`;
  const given: Readonly<Record<string, Given>> = call?.inputs ?? { a: asGiven(operands.input), b: asGiven(operands.weight) };
  const inputs = Object.fromEntries(Object.entries(given).map(([name, { data, shape }]) => [name, tensor(data, shape)]));
  const compute = call
    ? () => engine().runKernel(call.kernel, inputs, call.attributes)
    : () => matMul(inputs.a as Tensor, inputs.b as Tensor);
  return {
    run: () => compute().dispose(),
    result: () => {
      const y = compute();
      const data = y.dataSync().slice();
      y.dispose();
      return data;
    },
    dispose: () => Object.values(inputs).forEach((each) => void each.dispose()),
  };
}
