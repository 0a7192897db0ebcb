import { eachPosition, mergeAxes, stepsOf } from '../../array/axes.js';
import type { Axes } from '../../engine.js';
import { sizeOf } from '../../geometry/index.js';
import { Recent } from '../../ops/memoize.js';
import { type Kernel, produce } from '../call.js';
import type { TensorInfo } from '../types.js';
import { axesOf } from './copies.js';

/** Parts of the result that are not of x, each without a break, and where x goes. */
interface Padding {
  readonly shape: readonly number[];
  readonly gaps: readonly (readonly [from: number, to: number])[];
  readonly copies: readonly Axes[];
}

/** PadV2: x within a border of one value. */
export const pad: Kernel = (work) => {
  const x = work.inputs.x as TensorInfo;
  const { paddings, constantValue } = work.attributes as { paddings: readonly (readonly [number, number])[]; constantValue?: number };
  const found = paddeds.of(work.op, [x.shape, paddings]);
  return (
    found &&
    produce(work, [...found.shape], (engine, out) => {
      const y = work.floats(out);
      for (const [start, end] of found.gaps) y.fill(constantValue ?? 0, start, end);
      for (const axes of found.copies) engine.copy(axes, work.floats(x), work.floats(out)); // a copy may make the heap grow
    })
  );
};

/** Of more gaps than this it is quicker to fill all of the result. */
const MOST_GAPS = 1024;

const paddeds = new Recent((_: string, xShape: readonly number[], paddings: readonly (readonly [number, number])[]): Padding | null => {
  if (paddings.some(([before, after]) => before < 0 || after < 0)) return null;
  const shape = xShape.map((size, axis) => size + (paddings[axis]?.[0] ?? 0) + (paddings[axis]?.[1] ?? 0));
  const [fromSteps, toSteps, total] = [stepsOf(xShape), stepsOf(shape), sizeOf(shape)];
  if (xShape.includes(0)) return { shape, gaps: [[0, total]], copies: [] };
  const to = toSteps.reduce((sum, step, axis) => sum + step * (paddings[axis]?.[0] ?? 0), 0);
  const runs = mergeAxes(xShape, fromSteps, toSteps);
  const [, step] = runs.steps.at(-1) ?? [1, 1];
  let run = 1;
  if (step === 1) {
    run = runs.sizes.pop() ?? 1;
    runs.steps.pop();
  }
  const gaps: [number, number][] = [];
  let end = 0;
  if (sizeOf(runs.sizes) > MOST_GAPS) gaps.push([0, total]);
  else {
    eachPosition(runs, (_, at) => {
      if (to + at > end) gaps.push([end, to + at]);
      end = to + at + run;
    });
    if (end < total) gaps.push([end, total]);
  }
  return { shape, gaps, copies: axesOf({ sizes: xShape, fromSteps, toSteps, to }) };
});
