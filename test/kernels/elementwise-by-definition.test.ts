// biome-ignore-all lint/complexity/useMathMinMax: of NaN and of zeros of either sign those give another
/** `Engine.elementwise` and `Engine.sum` against their definitions. */
import { describe, expect, it } from 'vitest';
import type { ElementwiseAxes, ElementwiseName, SumAxes } from '../../src/engine.js';
import { ELEMENTWISE } from '../../src/wasm/generated/layout.js';
import { seeded } from '../suite/data.js';
import { STAGES } from './engines.js';

const FUNCTIONS: Readonly<Record<ElementwiseName, (a: number, b: number, c: number) => number>> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  maximum: (a, b) => (b > a ? b : a),
  minimum: (a, b) => (b < a ? b : a),
  squaredDifference: (a, b) => Math.fround(a - b) ** 2,
  prelu: (a, b) => (a < 0 ? a * b : a),
  step: (a, b) => (Number.isNaN(a) ? a : a > 0 ? 1 : b),
  clip: (a, b, c) => (a < b ? b : a > c ? c : a),
  relu: (a, b) => (Number.isNaN(a) ? a : Math.min(Math.max(a, 0), b)),
  affine: (a, b, c) => a * b + c,
};

const SPECIAL = [Number.NaN, 0, -0, 1, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-42, 3e38];
const LENGTHS = [1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 19, 31, 63, 64, 65, 130];

type Random = () => number;
const intOf = (random: Random, from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
const pickOf = <T>(random: Random, values: readonly T[]): T => values[intOf(random, 0, values.length - 1)] as T;

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

interface Zip {
  readonly f: ElementwiseName;
  readonly axes: ElementwiseAxes;
  readonly a: Float32Array;
  readonly b: Float32Array | number;
  readonly c: Float32Array | number;
  readonly count: number;
}

function elementwiseOf(random: Random, f: ElementwiseName): Zip {
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

/** By the definition, an element at a time. */
function wanted({ f, axes: { words, from, to }, a, b, c, count }: Zip): { value: number; slack: number }[] {
  const read = (operand: Float32Array | number, index: number): number =>
    typeof operand === 'number' ? operand : (operand[index] as number);
  return Array.from({ length: count }, (_, index) => {
    let [rest, p, q] = [index, from, to];
    for (let axis = 3; axis >= 0; axis--) {
      const at = rest % (words[axis] as number);
      rest = Math.floor(rest / (words[axis] as number));
      p += at * (words[4 + axis] as number);
      q += at * (words[8 + axis] as number);
    }
    const [v, w, x] = [read(a, p), read(b, q), read(c, q)];
    // A product and its addition are rounded once or twice.
    const slack = f === 'affine' ? 2 ** -23 * (Math.abs(v * w) + Math.abs(x)) + 2 ** -148 : 0;
    return { value: Math.fround(FUNCTIONS[f](v, w, x)), slack };
  });
}

const agrees = (got: number, { value, slack }: { value: number; slack: number }): boolean =>
  Object.is(got, value) || (slack > 0 && Math.abs(got - value) <= slack);

describe.each(STAGES)('%s', (_, make) => {
  it.each(Object.keys(ELEMENTWISE) as ElementwiseName[])(
    'elementwise %s: along any axes, of special values too, and nothing else is written',
    (f) => {
      const random = seeded(ELEMENTWISE[f] + 1);
      let stage = make();
      for (let i = 0; i < 120; i++) {
        if (i % 10 === 0) stage = make();
        const zip = elementwiseOf(random, f);
        const want = wanted(zip);
        const { axes, a, b, c, count } = zip;
        const length = axes.at + count + 3;
        const y = stage.room(length);
        // What is not in the kernels' memory: an operand, or all.
        const place = <T extends Float32Array | number>(values: T) =>
          i % 3 === 0 || typeof values === 'number' ? values : stage.place(values);
        stage.engine.elementwise(f, axes, stage.place(a), place(b), place(c), y);
        const plain = new Float32Array(length).fill(Number.NaN);
        stage.engine.elementwise(f, axes, a, b, c, plain);
        for (const got of [y, plain]) {
          const results = [...got.subarray(axes.at, axes.at + count)];
          const wrong = results.findIndex((value, at) => !agrees(value, want[at] as (typeof want)[number]));
          expect(wrong < 0 ? 'right' : { axes, wrong, got: results[wrong], want: want[wrong] }).toBe('right');
          expect([...got.subarray(0, axes.at), ...got.subarray(axes.at + count)].every(Number.isNaN)).toBe(true);
        }
      }
    },
  );

  it('sum: over any axes, within 34 roundings however many are summed, and nothing else is written', () => {
    const random = seeded(9);
    let stage = make();
    for (let i = 0; i < 300; i++) {
      if (i % 10 === 0) stage = make();
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
      const [planes = 0, length = 0, outer = 0, inner = 0] = sizes;
      const axes: SumAxes = { words: [...sizes, ...steps], from: intOf(random, 0, 5), at: intOf(random, 0, 5) };
      const x = Float32Array.from({ length: axes.from + extent }, () => 2 * random() - 1);
      const divisor = pickOf(random, [1, outer * inner]);
      const results = stage.both([x], axes.at + planes * length + 3, ([from], y) =>
        stage.engine.sum(axes, from as Float32Array, divisor, y),
      );
      const [planeStep = 0, step = 0, outerStep = 0, innerStep = 0] = steps;
      for (const got of results) {
        for (let p = 0; p < planes; p++) {
          for (let k = 0; k < length; k++) {
            let [sum, absolute] = [0, 0];
            for (let o = 0; o < outer; o++) {
              for (let n = 0; n < inner; n++) {
                const value = x[axes.from + p * planeStep + k * step + o * outerStep + n * innerStep] as number;
                sum += value;
                absolute += Math.abs(value);
              }
            }
            const error = Math.abs((got[axes.at + p * length + k] as number) - sum / divisor);
            if (!(error <= (34 * 2 ** -24 * absolute) / divisor)) expect({ axes, p, k, error }).toBe('within the bound');
          }
        }
        expect([...got.subarray(0, axes.at), ...got.subarray(axes.at + planes * length)].every(Number.isNaN)).toBe(true);
      }
    }
  });

  it('sum: of nothing, of -0 and of what is not finite', () => {
    const stage = make();
    const row = (values: number[]): number => {
      const y = stage.room(1);
      const x = stage.place(Float32Array.from([...values, Number.NaN]));
      stage.engine.sum({ words: [1, 1, 1, values.length, 0, 0, 0, 1], from: 0, at: 0 }, x, 1, y);
      return y[0] as number;
    };
    expect(row([])).toBe(0);
    expect(row([-0, -0])).toBe(0);
    expect(row([1, Number.NaN])).toBeNaN();
    expect(row([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])).toBeNaN();
    expect(row(Array<number>(40).fill(Number.POSITIVE_INFINITY))).toBe(Number.POSITIVE_INFINITY);
  });
});
