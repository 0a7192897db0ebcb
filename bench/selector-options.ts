import { parseArgs } from 'node:util';
import type { Layout, LoadOptions } from 'simdconv';
import { LAYOUTS, oneOf, UsageError, VARIANTS } from './options.js';

export const HELP = `Usage: npm run bench:selector -- [options]

Times every algorithm that fits the layers of bench/selector-layers.ts, after its result was checked, and prints the regret of 'auto':
the time of what it chooses over that of the fastest.

  --filter <regexp>   only layers whose name it matches
  --layout <name>     only channels-first or channels-last
  --part <i>/<n>      the i-th of n parts, each with layers of all kinds
  --quick             few turns: for a look, or a test
  --variant <name>    auto (default), relaxed or simd
  --json <file>       write the times there too
  --from <file>       the times of an earlier run instead of new ones; may be given several times
  --propose           fit the constants of the choice to the times and print them
  --help              print this`;

export interface SelectorOptions {
  readonly filter: RegExp;
  readonly layout: Layout | undefined;
  /** Counted from one. */
  readonly part: readonly [index: number, parts: number];
  readonly variant: NonNullable<LoadOptions['variant']>;
  readonly json: string | undefined;
  readonly from: readonly string[];
  readonly quick: boolean;
  readonly propose: boolean;
  readonly help: boolean;
}

export function readArguments(args: readonly string[]): SelectorOptions {
  try {
    return read(args);
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function read(args: readonly string[]): SelectorOptions {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      filter: { type: 'string', default: '' },
      layout: { type: 'string' },
      part: { type: 'string', default: '1/1' },
      variant: { type: 'string', default: 'auto' },
      json: { type: 'string' },
      from: { type: 'string', multiple: true, default: [] },
      quick: flag,
      propose: flag,
      help: flag,
    },
  });
  return {
    ...values,
    filter: new RegExp(values.filter),
    layout: values.layout === undefined ? undefined : oneOf('--layout', LAYOUTS, values.layout),
    part: partOf(values.part),
    variant: oneOf(
      '--variant',
      VARIANTS.filter((name) => name !== 'reference'),
      values.variant,
    ),
    json: values.json,
  };
}

function partOf(text: string): [number, number] {
  const [, index = 0, parts = 0] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (index < 1 || index > parts) throw new Error(`--part is '${text}'; expected e.g. 1/4`);
  return [index, parts];
}
