/** Who races, in the order of the columns. */
import { jaxWasm } from './jax.js';
import { mlMatrix } from './ml-matrix.js';
import { onnxruntimeNode, onnxruntimeWeb } from './onnxruntime.js';
import type { Peer } from './peer.js';
import { tfjsCpu, tfjsWasm } from './tfjs.js';

export const PEERS: Readonly<Record<string, () => Promise<Peer>>> = {
  'onnxruntime-web': onnxruntimeWeb,
  'tfjs-wasm': tfjsWasm,
  'jax-js': jaxWasm,
  'tfjs-cpu': tfjsCpu,
  'ml-matrix': mlMatrix,
  'onnxruntime-node': onnxruntimeNode,
};

export interface Lineup {
  readonly peers: readonly Peer[];
  /** Who could not be loaded on this machine, and why. */
  readonly absent: Readonly<Record<string, string>>;
}

export async function lineup(names: RegExp): Promise<Lineup> {
  // One thread for all. Also onnxruntime-web defines a global Worker late, after which jax-js asks for memory of another kind than it has.
  Object.defineProperty(globalThis, 'Worker', { get: () => undefined, set: () => undefined, configurable: true });
  const peers: Peer[] = [];
  const absent: Record<string, string> = {};
  for (const [name, load] of Object.entries(PEERS).filter(([each]) => names.test(each))) {
    try {
      peers.push(await load());
    } catch (error) {
      absent[name] = (error as Error).message.split('\n', 1)[0] ?? '';
    }
  }
  return { peers, absent };
}
