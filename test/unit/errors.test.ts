import { afterAll, describe, expect, it } from 'vitest';
import { ShapeError, SimdconvError } from '../../src/errors.js';
import { kernelsOver } from '../../src/ops/index.js';
import { referenceEngine } from '../../src/reference/index.js';
import { errorCases } from '../suite/errors.js';

describe('errors', () => {
  const kernels = kernelsOver(referenceEngine({ maxBytes: 2 ** 20 }));
  const image = { data: Float32Array.from({ length: 16 }, (_, i) => i + 1), shape: [1, 4, 4] };
  const weight = { data: Float32Array.of(1, 0, 0, 1), shape: [1, 1, 2, 2] };
  const sums = [7, 9, 11, 15, 17, 19, 23, 25, 27];

  it.each(errorCases(kernels))('$name', ({ run, error, message }) => {
    const thrown = caught(run);
    expect(thrown).toBeInstanceOf(error);
    expect(thrown).toBeInstanceOf(SimdconvError);
    expect((thrown as SimdconvError).message).toMatch(message);
    expect((thrown as SimdconvError).message.startsWith(`${(thrown as SimdconvError).op}: `)).toBe(true);
    expect((thrown as SimdconvError).name).toBe(error.name);
    expect(kernels.info.memory.liveBytes).toBe(0);
  });

  afterAll(() => {
    expect([...kernels.conv2d(image, weight).data]).toEqual(sums);
  });
});

describe('an error of this library', () => {
  it('has its name in the stack, and not among its own properties', () => {
    const error = new ShapeError('conv2d', 'weight is [1]');
    expect(error.stack).toMatch(/^ShapeError: conv2d: weight is \[1\]\n/);
    expect(String(error)).toBe('ShapeError: conv2d: weight is [1]');
    expect(Object.keys(error)).toEqual(['op']);
  });

  it('gives its name to a subclass, which may have another', () => {
    class Mine extends ShapeError {}
    class Yours extends ShapeError {
      override name = 'Yours';
    }
    expect(new Mine('op', 'text').name).toBe('ShapeError');
    expect(new Yours('op', 'text').name).toBe('Yours');
    expect(new Mine('op', 'text')).toBeInstanceOf(SimdconvError);
    expect(new ShapeError('op', 'text').name).toBe('ShapeError');
  });
});

function caught(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
