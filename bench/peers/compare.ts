/** Two results of one case, side by side, before either is timed. */
import type { Case } from '../cases.js';
import { oracle } from '../check.js';
import type { Operands } from '../problem.js';

export interface Comparison {
  /** Largest difference, as a part of the largest element of ours. */
  readonly error: number;
  readonly right: boolean;
}

/** Relative to the largest output: what a Winograd algorithm may deviate, ours or a peer's. */
const WINOGRAD = 2e-5;

/**
 * Two float32 sums of `terms` products of uniform numbers: each error is at most 6√n·2⁻²⁴ times the sum of magnitudes (check.ts), which is n/4 with a
 * deviation of 0.22√n; six of those cover the largest of any result. Or what Winograd may deviate, if that is more.
 */
export function compare(c: Case, operands: Operands, ours: Float32Array, theirs: Float32Array): Comparison {
  if (theirs.length !== ours.length) return { error: Number.POSITIVE_INFINITY, right: false };
  const { terms } = oracle(c, operands);
  let [largest, difference] = [0, 0];
  for (let i = 0; i < ours.length; i++) {
    const [a, b] = [ours[i] as number, theirs[i] as number];
    largest = Math.max(largest, Math.abs(a));
    difference = Math.max(difference, Number.isNaN(b) ? Number.POSITIVE_INFINITY : Math.abs(a - b));
  }
  const magnitude = terms / 4 + 6 * 0.22 * Math.sqrt(terms);
  const bound = Math.max(2 * 6 * Math.sqrt(terms + 1) * 2 ** -24 * magnitude, WINOGRAD * largest);
  return { error: difference / largest, right: difference <= bound };
}
