/** What the results say together, and as JSON. */
import type { Choices } from './choices.js';
import { type Lane, OURS, type Result } from './lane.js';
import type { Loaded } from './protocol.js';

/** How many times as fast as a peer ours is in the peer's layout: the geometric mean of the layers that both ran. */
export interface Gain {
  readonly peer: string;
  readonly times: number;
  readonly layers: number;
}

export function gainsOf(results: readonly Result[]): Gain[] {
  const peers = [...new Set(results.flatMap(({ lanes }) => lanes.map(({ name }) => name)))].filter((name) => name !== OURS);
  return peers.flatMap((peer) => {
    const ratios = results.flatMap(({ lanes }) => ratioOf(lanes, peer) ?? []);
    if (ratios.length === 0) return [];
    const times = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
    return [{ peer, times, layers: ratios.length }];
  });
}

function ratioOf(lanes: readonly Lane[], peer: string): number | undefined {
  const theirs = lanes.find(({ name }) => name === peer);
  const ours = lanes.find(({ name, layout }) => name === OURS && layout === theirs?.layout);
  return theirs?.milliseconds && ours?.milliseconds ? theirs.milliseconds / ours.milliseconds : undefined;
}

export interface Machine {
  readonly userAgent: string;
  readonly cores: number;
  readonly isolated: boolean;
}

/** Two spaces of indent: it is read by people too. */
export const jsonOf = (machine: Machine, choices: Choices, loaded: Loaded | undefined, results: readonly Result[]): string =>
  JSON.stringify(
    {
      machine,
      simdconv: loaded?.info,
      peers: loaded?.peers,
      absent: loaded?.absent,
      threads: choices.threads,
      gains: gainsOf(results),
      layers: results,
    },
    null,
    2,
  );
