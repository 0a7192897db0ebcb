import { stepsOf } from '../../array/axes.js';
import { sizeOf } from '../../geometry/index.js';
import { Recent } from '../../ops/memoize.js';
import { type Kernel, produce } from '../call.js';
import type { TensorInfo } from '../types.js';
import { axesOf } from './copies.js';

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

/** Each axis of x repeated: [n, c] becomes [times n, n, times c, c], read with no step along what repeats. tfjs's wasm backend computes each element's index. */
export const tile: Kernel = (work) => {
  const { x } = work.inputs as { x: TensorInfo };
  const { shape, copies } = tiles.of(work.op, [x.shape, work.attributes.reps as number[]]);
  return produce(work, [...shape], (engine, out) => {
    for (const axes of copies) engine.copy(axes, work.floats(x), work.floats(out)); // a copy may make the heap grow
  });
};

const tiles = new Recent((_: string, xShape: readonly number[], reps: readonly number[]) => {
  const shape = xShape.map((size, axis) => size * (reps[axis] as number));
  const sizes = xShape.flatMap((size, axis) => [reps[axis] as number, size]);
  const fromSteps = stepsOf(xShape).flatMap((step) => [0, step]);
  return { shape, copies: axesOf({ sizes, fromSteps, toSteps: stepsOf(sizes) }) };
});
