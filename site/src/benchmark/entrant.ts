/** Who else runs a layer. The types are those of the race in bench/peers, which does the same in Node. */
import type { Peer } from '../../../bench/peers/peer.js';
import type { Peer as PeerName } from './choices.js';

export type Entrant = Pick<Peer, 'name' | 'version' | 'layout' | 'prepare'>;

export const ENTRANTS: Readonly<Record<PeerName, (threads: number) => Promise<Entrant>>> = {
  'onnxruntime-web': async (threads) => (await import('./onnxruntime.js')).onnxruntimeWeb(threads),
  'tfjs-wasm': async (threads) => (await import('./tfjs.js')).tfjsWasm(threads),
};
