/** What a race writes and the report reads. */
import type { Layout } from '../../src/types.js';
import type { Case } from '../cases.js';
import type { Machine } from '../machine.js';
import type { Group } from './groups.js';

export interface Speed {
  readonly gflops: number;
  /** Milliseconds of one call. */
  readonly ms: number;
  readonly spread: number;
}

export interface PeerResult extends Partial<Speed> {
  readonly name: string;
  readonly layout: Layout;
  /** Ours in the same layout, resident, over this peer. Absent where the peer was wrong: that is not timed. */
  readonly ratio?: number;
  /** Largest difference from ours as a part of the largest output. */
  readonly error: number;
  readonly right: boolean;
}

export interface CaseResult extends Pick<Case, 'name' | 'op' | 'direction' | 'macs'> {
  readonly group: Group;
  /** Resident, planned where there are plans, in each layout; and the one-shot op on plain arrays. */
  readonly ours: Readonly<Partial<Record<Layout, Speed>>> & { readonly plain: Speed };
  readonly algorithm?: string | undefined;
  readonly peers: readonly PeerResult[];
  /** Why a peer did not run it, by its name. */
  readonly skipped: Readonly<Record<string, string>>;
  /** For a product: multiply-adds in registers, and ours over them. */
  readonly ceiling?: { readonly gflops: number; readonly ratio: number };
  /** On several threads: how many times as fast as on one, ours in channels-first, and native code. */
  readonly overOneThread?: { readonly ours: number; readonly native?: number | undefined };
  /** For a gradient: its GFLOP/s over those of the forward, channels-first. */
  readonly ofForward?: number;
}

export interface PeerAbout {
  readonly name: string;
  readonly kind: 'wasm' | 'native' | 'js';
  readonly version: string;
  readonly layout: Layout;
  /** Absent for one. */
  readonly threads?: number;
}

export interface Race {
  readonly machine: Machine;
  readonly quick: boolean;
  readonly peers: readonly PeerAbout[];
  /** Peers that could not be loaded at all, and why. */
  readonly absent: Readonly<Record<string, string>>;
  readonly cases: readonly CaseResult[];
  /** Milliseconds from before the import to a first small result, in a fresh process. */
  readonly startup: Readonly<Record<string, number>>;
  readonly bytes: Readonly<Record<string, { readonly raw: number; readonly gzip: number }>>;
  readonly workspaceBytes: number;
}

/** The WebAssembly peer that comes closest: the one with the smallest ratio. */
export function closestWasm(race: Pick<Race, 'peers'>, { peers }: Pick<CaseResult, 'peers'>): PeerResult | undefined {
  const wasm = new Set(race.peers.filter(({ kind }) => kind === 'wasm').map(({ name }) => name));
  const ran = peers.filter((peer) => wasm.has(peer.name) && peer.ratio !== undefined);
  return ran.sort((a, b) => (a.ratio ?? 0) - (b.ratio ?? 0))[0];
}

/** On how many threads the race was run; of a peer, on how many of them. */
export const threadsOf = ({ machine: { threads = 1 } }: Pick<Race, 'machine'>): number => threads;
export const threadsOfPeer = ({ threads = 1 }: PeerAbout): number => threads;

/** The same race without the peers that have fewer threads. */
export const withoutFewerThreads = (race: Race): Race => ({
  ...race,
  peers: race.peers.filter((peer) => threadsOfPeer(peer) === threadsOf(race)),
});

export const peerOf = ({ peers }: Pick<CaseResult, 'peers'>, name: string): PeerResult | undefined =>
  peers.find((peer) => peer.name === name && peer.ratio !== undefined);

export const NATIVE = 'onnxruntime-node';

/** The libraries that most would take otherwise. */
export const MAIN = ['onnxruntime-web', 'tfjs-wasm'] as const;

/** What the README tells: a few cases. */
export const chosen = ({ cases }: Race): CaseResult[] => cases.filter(({ name }) => CHOSEN.test(name));
const CHOSEN = /^(gemm 512|3x3 64-64 @56( gradInput)?|1x1 256-64 @56|depthwise 3x3 192-192 @56|transposed 4x4 s2 256-128 @16)$/;
