/**
 * The one-dimensional transforms of Winograd's convolution F(m, 3), for tiles of m = 4 and m = 2 outputs (Lavin and Gray, arXiv:1509.09308):
 *
 *   y = Aᵀ [(G w) ⊙ (Bᵀ d)]           d: m + 2 inputs, w: 3 taps, y: m outputs
 *
 * A tile's two dimensions are one pass along each; along an axis with one output and one tap it is a copy. A pass reads m + 2 vectors `fromStep` bytes apart and writes its results `toStep` bytes apart; the four
 * lanes of a vector are four channels.
 *
 * Points p = 0, ±a, ±b, ∞ (m = 4) or 0, ±1, ∞ (m = 2): row p of G is [1, p, p²] / Π_{q≠p}(p - q), column p of Aᵀ the powers of p, and row p of Bᵀ the
 * coefficients of Π_{q≠p}(t - q). At ∞ there is the highest power only.
 */
import { WINOGRAD_A, WINOGRAD_B } from '../base/config';
import { madd } from '../base/runs';

const A: f32 = <f32>WINOGRAD_A;
const B: f32 = <f32>WINOGRAD_B;
const A2: f32 = <f32>(WINOGRAD_A * WINOGRAD_A);
const B2: f32 = <f32>(WINOGRAD_B * WINOGRAD_B);
const A3: f32 = <f32>(WINOGRAD_A * WINOGRAD_A * WINOGRAD_A);
const B3: f32 = <f32>(WINOGRAD_B * WINOGRAD_B * WINOGRAD_B);
const SUM: f32 = <f32>(WINOGRAD_A * WINOGRAD_A + WINOGRAD_B * WINOGRAD_B);
const PRODUCT: f32 = <f32>(WINOGRAD_A * WINOGRAD_A * WINOGRAD_B * WINOGRAD_B);
/** 1 / Π_{q≠p}(p - q) for p = 0, ±a and ±b, and times p, p², p³. */
const N_0: f32 = <f32>(1 / (WINOGRAD_A * WINOGRAD_A * WINOGRAD_B * WINOGRAD_B));
const N_A: f32 = <f32>(0.5 / (WINOGRAD_A * WINOGRAD_A * (WINOGRAD_A * WINOGRAD_A - WINOGRAD_B * WINOGRAD_B)));
const N_A1: f32 = <f32>(0.5 / (WINOGRAD_A * (WINOGRAD_A * WINOGRAD_A - WINOGRAD_B * WINOGRAD_B)));
const N_A2: f32 = <f32>(0.5 / (WINOGRAD_A * WINOGRAD_A - WINOGRAD_B * WINOGRAD_B));
const N_A3: f32 = <f32>((0.5 * WINOGRAD_A) / (WINOGRAD_A * WINOGRAD_A - WINOGRAD_B * WINOGRAD_B));
const N_B: f32 = <f32>(0.5 / (WINOGRAD_B * WINOGRAD_B * (WINOGRAD_B * WINOGRAD_B - WINOGRAD_A * WINOGRAD_A)));
const N_B1: f32 = <f32>(0.5 / (WINOGRAD_B * (WINOGRAD_B * WINOGRAD_B - WINOGRAD_A * WINOGRAD_A)));
const N_B2: f32 = <f32>(0.5 / (WINOGRAD_B * WINOGRAD_B - WINOGRAD_A * WINOGRAD_A));
const N_B3: f32 = <f32>((0.5 * WINOGRAD_B) / (WINOGRAD_B * WINOGRAD_B - WINOGRAD_A * WINOGRAD_A));

/** Bᵀ d at the `points` of a block of taps, a bit each: the first input is read for point 0 alone, the last for ∞. */
export function transformInput(size: i32, points: i32, from: usize, fromStep: usize, to: usize, toStep: usize): void {
  if (size == 4) inputOfFour(points, from, fromStep, to, toStep);
  else if (size == 2) inputOfTwo(points, from, fromStep, to, toStep);
  else v128.store(to, v128.load(from));
}

function inputOfFour(points: i32, from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const d1 = v128.load(from + fromStep);
  const d2 = v128.load(from + 2 * fromStep);
  const d3 = v128.load(from + 3 * fromStep);
  const d4 = v128.load(from + 4 * fromStep);
  const evenA = madd(d2, f32x4.splat(-B2), d4);
  const oddA = f32x4.mul(madd(d1, f32x4.splat(-B2), d3), f32x4.splat(A));
  const evenB = madd(d2, f32x4.splat(-A2), d4);
  const oddB = f32x4.mul(madd(d1, f32x4.splat(-A2), d3), f32x4.splat(B));
  if (points & 1) v128.store(to, madd(d2, f32x4.splat(-SUM), f32x4.add(timesProduct(v128.load(from)), d4)));
  v128.store(to + toStep, f32x4.add(evenA, oddA));
  v128.store(to + 2 * toStep, f32x4.sub(evenA, oddA));
  v128.store(to + 3 * toStep, f32x4.add(evenB, oddB));
  v128.store(to + 4 * toStep, f32x4.sub(evenB, oddB));
  if (points & 32) v128.store(to + 5 * toStep, madd(d3, f32x4.splat(-SUM), f32x4.add(timesProduct(d1), v128.load(from + 5 * fromStep))));
}

function timesProduct(v: v128): v128 {
  return PRODUCT == 1 ? v : f32x4.mul(v, f32x4.splat(PRODUCT));
}

function inputOfTwo(points: i32, from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const d1 = v128.load(from + fromStep);
  const d2 = v128.load(from + 2 * fromStep);
  if (points & 1) v128.store(to, f32x4.sub(d2, v128.load(from)));
  v128.store(to + toStep, f32x4.add(d2, d1));
  v128.store(to + 2 * toStep, f32x4.sub(d2, d1));
  if (points & 8) v128.store(to + 3 * toStep, f32x4.sub(v128.load(from + 3 * fromStep), d1));
}

/** Aᵀ m. */
export function transformOutput(size: i32, from: usize, fromStep: usize, to: usize, toStep: usize): void {
  if (size == 4) outputOfFour(from, fromStep, to, toStep);
  else if (size == 2) outputOfTwo(from, fromStep, to, toStep);
  else v128.store(to, v128.load(from));
}

function outputOfFour(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const m0 = v128.load(from);
  const m1 = v128.load(from + fromStep);
  const m2 = v128.load(from + 2 * fromStep);
  const m3 = v128.load(from + 3 * fromStep);
  const m4 = v128.load(from + 4 * fromStep);
  const m5 = v128.load(from + 5 * fromStep);
  const evenA = f32x4.add(m1, m2);
  const oddA = f32x4.sub(m1, m2);
  const evenB = f32x4.add(m3, m4);
  const oddB = f32x4.sub(m3, m4);
  v128.store(to, f32x4.add(f32x4.add(m0, evenA), evenB));
  v128.store(to + toStep, madd(oddA, f32x4.splat(A), f32x4.mul(oddB, f32x4.splat(B))));
  v128.store(to + 2 * toStep, madd(evenA, f32x4.splat(A2), f32x4.mul(evenB, f32x4.splat(B2))));
  v128.store(to + 3 * toStep, madd(oddA, f32x4.splat(A3), madd(oddB, f32x4.splat(B3), m5)));
}

function outputOfTwo(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const m0 = v128.load(from);
  const m1 = v128.load(from + fromStep);
  const m2 = v128.load(from + 2 * fromStep);
  const m3 = v128.load(from + 3 * fromStep);
  v128.store(to, f32x4.add(f32x4.add(m0, m1), m2));
  v128.store(to + 1 * toStep, f32x4.add(f32x4.sub(m1, m2), m3));
}

/**
 * The adjoints that make a gradient of the weight, for m = 4: N A d of four outputs and Pᵀ u, where G = N P has the powers of the points in P and the
 * denominators in N. So N costs nothing more, and is no work for each filter. A point that is left out is of a tap that its filters do not have.
 */
export function transformGradient(points: i32, from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from);
  const d1 = v128.load(from + fromStep);
  const d2 = v128.load(from + 2 * fromStep);
  const d3 = v128.load(from + 3 * fromStep);
  const evenA = madd(d2, f32x4.splat(N_A2), f32x4.mul(d0, f32x4.splat(N_A)));
  const oddA = madd(d3, f32x4.splat(N_A3), f32x4.mul(d1, f32x4.splat(N_A1)));
  const evenB = madd(d2, f32x4.splat(N_B2), f32x4.mul(d0, f32x4.splat(N_B)));
  const oddB = madd(d3, f32x4.splat(N_B3), f32x4.mul(d1, f32x4.splat(N_B1)));
  if (points & 1) v128.store(to, N_0 == 1 ? d0 : f32x4.mul(d0, f32x4.splat(N_0)));
  v128.store(to + toStep, f32x4.add(evenA, oddA));
  v128.store(to + 2 * toStep, f32x4.sub(evenA, oddA));
  v128.store(to + 3 * toStep, f32x4.add(evenB, oddB));
  v128.store(to + 4 * toStep, f32x4.sub(evenB, oddB));
  if (points & 32) v128.store(to + 5 * toStep, d3);
}

export function transformSums(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const u1 = v128.load(from + fromStep);
  const u2 = v128.load(from + 2 * fromStep);
  const u3 = v128.load(from + 3 * fromStep);
  const u4 = v128.load(from + 4 * fromStep);
  const evenA = f32x4.add(u1, u2);
  const oddA = f32x4.sub(u1, u2);
  const evenB = f32x4.add(u3, u4);
  const oddB = f32x4.sub(u3, u4);
  v128.store(to, f32x4.add(f32x4.add(v128.load(from), evenA), evenB));
  v128.store(to + toStep, madd(oddA, f32x4.splat(A), f32x4.mul(oddB, f32x4.splat(B))));
  v128.store(to + 2 * toStep, madd(evenA, f32x4.splat(A2), madd(evenB, f32x4.splat(B2), v128.load(from + 5 * fromStep))));
}

/** G w: three taps to m + 2, or to the `points` of a block that has fewer. */
export function transformTaps(size: i32, points: i32, from: usize, fromStep: usize, to: usize, toStep: usize): void {
  if (size == 4) tapsOfFour(points, from, fromStep, to, toStep);
  else if (size == 2) tapsOfTwo(points, from, fromStep, to, toStep);
  else v128.store(to, v128.load(from));
}

function tapsOfFour(points: i32, from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const w0 = v128.load(from);
  const w1 = v128.load(from + fromStep);
  const w2 = v128.load(from + 2 * fromStep);
  const evenA = madd(w2, f32x4.splat(N_A2), f32x4.mul(w0, f32x4.splat(N_A)));
  const oddA = f32x4.mul(w1, f32x4.splat(N_A1));
  const evenB = madd(w2, f32x4.splat(N_B2), f32x4.mul(w0, f32x4.splat(N_B)));
  const oddB = f32x4.mul(w1, f32x4.splat(N_B1));
  if (points & 1) v128.store(to, N_0 == 1 ? w0 : f32x4.mul(w0, f32x4.splat(N_0)));
  v128.store(to + toStep, f32x4.add(evenA, oddA));
  v128.store(to + 2 * toStep, f32x4.sub(evenA, oddA));
  v128.store(to + 3 * toStep, f32x4.add(evenB, oddB));
  v128.store(to + 4 * toStep, f32x4.sub(evenB, oddB));
  if (points & 32) v128.store(to + 5 * toStep, w2);
}

function tapsOfTwo(points: i32, from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const w0 = v128.load(from);
  const w2 = v128.load(from + 2 * fromStep);
  const even = f32x4.mul(f32x4.add(w0, w2), f32x4.splat(0.5));
  const odd = f32x4.mul(v128.load(from + fromStep), f32x4.splat(0.5));
  if (points & 1) v128.store(to, f32x4.neg(w0));
  v128.store(to + toStep, f32x4.add(even, odd));
  v128.store(to + 2 * toStep, f32x4.sub(even, odd));
  if (points & 8) v128.store(to + 3 * toStep, w2);
}
