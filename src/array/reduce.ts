import type { SumAxes } from '../engine.js';

/** `Engine.sum` on plain arrays, in float64: what the reference does, and the kernels where an array is not in their memory. */
export function sum({ words, from, at }: SumAxes, x: Float32Array, divisor: number, y: Float32Array): void {
  const [planes, length, outer, inner, xPlane, xStep, xOuter, xInner] = words as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const sums = new Float64Array(length);
  for (let plane = 0; plane < planes; plane++) {
    sums.fill(0);
    for (let i = 0; i < outer; i++) {
      const start = from + plane * xPlane + i * xOuter;
      if (xInner === 1) for (let k = 0; k < length; k++) sums[k] = (sums[k] as number) + run(x, start + k * xStep, inner);
      else for (let j = 0; j < inner; j++) addTo(sums, x, start + j * xInner, xStep);
    }
    for (let k = 0; k < length; k++) y[at + plane * length + k] = (sums[k] as number) / divisor;
  }
}

function run(x: Float32Array, from: number, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += x[from + i] as number;
  return sum;
}

function addTo(sums: Float64Array, x: Float32Array, from: number, step: number): void {
  for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) + (x[from + i * step] as number);
}
