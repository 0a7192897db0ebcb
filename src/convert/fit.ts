/** Which paddings of an axis compute the same, and which of them a framework can say. */
import type { Pair } from '../geometry/index.js';
import { type Axis, extent, padsFor, padsOf, type Resolved } from './resolve.js';
import type { PadRule } from './types.js';

/**
 * Whether an axis padded by `candidate` computes what the axis does. Where the input is known, pads that no window reaches do not count, and an axis on which no
 * window meets the input gives zeros however it is padded.
 */
export function computesSame(transposed: boolean, axis: Axis, candidate: Pair | PadRule): boolean {
  if (axis.padding === candidate) return true;
  const [own, other] = [padsOf(transposed, axis), padsOf(transposed, { ...axis, padding: candidate })];
  if (own === undefined || other === undefined) return false;
  if (own[0] === other[0] && own[1] === other[1]) return true;
  const { input } = axis;
  if (input === undefined) return false;
  const size = extent(transposed, axis, input, own);
  if (size !== extent(transposed, axis, input, other)) return false;
  if (!transposed && Math.max(0, -other[0]) + Math.max(0, -other[1]) >= input) return false;
  if (own[0] === other[0]) return true;
  return !axis.border && !(meets(transposed, axis, input, size, own[0]) || meets(transposed, axis, input, size, other[0]));
}

/** Whether any tap of any window meets the input; `size` is the output's. */
function meets(transposed: boolean, { kernel, stride, dilation }: Axis, input: number, size: number, before: number): boolean {
  const [windows, positions] = transposed ? [input, size] : [size, input];
  for (let window = 0; window < windows; window++) {
    for (let tap = 0; tap < kernel; tap++) {
      const at = window * stride + tap * dilation - before;
      if (at >= 0 && at < positions) return true;
    }
  }
  return false;
}

/** The first of the pads that computes what the axis does: `before` of the axis itself, or where that is of no account a smaller one. */
export function firstSame(transposed: boolean, axis: Axis, make: (before: number) => readonly Pair[]): Pair | undefined {
  const own = padsOf(transposed, axis);
  if (own === undefined) return undefined;
  for (const before of [own[0], ...Array(Math.max(0, ...own) + 1).keys()]) {
    const found = make(before).find((candidate) => computesSame(transposed, axis, candidate));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Pads that are not negative, and the rows added at the end. */
export interface Cropped {
  readonly pads: Pair;
  readonly extra: number;
}

/** What crops an axis by pads that are not negative, with fewer than `limit` rows added after: ONNX's and WebNN's way. */
export function croppedByPads(axis: Axis, limit: number): Cropped | undefined {
  const own = padsOf(true, axis);
  if (own === undefined) return undefined;
  const [, after] = own;
  const cropped = firstSame(true, axis, (before) => {
    const end = own[0] + after - before;
    return before >= 0 && end > -limit ? [[before, end]] : [];
  });
  if (cropped === undefined) return undefined;
  const extra = Math.max(0, -cropped[1]);
  return { pads: [cropped[0], cropped[1] + extra], extra };
}

/** What pads an axis of a convolution on each side without a crop. */
export function paddedOnly(resolved: Resolved, axis: Axis): Pair | undefined {
  const [, after] = padsFor(resolved, axis);
  return firstSame(false, axis, (before) => (before < 0 ? [] : [[before, Math.max(0, after)]]));
}

/** What an axis is padded or cropped by, for a reason. */
export function padded(resolved: Resolved, index: number): string {
  const [before, after] = padsFor(resolved, resolved.axes[index] as Axis);
  return `axis ${index} ${resolved.transposed ? 'crops' : 'is padded by'} ${before} before and ${after} after`;
}
