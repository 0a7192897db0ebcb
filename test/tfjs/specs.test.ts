import { describe, expect, test } from 'vitest';
import { CANNOT_PASS, runSpecs, withoutBackend } from './specs.js';

/** Run while the tests are collected: each spec becomes a test here. */
const runs = {
  cpu: { plain: await runSpecs('cpu', false), accelerated: await runSpecs('cpu', true) },
  wasm: { plain: await runSpecs('wasm', false), accelerated: await runSpecs('wasm', true) },
};

const onThreads = await runSpecs('wasm', true, 2);

/** tfjs's wasm backend has no complex numbers. */
const COMPLEX = "Kernel 'Complex' not registered for backend 'wasm'";

describe("tfjs-core's own specs", () => {
  test('are 736, of which plain cpu passes all and plain wasm 660', () => {
    const passed = Object.values(runs).map(({ plain }) => plain.filter(({ status }) => status === 'passed').length);
    expect(passed).toEqual([736, 660]);
  });

  test('are 9 that need complex numbers', () => {
    const complex = Object.values(runs).map(({ accelerated }) => accelerated.filter(({ error }) => error?.includes(COMPLEX)).length);
    expect(complex).toEqual([0, 9]);
  });
});

const ACCELERATED = [
  ['cpu', 'accelerated cpu', runs.cpu.accelerated],
  ['wasm', 'accelerated wasm', runs.wasm.accelerated],
  ['wasm', 'accelerated wasm, its heap shared by two threads', onThreads],
] as const;

for (const [backend, title, accelerated] of ACCELERATED) {
  describe(title, () => {
    test('ran all of them', () => expect(accelerated).toHaveLength(736));

    for (const [index, { name, status, error }] of accelerated.entries()) {
      if (error?.includes(COMPLEX)) continue;
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
