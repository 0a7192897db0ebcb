/**
 * `npm run build`: makes what is missing, or older than what it is made of, as many things at a time as there are processors.
 *
 *   kernels (simd, relaxed) ─┐
 *   worker ──────────────────┴─ modules, types, CommonJS
 *   kernels (debug, tiny)
 */
import { spawn } from 'node:child_process';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import pLimit from 'p-limit';
import { SHIPPED, TARGETS } from './targets.js';

const HELP = `Usage: npm run build -- [options]

  --for <what>   start: what examples and benchmarks need; all (default): what tests and the package need
  --force        everything anew, in an empty dist
  --help         this text`;

interface Task {
  readonly name: string;
  readonly command: readonly string[];
  /** Files and folders. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Names of those that come first. */
  readonly after: readonly string[];
  /** On two cores of an AMD EPYC. */
  readonly seconds: number;
}

const GENERATED = 'src/wasm/generated';
const tsx = (script: string, ...args: string[]): string[] => ['--import', 'tsx', `scripts/${script}.ts`, ...args];
const wasm = (target: string): Task => {
  const ships = SHIPPED.includes(target);
  return {
    name: `${target} kernels`,
    command: tsx('build-wasm', target),
    inputs: [
      'assembly',
      'asconfig.json',
      'package-lock.json',
      'scripts/build-wasm.ts',
      'scripts/calls.ts',
      'scripts/encode.ts',
      'scripts/layout.ts',
      'src/wasm/decode.ts',
    ],
    outputs: [`build/${target}.wasm`, ...(ships ? [`${GENERATED}/${target}.ts`, `dist/wasm/${target}.wasm`] : [])],
    after: [],
    seconds: SECONDS[target] ?? 0,
  };
};
const SECONDS: Readonly<Record<string, number>> = { debug: 5, tiny: 8, simd: 8, relaxed: 8 };
const SOURCES = ['src', 'package.json'];
const kernels = SHIPPED.map((target) => `${target} kernels`);

const TASKS: readonly Task[] = [
  ...TARGETS.map(wasm).sort((a, b) => b.seconds - a.seconds),
  {
    name: 'worker',
    command: tsx('build-worker'),
    inputs: ['src/threads/worker.ts', 'src/threads/control.ts', 'src/threads/limits.ts', 'scripts/build-worker.ts'],
    outputs: ['dist/worker.js', 'src/threads/generated/worker.ts'],
    after: [],
    seconds: 1,
  },
  {
    name: 'modules',
    command: tsx('build-modules'),
    inputs: [...SOURCES, 'scripts/build-modules.ts'],
    outputs: ['dist/index.js', 'dist/cli.js'],
    after: [...kernels, 'worker'],
    seconds: 1,
  },
  {
    name: 'types',
    command: tsx('build-types'),
    inputs: [...SOURCES, 'tsconfig.json', 'tsconfig.build.json', 'scripts/build-types.ts'],
    outputs: ['dist/index.d.ts', 'dist/cjs/index.d.ts'],
    after: [...kernels, 'worker'],
    seconds: 3,
  },
  {
    name: 'CommonJS',
    command: tsx('build-commonjs'),
    inputs: [...SOURCES, 'scripts/build-commonjs.ts'],
    outputs: ['dist/cjs/index.js'],
    after: [...kernels, 'worker'],
    seconds: 1,
  },
];
const FOR: Readonly<Record<string, readonly string[]>> = { start: [...kernels, 'worker', 'modules'], all: TASKS.map(({ name }) => name) };

/** When a file, or the newest of a folder, was written; `missing` where it is not there. */
function time(path: string, missing: number): number {
  let stat: ReturnType<typeof statSync>;
  try {
    stat = statSync(path);
  } catch {
    return missing;
  }
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => time(join(path, name), missing)));
}

const isStale = ({ inputs, outputs }: Task): boolean =>
  Math.max(...inputs.map((path) => time(path, 0))) > Math.min(...outputs.map((path) => time(path, -1)));

/** Everything that the stale ones are made of is newer then: what comes after one is made too. */
function staleOf(tasks: readonly Task[], force: boolean): Task[] {
  const stale: Task[] = [];
  for (const task of tasks) {
    const follows = stale.some(({ name }) => task.after.includes(name));
    if (force || follows || isStale(task)) stale.push(task);
  }
  return stale;
}

/** Throws what it has printed, if it fails. */
const run = ({ name, command }: Task): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
    const printed: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => printed.push(text));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${name} failed\n${printed.join('')}`))));
  });

async function make(tasks: readonly Task[]): Promise<void> {
  const processors = availableParallelism();
  const seconds = tasks.reduce((sum, task) => sum + task.seconds, 0) / Math.min(processors, 2);
  console.log(`Building ${tasks.length} of ${TASKS.length} parts, about ${Math.ceil(seconds)} s`);
  const bar = new SingleBar({ format: '{bar} {value}/{total} {name}', barsize: 20, hideCursor: true, gracefulExit: true });
  const shown = process.stdout.isTTY === true;
  if (shown) bar.start(tasks.length, 0, { name: '' });
  const limit = pLimit(processors);
  const done = new Map<string, Promise<void>>();
  for (const task of tasks) {
    const inTurn = async (): Promise<void> => {
      await Promise.all(task.after.map((name) => done.get(name)));
      await limit(() => run(task));
      if (shown) bar.increment(1, { name: task.name });
      else console.log(`  ${task.name}`);
    };
    done.set(task.name, inTurn());
  }
  try {
    await Promise.all(done.values());
  } finally {
    limit.clearQueue();
    if (shown) bar.stop();
  }
}

async function main(): Promise<void> {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({ options: { for: { type: 'string', default: 'all' }, force: flag, help: flag } });
  const names = FOR[values.for];
  if (!names) throw new TypeError(`--for is ${values.for}; expected ${Object.keys(FOR).join(' or ')}`);
  if (values.help) {
    console.log(HELP);
    return;
  }
  const stale = staleOf(
    TASKS.filter(({ name }) => names.includes(name)),
    values.force,
  );
  // Else what is made no longer would be packed too.
  if (values.force) rmSync('dist', { recursive: true, force: true });
  if (stale.length > 0) await make(stale);
}

await main().catch((error: Error) => {
  console.error(`build: ${error.message}`);
  process.exitCode = 1;
});
