/** Who races, in the order of the columns. */
import { jaxWasm } from './jax.js';
import { mlMatrix } from './ml-matrix.js';
import { onnxruntimeNode, onnxruntimeWeb } from './onnxruntime.js';
import type { Peer } from './peer.js';
import { tfjsCpu, tfjsWasm } from './tfjs.js';
import { hideWorkers } from './workers.js';

/** `threads` are for those that can have more than one. */
export const PEERS: Readonly<Record<string, (threads: number) => Promise<Peer>>> = {
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

export async function lineup(names: RegExp, threads: number): Promise<Lineup> {
  hideWorkers();
  const peers: Peer[] = [];
  const absent: Record<string, string> = {};
  for (const [name, load] of Object.entries(PEERS).filter(([each]) => names.test(each))) {
    try {
      peers.push(await load(threads));
    } catch (error) {
      absent[name] = (error as Error).message.split('\n', 1)[0] ?? '';
    }
  }
  return { peers, absent };
}
