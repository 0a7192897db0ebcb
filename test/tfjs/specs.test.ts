import { describe, expect, test } from 'vitest';
import { runSpecs } from './specs.js';

/** Run while the tests are collected: each spec becomes a test here. */
const plain = { cpu: await runSpecs('cpu', false), wasm: await runSpecs('wasm', false) };

describe("tfjs-core's own specs", () => {
  test('are 331; plain cpu passes all of them, plain wasm 266', () => {
    const passed = Object.values(plain).map((results) => results.filter(({ status }) => status === 'passed').length);
    expect(plain.wasm).toHaveLength(331);
    expect(passed).toEqual([331, 266]);
  });
});
