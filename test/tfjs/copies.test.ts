/** Kernels that only move elements give what plain cpu does, to the bit, between guard bands. */
import { expect, test } from 'vitest';
import { accelerate } from '../../src/tfjs/index.js';
import { copyCases } from './cases.js';
import { attempt } from './compare.js';
import { guardHeap, tf } from './tfjs.js';

const CASES = copyCases(3, 500);

await tf.setBackend('cpu');
const plain = CASES.map((c) => attempt(tf, c));

test.each(['in place', 'its memory hidden'])('accelerated wasm, %s', async (way) => {
  await tf.setBackend('wasm');
  const check = guardHeap();
  const { wasm } = tf.backend() as unknown as { wasm: { asm: unknown } };
  const { asm } = wasm;
  if (way !== 'in place') wasm.asm = { ...(asm as object), memory: undefined };
  await accelerate(tf);
  let compared = 0;
  CASES.forEach((c, index) => {
    const want = plain[index];
    if (!want) return;
    compared++;
    expect(attempt(tf, c), c.name).toEqual(want);
    check();
  });
  expect(compared).toBeGreaterThan(CASES.length * 0.9);
  wasm.asm = asm;
});
