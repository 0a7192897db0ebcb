/**
 * How far results by Fourier transforms may be from the definition's.
 *
 * A transform of N points has log₂ N levels. Each adds at most η = 7ε to its relative error in the 2-norm: a root rounded once, a complex product of four products and two sums, a sum
 * (Higham, Accuracy and Stability, theorem 24.2: ε + γ₄(√2 + ε), ε = 2^-24). Through X, the weight's spectrum W, their product and the inverse go three transforms and a product, so that each
 * element is off by at most
 *
 *   n · ‖w‖₁ · ‖x‖₂,   n = (3 · 7 · log₂ N + 3)ε,   ‖x‖₂ ≤ √(2N) · the largest |x| of a pair of tiles
 *
 * That holds for an error that stands in one element. Of n roundings without a pattern it is spread over all N: it stays within λ√n · ‖w‖₂ · √2 · the largest |x| in all likelihood,
 * as in winograd-bound.ts. The smaller holds. Elements that are left to direct sums have these sums' bound.
 */

import type { Backend } from './backend.js';
import { at } from './check.js';
import { type Problem, weightSizes } from './problem.js';
import { EPSILON, slopeOf, truth } from './truth.js';
import { fromLargestSeen, RATIO } from './winograd-bound.js';

type Result = 'output' | 'gradInput';

/** log₂ of the most points that a tile may have. */
const LEVELS = 16;
const COUNT = 3 * 7 * LEVELS + 3;
/** Deviations that a sum of roundings stays within, but for a chance of 2·exp(-18). */
const LAMBDA = 6;
const LIKELY = LAMBDA * Math.sqrt(COUNT) * EPSILON * Math.SQRT2;

/** Of each element, from the largest |x| of all. */
export function fftTolerance(backend: Backend, p: Problem, name: Result): Float64Array {
  const given = name === 'output' ? p.input : p.gradOutput;
  const largest = given.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return within(backend, p, name, () => largest);
}

/** Whatever the numbers are: of each element, from the largest |x| in its own window, than which a pair's may be RATIO times as large. */
export const fftLocalTolerance = (backend: Backend, p: Problem, name: Result): Float64Array =>
  within(backend, p, name, (most) => RATIO * most);

function within(backend: Backend, p: Problem, name: Result, seen: (most: number) => number): Float64Array {
  const norms = weightNorms(p);
  const sums = truth(backend, p, [name])[name].tolerance;
  const slope = name === 'output' ? slopeOf(p) : 1;
  const likely = fromLargestSeen(p, name, (channel, most, bias) => slope * (LIKELY * at(norms, channel) * seen(most) + 2 * EPSILON * bias));
  return likely.map((error, i) => Math.max(error, at(sums, i)));
}

/** ‖w‖₂ of each channel, of which a group has one. */
function weightNorms(p: Problem): Float64Array {
  const { outer, inner, taps } = weightSizes(p.op, p.weight.shape, p.shapeOptions);
  const last = p.shapeOptions.layout === 'channels-last';
  const channels = outer * inner;
  const squares = new Float64Array(channels);
  for (const [i, value] of p.weight.data.entries()) {
    const channel = last ? i % channels : Math.floor(i / taps);
    squares[channel] = at(squares, channel) + value ** 2;
  }
  return squares.map(Math.sqrt);
}

/** Whether 'auto' may take it for a result, and 'fft' must: a group has a channel each of x and y; stride and dilation 1, one slice, 8 taps or more along the width. */
export function fftFits({ op, weight, shapeOptions }: Problem): boolean {
  const { stride = 1, dilation = 1, groups = 1, layout } = shapeOptions;
  const { outer, inner } = weightSizes(op, weight.shape, shapeOptions);
  const kernel = layout === 'channels-last' ? weight.shape.slice(0, -2) : weight.shape.slice(2);
  const ones = (option: number | readonly number[]): boolean => [option].flat().every((each) => each === 1);
  return ones(stride) && ones(dilation) && outer === groups && inner === 1 && kernel.length < 3 && at(kernel, kernel.length - 1) >= 8;
}
