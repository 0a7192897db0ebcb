/** Times contestants by turns in one process, so that what disturbs the machine disturbs them alike. */
import { median } from '../measure.js';

export interface Contestant {
  /** Computes once; awaited if it returns a promise. */
  run(): unknown;
  /** Off the clock, before each turn. */
  enter?: (() => unknown) | undefined;
  /** The same after it. */
  leave?: (() => unknown) | undefined;
}

export interface Timing {
  /** Milliseconds of one call. */
  readonly median: number;
  /** Median distance of a round from the median, as a part of it. */
  readonly spread: number;
  /** One sample a round; those of the same index were side by side in time. A slow contestant has sat out the last rounds. */
  readonly rounds: readonly number[];
}

export interface Effort {
  readonly rounds: number;
  /** Milliseconds that a sample lasts at least: many calls of a short run, and the clock costs nothing. */
  readonly sample: number;
  /**
   * Milliseconds of running before each sample. Before it others may have slept, and a processor that was idle takes milliseconds to come back, on a machine that is shared: of samples
   * of 3 ms threads were worth 0.9 in place of 1.8 (AMD EPYC). Default 0.
   */
  readonly lead?: number;
  /** Milliseconds of running before the first sample, for the engine's optimizing compiler. */
  readonly warmup: number;
  /** Milliseconds after which a contestant sits out the further rounds; one sample it always has. */
  readonly budget: number;
}

export async function race(contestants: readonly Contestant[], effort: Effort): Promise<Timing[]> {
  const lanes = [];
  for (const contestant of contestants) lanes.push(await warmUp(contestant, effort));
  for (let round = 0; round < effort.rounds; round++) {
    for (let turn = 0; turn < lanes.length; turn++) {
      const lane = lanes[(turn + round) % lanes.length] as Lane; // nobody always follows the same one
      if (lane.spent < effort.budget || lane.samples.length === 0) await sample(lane, effort.lead ?? 0);
    }
  }
  return lanes.map(({ samples }) => {
    const middle = median(samples);
    return { median: middle, spread: median(samples.map((each) => Math.abs(each - middle))) / middle, rounds: samples };
  });
}

/** How many times faster `a` is than `b`: the median over the rounds in which both ran. */
export function ratioOf(a: Timing, b: Timing): number {
  const both = Math.min(a.rounds.length, b.rounds.length);
  return median(a.rounds.slice(0, both).map((ms, round) => (b.rounds[round] ?? Number.NaN) / ms));
}

interface Lane extends Contestant {
  readonly calls: number;
  readonly samples: number[];
  spent: number;
}

/** A run longer than the whole budget needs no warm compiler and is not repeated: it is the sample. */
async function warmUp(contestant: Contestant, { sample, warmup, budget }: Effort): Promise<Lane> {
  await contestant.enter?.();
  const start = performance.now();
  let calls = 1;
  let cost = await elapsed(contestant, calls);
  while (performance.now() - start < warmup) {
    if (cost < sample) calls *= 2;
    cost = await elapsed(contestant, calls);
  }
  await contestant.leave?.();
  const perCall = cost / calls;
  const once = perCall > budget;
  return { ...contestant, calls: Math.max(1, Math.ceil(sample / perCall)), samples: once ? [perCall] : [], spent: once ? cost : 0 };
}

async function sample(lane: Lane, lead: number): Promise<void> {
  await lane.enter?.();
  const start = performance.now();
  while (performance.now() - start < lead) await elapsed(lane, 1);
  const cost = await elapsed(lane, lane.calls);
  await lane.leave?.();
  lane.samples.push(cost / lane.calls);
  lane.spent += cost;
}

async function elapsed({ run }: Contestant, calls: number): Promise<number> {
  const start = performance.now();
  const first = run();
  if (first instanceof Promise) {
    await first;
    for (let call = 1; call < calls; call++) await run();
  } else {
    for (let call = 1; call < calls; call++) run();
  }
  return performance.now() - start;
}
