import { sizeOf } from '../geometry/index.js';
import type { Kernel } from './kernel.js';
import type { TensorInfo } from './types.js';

/** Identity: another name for the same data, as Reshape is on every backend. tfjs's wasm backend copies each tensor that a gradient saves. */
export const share: Kernel = ({ inputs, home, backend }) => {
  const { x } = inputs as { x: TensorInfo };
  if (x.dtype === 'string') return null;
  home.share(backend, x);
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
};

/** The gradient of a gather: row i of x is added to row segmentIds[i] of the result; a negative id drops it. */
export const unsortedSegmentSum: Kernel = ({ inputs, attributes, home, backend }) => {
  const { x, segmentIds } = inputs as { x: TensorInfo; segmentIds: TensorInfo };
  if (x.dtype !== 'float32' || segmentIds.dtype !== 'int32') return null;
  const segments = attributes.numSegments as number;
  const inner = x.shape.slice(segmentIds.shape.length);
  const out = home.output(backend, [segments, ...inner]);
  const [sums, rows, ids] = [home.floats(backend, out), home.floats(backend, x), home.ints(backend, segmentIds)];
  const length = sizeOf(inner);
  sums.fill(0);
  for (let row = 0; row < ids.length; row++) {
    const to = (ids[row] as number) * length;
    if (to < 0 || to >= sums.length) continue;
    for (let i = 0; i < length; i++) sums[to + i] = (sums[to + i] as number) + (rows[row * length + i] as number);
  }
  return out;
};
