/** One case among all who can run it: compared first, then timed by turns. */
import type { Kernels, Layout } from '../../src/types.js';
import type { Case } from '../cases.js';
import { check } from '../check.js';
import { type Operands, operandsOf, plainRunner, type Runner, residentRunner } from '../problem.js';
import type { Ceiling } from './ceiling.js';
import { compare } from './compare.js';
import { groupOf } from './groups.js';
import type { Entry, Peer } from './peer.js';
import { type CaseResult, NATIVE, type PeerResult, type Speed } from './results.js';
import { type Contestant, type Effort, race, ratioOf, type Timing } from './rounds.js';

/** The same work in each layout, and the forward that a gradient belongs to. */
export interface Heat {
  readonly first: Case;
  readonly last: Case | undefined;
  readonly forward: Case | undefined;
}

/** Who runs on one thread beside a race on several: ours, and native code. */
export interface OneThread {
  readonly kernels: Kernels;
  readonly native: Peer | undefined;
}

interface Lane extends Contestant {
  readonly name: string;
  readonly macs: number;
}

export async function contest(
  kernels: Kernels,
  peers: readonly Peer[],
  ceiling: Ceiling,
  heat: Heat,
  effort: Effort,
  one?: OneThread,
): Promise<CaseResult> {
  const { first, last, forward } = heat;
  const cases = new Map<Layout, Case>([['channels-first', first], ...(last ? [['channels-last', last] as const] : [])]);
  const operands = new Map([...cases].map(([layout, c]) => [layout, operandsOf(c)]));
  const bin: (() => unknown)[] = [];
  const lanes: Lane[] = [];
  const enterOurs = (
    name: string,
    c: Case,
    given: Operands,
    runner: typeof plainRunner,
    on = kernels,
  ): { data: Float32Array; own: Runner } => {
    const own = runner(on, c, given);
    bin.push(() => own.dispose());
    const data = own.run().data.slice();
    const { right, ofBound } = check(c, given, data, 1e6);
    if (!right) throw new Error(`bench: ${c.name} is wrong, an error is ${ofBound} of its bound`);
    lanes.push({ name, macs: c.macs, run: () => own.run() });
    return { data, own };
  };

  try {
    const results = new Map<Layout, Float32Array>();
    let algorithm: string | undefined;
    for (const [layout, c] of cases) {
      const { data, own } = enterOurs(layout, c, operands.get(layout) as Operands, residentRunner);
      results.set(layout, data);
      if (layout === 'channels-first') algorithm = own.algorithm;
    }
    enterOurs('plain', first, operands.get('channels-first') as Operands, plainRunner);
    if (one) enterOurs(ONE_THREAD, first, operands.get('channels-first') as Operands, residentRunner, one.kernels);
    if (forward) enterOurs('forward', forward, operandsOf(forward), residentRunner);
    if (first.op === 'matmul') lanes.push({ name: 'ceiling', macs: ceiling.flops / 2, run: ceiling.run });

    const skipped: Record<string, string> = {};
    const compared: PeerResult[] = [];
    for (const peer of peers) {
      const layout = cases.has(peer.layout) ? peer.layout : 'channels-first';
      const c = cases.get(layout) as Case;
      const [entry, theirs] = await ready(peer, c, operands.get(layout) as Operands);
      if (typeof entry === 'string') {
        skipped[peer.name] = entry;
        continue;
      }
      bin.push(() => entry.dispose());
      const verdict = compare(c, operands.get(layout) as Operands, results.get(layout) as Float32Array, theirs);
      compared.push({ name: peer.name, layout, ...verdict });
      if (verdict.right) lanes.push({ name: peer.name, macs: c.macs, run: () => entry.run(), enter: entry.enter, leave: entry.leave });
    }
    const native = one?.native && (await one.native.prepare(first, operands.get('channels-first') as Operands));
    if (native && typeof native !== 'string') {
      bin.push(() => native.dispose());
      lanes.push({ name: NATIVE_ONE_THREAD, macs: first.macs, run: () => native.run(), enter: native.enter, leave: native.leave });
    }
    const timings = new Map((await race(lanes, effort)).map((timing, lane) => [(lanes[lane] as Lane).name, timing]));
    return summary(first, { lanes, timings, compared, skipped, algorithm });
  } finally {
    for (const dispose of bin) await dispose();
  }
}

const ONE_THREAD = 'one thread';
const NATIVE_ONE_THREAD = `${NATIVE}, one thread`;

/** A peer may find only when it runs that it cannot. */
async function ready(peer: Peer, c: Case, operands: Operands): Promise<[Entry | string, Float32Array]> {
  try {
    const entry = await peer.prepare(c, operands);
    return [entry, typeof entry === 'string' ? new Float32Array() : await entry.result()];
  } catch (error) {
    return [`fails: ${(error as Error).message.split('\n', 1)[0]}`, new Float32Array()];
  }
}

interface Outcome {
  readonly lanes: readonly Lane[];
  readonly timings: ReadonlyMap<string, Timing>;
  readonly compared: readonly PeerResult[];
  readonly skipped: Readonly<Record<string, string>>;
  readonly algorithm: string | undefined;
}

function summary(c: Case, { lanes, timings, compared, skipped, algorithm }: Outcome): CaseResult {
  const speed = (name: string): Speed | undefined => {
    const timing = timings.get(name);
    const macs = lanes.find((lane) => lane.name === name)?.macs;
    return timing && macs ? { gflops: (2 * macs) / (timing.median * 1e6), ms: timing.median, spread: timing.spread } : undefined;
  };
  /** GFLOP/s of ours over those of another lane. */
  const ratio = (ours: string, other: string): number | undefined => {
    const [a, b] = [timings.get(ours), timings.get(other)];
    const macs = (name: string): number => lanes.find((lane) => lane.name === name)?.macs ?? Number.NaN;
    return a && b && (ratioOf(a, b) * macs(ours)) / macs(other);
  };
  const { name, op, direction, macs } = c;
  const [last, ceiling] = [speed('channels-last'), speed('ceiling')];
  const overOne = ratio('channels-first', ONE_THREAD);
  const ofForward = ratio('channels-first', 'forward');
  return {
    ...{ name, op, direction, macs, group: groupOf(c), algorithm },
    ours: { 'channels-first': speed('channels-first') as Speed, ...(last && { 'channels-last': last }), plain: speed('plain') as Speed },
    peers: compared.map((peer) => {
      const over = ratio(peer.layout, peer.name);
      return { ...peer, ...speed(peer.name), ...(over !== undefined && { ratio: over }) };
    }),
    skipped,
    ...(overOne !== undefined && { overOneThread: { ours: overOne, native: ratio(NATIVE, NATIVE_ONE_THREAD) } }),
    ...(ceiling && { ceiling: { gflops: ceiling.gflops, ratio: ratio('channels-first', 'ceiling') as number } }),
    ...(ofForward !== undefined && { ofForward }),
  };
}
