/** Kernels that only move elements give what plain cpu does, to the bit, between guard bands. */
import { expect, test } from 'vitest';
import { accelerate } from '../../src/tfjs/index.js';
import { type Case, copyCases, type Operand } from './cases.js';
import { guardHeap, tf } from './tfjs.js';

type Tensor = import('@tensorflow/tfjs-core').Tensor;

const CASES = copyCases(3, 500);

/** What tfjs refuses has no result. */
function run({ kernel, inputs, attributes }: Case): Operand[] | null {
  let results: Operand[] | null = null;
  tf.tidy(() => {
    const tensors = Object.entries(inputs).map(([name, { data, shape }]) => [name, tf.tensor(data, shape)] as const);
    const given = kernel === 'Concat' ? tensors.map(([, tensor]) => tensor) : Object.fromEntries(tensors);
    try {
      const result = tf.engine().runKernel(kernel, given as never, attributes as never) as Tensor | Tensor[];
      results = [result].flat().map((y) => ({ data: y.dataSync<'float32'>().slice(), shape: y.shape }));
    } catch {}
  });
  return results;
}

await tf.setBackend('cpu');
const plain = CASES.map(run);

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
    expect(run(c), c.name).toEqual(want);
    check();
  });
  expect(compared).toBeGreaterThan(CASES.length * 0.9);
  wasm.asm = asm;
});
