import { parseArgs } from 'node:util';
import type { Layout, LoadOptions } from 'simdconv';
import { MOST_THREADS } from '../src/threads/limits.js';

export const HELP = `Usage: npm run bench -- [options]

Times every case of bench/cases.ts, after its result was checked against float64. On one thread, if nothing else is asked for.

  --filter <regexp>   only cases whose name it matches
  --list              print the names of the cases, and stop
  --quick             a tenth of the time
  --variant <name>    auto (default), relaxed, simd or reference
  --layout <name>     every layer in channels-first or channels-last
  --resident          tensors in the kernels' memory and a plan, instead of plain arrays
  --against <file>    this build beside another .wasm of the same variant, by turns in one process: bits compared, then times. It runs under
                      this build's TypeScript. So it must have the same exports, and the same layout of structs, as far as they are used
  --threads <n>       n threads beside one, by turns in one process: bits compared, then times; at the end all cases, and those above 20 MFLOP alone
  --json <file>       write the results there too
  --figures           the project's own yardsticks instead: the micro-kernel, GEMM and a 3x3 conv side by side, sizes, start
  --help              print this`;

export interface BenchOptions {
  readonly filter: RegExp;
  readonly variant: NonNullable<LoadOptions['variant']>;
  readonly layout: Layout | undefined;
  readonly against: string | undefined;
  readonly threads: number | undefined;
  readonly json: string | undefined;
  readonly list: boolean;
  readonly quick: boolean;
  readonly resident: boolean;
  readonly figures: boolean;
  readonly help: boolean;
}

export const VARIANTS = ['auto', 'relaxed', 'simd', 'reference'] as const;
export const LAYOUTS = ['channels-first', 'channels-last'] as const;

/** The run was asked for in a way that cannot be; the message says what to change. */
export class UsageError extends Error {}

export function readArguments(args: readonly string[]): BenchOptions {
  try {
    return read(args);
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error }); // of parseArgs, RegExp or oneOf
  }
}

function read(args: readonly string[]): BenchOptions {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      filter: { type: 'string', default: '' },
      variant: { type: 'string', default: 'auto' },
      layout: { type: 'string' },
      against: { type: 'string' },
      threads: { type: 'string' },
      json: { type: 'string' },
      list: flag,
      quick: flag,
      resident: flag,
      figures: flag,
      help: flag,
    },
  });
  if (values.figures && values.against !== undefined) throw new Error('--figures are of this build alone; --against is not for them');
  if (values.threads !== undefined && (values.figures || values.against !== undefined)) {
    throw new Error(`--${values.figures ? 'figures' : 'against'} is of one thread; --threads is not for it`);
  }
  return {
    ...values,
    filter: new RegExp(values.filter),
    variant: oneOf('--variant', VARIANTS, values.variant),
    layout: values.layout === undefined ? undefined : oneOf('--layout', LAYOUTS, values.layout),
    against: values.against,
    threads: values.threads === undefined ? undefined : threadsOf(values.threads, 2),
    json: values.json,
  };
}

export function oneOf<T extends string>(name: string, known: readonly T[], value: string): T {
  const found = known.find((each) => each === value);
  if (found === undefined) throw new Error(`${name} is '${value}'; expected ${known.join(', ')}`);
  return found;
}

/** How many threads of `load`, `least` or more. */
export function threadsOf(value: string, least: number): number {
  const count = Number(value);
  if (!/^\d+$/.test(value) || count < least || count > MOST_THREADS)
    throw new Error(`--threads is '${value}'; expected a whole number from ${least} to ${MOST_THREADS}`);
  return count;
}
