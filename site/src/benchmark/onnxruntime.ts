/** ONNX Runtime in WebAssembly: a model of one node, as bench/peers makes it. */
import * as ort from 'onnxruntime-web/wasm';
import type { Case } from '../../../bench/cases.js';
import { modelOf, questionOf } from '../../../bench/peers/onnx.js';
import type { Entry } from '../../../bench/peers/peer.js';
import type { Operands } from '../../../bench/problem.js';
import type { Entrant } from './entrant.js';

export async function onnxruntimeWeb(threads: number): Promise<Entrant> {
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = 'error';
  return {
    name: 'onnxruntime-web',
    version: ort.env.versions.web ?? '',
    layout: 'channels-first',
    async prepare(c: Case, operands: Operands): Promise<Entry | string> {
      const asked = questionOf(c, operands);
      if (!asked) return 'no operator for the gradient of a weight';
      const { node, given } = asked;
      const session = await ort.InferenceSession.create(modelOf(node), { executionProviders: ['wasm'], graphOptimizationLevel: 'all' });
      const feeds = { x: new ort.Tensor('float32', given, node.input) };
      return {
        run: () => session.run(feeds),
        result: async () => (await session.run(feeds)).y?.data ?? new Float32Array(),
        dispose: () => session.release(),
      };
    },
  };
}
