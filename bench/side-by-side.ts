/** Cases by two sets of kernels, by turns in one process: bits compared, then times. */
import type { Kernels } from 'simdconv';
import type { Case } from './cases.js';
import { check } from './check.js';
import { geomean, measure, median, speedRatios, type Timing } from './measure.js';
import type { BenchOptions } from './options.js';
import { operandsOf, plainRunner, type Runner, residentRunner } from './problem.js';
import { type Column, columnFor, digits, header, line, percent } from './table.js';

export interface Comparison {
  readonly name: string;
  readonly macs: number;
  /** Which results were right, against float64: what is not is not timed. */
  readonly right: { readonly ours: boolean; readonly other: boolean };
  readonly sameBits: boolean;
  readonly ours?: Timing;
  readonly other?: Timing;
  /** Time of the other over ours: how many times as fast ours is. The median of the rounds, and their median distance from it as a part of it. */
  readonly ratio?: number;
  readonly spread?: number;
}

/** Prints a line a case. `other` is what its column of times is called. */
export function compareCases(
  kernels: readonly [ours: Kernels, other: Kernels],
  other: string,
  cases: readonly Case[],
  options: BenchOptions,
): Comparison[] {
  const columns = columnsFor(cases, other);
  console.log(header(columns));
  return cases.map((c) => {
    const result = compareCase(kernels, c, options);
    console.log(line(columns, cellsOf(result)));
    return result;
  });
}

function compareCase(kernels: readonly [ours: Kernels, other: Kernels], c: Case, { quick, resident }: BenchOptions): Comparison {
  const operands = operandsOf(c);
  const runners: Runner[] = [];
  try {
    const run = kernels.map((each) => {
      const runner = (resident ? residentRunner : plainRunner)(each, c, operands);
      runners.push(runner);
      return runner.run;
    }) as [ours: Runner['run'], other: Runner['run']];
    const [mine, theirs] = run.map((each) => each().data) as [Float32Array, Float32Array];
    const isRight = (data: Float32Array): boolean => check(c, operands, data, quick ? 1e6 : 1e7).right;
    const sameBits = mine.length === theirs.length && mine.every((value, i) => Object.is(value, theirs[i]));
    const isOurs = isRight(mine);
    const right = { ours: isOurs, other: sameBits ? isOurs : isRight(theirs) };
    const { name, macs } = c;
    if (!right.ours || !right.other) return { name, macs, right, sameBits };
    const { ours, other } = measure({ ours: run[0], other: run[1] }, quick ? { time: 80, rounds: 4 } : { time: 800, rounds: 20 });
    const ratios = speedRatios(ours, other);
    const ratio = median(ratios);
    const spread = median(ratios.map((each) => Math.abs(each - ratio))) / ratio;
    return { name, macs, right, sameBits, ours, other, ratio, spread };
  } finally {
    for (const { dispose } of runners) dispose();
  }
}

const columnsFor = (cases: readonly Case[], other: string): Column[] => [
  columnFor(
    'case',
    cases.map(({ name }) => name),
  ),
  { title: 'ms', width: 8, align: 'right' },
  columnFor(other, ['12345.67'], 'right'),
  { title: 'ratio', width: 7, align: 'right' },
  { title: '±', width: 6, align: 'right' },
  { title: 'bits', width: 9 },
];

function cellsOf({ name, right, sameBits, ours, other, ratio, spread }: Comparison): string[] {
  const times =
    ours && other && ratio !== undefined && spread !== undefined
      ? [digits(ours.median), digits(other.median), `${ratio.toFixed(3)}×`, percent(spread)]
      : [right.ours ? '-' : 'WRONG', right.other ? '-' : 'WRONG', '-', '-'];
  return [name, ...times, sameBits ? 'the same' : 'others'];
}

/** What the comparisons come to. `ratio` says of what the ratio is. */
export function closing(results: readonly Comparison[], ratio: string): string {
  const others = results.filter(({ sameBits }) => !sameBits).length;
  const bits = others === 0 ? 'the same bits in all' : `other bits in ${others}`;
  return `${meanAndWorst(results, ratio) ?? 'nothing was timed'}; ${bits}`;
}

/** Undefined where nothing was timed. */
export function meanAndWorst(results: readonly Comparison[], what: string): string | undefined {
  const timed = results.flatMap(({ name, ratio }) => (ratio === undefined ? [] : [{ name, ratio }]));
  const [worst] = [...timed].sort((a, b) => a.ratio - b.ratio);
  if (!worst) return undefined;
  const mean = geomean(timed.map(({ ratio }) => ratio)).toFixed(3);
  return `${what}, ${timed.length} cases: geomean ${mean}×, worst ${worst.ratio.toFixed(3)}× (${worst.name})`;
}
