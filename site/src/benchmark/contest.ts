/** One layer, by all who run it: their results are compared first, then they are timed by turns. */
import type { Kernels, Layout } from 'simdconv';
import type { Case } from '../../../bench/cases.js';
import { check } from '../../../bench/check.js';
import { compare } from '../../../bench/peers/compare.js';
import { type Contestant, type Effort, race } from '../../../bench/peers/rounds.js';
import { type Operands, operandsOf, residentRunner } from '../../../bench/problem.js';
import type { Entrant } from './entrant.js';
import { type Lane, OURS, type Result } from './lane.js';
import type { Work } from './layers.js';

/** Threads of others look for work for a while after the last. Whose turn is next shall have these processors. Milliseconds. */
const ASLEEP = 60;

/** Multiplications that the check of ours may cost, for each layer and layout. */
const CHECK = 1e6;

/** What an entrant is to compute, and what came out here. */
interface Task {
  readonly layout: Layout;
  readonly c: Case;
  readonly operands: Operands;
  readonly ours: Float32Array;
}

interface Ready {
  readonly lane: Lane;
  readonly contestant?: Contestant;
}

export async function contest(kernels: Kernels, entrants: readonly Entrant[], { first, last }: Work, effort: Effort): Promise<Result> {
  const bin: (() => unknown)[] = [];
  const ready: Ready[] = [];
  try {
    for (const c of last ? [first, last] : [first]) {
      const layout: Layout = c === first ? 'channels-first' : 'channels-last';
      const operands = operandsOf(c);
      const own = residentRunner(kernels, c, operands);
      bin.push(() => own.dispose());
      const ours = own.run().data.slice();
      ready.push(ourLane(c, layout, operands, ours, () => own.run()));
      for (const entrant of entrants.filter((each) => each.layout === layout || !last)) {
        ready.push(await theirLane(kernels, entrant, { layout, c, operands, ours }, bin));
      }
    }
    const timed = ready.filter(({ contestant }) => contestant);
    const timings = await race(
      timed.map(({ contestant }) => contestant as Contestant),
      effort,
    );
    const lanes = ready.map(({ lane, contestant }): Lane => {
      const timing = contestant && timings[timed.findIndex((each) => each.contestant === contestant)];
      if (!timing) return lane;
      return { ...lane, milliseconds: timing.median, spread: timing.spread, gflops: (2 * first.macs) / (timing.median * 1e6) };
    });
    return { name: first.name, macs: first.macs, lanes };
  } finally {
    for (const dispose of bin) await dispose();
  }
}

function ourLane(c: Case, layout: Layout, operands: Operands, ours: Float32Array, run: () => unknown): Ready {
  const { right, relative } = check(c, operands, ours, CHECK);
  const lane = { name: OURS, layout, difference: relative };
  return right ? { lane, contestant: { run } } : { lane: { ...lane, refused: 'wrong' } };
}

/** An entrant may find only when it runs that it cannot. */
async function theirLane(kernels: Kernels, entrant: Entrant, { layout, c, operands, ours }: Task, bin: (() => unknown)[]): Promise<Ready> {
  const { name } = entrant;
  try {
    const entry = await entrant.prepare(c, operands);
    if (typeof entry === 'string') return { lane: { name, layout, refused: entry } };
    bin.push(() => entry.dispose());
    const { right, error } = compare(c, operands, ours, await entry.result());
    const lane = { name, layout, difference: error };
    const leave = kernels.info.threads > 1 ? () => new Promise((resolve) => setTimeout(resolve, ASLEEP)) : undefined;
    return right ? { lane, contestant: { run: () => entry.run(), leave } } : { lane: { ...lane, refused: 'its result differs' } };
  } catch (error) {
    return { lane: { name, layout, refused: `fails: ${(error instanceof Error ? error.message : String(error)).split('\n', 1)[0]}` } };
  }
}
