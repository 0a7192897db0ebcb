/** The figures that the project means to reach, computed from a race. */
import { geomean } from '../measure.js';
import { digits } from '../table.js';
import type { Group } from './groups.js';
import { type CaseResult, closestWasm, MAIN, NATIVE, peerOf, type Race, threadsOf } from './results.js';

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

/** Forward cases of some groups, held to one peer or to the closest in WebAssembly. */
interface Family {
  readonly what: string;
  readonly groups: readonly Group[];
  readonly peer?: string;
  readonly limit: Targets;
}

const FAMILIES: readonly Family[] = [
  { what: '3x3 s1, ≥ 64 channels', groups: ['3x3'], limit: [3, 2.3] },
  { what: '3x3 s1, ≥ 64 channels', groups: ['3x3'], peer: NATIVE, limit: [0.8, 0] },
  { what: '3x3 s2', groups: ['3x3 s2'], limit: [1.6, 1.3] },
  { what: 'dilated 3x3', groups: ['dilated 3x3'], limit: [2.5, 2] },
  { what: '1-D, 1xk and kx1, k ≥ 3, ≥ 64 channels', groups: ['one axis'], limit: [1.9, 1.6] },
  { what: '3x3x3, ≥ 32 channels', groups: ['3x3x3'], limit: [2.5, 2.2] },
  { what: 'transposed 4x4 s2, ≥ 64 channels', groups: ['transposed 4x4 s2'], peer: 'onnxruntime-web', limit: [2, 1.7] },
  { what: 'transposed', groups: ['transposed', 'transposed 4x4 s2'], peer: 'onnxruntime-web', limit: [1.4, 1.1] },
  { what: 'transposed', groups: ['transposed', 'transposed 4x4 s2'], peer: 'tfjs-wasm', limit: [10, 9] },
  { what: 'depthwise', groups: ['depthwise'], limit: [1.3, 1.2] },
];

export function figuresOf(race: Race): Figure[] {
  const relaxed = race.machine.variant === 'relaxed';
  const alone = threadsOf(race) === 1;
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
  const forward = (groups: readonly Group[]): CaseResult[] =>
    race.cases.filter((c) => groups.includes(c.group) && c.direction === 'forward');
  const gradients = race.cases.filter(({ direction, op }) => direction !== 'forward' && op !== 'matmul');
  const large = forward(['gemm']).filter(({ name }) => /^gemm (256|512|1024)$/.test(name));
  const all = race.cases.map(wasm).filter((ratio) => ratio !== undefined);
  // not flattered by the cases that only a slow peer can run
  const main = race.cases
    .filter((c) => MAIN.some((name) => peerOf(c, name)))
    .map(wasm)
    .filter((ratio) => ratio !== undefined);
  const native = race.cases.map(against(NATIVE)).filter((ratio) => ratio !== undefined);
  // What the machine's second core is worth is what native code makes of it.
  const shared = race.cases.filter(({ macs }) => macs > 1e7).flatMap(({ overOneThread }) => overOneThread ?? []);
  const both = shared.flatMap(({ ours, native }) => (native === undefined ? [] : { ours, native }));
  const share = geomean(both.map(({ ours }) => ours)) / geomean(both.map(({ native }) => native));
  const small = race.cases.flatMap(({ overOneThread }) => overOneThread?.ours ?? []);
  const toy = race.cases.find(({ name }) => name === 'toy 3x3 1-1 @4');
  const ours = Object.entries(race.bytes).filter(([name]) => name.startsWith('simdconv'));
  return [
    least('all cases: closest wasm peer, geomean', all.length > 0 ? [geomean(all)] : [], [2.3, 1.9]),
    least(`cases of ${MAIN.join(' or ')}: geomean`, main.length > 0 ? [geomean(main)] : [], [2.3, 1.9]),
    least('all cases: closest wasm peer, worst', all.length > 0 ? [Math.min(...all)] : [], [1, 0.95]),
    // Native code of this peer is of AVX-512 where there is that: twice as wide as AVX2.
    least(`all cases: ${NATIVE}, geomean`, alone && native.length > 0 ? [geomean(native)] : [], race.machine.avx512 ? [0.6, 0.6] : [1, 1]),
    ...FAMILIES.map(({ what, groups, peer, limit }) =>
      least(`${what}: ${peer ?? 'closest wasm peer'}`, forward(groups).map(peer === undefined ? wasm : against(peer)), limit),
    ),
    least('GEMM 256-1024: closest wasm peer', large.map(wasm), [1.5, 1.05]),
    // What one thread could do at most says nothing of several.
    least('GEMM 256-1024: SIMD ceiling', relaxed && alone ? large.map(({ ceiling }) => ceiling?.ratio) : [], [0.88, 0]),
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
      [100, 100],
      'kB',
    ),
    most(
      'each .wasm, gzipped',
      ours.map(([, { gzip }]) => gzip / 1000),
      [36, 36],
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
