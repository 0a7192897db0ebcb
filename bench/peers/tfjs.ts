/** TensorFlow.js in channels-last: its WebAssembly backend on one thread, and its plain JavaScript one, which alone has every gradient. */
import { fileURLToPath } from 'node:url';
import { folderOf, importPeer, versionOf } from './packages.js';
import { type Entry, type Peer, productOf } from './peer.js';
import { asGiven, type Given, kernelCall } from './tfjs-kernels.js';

interface TfTensor {
  dataSync(): Float32Array;
  dispose(): void;
}
type Shape = readonly number[];

interface Tf {
  setBackend(name: string): Promise<boolean>;
  getKernel(kernel: string, backend: string): object | undefined;
  engine(): { runKernel(kernel: string, inputs: Readonly<Record<string, TfTensor>>, attributes: object): TfTensor };
  tensor(data: Float32Array, shape: Shape): TfTensor;
  matMul(a: TfTensor, b: TfTensor): TfTensor;
}

interface WasmBackend {
  setWasmPaths(folder: string): void;
  setThreadsCount(count: number): void;
}

export async function tfjsWasm(): Promise<Peer> {
  const backend = await importPeer<WasmBackend>('@tensorflow/tfjs-backend-wasm');
  backend.setWasmPaths(fileURLToPath(new URL('dist/', folderOf('@tensorflow/tfjs-backend-wasm'))));
  backend.setThreadsCount(1);
  return tfjs('wasm', 'wasm');
}

export async function tfjsCpu(): Promise<Peer> {
  await importPeer('@tensorflow/tfjs-backend-cpu');
  const peer = await tfjs('cpu', 'js');
  return { ...peer, prepare: async (c, operands) => (c.direction === 'forward' ? 'raced for gradients only' : peer.prepare(c, operands)) };
}

async function tfjs(backend: string, kind: Peer['kind']): Promise<Peer> {
  const tf = await importPeer<Tf>('@tensorflow/tfjs-core');
  const enter = (): Promise<boolean> => tf.setBackend(backend);
  return {
    name: `tfjs-${backend}`,
    kind,
    version: versionOf(`@tensorflow/tfjs-backend-${backend}`),
    layout: 'channels-last',
    async prepare(c, operands): Promise<Entry | string> {
      await enter();
      const product = productOf(c, operands);
      const call = product ? kernelCall(product) : undefined;
      if (typeof call === 'string') return call;
      if (call && !tf.getKernel(call.kernel, backend)) return `no kernel ${call.kernel}`;
      const given: Readonly<Record<string, Given>> = call?.inputs ?? { a: asGiven(operands.input), b: asGiven(operands.weight) };
      const inputs = Object.fromEntries(Object.entries(given).map(([name, { data, shape }]) => [name, tf.tensor(data, shape)]));
      const compute = call
        ? () => tf.engine().runKernel(call.kernel, inputs, call.attributes)
        : () => tf.matMul(inputs.a as TfTensor, inputs.b as TfTensor);
      return {
        run: () => compute().dispose(),
        result: () => {
          const tensor = compute();
          const data = tensor.dataSync().slice();
          tensor.dispose();
          return data;
        },
        enter,
        dispose: () => Object.values(inputs).forEach((tensor) => void tensor.dispose()),
      };
    },
  };
}
