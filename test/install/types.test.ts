import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { installedForTests } from './installed.js';
import { installTools, MODULES, run, versionOf } from './packages.js';

installTools();
const installed = installedForTests();

const PROGRAM = `
import { type Kernels, load, loadSync, OptionError, type ResidentTensor, type Tensor } from 'simdconv';
import { convOutputSize } from 'simdconv/arithmetic';
import { fromPyTorch, type Spec, toKeras } from 'simdconv/convert';
import { load as loadCore } from 'simdconv/core';
import 'simdconv/relaxed';
import { type Acceleration, accelerate, type TensorFlow } from 'simdconv/tfjs';

export const kernels: Promise<Kernels> = load({ threads: 2 });
export const core: Promise<Kernels> = loadCore({ variant: 'reference' });
export const size: number = convOutputSize(224, 7, { stride: 2, padding: 3 });
export const spec: Spec = fromPyTorch({ op: 'Conv2d', kernelSize: 3 });
export const possible: boolean = 'op' in toKeras(spec);
export const use = (tf: TensorFlow): Promise<Acceleration> => accelerate(tf, { backend: 'wasm' });
export const { op }: OptionError = new OptionError('op', 'detail');
export function grads(x: Tensor, w: Tensor): Tensor {
  const { conv2d, tensor } = loadSync();
  const kept: ResidentTensor = tensor([1]);
  kept.dispose();
  return conv2d.backward(x, x, w, { padding: 'same' }).gradWeight;
}
// @ts-expect-error
load({ variant: 'fast' });
`;
const WASM = `
import module from 'simdconv/wasm/simd.wasm';
export const given = load({ module });
`;
const USING = `
export function last(): number | undefined {
  using kernels = loadSync();
  using x = kernels.tensor([1]);
  return x.data[0];
}
`;

/** Those that a version has. */
const RESOLUTIONS: Readonly<Record<string, { module: string; until?: number }>> = {
  node10: { module: 'commonjs', until: 6 },
  node16: { module: 'node16' },
  nodenext: { module: 'nodenext' },
  bundler: { module: 'esnext' },
};

describe.each(['5.0', '5.2', '5.4', '5.7', '5.9', '7.0'])('TypeScript %s: strict, its own library of 2020 alone', (version) => {
  const number = Number(version);
  describe.each(Object.entries(RESOLUTIONS).filter(([, { until = 9 }]) => number < until))('resolution %s', (resolution, { module }) => {
    test.each(['mts', 'cts'])('from a file .%s', async (extension) => {
      const folder = join(installed.folder, `types-${version}`);
      mkdirSync(folder, { recursive: true });
      const file = join(folder, `${resolution}.${extension}`);
      writeFileSync(file, PROGRAM + WASM + (number >= 5.2 ? USING : ''));
      const types = { strict: true, noEmit: true, skipLibCheck: false, lib: ['es2020'], target: 'es2020', types: [] };
      const config = join(folder, `${resolution}.${extension}.json`);
      writeFileSync(config, JSON.stringify({ compilerOptions: { ...types, module, moduleResolution: resolution }, files: [file] }));
      await run([process.execPath, `${MODULES}/typescript-${version}/bin/tsc`, '-p', config], folder);
    });
  });
  test('is the version that it says', () => expect(versionOf(`typescript-${version}`)).toMatch(version));
});
