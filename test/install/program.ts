/** The program that every bundler and runtime is given, and what it must report. */
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import table from '../digests/table.json' with { type: 'json' };

export interface Report {
  readonly variant: string;
  /** Of `load({ threads: 2 })`. */
  readonly threads: number;
  readonly threadsReason?: string;
  /** From before the import to the first result. */
  readonly milliseconds: number;
  readonly checks: Readonly<Record<string, unknown>>;
}

/** test/digests as one script, in which `digests.digests` is. */
const [DIGESTS] = buildSync({
  entryPoints: [fileURLToPath(new URL('../digests/digests.ts', import.meta.url))],
  bundle: true,
  format: 'iife',
  globalName: 'digests',
  target: 'es2019', // what webpack 4 reads
  write: false,
}).outputFiles;

const CHECKS = `${DIGESTS?.text}
async function checks({ load, ShapeError }, { convOutputSize }, { fromPyTorch, toOnnx }, started, options) {
  const kernels = await load(options);
  const x = { data: Float32Array.from({ length: 16 }, (_, i) => i + 1), shape: [1, 1, 4, 4] };
  const w = { data: Float32Array.from({ length: 9 }, (_, i) => i + 1), shape: [1, 1, 3, 3] };
  const ones = { data: new Float32Array(4).fill(1), shape: [1, 1, 2, 2] };
  const y = kernels.conv2d(x, w);
  const milliseconds = performance.now() - started;
  let refusal;
  try {
    kernels.tensor([-1]);
  } catch (error) {
    refusal = [error.name, String(error).split(':')[0], error instanceof ShapeError];
  }
  const two = await load({ ...options, threads: 2 });
  const { threads, threadsReason } = two.info;
  const same = options && options.fallback ? undefined : await load({ ...options, deterministic: true });
  const report = {
    variant: kernels.info.variant,
    threads,
    threadsReason,
    milliseconds,
    checks: {
      forward: [...y.data],
      'gradient of the input': [...kernels.conv2d.gradInput(ones, w, x.shape).data],
      'gradient of the weight': [...kernels.conv2d.gradWeight(ones, x, w.shape).data],
      'with two threads': [...two.conv2d(x, w).data],
      'simdconv/arithmetic': convOutputSize(224, 7, { stride: 2, padding: 3 }),
      'simdconv/convert': toOnnx(fromPyTorch({ op: 'Conv2d', kernelSize: 3, padding: 1 })).args.pads,
      'name of an error': refusal,
      ...(same && { 'deterministic bits': digests.digests(same) }),
    },
  };
  if (same) same.dispose();
  two.dispose();
  kernels.dispose();
  return report;
}`;

export const EXPECTED: Report['checks'] = {
  forward: [348, 393, 528, 573],
  'gradient of the input': [1, 3, 5, 3, 5, 12, 16, 9, 11, 24, 28, 15, 7, 15, 17, 9],
  'gradient of the weight': [14, 18, 22, 30, 34, 38, 46, 50, 54],
  'with two threads': [348, 393, 528, 573],
  'simdconv/arithmetic': 112,
  'simdconv/convert': [1, 1, 1, 1],
  'name of an error': ['ShapeError', 'ShapeError', true],
  'deterministic bits': table,
};

/** Prints its report. `options` is what `load` is given. */
export const module = (options = '{}'): string => `${CHECKS}
const started = performance.now();
const main = await import('simdconv');
console.log(JSON.stringify(await checks(main, await import('simdconv/arithmetic'), await import('simdconv/convert'), started, ${options})));
`;

export const commonJs = (options = '{}'): string => `${CHECKS}
const started = performance.now();
checks(require('simdconv'), require('simdconv/arithmetic'), require('simdconv/convert'), started, ${options}).then((report) => console.log(JSON.stringify(report)));
`;

/** For a bundle, whose imports come first: the page sets \`started\`. */
export const bundled = (last: string): string => `import { load, ShapeError } from 'simdconv';
import { convOutputSize } from 'simdconv/arithmetic';
import { fromPyTorch, toOnnx } from 'simdconv/convert';
${CHECKS}
${last}
`;

export const PAGE = bundled(`checks({ load, ShapeError }, { convOutputSize }, { fromPyTorch, toOnnx }, 0, {}).then(
  (report) => { globalThis.report = report; },
  (error) => { globalThis.failure = String(error.stack); },
);`);
