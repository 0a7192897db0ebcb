/** `npm start`: the question that the library grew from, answered by running it, and then a network trained with its kernels. */
import { parseArgs } from 'node:util';
import { type LoadOptions, load } from 'simdconv';
import { trainOnDigits } from './mnist/index.js';
import { answerTheQuestion } from './question.js';

const USAGE = `Usage: npm start -- [options]

  --only question|mnist    one of the two parts
  --variant NAME           auto (default), relaxed, simd or reference
  --epochs N               passes over the 9,000 training digits (default 3)
  --seed N                 another split, start and order (default 1)
  --quick                  a small run: two passes over 2,000 digits
  --help                   this text`;

interface Choices {
  readonly only: 'question' | 'mnist' | undefined;
  readonly variant: NonNullable<LoadOptions['variant']>;
  readonly epochs: number;
  readonly seed: number;
  readonly quick: boolean;
  readonly help: boolean;
}

function readChoices(): Choices {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      variant: { type: 'string', default: 'auto' },
      epochs: { type: 'string' },
      seed: { type: 'string', default: '1' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { only, variant, quick, help } = values;
  if (only !== undefined && only !== 'question' && only !== 'mnist') throw new TypeError(`--only is ${only}; expected question or mnist`);
  if (variant !== 'auto' && variant !== 'relaxed' && variant !== 'simd' && variant !== 'reference') {
    throw new TypeError(`--variant is ${variant}; expected auto, relaxed, simd or reference`);
  }
  return {
    only,
    variant,
    quick,
    help,
    epochs: count('epochs', values.epochs ?? (quick ? '2' : '3'), 1),
    seed: count('seed', values.seed, 0),
  };
}

function count(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < least)
    throw new TypeError(`--${name} is ${text}; expected a whole number from ${least}`);
  return value;
}

async function main({ only, variant, ...run }: Choices): Promise<boolean> {
  const kernels = await load({ variant, threads: 'auto' });
  const { info } = kernels;
  const threads =
    info.threads === 1 ? `one thread${info.threadsReason === undefined ? '' : ` (${info.threadsReason})`}` : `${info.threads} threads`;
  console.log(`simdconv ${info.version}, variant ${info.variant}, ${threads}, Node ${process.version}`);
  let good = true;
  if (only !== 'mnist') {
    const reference = await load({ variant: 'reference' });
    good = answerTheQuestion([kernels, reference]);
    reference.dispose();
  }
  if (only !== 'question') good = trainOnDigits(kernels, run) && good;
  kernels.dispose();
  return good;
}

function fail(error: unknown): never {
  console.error(`${(error as Error).message}\n\n${USAGE}`);
  process.exit(2);
}

let choices: Choices;
try {
  choices = readChoices();
} catch (error) {
  fail(error);
}
if (choices.help) console.log(USAGE);
else process.exitCode = (await main(choices)) ? 0 : 1;
