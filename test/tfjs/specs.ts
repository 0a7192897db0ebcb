/**
 * Runs tfjs-core's own specs of what is computed here, which ship in its package, on one of its backends in Node:
 *
 *   npx tsx test/tfjs/specs.ts wasm [--accelerate] [--threads] [--failures]
 *
 * Plain cpu passes all of them; plain wasm fails where it has no gradients of convolutions, no NCHW, only biases of rank 1, and no complex numbers.
 */
import { fork } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { HERE, installTfjs, MODULES } from './packages.js';
import type { Settings } from './settings.js';

export interface SpecResult {
  readonly name: string;
  readonly status: string;
  readonly error: string | undefined;
}

const FILES = [
  'conv1d',
  'conv2d',
  'conv2d_transpose',
  'conv2d_separable',
  'depthwise_conv2d',
  'conv3d',
  'conv3d_transpose',
  'mat_mul',
  'fused/fused_conv2d',
  'fused/fused_depthwise_conv2d',
  'fused/fused_mat_mul',
  'add',
  'arithmetic',
  'batchnorm',
  'binary_ops',
  'clip_by_value',
  'leaky_relu',
  'mean',
  'moments',
  'pad',
  'relu',
  'relu6',
  'step',
  'sub',
  'sum',
];

/** Specs that an accelerated backend cannot pass, by their name without the backend's, with the reason. */
export const CANNOT_PASS: Readonly<Record<string, { readonly reason: string; readonly error: string }>> = {
  'depthwiseConv2d gradients throws error on dilations > 1': {
    reason: 'it demands that tf.grad refuses a dilated depthwise convolution, which has a gradient here',
    error: 'Expected function to throw an Error.',
  },
};

export const withoutBackend = (name: string, backend: string): string => name.replace(` ${backend} {}`, '');

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BUNDLE = `${ROOT}build/tfjs/specs.cjs`;

/** On several threads the heap of the backend, which is 'wasm', is theirs. */
export async function runSpecs(backend: Settings['backend'], accelerated: boolean, threads = 1): Promise<SpecResult[]> {
  installTfjs();
  await bundle();
  const settings: Settings = {
    backend,
    threads,
    wasmFolder: `${MODULES}/@tensorflow/tfjs-backend-wasm/dist/`,
    ...(accelerated ? { adapter: pathToFileURL(`${ROOT}dist/tfjs/index.js`).href } : {}),
  };
  return new Promise((resolve, reject) => {
    let results: SpecResult[] | undefined;
    const child = fork(BUNDLE, [JSON.stringify(settings)]);
    child.on('message', (message) => {
      results = message as SpecResult[];
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (results) resolve(results);
      else reject(new Error(`the specs on ${backend} gave no results; exit code ${code}`));
    });
  });
}

/** One file, so that the specs, the backends and the adapter meet the same tfjs-core. */
async function bundle(): Promise<void> {
  await mkdir(`${ROOT}build/tfjs`, { recursive: true });
  const specs = FILES.map((file) => `@tensorflow/tfjs-core/dist/ops/${file}_test.js`);
  await build({
    stdin: { contents: ['./environment.ts', ...specs, './execute.ts'].map((file) => `import '${file}';`).join('\n'), resolveDir: HERE },
    outfile: BUNDLE,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    mainFields: ['module', 'main'],
    ignoreAnnotations: true, // tfjs-core calls its specs free of side effects
    logLevel: 'error',
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [backend = 'wasm', ...flags] = process.argv.slice(2);
  const results = await runSpecs(backend as Settings['backend'], flags.includes('--accelerate'), flags.includes('--threads') ? 2 : 1);
  const failed = results.filter(({ status }) => status !== 'passed');
  if (flags.includes('--failures')) {
    for (const { name, status, error = '' } of failed) {
      const { reason } = CANNOT_PASS[withoutBackend(name, backend)] ?? {};
      console.log(`${status} ${name}\n    ${error.split('\n')[0]?.slice(0, 160)}${reason ? `\n    accelerated, ${reason}` : ''}`);
    }
  }
  console.log(`${backend}: ${results.length - failed.length} of ${results.length} specs pass`);
}
