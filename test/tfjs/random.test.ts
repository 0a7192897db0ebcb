import { describe, expect, test } from 'vitest';
import { accelerate } from '../../src/tfjs/index.js';
import { cases } from './cases.js';
import { comparison } from './compare.js';
import { guardHeap, tf } from './tfjs.js';

await tf.setBackend('cpu');
const CASES = cases(1, 600).map((c) => [c.name, comparison(tf, c)] as const);

for (const backend of ['cpu', 'wasm'] as const) {
  describe(`accelerated ${backend} computes what plain cpu does`, async () => {
    await tf.setBackend(backend);
    test.each(CASES)('%s', async (_, compare) => {
      await enter(backend);
      compare(1);
      compare(3);
      guards[backend]?.();
    });
  });
}

const guards: { [backend: string]: () => void } = {};
let entered = '';

/** The backend, accelerated, its heap between guard bands. */
async function enter(backend: 'cpu' | 'wasm'): Promise<void> {
  if (entered === backend) return;
  entered = backend;
  await tf.setBackend(backend);
  if (backend === 'wasm') guards.wasm = guardHeap();
  const { info } = await accelerate(tf, { backend });
  expect(info).toMatchObject({ backend, inPlace: backend === 'wasm' });
}
