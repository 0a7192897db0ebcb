import { statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bundleOf } from '../project/sizes.js';
import { installedForTests } from './installed.js';

const installed = installedForTests();

/** Bytes: those of 27 November 2026, with Winograd for every shape and Fourier transforms (1.4 kB of a build, 0.7 kB around it). What grows past them by more than a fiftieth is said here anew, on purpose. */
const BUDGET = {
  'load and matmul': 36_092,
  'and the relaxed build': 72_050,
  'and all that may be fetched': 117_800,
  'loadSync and matmul': 80_931,
  'simdconv/core': 35_665,
  'simdconv/arithmetic': 7_913,
  'simdconv/tfjs': 38_567,
  tarball: 365_240,
};
const ROOM = 1.02;

function within(name: keyof typeof BUDGET, bytes: number): void {
  console.log(`${name}: ${bytes} bytes of ${Math.floor(BUDGET[name] * ROOM)}`);
  expect(bytes).toBeLessThanOrEqual(BUDGET[name] * ROOM);
}

const eagerOf = async (names: string, entry: string): Promise<number> =>
  (await bundleOf(`import { ${names} } from '${entry}'; globalThis.used = { ${names} };`, installed.folder)).eager.gzip;

describe('sizes, gzipped', () => {
  test('a bundle of load and matmul, and what it fetches', async () => {
    const contents = `import { load } from 'simdconv'; const { matmul } = await load(); globalThis.matmul = matmul;`;
    const { eager, later } = await bundleOf(contents, installed.folder);
    within('load and matmul', eager.gzip);
    within('and the relaxed build', eager.gzip + (later.relaxed?.gzip ?? Number.NaN));
    within(
      'and all that may be fetched',
      Object.values(later).reduce((sum, { gzip }) => sum + gzip, eager.gzip),
    );
  });

  test('a bundle of loadSync and matmul', async () => {
    const contents = `import { loadSync } from 'simdconv'; const { matmul } = loadSync(); globalThis.matmul = matmul;`;
    within('loadSync and matmul', (await bundleOf(contents, installed.folder)).eager.gzip);
  });

  test('a bundle of simdconv/core, which has no build', async () => within('simdconv/core', await eagerOf('load', 'simdconv/core')));
  test('a bundle of simdconv/arithmetic', async () => within('simdconv/arithmetic', await eagerOf('convMatrix', 'simdconv/arithmetic')));
  test('a bundle of simdconv/tfjs', async () => within('simdconv/tfjs', await eagerOf('accelerate', 'simdconv/tfjs')));
  test('the tarball', () => within('tarball', statSync(installed.tarball).size));
});
