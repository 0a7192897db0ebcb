import { sizeOf } from '../geometry/index.js';
import { type Kernel, produce } from './kernel.js';
import type { TensorInfo } from './types.js';

/** Identity: another name for the same data, as Reshape is on every backend. tfjs's wasm backend copies each tensor that a gradient saves. */
export const share: Kernel = ({ inputs, home, backend }) => {
  const { x } = inputs as { x: TensorInfo };
  if (x.dtype === 'string') return null;
  home.share(backend, x);
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
};

/** Cast to the type that x has, which tfjs's wasm backend copies. */
export const cast: Kernel = (work) => ((work.inputs.x as TensorInfo).dtype === work.attributes.dtype ? share(work) : null);

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

/** Each axis of x repeated, from the last to the first: blocks that are copied whole. tfjs's wasm backend computes each element's index. */
export const tile: Kernel = (work) => {
  const { x } = work.inputs as { x: TensorInfo };
  const reps = work.attributes.reps as number[];
  const shape = x.shape.map((size, axis) => size * (reps[axis] as number));
  return produce(work, shape, (_, out) => {
    let values = work.floats(x);
    for (let axis = x.shape.length - 1, inner = 1; axis >= 0; axis--) {
      const times = reps[axis] as number;
      const block = inner * (x.shape[axis] as number);
      inner = block * times;
      if (times > 1) values = repeat(values, block, times);
    }
    work.floats(out).set(values);
  });
};

/** Each block so many times over. What is there is copied until it is all there. */
function repeat(values: Float32Array, block: number, times: number): Float32Array {
  const out = new Float32Array(values.length * times);
  for (let from = 0, to = 0; from < values.length; from += block, to += block * times) {
    out.set(values.subarray(from, from + block), to);
    for (let done = block; done < block * times; done *= 2) out.copyWithin(to + done, to, to + Math.min(done, block * times - done));
  }
  return out;
}
