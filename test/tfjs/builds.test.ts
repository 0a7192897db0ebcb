/** tfjs's wasm backend as a runtime without SIMD loads it, and as a bundle that does not tell its exports: in place in the one, by copies in the other. */
import { afterAll, describe, expect, test } from 'vitest';
import { accelerate } from '../../src/tfjs/index.js';
import { cases, copyCases, type Operand } from './cases.js';
import { attempt, comparison, run } from './compare.js';
import { guardHeap, setWasmPaths, tf, WASM_FOLDER } from './tfjs.js';

const PLAIN = 'tfjs-backend-wasm.wasm';

await tf.setBackend('cpu');
const CLOSE = cases(5, 200).map((c) => comparison(tf, c));
const EXACT = copyCases(7, 100).flatMap((c) => attempt(tf, c)?.map((want, output) => ({ c, want, output })) ?? []);

// No other build can be loaded than the one that is meant.
tf.env().set('WASM_HAS_SIMD_SUPPORT', false);
setWasmPaths({ [PLAIN]: WASM_FOLDER + PLAIN, 'tfjs-backend-wasm-simd.wasm': 'none', 'tfjs-backend-wasm-threaded-simd.wasm': 'none' });
await tf.setBackend('wasm');
const guard = guardHeap();
const backend = tf.backend() as unknown as { wasm: object };
const told = backend.wasm;
/** What the module calls within itself it still finds. */
const untold = new Proxy(told, { get: (target, name) => (name === 'asm' ? undefined : Reflect.get(target, name)) });

describe.each([
  ['without SIMD', told, true],
  ['whose exports are not told', untold, false],
] as const)('a build %s', (_, wasm, inPlace) => {
  let restore = (): void => {};
  afterAll(() => restore());

  test(`is ${inPlace ? 'computed on in place' : 'copied from and to'}`, async () => {
    backend.wasm = wasm;
    const accelerated = await accelerate(tf);
    restore = accelerated.restore;
    expect(accelerated.info).toMatchObject({ backend: 'wasm', inPlace });
  });

  test('computes what plain cpu does', () => {
    for (const compare of CLOSE) {
      compare(1);
      compare(3);
      guard();
    }
    for (const { c, want, output } of EXACT) expect(run(tf, c, c.inputs)[output] as Operand, c.name).toEqual(want);
    guard();
  });
});
