/** How an op is told what to do. */

import type { Tensor } from './tensor.js';

/**
 * Order of the axes in memory.
 * - `channels-first`: input [N, C, ...spatial], conv weight [O, I/g, ...k], transposed weight [I, O/g, ...k] (PyTorch).
 * - `channels-last`: input [N, ...spatial, C], conv weight [...k, I/g, O], transposed weight [...k, O/g, I] (TensorFlow).
 *
 * @example
 * ```js
 * conv2d.outputShape([1, 3, 32, 32], [8, 3, 5, 5]); // [1, 8, 28, 28]
 * conv2d.outputShape([1, 32, 32, 3], [5, 5, 3, 8], { layout: 'channels-last' }); // [1, 28, 28, 8]
 * ```
 */
export type Layout = 'channels-first' | 'channels-last';

/** Applied after the bias: max(0, v), min(max(0, v), 6), or v > 0 ? v : slope * v. */
export type Activation =
  | 'relu'
  | 'relu6'
  | {
      /** The slope where v is not positive: any finite number. */
      readonly leakyRelu: number;
    };

/** One number for every axis, or one per axis. */
export type PerAxis = number | readonly number[];

/**
 * A number for both sides, a [before, after] pair, or a rule by name. A negative number crops a convolution's input, of which at least one position must be left.
 * It makes a transposed convolution's output, which padding crops, longer: by zeros (and the bias) where no window reaches.
 *
 * - `valid`: none.
 * - `same`: a convolution gives ⌈input / stride⌉ and pads both sides alike, the odd position after (TensorFlow, ONNX's SAME_UPPER). A transposed one gives
 *   input · stride, or `outputSize`, and crops what the convolution back from there pads.
 * - `same-lower`: with the odd position before (ONNX's SAME_LOWER).
 * - `causal`: the same sizes, and no output depends on an input of a later place. A convolution pads before only (Keras), a transposed one crops after only.
 */
export type AxisPadding = number | readonly [number, number] | 'valid' | 'same' | 'same-lower' | 'causal';

/**
 * The same for every axis (a number or a word), or one of each axis: `['causal', 'same']` for time and space.
 *
 * @example
 * ```js
 * conv1d.outputShape([1, 1, 9], [1, 1, 3], { padding: 'same', stride: 2 }); // [1, 1, 5]
 * conv1d.outputShape([1, 1, 9], [1, 1, 3], { padding: [[2, 0]] }); // [1, 1, 9]
 * conv2d.outputShape([1, 1, 9, 9], [1, 1, 3, 3], { padding: [1, -1] }); // [1, 1, 9, 5]
 * ```
 */
export type Padding = Exclude<AxisPadding, readonly [number, number]> | readonly AxisPadding[];

/**
 * What stands around the input of a convolution. Each axis continues what a crop leaves of it.
 * - `zeros`: zeros, as many as wanted.
 * - `reflect`: its mirror image without the edge itself, `c b | a b c | b a`: less than its size.
 * - `replicate`: its edge, `a a | a b c | c c`: as much as wanted.
 * - `circular`: itself from the other end, `b c | a b c | a b`: at most its size.
 *
 * @example
 * ```js
 * const x = { data: Float32Array.of(1, 2, 3), shape: [1, 1, 3] };
 * const one = { data: Float32Array.of(1), shape: [1, 1, 1] };
 * conv1d(x, one, { padding: 2, padMode: 'reflect' }).data; // [3, 2, 1, 2, 3, 2, 1]
 * conv1d(x, one, { padding: 2, padMode: 'circular' }).data; // [2, 3, 1, 2, 3, 1, 2]
 * ```
 */
export type PadMode = 'zeros' | 'reflect' | 'replicate' | 'circular';

/**
 * How a convolution is computed. One that does not apply is refused with an OptionError; the reference computes from the definition, whichever is named.
 *
 * - `auto`: chosen from the shapes.
 * - `gemm`: for everything.
 * - `direct`: for everything but more than 4096 phases of a stride; best where a group's result has few channels (depthwise, grouped, last layers).
 * - `winograd`: for kernels with two taps or more along their height or width, at any stride and dilation (along the width at most 16, less what it shares with the stride); for a convolution's
 *   gradient of the input and a transposed convolution where each phase of the stride has a tap. Not of `deterministic` kernels.
 * - `fft`: for stride and dilation 1 with one channel of the operand and one of the result in a group (depthwise, one-channel filters), 8 taps or more along the width, in one or two dimensions; a gradient of
 *   the weight takes 'direct' for it. Not of `deterministic` kernels.
 * - `phases`: for a convolution's gradient of the input and a transposed convolution; a gradient of the weight takes 'gemm' for it. Not of `deterministic` kernels.
 */
export type Algorithm = 'auto' | 'gemm' | 'direct' | 'winograd' | 'fft' | 'phases';

/**
 * What shapes a convolution, whichever direction it is used in.
 *
 * @example
 * ```js
 * conv2d.outputShape([1, 8, 32, 32], [8, 1, 3, 3], { groups: 8, padding: 1 }); // [1, 8, 32, 32]
 * convTranspose2d.outputShape([1, 8, 16, 16], [8, 3, 4, 4], { stride: 2, padding: 1 }); // [1, 3, 32, 32]
 * convTranspose2d.outputShape([1, 8, 16, 16], [8, 3, 3, 3], { stride: 2, padding: 1, outputSize: 32 }); // [1, 3, 32, 32]
 * ```
 */
export interface ConvShapeOptions {
  /** Positions from one window to the next. Default 1. */
  readonly stride?: PerAxis;
  /** Positions added around a convolution's input, or cropped from a transposed one's output. Default 0. */
  readonly padding?: Padding;
  /** The values that positive padding adds, as PyTorch's `padding_mode`. Default 'zeros', the only one of transposed ops; the others copy the input once. */
  readonly padMode?: PadMode;
  /** Positions from one tap of the kernel to the next. Default 1. */
  readonly dilation?: PerAxis;
  /** Parts of the channels that do not meet; as many as channels is depthwise. Must divide both channel counts. Default 1. */
  readonly groups?: number;
  /**
   * Transposed ops only: rows added at the end of the output, at most max(stride, dilation) - 1. A convolution of stride s takes s sizes to one, and this says from
   * which of them it came. More rows are a negative padding. Refused beside outputSize, and more than 0 beside 'same', 'same-lower' and
   * 'causal'. Default 0.
   */
  readonly outputPadding?: PerAxis;
  /**
   * Transposed ops only: the spatial output size, any that outputPadding reaches. With 'same', 'same-lower' and 'causal' any of which input is
   * ⌈outputSize / stride⌉; their default is input · stride.
   */
  readonly outputSize?: PerAxis;
  /** Default 'channels-first'. */
  readonly layout?: Layout;
}

/** Options of a convolution, a transposed one, and their gradients. */
export interface ConvOptions extends ConvShapeOptions {
  /** A tensor of shape [O], added to every output position. Gradients check its shape and have no other use for it. */
  readonly bias?: Tensor;
  /** Default none. Gradients, which are of the linear operation, refuse it. */
  readonly activation?: Activation;
  /** Default 'auto'. 'gemm' keeps to the documented order of summation. */
  readonly algorithm?: Algorithm;
  /**
   * Written and returned instead of a fresh tensor. A ShapeError where its shape is not the result's, an OptionError where it overlaps an operand, and for `backward`,
   * which has three results.
   */
  readonly out?: Tensor;
}

/** Options of `unfold` and `fold`. */
export type UnfoldOptions = Pick<ConvOptions, 'stride' | 'padding' | 'dilation' | 'layout' | 'out'>;

/** Options of `matmul`. */
export interface MatmulOptions {
  /** Read `a` as its transpose: a is [..., k, m]. Default false. */
  readonly transposeA?: boolean;
  /** Read `b` as its transpose: b is [..., n, k]. Default false. */
  readonly transposeB?: boolean;
  /** Added to the product before the activation: a tensor of shape [n] for every row, [m, n], or any other that broadcasts to the result as in NumPy. */
  readonly bias?: Tensor;
  /** Default none. */
  readonly activation?: Activation;
  /** As a convolution's. */
  readonly out?: Tensor;
}
