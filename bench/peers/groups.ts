/** The kinds of case that the targets speak of. */
import { type Case, geometryOf, isConv } from '../cases.js';

export type Group =
  | 'gemm'
  | '3x3'
  | '3x3 s2'
  | 'dilated 3x3'
  | 'one axis'
  | '3x3x3'
  | 'transposed 4x4 s2'
  | 'transposed'
  | 'depthwise'
  | 'other';

/** Channels of the narrower side from which a layer is wide: of an image or a line, and of a volume, which has more taps. */
const [WIDE, WIDE_VOLUME] = [64, 32];

export function groupOf(c: Case): Group {
  if (!isConv(c)) return 'gemm';
  const { kernel, stride, dilation, groups, xChannels, yChannels } = geometryOf(c);
  const same = (axes: readonly number[], ...values: readonly number[]): boolean => axes.join() === values.join();
  const [narrower, simple] = [Math.min(xChannels, yChannels), same(stride, 1, 1, 1) && same(dilation, 1, 1, 1)];

  if (c.op.startsWith('convTranspose')) {
    return narrower >= WIDE && same(kernel, 1, 4, 4) && same(stride, 1, 2, 2) ? 'transposed 4x4 s2' : 'transposed';
  }
  if (groups > 1) return groups === xChannels ? 'depthwise' : 'other';
  if (same(kernel, 1, 3, 3)) {
    if (simple) return narrower >= WIDE ? '3x3' : 'other';
    if (same(stride, 1, 1, 1)) return 'dilated 3x3';
    return same(stride, 1, 2, 2) && same(dilation, 1, 1, 1) ? '3x3 s2' : 'other';
  }
  if (same(kernel, 3, 3, 3)) return simple && narrower >= WIDE_VOLUME ? '3x3x3' : 'other';
  const [taps = 1, ...others] = kernel.filter((size) => size > 1);
  return taps >= 3 && others.length === 0 && same(stride, 1, 1, 1) && narrower >= WIDE ? 'one axis' : 'other';
}
