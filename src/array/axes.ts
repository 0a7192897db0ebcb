import type { Axes } from '../engine.js';
import { sizeOf } from '../geometry/index.js';

/** Axes of two arrays and each one's steps along them, in elements; the last axis changes fastest. */
export interface AxisPairs {
  readonly sizes: number[];
  readonly steps: [number, number][];
}

/** Axes of `shape` that both arrays step through alike become one; those of size 1 go. */
export function mergeAxes(shape: readonly number[], a: readonly number[], b: readonly number[]): AxisPairs {
  const sizes: number[] = [];
  const steps: [number, number][] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] as number;
    const [aStep, bStep] = [a[axis] as number, b[axis] as number];
    if (size === 1) continue;
    const [below, within] = [sizes[0], steps[0]];
    if (below !== undefined && within && aStep === within[0] * below && bStep === within[1] * below) sizes[0] = below * size;
    else {
      sizes.unshift(size);
      steps.unshift([aStep, bStep]);
    }
  }
  return { sizes, steps };
}

/** Axes that the engine counts along. */
const COUNTED = 4;

/** The axes of `shape`, in parts of no more than the engine counts along: one, but where more are left when they are merged. */
export function countedAxes(shape: readonly number[], a: readonly number[], b: readonly number[]): Axes[] {
  const { sizes, steps } = mergeAxes(shape, a, b);
  while (sizes.length < COUNTED) {
    sizes.unshift(1);
    steps.unshift([0, 0]);
  }
  const [counts, inner] = [sizes.splice(-COUNTED), steps.splice(-COUNTED)];
  const words = [...counts, ...inner.map(([step]) => step), ...inner.map(([, step]) => step)];
  const parts: Axes[] = [];
  eachPosition({ sizes, steps }, (from, to) => parts.push({ words, from, to }));
  return parts;
}

/** Calls with where each array stands, for every position of the axes. */
export function eachPosition({ sizes, steps }: AxisPairs, run: (a: number, b: number, index: number) => void): void {
  const count = sizeOf(sizes);
  for (let index = 0; index < count; index++) {
    let [rest, a, b] = [index, 0, 0];
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      const size = sizes[axis] as number;
      const at = rest % size;
      rest = (rest - at) / size;
      const [aStep, bStep] = steps[axis] as [number, number];
      a += at * aStep;
      b += at * bStep;
    }
    run(a, b, index);
  }
}

/** Steps of a dense array along its axes. */
export function stepsOf(shape: readonly number[]): number[] {
  const steps = Array<number>(shape.length);
  for (let axis = shape.length - 1, step = 1; axis >= 0; step *= shape[axis--] as number) steps[axis] = step;
  return steps;
}
