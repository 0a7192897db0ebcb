/** Random problems of the engine's array operations. */
import type { ElementwiseAxes, ElementwiseName, SumAxes } from '../../src/engine.js';

const SPECIAL = [Number.NaN, 0, -0, 1, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-42, 3e38];
const LENGTHS = [1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 19, 31, 63, 64, 65, 130];

export type Random = () => number;
export const intOf = (random: Random, from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
export const pickOf = <T>(random: Random, values: readonly T[]): T => values[intOf(random, 0, values.length - 1)] as T;

/** Steps of an operand along some of the axes, dense there, and how many elements that takes. */
function stepsOf(sizes: readonly number[], along: readonly boolean[]): { steps: number[]; extent: number } {
  const steps = sizes.map(() => 0);
  let extent = 1;
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    if (!along[axis]) continue;
    steps[axis] = extent;
    extent *= sizes[axis] as number;
  }
  // A last axis steps by 0 or 1.
  return { steps, extent };
}

/** A call of `Engine.elementwise`, and how many elements it has. */
export interface Zip {
  readonly f: ElementwiseName;
  readonly axes: ElementwiseAxes;
  readonly a: Float32Array;
  readonly b: Float32Array | number;
  readonly c: Float32Array | number;
  readonly count: number;
}

/** Along any axes, of special values too. */
export function elementwiseOf(random: Random, f: ElementwiseName): Zip {
  const sizes = [intOf(random, 1, 3), intOf(random, 1, 3), pickOf(random, [1, 2, 3, 9, 40]), pickOf(random, LENGTHS)];
  const along = (): boolean[] => sizes.map(() => random() < 0.7);
  const everywhere = sizes.map(() => true);
  const nowhere = sizes.map(() => false);
  const [a, b] = [random() < 0.6 ? everywhere : along(), pickOf(random, [everywhere, nowhere, along(), [false, false, false, true]])];
  const [first, second] = [stepsOf(sizes, a), stepsOf(sizes, b)];
  const [from, to, at] = [intOf(random, 0, 5), intOf(random, 0, 5), intOf(random, 0, 5)];
  // A product that overflows, and then its addition, may differ.
  const special = f === 'affine' ? SPECIAL.slice(0, -1) : SPECIAL;
  const value = (): number => (random() < 0.15 ? pickOf(random, special) : Math.fround(4 * random() - 2));
  const values = (length: number) => Float32Array.from({ length }, value);
  const scalar = second.extent === 1 && random() < 0.5;
  const words = [...sizes, ...first.steps, ...second.steps];
  const [low, high] = [Math.fround(random() - 1), Math.fround(random())];
  const length = to + second.extent;
  // A range is one.
  const bounds = f === 'clip' || f === 'relu';
  return {
    f,
    axes: { words, from, to: scalar ? 0 : to, at },
    a: values(from + first.extent),
    b: scalar ? (f === 'relu' ? high : low) : bounds ? new Float32Array(length).fill(f === 'relu' ? high : low) : values(length),
    c: scalar ? high : bounds ? new Float32Array(length).fill(high) : values(length),
    count: sizes.reduce((product, size) => product * size, 1),
  };
}

/** A call of `Engine.sum`, its divisor aside: dense, the summed axes inside or outside of those that stay. */
export function sumOf(random: Random): { readonly axes: SumAxes; readonly x: Float32Array } {
  const long = (): number => (random() < 0.1 ? intOf(random, 500, 1100) : pickOf(random, LENGTHS));
  const sizes = [intOf(random, 1, 3), 1, intOf(random, 1, 3), 1];
  const inRow = random() < 0.5;
  sizes[inRow ? 3 : 1] = long();
  sizes[inRow ? 1 : 3] = pickOf(random, [1, 2, 5, 33, 40]);
  // Dense, the summed axes inside or outside of those that stay.
  const order = inRow ? [0, 2, 1, 3] : random() < 0.5 ? [0, 2, 3, 1] : [2, 0, 3, 1];
  const steps = [0, 0, 0, 0];
  let extent = 1;
  for (const axis of [...order].reverse()) {
    steps[axis] = extent;
    extent *= sizes[axis] as number;
  }
  const axes: SumAxes = { words: [...sizes, ...steps], from: intOf(random, 0, 5), at: intOf(random, 0, 5) };
  const x = Float32Array.from({ length: axes.from + extent }, () => 2 * random() - 1);
  return { axes, x };
}
