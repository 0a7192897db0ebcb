import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { loadSync } from '../../src/index.js';

test('what Node prints: values, not getters', () => {
  const kernels = loadSync({ variant: 'reference' });
  const tensor = kernels.tensor([2], Float32Array.of(1, 2));
  expect(inspect(kernels.info)).toContain('liveBytes: 8');
  expect(inspect({ tensor })).toBe('{ tensor: ResidentTensor [2] [1, 2] }');
  expect(inspect(kernels)).toContain('liveBytes: 8');
  kernels.dispose();
  expect(inspect(kernels.info)).toContain('liveBytes: 0');
  expect(inspect(tensor)).toBe('ResidentTensor [2] (disposed)');
});
