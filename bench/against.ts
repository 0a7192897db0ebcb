/** `npm run bench -- --against <file>`: this build's cases beside those of another wasm file, by turns in one process. */
import { readFile } from 'node:fs/promises';
import { type Kernels, load } from 'simdconv';
import type { Case } from './cases.js';
import { check } from './check.js';
import { geomean, measure, median, speedRatios, type Timing } from './measure.js';
import { type BenchOptions, UsageError } from './options.js';
import { operandsOf, plainRunner, type Runner, residentRunner } from './problem.js';
import { type Column, columnFor, digits, header, line, percent } from './table.js';

export interface Comparison {
  readonly name: string;
  /** Which results were right, against float64: what is not is not timed. */
  readonly right: { readonly now: boolean; readonly before: boolean };
  readonly sameBits: boolean;
  readonly now?: Timing;
  readonly before?: Timing;
  /** Time before over time now: how many times as fast it has become. The median of the rounds, and their median distance from it as a part of it. */
  readonly ratio?: number;
  readonly spread?: number;
}

/** Prints a line a case, then what they come to. */
export async function compare(kernels: Kernels, file: string, cases: readonly Case[], options: BenchOptions): Promise<Comparison[]> {
  const old = await loadOther(kernels, file);
  const columns = columnsFor(cases);
  console.log(header(columns));
  const results: Comparison[] = [];
  try {
    for (const c of cases) {
      const result = compareCase(kernels, old, c, options);
      console.log(line(columns, cellsOf(result)));
      results.push(result);
    }
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    const why = `a kernel trapped (${error.message}); are the structs of that file laid out as those of this build?`;
    throw new UsageError(`--against ${file}: ${why}`, { cause: error });
  }
  console.log(`\n${closing(results)}`);
  return results;
}

/** The kernels of another file under this build's TypeScript, if they take what it gives them. */
async function loadOther({ info: { variant } }: Kernels, file: string): Promise<Kernels> {
  if (variant === 'reference') throw new UsageError('--against is of the wasm variants; this is the reference');
  const mine = await readFile(new URL(`../dist/wasm/${variant}.wasm`, import.meta.url));
  try {
    const bytes = await readFile(file);
    const module = new WebAssembly.Module(bytes);
    const theirs = argumentCounts(module);
    for (const [name, count] of argumentCounts(new WebAssembly.Module(mine))) {
      const other = theirs.get(name);
      if (other === undefined) throw new Error(`it has no export '${name}', which this build has`);
      if (other !== count) throw new Error(`its '${name}' takes ${other} arguments, that of this build ${count}`);
    }
    const old = await load({ variant, module });
    if (bytes.equals(mine)) console.log('The files are the same: what differs is noise.\n');
    return old;
  } catch (error) {
    throw new UsageError(`--against ${file}: ${(error as Error).message}`, { cause: error }); // of readFile, of WebAssembly, of `load`, or from here
  }
}

/** Of each exported function; -1 for a number. */
function argumentCounts(module: WebAssembly.Module): Map<string, number> {
  const { exports } = new WebAssembly.Instance(module, { env: { memory: new WebAssembly.Memory({ initial: 1, maximum: 65536 }) } });
  return new Map(Object.entries(exports).map(([name, each]) => [name, typeof each === 'function' ? each.length : -1]));
}

function compareCase(kernels: Kernels, old: Kernels, c: Case, { quick, resident }: BenchOptions): Comparison {
  const operands = operandsOf(c);
  const runners: Runner[] = [];
  try {
    const run = [kernels, old].map((each) => {
      const runner = (resident ? residentRunner : plainRunner)(each, c, operands);
      runners.push(runner);
      return runner.run;
    }) as [now: Runner['run'], before: Runner['run']];
    const [mine, theirs] = run.map((each) => each().data) as [Float32Array, Float32Array];
    const isRight = (data: Float32Array): boolean => check(c, operands, data, quick ? 1e6 : 1e7).right;
    const sameBits = mine.length === theirs.length && mine.every((value, i) => Object.is(value, theirs[i]));
    const now = isRight(mine);
    const right = { now, before: sameBits ? now : isRight(theirs) };
    if (!right.now || !right.before) return { name: c.name, right, sameBits };
    const t = measure({ now: run[0], before: run[1] }, quick ? { time: 80, rounds: 4 } : { time: 800, rounds: 20 });
    const ratios = speedRatios(t.now, t.before);
    const ratio = median(ratios);
    const spread = median(ratios.map((each) => Math.abs(each - ratio))) / ratio;
    return { name: c.name, right, sameBits, now: t.now, before: t.before, ratio, spread };
  } finally {
    for (const { dispose } of runners) dispose();
  }
}

const columnsFor = (cases: readonly Case[]): Column[] => [
  columnFor(
    'case',
    cases.map(({ name }) => name),
  ),
  { title: 'ms', width: 8, align: 'right' },
  { title: 'before', width: 8, align: 'right' },
  { title: 'ratio', width: 7, align: 'right' },
  { title: '±', width: 6, align: 'right' },
  { title: 'bits', width: 9 },
];

function cellsOf({ name, right, sameBits, now, before, ratio, spread }: Comparison): string[] {
  const times =
    now && before && ratio !== undefined && spread !== undefined
      ? [digits(now.median), digits(before.median), `${ratio.toFixed(3)}×`, percent(spread)]
      : [right.now ? '-' : 'WRONG', right.before ? '-' : 'WRONG', '-', '-'];
  return [name, ...times, sameBits ? 'the same' : 'others'];
}

function closing(results: readonly Comparison[]): string {
  const timed = results.flatMap(({ name, ratio }) => (ratio === undefined ? [] : [{ name, ratio }]));
  const others = results.filter(({ sameBits }) => !sameBits).length;
  const bits = others === 0 ? 'the same bits in all' : `other bits in ${others}`;
  const [worst] = [...timed].sort((a, b) => a.ratio - b.ratio);
  if (!worst) return `nothing was timed; ${bits}`;
  const mean = geomean(timed.map(({ ratio }) => ratio)).toFixed(3);
  return `before over now, ${timed.length} cases: geomean ${mean}×, worst ${worst.ratio.toFixed(3)}× (${worst.name}); ${bits}`;
}
