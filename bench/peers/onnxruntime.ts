/** ONNX Runtime: in WebAssembly, and natively as the ceiling. Its WebAssembly has no way to keep a tensor inside: both copies are in its time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { modelOf, questionOf } from './onnx.js';
import { importPeer, versionOf } from './packages.js';
import type { Entry, Peer } from './peer.js';
import { withWorkers } from './workers.js';

interface OrtTensor {
  readonly data: Float32Array;
}

interface Session {
  run(feeds: Readonly<Record<string, OrtTensor>>): Promise<Readonly<Record<string, OrtTensor>>>;
  release(): Promise<void>;
}

interface Ort {
  readonly env: { readonly wasm: { numThreads?: number }; logLevel?: string };
  readonly Tensor: new (type: 'float32', data: Float32Array, shape: readonly number[]) => OrtTensor;
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> };
}

export const onnxruntimeWeb = (threads: number): Promise<Peer> => onnxruntime('onnxruntime-web', 'wasm', 'wasm', threads);
export const onnxruntimeNode = (threads: number): Promise<Peer> => onnxruntime('onnxruntime-node', 'native', 'cpu', threads);

/** Its threads look for work for 15 to 25 ms after the last (AMD EPYC) before they sleep. Whose turn is next shall have these processors. */
const ASLEEP_MILLISECONDS = 60;

async function onnxruntime(name: string, kind: Peer['kind'], provider: string, threads: number): Promise<Peer> {
  const ort = await importPeer<Ort>(name);
  ort.env.wasm.numThreads = threads;
  const options = {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
  };
  return {
    name,
    kind,
    version: versionOf(name),
    layout: 'channels-first',
    threads,
    async prepare(c, operands): Promise<Entry | string> {
      const asked = questionOf(c, operands);
      if (!asked) return 'no operator for the gradient of the weight';
      const create = (): Promise<Session> => ort.InferenceSession.create(modelOf(asked.node), options);
      const session = await (threads > 1 ? withWorkers(create) : create());
      const feeds = { x: new ort.Tensor('float32', asked.given, asked.node.input) };
      return {
        run: () => session.run(feeds),
        result: async () => (await session.run(feeds)).y?.data ?? new Float32Array(),
        ...(threads > 1 && { leave: () => sleep(ASLEEP_MILLISECONDS) }),
        dispose: () => session.release(),
      };
    },
  };
}
