import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { installedForTests } from './installed.js';
import { installTools, MODULES, run, versionOf } from './packages.js';

installTools();
const installed = installedForTests();

const TEST = `
const { load, loadSync, ShapeError } = require('simdconv');
const { convOutputSize } = require('simdconv/arithmetic');
const { fromPyTorch, toOnnx } = require('simdconv/convert');
require('simdconv/relaxed');
require('simdconv/tfjs');
const core = require('simdconv/core');

const x = { data: Float32Array.from({ length: 16 }, (_, i) => i + 1), shape: [1, 1, 4, 4] };
const w = { data: new Float32Array(9).fill(1), shape: [1, 1, 3, 3] };

test('waiting', async () => {
  const kernels = await load();
  expect(['relaxed', 'simd']).toContain(kernels.info.variant);
  expect(Array.from(kernels.conv2d(x, w).data)).toEqual([54, 63, 90, 99]);
  kernels.dispose();
});
test('at once', () => {
  expect(Array.from(loadSync().conv2d(x, w).data)).toEqual([54, 63, 90, 99]);
  expect(() => loadSync().tensor([-1])).toThrow(ShapeError);
});
test('the other entries', () => {
  expect(convOutputSize(224, 7, { stride: 2, padding: 3 })).toBe(112);
  expect(toOnnx(fromPyTorch({ op: 'Conv2d', kernelSize: 3, padding: 1 })).args.pads).toEqual([1, 1, 1, 1]);
  expect(Array.from(core.loadSync({ variant: 'reference' }).conv2d(x, w).data)).toEqual([54, 63, 90, 99]);
});
`;

describe(`Jest ${versionOf('jest')}, as it comes, a CommonJS test`, () => {
  test.each(['node', 'jsdom'])('in its environment %s', async (environment) => {
    const folder = join(installed.folder, `jest-${environment}`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), '{ "private": true }');
    symlinkSync('../node_modules', join(folder, 'node_modules'));
    writeFileSync(join(folder, 'conv.test.js'), TEST);
    const env = `${MODULES}/jest-environment-${environment}`;
    const command = [process.execPath, `${MODULES}/jest/bin/jest.js`, '--env', env, '--json', '--no-watchman'];
    const { numPassedTests, numTotalTests } = JSON.parse(await run(command, folder)) as Record<string, number>;
    expect({ numPassedTests, numTotalTests }).toEqual({ numPassedTests: 3, numTotalTests: 3 });
  });
});
