/** `npm run example:tfjs`: what simdconv/tfjs does for real models of TensorFlow.js. */
import { parseArgs } from 'node:util';
import type { NetworkName } from './networks.js';
import { installPackages } from './packages.js';

const USAGE = `Usage: npm run example:tfjs -- [train|upscale|faces|threads|kernels] [options]

  train        a network, an autoencoder and a separable network learn digits
  upscale      a super-resolution model doubles a picture
  faces        a face detector, and a layers-style MobileNetV2
  threads      four models, on one thread and on as many as there are cores
  kernels      each kernel that is replaced, by itself, on calls from tiny to large
               (none of them: the first three, one after another)
  --only NAME  train one network: cnn, autoencoder or separable
  --seed N     of training (default 1)
  --quick      small runs that measure nothing
  --help       this text`;

const MODELS = ['train', 'upscale', 'faces'] as const;
const PARTS = [...MODELS, 'threads', 'kernels'] as const;
type Part = (typeof PARTS)[number];

interface Choices {
  readonly parts: readonly Part[];
  readonly only: NetworkName | undefined;
  readonly seed: number;
  readonly quick: boolean;
  readonly help: boolean;
}

function readChoices(): Choices {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: 'string' },
      seed: { type: 'string', default: '1' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { only, seed, quick, help } = values;
  if (only !== undefined && only !== 'cnn' && only !== 'autoencoder' && only !== 'separable')
    throw new TypeError(`--only is ${only}; expected cnn, autoencoder or separable`);
  if (!/^\d{1,9}$/.test(seed)) throw new TypeError(`--seed is ${seed}; expected a whole number from 0`);
  const unknown = positionals.find((part) => !(PARTS as readonly string[]).includes(part));
  if (unknown !== undefined) throw new TypeError(`${unknown} is not one of the examples`);
  return { parts: positionals.length ? (positionals as Part[]) : MODELS, only, seed: Number(seed), quick, help };
}

async function main({ parts, ...run }: Choices): Promise<boolean> {
  installPackages();
  const { makeHeapShared, tf } = await import('./tfjs.js');
  console.log(`Node ${process.version}, TensorFlow.js ${tf.version['tfjs-core']}`);
  if (parts.includes('threads')) makeHeapShared();
  let good = true;
  for (const part of parts) {
    if (part === 'train') good = (await (await import('./train.js')).train(run)) && good;
    if (part === 'upscale') good = (await (await import('./upscale.js')).upscale(run)) && good;
    if (part === 'faces') good = (await (await import('./faces.js')).findFaces(run)) && good;
    if (part === 'threads') good = (await (await import('./threads.js')).onThreads(run)) && good;
    if (part === 'kernels') good = (await (await import('./kernels.js')).raceKernels(run)) && good;
  }
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
else {
  try {
    process.exitCode = (await main(choices)) ? 0 : 1;
  } catch (error) {
    console.error(error); // here: tfjs's wasm module throws anew what nobody caught, and shows its whole source
    process.exitCode = 1;
  }
}
