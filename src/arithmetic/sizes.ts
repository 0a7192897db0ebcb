import { OptionError } from '../errors.js';
import { checkNames, convGeometry, convTransposeGeometry, describe, readPerAxis } from '../geometry/index.js';
import type { ConvShapeOptions, PerAxis } from '../types.js';

/** Options of `convOutputSize`. */
export type ConvSizeOptions = Pick<ConvShapeOptions, 'stride' | 'padding' | 'dilation'>;
/** Options of `convTransposeOutputSize`. */
export type ConvTransposeSizeOptions = Pick<ConvShapeOptions, 'stride' | 'padding' | 'dilation' | 'outputPadding'>;

/**
 * The spatial size that a convolution gives: o = ⌊(i + before + after - k̂)/s⌋ + 1 with k̂ = d(k - 1) + 1 (relationships 6
 * and 15 of arXiv 1603.07285 with unequal pads), or ⌈i/s⌉ with padding 'same', 'same-lower' and 'causal'.
 *
 * @param input Size in positions: a number, or one per axis (one to three) for an array of as many.
 * @param kernel Taps: a number for every axis, or one per axis.
 * @param options stride 1, padding 0 and dilation 1 by default, in the words of the ops.
 * @throws ShapeError when the kernel does not fit the padded input; OptionError for a wrong value or an unknown option.
 * @example
 * ```js
 * convOutputSize(224, 7, { stride: 2, padding: 3 }); // 112
 * convOutputSize([224, 160], 3, { padding: ['same', 0] }); // [224, 158]
 * ```
 */
export function convOutputSize(input: number, kernel: number, options?: ConvSizeOptions): number;
/** One size for each axis. */
export function convOutputSize(input: readonly number[], kernel: PerAxis, options?: ConvSizeOptions): number[];
export function convOutputSize(input: PerAxis, kernel: PerAxis, options?: ConvSizeOptions): number | number[] {
  const op = 'convOutputSize';
  checkNames(op, options, ['stride', 'padding', 'dilation']);
  return sizes(op, convGeometry, input, kernel, options);
}

/**
 * The spatial size that a transposed convolution gives: o' = (i' - 1)s + k̂ - before - after + outputPadding
 * (relationship 14 of arXiv 1603.07285 with unequal pads), or i's with padding 'same', 'same-lower' and 'causal'.
 *
 * @param input Size in positions: a number, or one per axis (one to three) for an array of as many.
 * @param kernel Taps: a number for every axis, or one per axis.
 * @param options stride 1, padding 0, dilation 1 and outputPadding 0 by default, in the words of the ops.
 * @throws ShapeError when nothing is left after cropping; OptionError for a wrong value or an unknown option.
 * @example
 * ```js
 * convTransposeOutputSize(7, 4, { stride: 2, padding: 1 }); // 14
 * ```
 */
export function convTransposeOutputSize(input: number, kernel: number, options?: ConvTransposeSizeOptions): number;
/** One size for each axis. */
export function convTransposeOutputSize(input: readonly number[], kernel: PerAxis, options?: ConvTransposeSizeOptions): number[];
export function convTransposeOutputSize(input: PerAxis, kernel: PerAxis, options?: ConvTransposeSizeOptions): number | number[] {
  const op = 'convTransposeOutputSize';
  checkNames(op, options, ['stride', 'padding', 'dilation', 'outputPadding']);
  return sizes(op, convTransposeGeometry, input, kernel, options);
}

/** Asks the ops' own geometry about one image of one channel, so that the rules and the errors are the ops'. */
function sizes(
  op: string,
  geometry: typeof convGeometry,
  input: PerAxis,
  kernel: PerAxis,
  options: ConvShapeOptions | undefined,
): number | number[] {
  const single = typeof input === 'number';
  const axes = single ? 1 : Array.isArray(input) ? input.length : 0;
  if (axes < 1 || axes > 3) {
    throw new OptionError(
      op,
      `input is ${describe(input)}; expected a size, or an array of one to three sizes, without batch and channels`,
    );
  }
  if (single && Array.isArray(kernel)) {
    throw new OptionError(op, `kernel is ${describe(kernel)}, but input is one size, ${input}; write input as an array too`);
  }
  const space = readPerAxis(op, 'input', input, axes, 1);
  const taps = readPerAxis(op, 'kernel', kernel, axes, 1);
  const [, ...output] = geometry(op, axes, [1, ...space], [1, 1, ...taps], options).outputShape;
  return single ? (output[0] as number) : output;
}
