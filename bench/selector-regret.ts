/** The regret of a choice: how many times as long as the fastest algorithm it takes; 1 where it is the fastest. */
import { geomean } from './measure.js';
import type { Name, Problem } from './selector-problems.js';
import type { Timed, Times } from './selector-times.js';
import { columnFor, digits, header, line } from './table.js';

export interface Regret {
  readonly problem: Problem;
  readonly times: Times;
  readonly taken: Name;
  readonly best: Name;
  readonly regret: number;
}

export function regretOf({ problem, times }: Timed, taken: Name): Regret {
  const [fastest] = (Object.entries(times) as [Name, number][]).sort(([, a], [, b]) => a - b);
  const time = times[taken];
  if (!fastest || time === undefined) throw new Error(`bench: ${problem.name} was not timed by ${taken}`);
  return { problem, times, taken, best: fastest[0], regret: time / fastest[1] };
}

export interface Summary {
  readonly count: number;
  readonly geomean: number;
  /** 99 of 100 are not larger. */
  readonly high: number;
  readonly worst: number;
}

export function summary(regrets: readonly number[]): Summary {
  const sorted = [...regrets].sort((a, b) => a - b);
  const count = sorted.length;
  return {
    count,
    geomean: geomean(sorted),
    high: sorted[Math.max(0, Math.ceil(count * 0.99) - 1)] ?? Number.NaN,
    worst: sorted.at(-1) ?? Number.NaN,
  };
}

const WORST = 20;

/** A line for each family and direction, one for all, and those where most is lost. */
export function regretTable(regrets: readonly Regret[]): string {
  const groups = new Map<string, Regret[]>();
  for (const each of regrets) {
    for (const name of [each.problem.family, each.problem.c.direction, 'all']) groups.set(name, [...(groups.get(name) ?? []), each]);
  }
  const rows = [...groups].sort(([a], [b]) => place(a) - place(b));
  const columns = [
    columnFor('family', [...groups.keys()]),
    ...['problems', 'geomean', '99 %', 'worst'].map((title) => columnFor(title, ['100000'], 'right')),
  ];
  const lines = rows.map(([name, each]) => {
    const { count, geomean, high, worst } = summary(each.map(({ regret }) => regret));
    return line(columns, [name, String(count), geomean.toFixed(3), digits(high), digits(worst)]);
  });
  return [header(columns), ...lines, '', worstTable(regrets)].join('\n');
}

/** Families first, then directions, then all. */
const place = (name: string): number => 1 + ['forward', 'gradInput', 'gradWeight', 'all'].indexOf(name);

function worstTable(regrets: readonly Regret[]): string {
  const worst = [...regrets].sort((a, b) => b.regret - a.regret).slice(0, WORST);
  const columns = [
    columnFor(
      'worst',
      worst.map(({ problem }) => problem.name),
    ),
    ...['regret', 'taken', 'ms', 'best', 'ms'].map((title) => columnFor(title, ['winograd'], 'right')),
  ];
  const lines = worst.map(({ problem, times, taken, best, regret }) =>
    line(columns, [problem.name, digits(regret), taken, digits(times[taken] ?? Number.NaN), best, digits(times[best] ?? Number.NaN)]),
  );
  return [header(columns), ...lines].join('\n');
}
