/** Convolutions and products, called once or planned. */

import type { Algorithm, ConvOptions, MatmulOptions } from './options.js';
import type { Fresh, FreshTensor, Into, Tensor } from './tensor.js';

/** What `matmul.plan` takes. */
export interface MatmulPlanOptions extends Omit<MatmulOptions, 'out'> {
  /** Shape of the `a` that `run` will be given. */
  readonly a: readonly number[];
  /** The weight, of which the plan keeps a packed copy: [..., k, n], or [..., n, k] with `transposeB` (PyTorch's Linear). Batch axes broadcast as in a call. */
  readonly b: Tensor;
}

/** The product of matrices. */
export interface MatmulOp {
  /**
   * [..., m, k] times [..., k, n] is [..., m, n]; batch axes broadcast as NumPy's. Throws as a convolution does.
   *
   * @example
   * ```js
   * const a = { data: Float32Array.of(1, 2), shape: [1, 2] };
   * const b = { data: Float32Array.of(3, 4, 5, 6), shape: [2, 2] };
   * matmul(a, b).data; // [13, 16]
   * matmul(a, b, { transposeB: true }).data; // [11, 17]
   * ```
   */
  (a: Tensor, b: Tensor, options?: MatmulOptions & Fresh): FreshTensor;
  /** Into `out`. */
  <O extends Tensor>(a: Tensor, b: Tensor, options: MatmulOptions & Into<O>): O;
  /** Into `out`, if the options have one. */
  (a: Tensor, b: Tensor, options?: MatmulOptions): Tensor;
  /**
   * A dense layer: `b` and the bias are packed once, `run(a)` has the bits of the call.
   *
   * @example
   * ```js
   * const b = { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] }; // [out, in], as PyTorch's Linear
   * const layer = matmul.plan({ a: [1, 2], b, transposeB: true });
   * layer.run({ data: Float32Array.of(10, 1), shape: [1, 2] }).data; // [12, 34]
   * layer.dispose();
   * ```
   */
  plan(options: MatmulPlanOptions): Plan;
}

/** A convolution or product of one fixed shape and weight: the weight is packed once, `run` only computes. */
export interface Plan {
  /**
   * One product. Its bits are those of the call without a plan by the same `algorithm`.
   *
   * @param input of the shape that the plan was made for; of a product its `a`
   * @throws ShapeError for another shape
   * @throws OutOfMemoryError where there is no room for what is not resident
   * @throws DisposedError after `dispose`
   */
  run(input: Tensor): FreshTensor;
  /** Into `out`, of shape `outputShape`. An OptionError where that overlaps the input. */
  run<O extends Tensor>(input: Tensor, out: O): O;
  /** Into `out`, if it is given. */
  run(input: Tensor, out?: Tensor): Tensor;
  /** Shape of what `run` gives. */
  readonly outputShape: readonly number[];
  /** Bytes the plan holds until `dispose`: packed weight, bias, the padded input of a `padMode`, and what its runs need to know of the shapes. */
  readonly bytes: number;
  /** What it runs: 'gemm' for a product of matrices, 'direct' for a convolution by the reference. */
  readonly algorithm: Exclude<Algorithm, 'auto'>;
  /** Frees what it holds. A second call does nothing; `run` throws a DisposedError afterwards. */
  dispose(): void;
  /** `dispose`, for `using`. */
  [Symbol.dispose](): void;
}

/** What a convolution's `plan` takes. */
export interface PlanOptions extends Omit<ConvOptions, 'out'> {
  /** Shape of the input that `run` will be given. */
  readonly input: readonly number[];
  /** Shaped as for a call. The plan keeps a packed copy. */
  readonly weight: Tensor;
}

/** What `backward` gives. */
export interface ConvGradients {
  /** Of the input's shape. */
  readonly gradInput: FreshTensor;
  /** Of the weight's shape. */
  readonly gradWeight: FreshTensor;
  /** [O]. */
  readonly gradBias: FreshTensor;
}

/**
 * A convolution, or a transposed one, with each of its gradients. Each gives `out` back where that is given, else a fresh tensor.
 *
 * Shapes are those of `Layout`. An input of one rank less is unbatched, and so is its output. Everything is cross-correlation, as in every deep-learning library.
 *
 * Gradients take the options of the forward call but its activation. `gradOutput` has the shape of the forward output.
 *
 * @throws ShapeError for shapes that do not fit together
 * @throws OptionError for an option that is unknown, out of range or refused here
 * @throws OutOfMemoryError where `maxBytes` does not suffice; then nothing has changed
 * @throws DisposedError for a resident tensor, or an instance, that was disposed
 *
 * @example
 * ```js
 * const x = { data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), shape: [1, 1, 3, 3] };
 * const w = { data: Float32Array.of(1, 0, 0, 1), shape: [1, 1, 2, 2] };
 * conv2d(x, w).data; // [6, 8, 12, 14]
 * convTranspose2d(x, w).shape; // [1, 1, 4, 4]
 * ```
 */
export interface ConvOp {
  /** y = C x, then the bias, then the activation: [N, C, ...spatial] to [N, O, ...spatial]. */
  (input: Tensor, weight: Tensor, options?: ConvOptions & Fresh): FreshTensor;
  /** Into `out`. */
  <O extends Tensor>(input: Tensor, weight: Tensor, options: ConvOptions & Into<O>): O;
  /** Into `out`, if the options have one. */
  (input: Tensor, weight: Tensor, options?: ConvOptions): Tensor;
  /**
   * dx = Cᵀ dy: the gradient of the input, of `inputShape`, for the gradient of the output.
   *
   * @example
   * ```js
   * const dy = { data: Float32Array.of(1, 1, 1, 1), shape: [1, 1, 2, 2] };
   * const w = { data: Float32Array.of(1, 2, 3, 4), shape: [1, 1, 2, 2] };
   * conv2d.gradInput(dy, w, [1, 1, 3, 3]).data; // [1, 3, 2, 4, 10, 6, 3, 7, 4]
   * ```
   */
  gradInput(gradOutput: Tensor, weight: Tensor, inputShape: readonly number[], options?: ConvOptions & Fresh): FreshTensor;
  /** Into `out`. */
  gradInput<O extends Tensor>(gradOutput: Tensor, weight: Tensor, inputShape: readonly number[], options: ConvOptions & Into<O>): O;
  /** Into `out`, if the options have one. */
  gradInput(gradOutput: Tensor, weight: Tensor, inputShape: readonly number[], options?: ConvOptions): Tensor;
  /**
   * The gradient of the weight, of `weightShape`.
   *
   * @example
   * ```js
   * const dy = { data: Float32Array.of(1, 0, 0, 1), shape: [1, 1, 2, 2] };
   * const x = { data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), shape: [1, 1, 3, 3] };
   * conv2d.gradWeight(dy, x, [1, 1, 2, 2]).data; // [6, 8, 12, 14]
   * ```
   */
  gradWeight(gradOutput: Tensor, input: Tensor, weightShape: readonly number[], options?: ConvOptions & Fresh): FreshTensor;
  /** Into `out`. */
  gradWeight<O extends Tensor>(gradOutput: Tensor, input: Tensor, weightShape: readonly number[], options: ConvOptions & Into<O>): O;
  /** Into `out`, if the options have one. */
  gradWeight(gradOutput: Tensor, input: Tensor, weightShape: readonly number[], options?: ConvOptions): Tensor;
  /**
   * The gradient of the bias, [O]: the sum over batch and space.
   *
   * @example
   * ```js
   * conv1d.gradBias({ data: Float32Array.of(1, 2, 3, 4), shape: [1, 2, 2] }).data; // [3, 7]
   * ```
   */
  gradBias(gradOutput: Tensor, options?: ConvOptions & Fresh): FreshTensor;
  /** Into `out`. */
  gradBias<O extends Tensor>(gradOutput: Tensor, options: ConvOptions & Into<O>): O;
  /** Into `out`, if the options have one. */
  gradBias(gradOutput: Tensor, options?: ConvOptions): Tensor;
  /**
   * All three, without an `out`. What can be refused is refused before any of them is computed.
   *
   * @example
   * ```js
   * const dy = { data: Float32Array.of(1, 2), shape: [1, 1, 2] };
   * const x = { data: Float32Array.of(1, 2, 3), shape: [1, 1, 3] };
   * const w = { data: Float32Array.of(5, 7), shape: [1, 1, 2] };
   * const { gradInput, gradWeight, gradBias } = conv1d.backward(dy, x, w);
   * gradInput.data; // [5, 17, 14]
   * gradWeight.data; // [5, 8]
   * gradBias.data; // [3]
   * ```
   */
  backward(gradOutput: Tensor, input: Tensor, weight: Tensor, options?: Omit<ConvOptions, 'out'>): ConvGradients;
  /**
   * Shape of what a call gives. Throws where that refuses the shapes or an option of `ConvShapeOptions`; the other options are not looked at.
   *
   * @example
   * ```js
   * conv2d.outputShape([1, 3, 224, 224], [64, 3, 7, 7], { stride: 2, padding: 3 }); // [1, 64, 112, 112]
   * ```
   */
  outputShape(inputShape: readonly number[], weightShape: readonly number[], options?: ConvOptions): number[];
  /**
   * For many calls with one weight and one shape of input.
   *
   * @example
   * ```js
   * const weight = { data: Float32Array.of(1, -1), shape: [1, 1, 2] };
   * const plan = conv1d.plan({ input: [1, 1, 3], weight, activation: 'relu' });
   * plan.run({ data: Float32Array.of(5, 3, 4), shape: [1, 1, 3] }).data; // [2, 0]
   * plan.dispose();
   * ```
   */
  plan(options: PlanOptions): Plan;
}
