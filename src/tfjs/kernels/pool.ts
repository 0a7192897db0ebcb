import { Recent } from '../../ops/memoize.js';
import { type Kernel, produce } from '../call.js';
import type { TensorInfo } from '../types.js';
import { tfGeometry } from './geometry.js';

type Window = number | readonly number[];

/** One tap for each position of the window and channel. */
const problems = new Recent(
  (op: string, shape: readonly number[], size: Window, strides: unknown, pad: unknown, dimRoundingMode: unknown) => {
    const window = typeof size === 'number' ? [size, size] : size.slice(0, 2);
    return tfGeometry(op, true, shape, [...window, shape[3] as number, 1], { strides, pad, dimRoundingMode });
  },
);

/** The gradient of max pooling: each element of dy goes to the first largest of its window. tfjs looks at every window for every element of x. */
export const maxPoolGrad: Kernel = (work) => {
  const { op, attributes } = work;
  const { dy, input } = work.inputs as Record<'dy' | 'input', TensorInfo>;
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  if (input.shape.length !== 4) return null;
  const { geometry, outShape } = problems.of(op, [input.shape, filterSize as Window, strides, pad, dimRoundingMode]);
  if (outShape.some((size, axis) => size !== dy.shape[axis])) return null;
  return produce(work, input.shape.slice(), (engine, out) =>
    engine.maxPoolGrad(geometry, work.floats(input), work.floats(dy), work.floats(out), { op, algorithm: 'auto' }),
  );
};
