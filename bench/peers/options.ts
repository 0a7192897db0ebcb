import { parseArgs } from 'node:util';
import type { LoadOptions } from '../../src/types.js';
import { oneOf, threadsOf, UsageError, VARIANTS } from '../options.js';

export const HELP = `Usage: npm run bench:peers -- [options]

Times every case of bench/cases.ts beside what else JavaScript has for it, by turns, after the results were compared. All on one thread, if no
more are asked for. The peers are installed into bench/peers on first use. \`npm run bench:report\` makes tables and pictures of the last runs.

  --filter <regexp>   only cases whose name it matches
  --peers <regexp>    only peers whose name it matches
  --list              print the names of the cases and of the peers, and stop
  --quick             few and short rounds: shows that it works, measures little
  --variant <name>    auto (default), relaxed or simd
  --threads <n>       simdconv, onnxruntime-web and onnxruntime-node on n threads. The others stay on one: tfjs-wasm refuses more in Node, jax-js
                      has none there, the rest has none at all
  --json <file>       where the results go (default bench/results/race-node<version>-<variant>.json, with -<n>-threads for more than one)
  --help              print this

Another Node: PATH="<folder of its binary>:$PATH" npm run bench:peers`;

export interface RaceOptions {
  readonly filter: RegExp;
  readonly peers: RegExp;
  readonly variant: NonNullable<LoadOptions['variant']>;
  readonly threads: number;
  readonly json: string | undefined;
  readonly list: boolean;
  readonly quick: boolean;
  readonly help: boolean;
}

export function readArguments(args: readonly string[]): RaceOptions {
  const flag = { type: 'boolean', default: false } as const;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        filter: { type: 'string', default: '' },
        peers: { type: 'string', default: '' },
        variant: { type: 'string', default: 'auto' },
        threads: { type: 'string', default: '1' },
        json: { type: 'string' },
        list: flag,
        quick: flag,
        help: flag,
      },
    });
    const variant = oneOf('--variant', VARIANTS, values.variant);
    const threads = threadsOf(values.threads, 1);
    return { ...values, filter: new RegExp(values.filter), peers: new RegExp(values.peers), variant, threads, json: values.json };
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}
