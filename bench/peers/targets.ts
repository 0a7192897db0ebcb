/** The figures that the project means to reach, computed from a race. */
import { geomean } from '../measure.js';
import { digits } from '../table.js';
import { type CaseResult, closestWasm, type Group, MAIN, NATIVE, peerOf, type Race, threadsOf } from './results.js';

export interface Figure {
  readonly name: string;
  /** All of these must be on the right side of the limit. */
  readonly values: readonly number[];
  readonly limit: number;
  readonly atLeast: boolean;
  readonly unit: string;
}

export type Verdict = 'met' | 'met in the mean' | 'not met' | 'not measured';

type Targets = readonly [relaxed: number, simd: number];

export function figuresOf(race: Race): Figure[] {
  const relaxed = race.machine.variant === 'relaxed';
  // What one thread could do at most says nothing of several.
  const withCeiling = relaxed && threadsOf(race) === 1;
  const column = ([first, second]: Targets): number => (relaxed ? first : second);
  const least = (name: string, values: readonly (number | undefined)[], limit: Targets, unit = '×'): Figure => ({
    name,
    values: values.filter((value) => value !== undefined),
    limit: column(limit),
    atLeast: true,
    unit,
  });
  const most = (name: string, values: readonly (number | undefined)[], limit: Targets, unit: string): Figure => ({
    ...least(name, values, limit, unit),
    atLeast: false,
  });

  const wasm = (c: CaseResult): number | undefined => closestWasm(race, c)?.ratio;
  const against = (name: string) => (c: CaseResult) => peerOf(c, name)?.ratio;
  const forward = (group: Group): CaseResult[] => race.cases.filter((c) => c.group === group && c.direction === 'forward');
  const gradients = race.cases.filter(({ direction, op }) => direction !== 'forward' && op !== 'matmul');
  const large = forward('gemm').filter(({ name }) => /^gemm (256|512|1024)$/.test(name));
  const all = race.cases.map(wasm).filter((ratio) => ratio !== undefined);
  // not flattered by the cases that only a slow peer can run
  const main = race.cases
    .filter((c) => MAIN.some((name) => peerOf(c, name)))
    .map(wasm)
    .filter((ratio) => ratio !== undefined);
  // What the machine's second core is worth is what native code makes of it.
  const shared = race.cases.filter(({ macs }) => macs > 1e7).flatMap(({ overOneThread }) => overOneThread ?? []);
  const both = shared.flatMap(({ ours, native }) => (native === undefined ? [] : { ours, native }));
  const share = geomean(both.map(({ ours }) => ours)) / geomean(both.map(({ native }) => native));
  const small = race.cases.flatMap(({ overOneThread }) => overOneThread?.ours ?? []);
  const toy = race.cases.find(({ name }) => name === 'toy 3x3 1-1 @4');
  const ours = Object.entries(race.bytes).filter(([name]) => name.startsWith('simdconv'));
  return [
    least('all cases: closest wasm peer, geomean', all.length > 0 ? [geomean(all)] : [], [2, 1.4]),
    least(`cases of ${MAIN.join(' or ')}: geomean`, main.length > 0 ? [geomean(main)] : [], [2, 1.4]),
    least('all cases: closest wasm peer, worst', all.length > 0 ? [Math.min(...all)] : [], [1, 0.95]),
    least('3x3 s1, ≥ 64 channels: closest wasm peer', forward('3x3').map(wasm), [3, 2.3]),
    least(`3x3 s1, ≥ 64 channels: ${NATIVE}`, relaxed ? forward('3x3').map(against(NATIVE)) : [], [0.8, 0]),
    least('GEMM 256-1024: closest wasm peer', large.map(wasm), [1.5, 1.05]),
    least('GEMM 256-1024: SIMD ceiling', withCeiling ? large.map(({ ceiling }) => ceiling?.ratio) : [], [0.88, 0]),
    least('transposed: onnxruntime-web', forward('transposed').map(against('onnxruntime-web')), [1.4, 1.1]),
    least('transposed: tfjs-wasm', forward('transposed').map(against('tfjs-wasm')), [10, 9]),
    least('depthwise: closest wasm peer', forward('depthwise').map(wasm), [1.3, 1.2]),
    least(
      'gradients: the forward',
      gradients.map(({ ofForward }) => ofForward),
      [0.8, 0.8],
    ),
    least('gradients: tfjs-cpu', gradients.map(against('tfjs-cpu')), [200, 200]),
    least('threads over one, above 20 MFLOP: geomean', shared.length > 0 ? [geomean(shared.map(({ ours }) => ours))] : [], [1.8, 1.8]),
    least('threads over one, above 20 MFLOP: worst', shared.length > 0 ? [Math.min(...shared.map(({ ours }) => ours))] : [], [1.6, 1.6]),
    least(`threads over one: share of ${NATIVE}'s own gain`, both.length > 0 ? [share] : [], [0.95, 0.95]),
    least('threads over one, any case: worst', small.length > 0 ? [Math.min(...small)] : [], [0.97, 0.97]),
    most('4x4 toy through a plan', [toy && toyMicroseconds(toy)], [1.5, 2], 'µs'),
    most('import to first result', [race.startup.simdconv], [15, 15], 'ms'),
    most(
      'each .wasm',
      ours.map(([, { raw }]) => raw / 1000),
      [80, 80],
      'kB',
    ),
    most(
      'each .wasm, gzipped',
      ours.map(([, { gzip }]) => gzip / 1000),
      [30, 30],
      'kB',
    ),
    most('workspace', [race.workspaceBytes / 2 ** 20], [4, 4], 'MiB'),
  ].filter(({ name, limit }) => limit > 0 && (threadsOf(race) > 1 || !name.startsWith('threads over one')));
}

const toyMicroseconds = ({ ours }: CaseResult): number | undefined => {
  const ms = ours['channels-first']?.ms;
  return ms === undefined ? undefined : ms * 1000;
};

export const worstOf = ({ values, atLeast }: Figure): number => (atLeast ? Math.min(...values) : Math.max(...values));

export function verdictOf(figure: Figure): Verdict {
  if (figure.values.length === 0) return 'not measured';
  const reached = (value: number): boolean => (figure.atLeast ? value >= figure.limit : value <= figure.limit);
  if (reached(worstOf(figure))) return 'met';
  return figure.values.length > 1 && reached(geomean(figure.values)) ? 'met in the mean' : 'not met';
}

/** Name, target, geomean, worst, verdict. */
export const figureCells = (race: Race): string[][] =>
  figuresOf(race).map((figure) => {
    const { name, values, limit, atLeast, unit } = figure;
    const show = (value: number): string => `${digits(value)} ${unit}`;
    const measured = values.length > 0 ? [show(geomean(values)), show(worstOf(figure))] : ['-', '-'];
    return [name, `${atLeast ? '≥' : '≤'} ${limit} ${unit}`, ...measured, verdictOf(figure)];
  });

export const FIGURE_TITLES = ['figure', 'target', 'geomean', 'worst', ''] as const;
