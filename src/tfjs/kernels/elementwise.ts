/**
 * Element-wise kernels and sums. Axes that all operands step through alike become one, so that a few rows are left, or one. tfjs's cpu backend computes the index
 * of every element from its coordinates (a training step takes 10 times as long), its wasm backend does where an operand is broadcast, and sums one element after
 * the other.
 */

import { countedAxes, eachPosition, mergeAxes, stepsOf } from '../../array/axes.js';
import type { ElementwiseAxes, ElementwiseName, SumAxes } from '../../engine.js';
import { sizeOf } from '../../geometry/index.js';
import { Recent } from '../../ops/memoize.js';
import { type Kernel, produce, type Work } from '../call.js';
import type { TensorInfo } from '../types.js';

interface Zip {
  readonly shape: readonly number[];
  /** One, or several where more axes are left. */
  readonly parts: readonly ElementwiseAxes[];
}

const prepared = new Recent((_: string, a: readonly number[], b: readonly number[]): Zip | null => {
  const rank = Math.max(a.length, b.length);
  const shape = Array.from({ length: rank }, (_, axis) => {
    const [x, y] = [a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1];
    return x === 1 ? y : x === y || y === 1 ? x : -1;
  });
  if (shape.includes(-1)) return null;
  const axes = countedAxes(shape, stepsIn(shape, a), stepsIn(shape, b));
  const part = sizeOf(shape) / axes.length;
  const parts = axes.map(({ words, from, to }, index): ElementwiseAxes => ({ words, from, to, at: index * part }));
  return { shape, parts };
});

/** Steps of a dense operand along the axes of `shape`, aligned at their ends; 0 where it is broadcast. */
function stepsIn(shape: readonly number[], own: readonly number[]): number[] {
  const missing = shape.length - own.length;
  const steps = stepsOf(own);
  return shape.map((_, axis) => ((own[axis - missing] ?? 1) === 1 ? 0 : (steps[axis - missing] as number)));
}

/** Operands of one shape, or of which one is a number: a training step has more of these than would be remembered. */
function flat(a: readonly number[], b: readonly number[]): Zip | null {
  const [m, n] = [sizeOf(a), sizeOf(b)];
  const same = m === n && a.length === b.length && a.every((size, axis) => size === b[axis]);
  const asFirst = same || (n === 1 && a.length >= b.length);
  if (!asFirst && !(m === 1 && b.length >= a.length)) return null;
  const words = [1, 1, 1, asFirst ? m : n, 0, 0, 0, m === 1 ? 0 : 1, 0, 0, 0, n === 1 ? 0 : 1];
  return { shape: asFirst ? a : b, parts: [{ words, from: 0, to: 0, at: 0 }] };
}

/** f of two operands, one broadcast to the other. */
const binary =
  (f: ElementwiseName, first = 'a', second = 'b'): Kernel =>
  (work) => {
    const a = work.inputs[first] as TensorInfo;
    const b = work.inputs[second] as TensorInfo;
    const axes = flat(a.shape, b.shape) ?? prepared.of(work.op, [a.shape, b.shape]);
    if (!axes) return null;
    return produce(work, [...axes.shape], (engine, out) => {
      if (engine.elementwiseAt && work.home.inPlace && !work.misnamed) {
        const right = work.addressOf(b);
        for (const part of axes.parts) engine.elementwiseAt(f, part, work.addressOf(a), right, right, work.addressOf(out));
      } else {
        for (const part of axes.parts) {
          const right = work.floats(b); // anew for each part: one may make the heap grow
          engine.elementwise(f, part, work.floats(a), right, right, work.floats(out));
        }
      }
    });
  };

export const add = binary('add');
export const subtract = binary('subtract');
export const multiply = binary('multiply');
export const divide = binary('divide');
export const maximum = binary('maximum');
export const minimum = binary('minimum');
export const squaredDifference = binary('squaredDifference');
export const prelu = binary('prelu', 'x', 'alpha');

/** f of each element and of two numbers. */
const unary =
  (f: ElementwiseName, numbers: (attributes: Work['attributes']) => readonly [b: number, c: number]): Kernel =>
  (work) => {
    const x = work.inputs.x as TensorInfo;
    if (x.dtype !== 'float32') return null;
    const [b, c] = numbers(work.attributes);
    if (Number.isNaN(b) || b > c) return null;
    return produce(work, [...x.shape], (engine, out) => {
      const [from, to] = [work.floats(x), work.floats(out)];
      engine.elementwise(f, { words: [1, 1, 1, from.length, 0, 0, 0, 1, 0, 0, 0, 0], from: 0, to: 0, at: 0 }, from, b, c, to);
    });
  };

const alpha = ({ alpha }: Work['attributes']): [number, number] => [alpha as number, Number.POSITIVE_INFINITY];

// tfjs's wasm backend makes the least of a NaN: it is not asked, though it is half a microsecond quicker for a few elements.
export const clip = unary('clip', ({ clipValueMin, clipValueMax }) => [clipValueMin as number, clipValueMax as number]);
export const relu = unary('relu', () => [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
export const relu6 = unary('relu', () => [6, 6]);
export const leakyRelu = unary('prelu', alpha);
export const step = unary('step', alpha);

interface Sum {
  readonly shape: readonly number[];
  /** Elements that are summed to one. */
  readonly count: number;
  readonly parts: readonly SumAxes[];
}

/** Sizes and steps of the axes that stay, or of those that are summed over, beside one another in x. */
const summed = new Recent(
  (_: string, xShape: readonly number[], given: number | readonly number[] | undefined, keepDims: boolean): Sum | null => {
    const rank = xShape.length;
    const all = given === undefined ? xShape.map((_, axis) => axis) : typeof given === 'number' ? [given] : given;
    const axes = all.map((axis) => (axis < 0 ? axis + rank : axis));
    if (axes.some((axis) => !(axis in xShape))) return null;
    const kept = xShape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    const shape = keepDims ? kept : xShape.filter((_, axis) => !axes.includes(axis));
    const { sizes, steps } = mergeAxes(xShape, stepsIn(xShape, xShape), stepsIn(xShape, kept));
    const stays = steps.map(([, step]) => step > 0);
    const pick = (wanted: boolean): [size: number, step: number][] =>
      sizes.flatMap((size, i): [number, number][] => (stays[i] === wanted ? [[size, (steps[i] as [number, number])[0]]] : []));
    const [own, over] = [pick(true), pick(false)];
    while (own.length < 2) own.unshift([1, 0]);
    while (over.length < 2) over.unshift([1, 0]);
    if (over.length > 2) return null;
    const inner = own.splice(-2);
    const words = [...inner, ...over].map(([size]) => size).concat([...inner, ...over].map(([, step]) => step));
    const parts: SumAxes[] = [];
    const part = (inner[0] as [number, number])[0] * (inner[1] as [number, number])[0];
    const outer = { sizes: own.map(([size]) => size), steps: own.map(([, step]): [number, number] => [step, 0]) };
    eachPosition(outer, (from, _, index) => parts.push({ words, from, at: index * part }));
    return { shape, count: Math.max(1, sizeOf(xShape) / sizeOf(kept)), parts };
  },
);

/** Sum and Mean over some axes. */
const reduce =
  (mean: boolean): Kernel =>
  (work) => {
    const x = work.inputs.x as TensorInfo;
    const { axis, keepDims } = work.attributes as { axis?: number | readonly number[] | null; keepDims?: boolean };
    const sum = summed.of(work.op, [x.shape, axis ?? undefined, keepDims === true]);
    if (!sum) return null;
    return produce(work, [...sum.shape], (engine, out) => {
      const [from, to] = [work.floats(x), work.floats(out)];
      for (const axes of sum.parts) engine.sum(axes, from, mean ? sum.count : 1, to);
    });
  };

export const sum = reduce(false);
export const mean = reduce(true);
