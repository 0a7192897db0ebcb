// biome-ignore-all lint/complexity/useMathMinMax: of NaN and of zeros of either sign those give another
/** `Engine.elementwise` and `Engine.sum` against their definitions. */
import { describe, expect, it } from 'vitest';
import type { ElementwiseName } from '../../src/engine.js';
import { ELEMENTWISE } from '../../src/wasm/generated/layout.js';
import { seeded } from '../suite/data.js';
import { elementwiseOf, pickOf, sumOf, type Zip } from './array-problems.js';
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
      const { axes, x } = sumOf(random);
      const [planes = 0, length = 0, outer = 0, inner = 0, planeStep = 0, step = 0, outerStep = 0, innerStep = 0] = axes.words;
      const divisor = pickOf(random, [1, outer * inner]);
      const results = stage.both([x], axes.at + planes * length + 3, ([from], y) =>
        stage.engine.sum(axes, from as Float32Array, divisor, y),
      );
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
