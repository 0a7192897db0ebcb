/** `npm run bench:selector`: what the choice of 'auto' loses against the fastest algorithm, over the layers of many networks. */
import { readFile, writeFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { Presets, SingleBar } from 'cli-progress';
import { type Kernels, load } from 'simdconv';
import { describeMachine, type Machine, machine } from './machine.js';
import { UsageError } from './options.js';
import { NET_LAYERS } from './selector-layers.js';
import { HELP, readArguments, type SelectorOptions } from './selector-options.js';
import { chosen, type Problem, problemsOf } from './selector-problems.js';
import { propose, tableOf } from './selector-propose.js';
import { regretOf, regretTable } from './selector-regret.js';
import { type Timed, type Times, timeProblems } from './selector-times.js';
import { digits } from './table.js';

/** What `--json` writes and `--from` reads. */
interface Saved {
  readonly machine: Machine;
  readonly times: Readonly<Record<string, Times>>;
}

async function main(args: readonly string[]): Promise<void> {
  const options = readArguments(args);
  if (options.help) {
    console.log(HELP);
    return;
  }
  const { machine: about, timed } = options.from.length > 0 ? await readTimes(options) : await measureTimes(options);
  console.log(`${describeMachine(about)}\n`);
  console.log(regretTable(timed.map((each) => regretOf(each, chosen(each.problem, 'auto', about.variant === 'relaxed') ?? 'gemm'))));
  if (options.propose) {
    const { prices, regret } = propose(timed, about.variant === 'relaxed');
    console.log(
      `\nproposed for src/wasm/prices.ts, with a regret of ${digits(regret.geomean, 4)}, 99 % ${digits(regret.high)}, worst ${digits(regret.worst)}:\n`,
    );
    console.log(tableOf(prices));
  }
  if (options.json === undefined) return;
  const times = Object.fromEntries(timed.map(({ problem, times }) => [problem.name, times]));
  await writeFile(options.json, `${JSON.stringify({ machine: about, times } satisfies Saved, null, 1)}\n`);
  console.log(`\nwritten: ${options.json}`);
}

/** The index-th part of --part takes every so many-th layer, so that each part is of all kinds. */
function problemSets({ filter, layout, part: [index, parts] }: SelectorOptions): Problem[][] {
  const sets = NET_LAYERS.flatMap((layer, at) => (filter.test(layer.name) && at % parts === index - 1 ? problemsOf(layer, at) : [])).filter(
    ([first]) => first && (layout === undefined || layout === (first.c.options.layout ?? 'channels-first')),
  );
  if (sets.length === 0) throw new UsageError(`--filter ${filter} and --part ${index}/${parts} leave no layer of bench/selector-layers.ts`);
  return sets;
}

async function measureTimes(options: SelectorOptions): Promise<{ machine: Machine; timed: Timed[] }> {
  const sets = problemSets(options);
  // Every kernel by the compiler that V8 ends with: one that few of the layers call would be timed as the first one made it, at a third of its speed.
  setFlagsFromString('--no-wasm-dynamic-tiering');
  const kernels = await load({ variant: options.variant });
  warm(kernels, options);
  const bar = new SingleBar({ format: '{bar} {value}/{total} {name}, {eta_formatted} left' }, Presets.shades_classic);
  bar.start(sets.length, 0, { name: '' });
  const timed: Timed[] = [];
  try {
    for (const set of sets) {
      bar.increment({ name: set[0]?.c.name ?? '' });
      timed.push(...timeProblems(kernels, set, options.quick));
    }
  } finally {
    bar.stop();
  }
  return { machine: machine(kernels.info), timed };
}

/** Until V8 has compiled every kernel in earnest. */
function warm(kernels: Kernels, { quick }: SelectorOptions): void {
  const end = performance.now() + (quick ? WARM / 8 : WARM);
  const small = NET_LAYERS.filter(({ input }) => input.reduce((product, size) => product * size, 1) < 2 ** 15);
  for (let at = 0; performance.now() < end; at = (at + 17) % small.length) {
    const layer = small[at];
    if (layer) for (const set of problemsOf(layer, at)) timeProblems(kernels, set, true);
  }
}

const WARM = 4000;

/** Times of earlier runs, of the problems that there are now. */
async function readTimes(options: SelectorOptions): Promise<{ machine: Machine; timed: Timed[] }> {
  const files = await Promise.all(options.from.map(readSaved));
  const [first] = files as [Saved];
  const known = new Map(files.flatMap(({ times }) => Object.entries(times)));
  const problems = problemSets(options).flat();
  const timed = problems.flatMap((problem) => {
    const times = known.get(problem.name);
    return times ? [{ problem, times }] : [];
  });
  return { machine: first.machine, timed };
}

async function readSaved(file: string): Promise<Saved> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Saved;
  } catch (error) {
    throw new UsageError(`--from ${file}: ${(error as Error).message}`, { cause: error });
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`bench: ${error.message}`);
  process.exitCode = 2;
}
