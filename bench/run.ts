/** `npm run bench`: checks, then times, each case through the public API of the built package. */
import { writeFile } from 'node:fs/promises';
import type { Kernels } from 'simdconv';
import { compareWithFile } from './against.js';
import { allCases, type Case } from './cases.js';
import { check, type Verdict } from './check.js';
import { figures } from './figures.js';
import { loadOn } from './load.js';
import { describeMachine, machine } from './machine.js';
import { measure, type Timing } from './measure.js';
import { type BenchOptions, HELP, readArguments, UsageError } from './options.js';
import { operandsOf, plainRunner, residentRunner } from './problem.js';
import { type Column, columnFor, digits, header, line, percent } from './table.js';
import { compareWithOne } from './threads.js';

interface Result extends Case {
  readonly resident: boolean;
  readonly algorithm: string | undefined;
  readonly error: Verdict;
  /** Absent where the result was wrong: that is not timed. */
  readonly gflops?: number;
  readonly timing?: Timing;
}

async function main(args: readonly string[]): Promise<number> {
  const options = readArguments(args);
  const cases = allCases(options.layout).filter(({ name }) => options.filter.test(name));
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  if (options.list) {
    const columns = [columnFor('case', cases.map(nameOf)), columnFor('MMAC', ['10000.000'], 'right')];
    console.log([header(columns), ...cases.map(({ name, macs }) => line(columns, [name, (macs / 1e6).toFixed(3)]))].join('\n'));
    return 0;
  }
  const kernels = await loadOn(options);
  const about = machine(kernels.info);
  console.log(`${describeMachine(about)}\n`);
  if (options.figures) {
    const results = await figures(kernels, options.quick);
    await save(options, { machine: about, figures: results });
    return 0;
  }
  if (cases.length === 0) throw new UsageError(`--filter ${options.filter} matches no case; --list prints them`);
  if (options.against !== undefined || options.threads !== undefined) {
    const { against, resident } = options;
    const results =
      against === undefined ? await compareWithOne(kernels, cases, options) : await compareWithFile(kernels, against, cases, options);
    await save(options, { machine: about, against, resident, results });
    return results.every(({ right }) => right.ours && right.other) ? 0 : 1;
  }

  const columns = resultColumns(cases);
  console.log(header(columns));
  const results: Result[] = [];
  for (const c of cases) {
    const result = runCase(kernels, c, options);
    console.log(line(columns, cellsOf(result)));
    results.push(result);
  }
  await save(options, { machine: about, resident: options.resident, results });
  const wrong = results.filter(({ error }) => !error.right);
  if (wrong.length > 0) console.error(`\nwrong, and not timed: ${wrong.map(nameOf).join(', ')}`);
  return wrong.length > 0 ? 1 : 0;
}

function runCase(kernels: Kernels, c: Case, { quick, resident }: BenchOptions): Result {
  const operands = operandsOf(c);
  const { run, algorithm, dispose } = (resident ? residentRunner : plainRunner)(kernels, c, operands);
  try {
    const error = check(c, operands, run().data, quick ? 1e6 : 1e7);
    const result = { ...c, resident, algorithm, error };
    if (!error.right) return result;
    const { timing } = measure({ timing: run }, { time: quick ? 40 : 400, rounds: 1 });
    return { ...result, gflops: (2 * c.macs) / (timing.median * 1e6), timing };
  } finally {
    dispose();
  }
}

const nameOf = ({ name }: Case): string => name;

const resultColumns = (cases: readonly Case[]): Column[] => [
  columnFor('case', cases.map(nameOf)),
  { title: 'GFLOP/s', width: 8, align: 'right' },
  { title: 'ms', width: 8, align: 'right' },
  { title: '±', width: 6, align: 'right' },
  { title: 'error', width: 7, align: 'right' },
  { title: 'of bound', width: 8, align: 'right' },
  { title: 'algorithm', width: 9 },
];

function cellsOf({ name, gflops, timing, error, algorithm = '-' }: Result): string[] {
  const speed = gflops === undefined || !timing ? ['WRONG', '-', '-'] : [digits(gflops), digits(timing.median), percent(timing.spread)];
  return [name, ...speed, error.relative.toExponential(1), percent(error.ofBound), algorithm];
}

async function save({ json }: BenchOptions, content: object): Promise<void> {
  if (json === undefined) return;
  await writeFile(json, `${JSON.stringify(content, null, 2)}\n`);
  console.log(`\nwritten: ${json}`);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`bench: ${error.message}`);
  process.exitCode = 2;
}
