/** Which build is taken where both run. */
import { expect, it } from 'vitest';
import { fastestFirst } from '../../src/wasm/support.js';

it.each([
  ['11.3.244.8-node.38', 'simd'],
  ['12.4.254.21-node.56', 'simd'],
  ['12.9.202.28-node.14', 'simd'],
  ['13.6.233.17-node.48', 'relaxed'],
  ['14.6.202.34-node.40', 'relaxed'],
  [undefined, 'relaxed'],
] as const)('V8 %s: %s', (v8, first) => {
  expect(fastestFirst(v8)[0]).toBe(first);
  expect([...fastestFirst(v8)].sort()).toEqual(['relaxed', 'simd']);
});
