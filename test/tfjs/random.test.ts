import { describe, expect, test } from 'vitest';
import { accelerate } from '../../src/tfjs/index.js';
import { type Case, cases, type Operand } from './cases.js';
import { guardHeap, tf } from './tfjs.js';

type Tensors = Record<string, import('@tensorflow/tfjs-core').Tensor>;

const CASES = cases(1, 600);

/** A filter that comes again is packed once: the last of so many calls. */
function run({ kernel, attributes }: Case, inputs: Readonly<Record<string, Operand>>, calls = 1): Operand {
  return tf.tidy(() => {
    const tensors: Tensors = Object.fromEntries(Object.entries(inputs).map(([name, { data, shape }]) => [name, tf.tensor(data, shape)]));
    for (let call = 1; call < calls; call++) tf.engine().runKernel(kernel, tensors, attributes as never);
    const y = tf.engine().runKernel(kernel, tensors, attributes as never) as import('@tensorflow/tfjs-core').Tensor;
    return { data: y.dataSync<'float32'>().slice(), shape: y.shape };
  });
}

/** The operands that every term of a sum is largest with: what is taken away is negative; the input of a pool is only compared. */
const largest = ({ kernel, inputs }: Case): Case['inputs'] =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, { data, shape }]) => {
      const sign = name === 'mean' || (kernel === 'Sub' && name === 'b') ? -1 : 1;
      return [name, { data: name === 'input' ? data : data.map((value) => sign * Math.abs(value)), shape }];
    }),
  );

/** Sums in float32 of k terms: (k + 8)·2⁻²³·Σ|a||b|, which no activation but leaves as it is or makes smaller; then its own rounding. */
function tolerance(c: Case, plain: Operand): (index: number) => number {
  const linear = { ...c, attributes: { ...c.attributes, activation: 'linear' } };
  const { data } = run(linear, largest(c));
  const most = data.reduce((so, value) => Math.max(so, value), 0);
  return (i) =>
    (c.terms + 8) * 2 ** -23 * (data[i] as number) + (c.winograd ? 2e-5 * most : 0) + 2e-7 * Math.abs(plain.data[i] as number) + 1e-7;
}

await tf.setBackend('cpu');
const plain = CASES.map((c) => {
  const result = run(c, c.inputs);
  return { result, within: tolerance(c, result) };
});

function compare(c: Case, index: number, calls: number): void {
  const { result, within } = plain[index] as (typeof plain)[number];
  const got = run(c, c.inputs, calls);
  expect(got.shape).toEqual(result.shape);
  const wrong = got.data.findIndex((value, i) => !(Math.abs(value - (result.data[i] as number)) <= within(i)));
  expect(wrong < 0 ? 'right' : `at ${wrong}: ${got.data[wrong]}, plain ${result.data[wrong]}, allowed ${within(wrong)}`).toBe('right');
}

for (const backend of ['cpu', 'wasm'] as const) {
  describe(`accelerated ${backend} computes what plain cpu does`, async () => {
    await tf.setBackend(backend);
    test.each(CASES.map((c, index) => [c.name, c, index] as const))('%s', async (_, c, index) => {
      await enter(backend);
      compare(c, index, 1);
      compare(c, index, 3);
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
