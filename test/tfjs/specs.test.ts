import { describe, expect, test } from 'vitest';
import { CANNOT_PASS, runSpecs, withoutBackend } from './specs.js';

/** Run while the tests are collected: each spec becomes a test here. */
const runs = {
  cpu: { plain: await runSpecs('cpu', false), accelerated: await runSpecs('cpu', true) },
  wasm: { plain: await runSpecs('wasm', false), accelerated: await runSpecs('wasm', true) },
};

describe("tfjs-core's own specs", () => {
  test('are 331, of which plain cpu passes all and plain wasm 266', () => {
    for (const run of Object.values(runs)) expect(run.accelerated).toHaveLength(331);
    const passed = Object.values(runs).map(({ plain }) => plain.filter(({ status }) => status === 'passed').length);
    expect(passed).toEqual([331, 266]);
  });
});

for (const [backend, { accelerated }] of Object.entries(runs)) {
  describe(`accelerated ${backend}`, () => {
    for (const [index, { name, status, error }] of accelerated.entries()) {
      const known = CANNOT_PASS[withoutBackend(name, backend)];
      const want = known ? { status: 'failed', error: known.error } : { status: 'passed', error: undefined };
      test(`${name} (${index})${known ? `, which cannot pass: ${known.reason}` : ''}`, () => expect({ status, error }).toEqual(want));
    }

    test('every spec that is listed as one that cannot pass was run', () => {
      const names = accelerated.map(({ name }) => withoutBackend(name, backend));
      for (const name of Object.keys(CANNOT_PASS)) expect(names).toContain(name);
    });
  });
}
