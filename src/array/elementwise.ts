// biome-ignore-all lint/complexity/useMathMinMax: of NaN and of zeros of either sign those give another
import type { ElementwiseAxes, ElementwiseName } from '../engine.js';

type Values = Float32Array | Float64Array;

/** y = f(a, b, c) over a row; c steps as b does. A loop for each: one that is handed the function calls it for every element. */
type Row = (
  a: Values,
  at: number,
  aStep: number,
  b: Values,
  c: Values,
  bt: number,
  bStep: number,
  y: Values,
  yt: number,
  n: number,
) => void;

const ROWS: Readonly<Record<ElementwiseName, Row>> = {
  add(a, at, aStep, b, _, bt, bStep, y, yt, n) {
    for (let i = 0; i < n; i++) y[yt + i] = (a[at + i * aStep] as number) + (b[bt + i * bStep] as number);
  },
  subtract(a, at, aStep, b, _, bt, bStep, y, yt, n) {
    for (let i = 0; i < n; i++) y[yt + i] = (a[at + i * aStep] as number) - (b[bt + i * bStep] as number);
  },
  multiply(a, at, aStep, b, _, bt, bStep, y, yt, n) {
    for (let i = 0; i < n; i++) y[yt + i] = (a[at + i * aStep] as number) * (b[bt + i * bStep] as number);
  },
  divide(a, at, aStep, b, _, bt, bStep, y, yt, n) {
    for (let i = 0; i < n; i++) y[yt + i] = (a[at + i * aStep] as number) / (b[bt + i * bStep] as number);
  },
  maximum(a, at, aStep, b, _, bt, bStep, y, yt, n) {
    for (let i = 0; i < n; i++) {
      const [v, w] = [a[at + i * aStep] as number, b[bt + i * bStep] as number];
      y[yt + i] = v < w ? w : v;
    }
  },
  minimum(a, at, aStep, b, _, bt, bStep, y, yt, n) {
    for (let i = 0; i < n; i++) {
      const [v, w] = [a[at + i * aStep] as number, b[bt + i * bStep] as number];
      y[yt + i] = w < v ? w : v;
    }
  },
  squaredDifference(a, at, aStep, b, _, bt, bStep, y, yt, n) {
    for (let i = 0; i < n; i++) y[yt + i] = Math.fround((a[at + i * aStep] as number) - (b[bt + i * bStep] as number)) ** 2;
  },
  prelu(a, at, aStep, b, _, bt, bStep, y, yt, n) {
    for (let i = 0; i < n; i++) {
      const v = a[at + i * aStep] as number;
      y[yt + i] = v < 0 ? v * (b[bt + i * bStep] as number) : v;
    }
  },
  step(a, at, aStep, b, _, bt, bStep, y, yt, n) {
    for (let i = 0; i < n; i++) {
      const v = a[at + i * aStep] as number;
      y[yt + i] = v > 0 ? 1 : v <= 0 ? (b[bt + i * bStep] as number) : v;
    }
  },
  clip(a, at, aStep, b, c, bt, bStep, y, yt, n) {
    for (let i = 0; i < n; i++) {
      const [v, low, high] = [a[at + i * aStep] as number, b[bt + i * bStep] as number, c[bt + i * bStep] as number];
      y[yt + i] = v < low ? low : v > high ? high : v;
    }
  },
  relu(a, at, aStep, b, _, bt, bStep, y, yt, n) {
    for (let i = 0; i < n; i++) {
      const [v, high] = [a[at + i * aStep] as number, b[bt + i * bStep] as number];
      y[yt + i] = v <= 0 ? 0 : v > high ? high : v;
    }
  },
  affine(a, at, aStep, b, c, bt, bStep, y, yt, n) {
    for (let i = 0; i < n; i++) y[yt + i] = (a[at + i * aStep] as number) * (b[bt + i * bStep] as number) + (c[bt + i * bStep] as number);
  },
};

/** `Engine.elementwise` on plain arrays: what the reference does, and the kernels where an array is not in their memory. */
export function elementwise(
  f: ElementwiseName,
  { words, from, to, at }: ElementwiseAxes,
  a: Float32Array,
  b: Float32Array | number,
  c: Float32Array | number,
  y: Float32Array,
): void {
  const row = ROWS[f];
  const [planes, slabs, rows, length, aPlane, aSlab, aRow, aStep, bPlane, bSlab, bRow, bStep] = words as Words;
  const [second, third] = [b, c].map((operand) => (typeof operand === 'number' ? Float32Array.of(operand) : operand)) as [
    Float32Array,
    Float32Array,
  ];
  let next = at;
  for (let plane = 0; plane < planes; plane++) {
    for (let slab = 0; slab < slabs; slab++) {
      let p = from + plane * aPlane + slab * aSlab;
      let q = to + plane * bPlane + slab * bSlab;
      for (let i = 0; i < rows; i++, p += aRow, q += bRow, next += length) row(a, p, aStep, second, third, q, bStep, y, next, length);
    }
  }
}

type Words = [number, number, number, number, number, number, number, number, number, number, number, number];
