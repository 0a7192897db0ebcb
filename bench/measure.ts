import { Bench } from 'tinybench';

export interface Timing {
  /** Milliseconds of one call. */
  readonly median: number;
  /** Median distance of a sample from the median, as a part of it. */
  readonly spread: number;
  readonly samples: number;
  /** The median of each round: rounds of tasks measured together were side by side in time. */
  readonly rounds: readonly number[];
}

export interface Effort {
  /** Milliseconds for each task in all. */
  readonly time: number;
  /** Turns in which the tasks share that time, so that what disturbs the machine disturbs them alike. */
  readonly rounds: number;
}

/** Times the tasks by turns. */
export function measure<Name extends string>(tasks: Readonly<Record<Name, () => unknown>>, { time, rounds }: Effort): Record<Name, Timing> {
  const names = Object.keys(tasks) as Name[];
  const batches = new Map(names.map((name) => [name, batched(tasks[name])]));
  const samples = new Map(names.map((name): [Name, number[][]] => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const bench = new Bench({
      time: time / rounds,
      iterations: 2,
      warmupTime: round === 0 ? time / 4 : 0,
      warmupIterations: 1,
      retainSamples: true,
      throws: true,
    });
    const order = round % 2 === 0 ? [...batches] : [...batches].reverse(); // else one of them would always come after the other
    for (const [name, task] of order) bench.add(name, task, { async: false });
    for (const { name, result } of bench.runSync()) {
      if (result.state !== 'completed' || !result.latency.samples) throw new Error(`bench: ${name} is ${result.state}`);
      samples.get(name as Name)?.push([...result.latency.samples]);
    }
  }
  return Object.fromEntries([...samples].map(([name, each]) => [name, timingOf(each)])) as Record<Name, Timing>;
}

/** How many times as fast as `b` `a` is, in each of the rounds in which they were measured together. */
export const speedRatios = (a: Timing, b: Timing): number[] => a.rounds.map((ms, round) => (b.rounds[round] ?? Number.NaN) / ms);

/** The median of these. */
export const speedRatio = (a: Timing, b: Timing): number => median(speedRatios(a, b));

export const geomean = (values: readonly number[]): number =>
  values.length === 0 ? Number.NaN : Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

function timingOf(rounds: readonly (readonly number[])[]): Timing {
  const all = rounds.flat();
  const middle = median(all);
  const spread = median(all.map((sample) => Math.abs(sample - middle))) / middle;
  return { median: middle, spread, samples: all.length, rounds: rounds.map(median) };
}

/** Milliseconds that a sample should last, far above what reading the clock costs. */
const SAMPLE = 0.1;

/** A tinybench task that calls a short `run` many times and tells the mean of them. */
function batched(run: () => unknown): () => { overriddenDuration: number; overriddenIterationCost: number } {
  const elapsed = (calls: number): number => {
    const start = performance.now();
    for (let call = 0; call < calls; call++) run();
    return performance.now() - start;
  };
  let calls = 1;
  while (elapsed(calls) < SAMPLE) calls *= 2;
  return () => {
    const cost = elapsed(calls);
    return { overriddenDuration: cost / calls, overriddenIterationCost: cost };
  };
}
