/** Public data types. Shapes list sizes outermost first; data is row-major (the last axis is contiguous). */
/// <reference lib="esnext.disposable" preserve="true" />

/** A float32 array with a shape. A plain object is a Tensor; `data` may be a view with any byteOffset. */
export interface Tensor {
  /** The elements, as many as the sizes multiplied. */
  readonly data: Float32Array;
  /** Sizes of the axes; [] is a scalar. */
  readonly shape: readonly number[];
}

/** The array of a fresh result: a `Float32Array<ArrayBuffer>` to a TypeScript that tells buffers apart (5.7), which `postMessage` asks for. */
export type FreshData = ReturnType<Float32ArrayConstructor['of']>;

/** A result that no `out` was given for: the caller's alone, and all of a buffer of its own. */
export interface FreshTensor extends Tensor {
  /** It may be posted to a worker with its buffer transferred: `postMessage(y, [y.data.buffer])`. */
  readonly data: FreshData;
}

/** Among the options of a call: its result is `out` itself. */
export interface Into<O extends Tensor> {
  /** Written and returned. */
  readonly out: O;
}

/** Among the options of a call: its result is fresh. */
export interface Fresh {
  /** Left out. */
  readonly out?: undefined;
}

/** A tensor that lives in the kernels' own memory, made by `Kernels.tensor`: passing it to an op moves nothing in or out. */
export interface ResidentTensor extends Tensor {
  /**
   * A view derived on every access, so it stays valid after the memory has grown. Do not keep it across calls.
   *
   * @throws DisposedError after `dispose`
   */
  readonly data: Float32Array;
  /** Bytes held in the kernels' memory until `dispose`. */
  readonly bytes: number;
  /** What `JSON.stringify` writes. `{ data: Float32Array.from(data), shape }` is the tensor again. */
  toJSON(): {
    /** The elements. NaN and the infinities, which JSON does not have, are strings. */
    data: (number | string)[];
    /** The sizes. */
    shape: number[];
  };
  /** Frees the memory. A second call does nothing; reading `data` afterwards throws a DisposedError. */
  dispose(): void;
  /** `dispose`, for `using`. */
  [Symbol.dispose](): void;
}

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
 * - `winograd`: for images, kernels of 3×3 and larger, stride and dilation 1; for a gradient of the weight 3×3. Not of `deterministic` kernels.
 * - `phases`: for a convolution's gradient of the input and a transposed convolution; a gradient of the weight takes 'gemm' for it. Not of `deterministic` kernels.
 */
export type Algorithm = 'auto' | 'gemm' | 'direct' | 'winograd' | 'phases';

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
  /** Convolutions only, as PyTorch's `padding_mode`: the values that positive padding adds. Default 'zeros'; the others copy the input once. */
  readonly padMode?: PadMode;
  /** Positions from one tap of the kernel to the next. Default 1. */
  readonly dilation?: PerAxis;
  /** Parts of the channels that do not meet; as many as channels is depthwise. Must divide both channel counts. Default 1. */
  readonly groups?: number;
  /**
   * Transposed ops only: rows added at the end of the output, at most max(stride, dilation) - 1: a convolution of stride s takes s sizes to one, and this says from
   * which of them it came. More rows are a negative padding. Default 0.
   */
  readonly outputPadding?: PerAxis;
  /**
   * Transposed ops only: the spatial output size, instead of outputPadding: any that outputPadding reaches; with 'same', 'same-lower' and 'causal' any of which
   * input is ⌈outputSize / stride⌉. Default with these words: input · stride.
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
  backward(gradOutput: Tensor, input: Tensor, weight: Tensor, options?: ConvOptions): ConvGradients;
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

/** WebAssembly with relaxed SIMD, with SIMD, or plain JavaScript. */
export type Variant = 'relaxed' | 'simd' | 'reference';

/** Options of `load` and `loadSync`. */
export interface LoadOptions {
  /** Default 'auto': the fastest that the runtime supports, in the order of `Variant`. */
  readonly variant?: 'auto' | Variant;
  /** The same bits on every runtime: the `simd` variant and algorithms of documented order only. Default false. */
  readonly deterministic?: boolean;
  /** Threads wanted, default 1. This version runs on one; `info.threads` says what is really running. */
  readonly threads?: number | 'auto';
  /** A compiled module to use instead of the embedded bytes (from `simdconv/wasm/*.wasm`). */
  readonly module?: WebAssembly.Module;
  /** Upper bound of the kernels' memory in bytes, at least 1 MiB. Default and most 4 GiB - 64 KiB: all that wasm addresses but its last page, whose end has no address. */
  readonly maxBytes?: number;
  /**
   * A memory of someone else's to live in, with the `allocator` that gives out room there. Arrays that are views of it are read and written in place, as
   * resident tensors are. It may not be shared between threads.
   */
  readonly memory?: WebAssembly.Memory;
  /** Goes with `memory`. */
  readonly allocator?: Allocator;
}

/** Gives out room in a memory that others use too; `malloc` may grow it. */
export interface Allocator {
  /** The address of `bytes` that nobody else uses until they are given back; 0 where there are none. */
  malloc(bytes: number): number;
  /** Takes back what `malloc` gave at that address. */
  free(pointer: number): void;
}

/** The kernels' memory: none is held after `dispose`. */
export interface MemoryInfo {
  /** Bytes of live resident tensors and plans. */
  readonly liveBytes: number;
  /** Size of the memory now: live bytes, workspace, and room kept for reuse; of a host's memory what is held of it. */
  readonly capacityBytes: number;
  /** What the memory may grow to: `maxBytes` of `load`, of a memory of the kernels' own in whole pages of 64 KiB. */
  readonly maxBytes: number;
  /** Fixed scratch of the kernels, the same for every layer. */
  readonly workspaceBytes: number;
}

/** What is running. */
export interface Info {
  /** Of this package. */
  readonly version: string;
  /** Which engine was started. */
  readonly variant: Variant;
  /** Threads it runs on: 1 in this version. */
  readonly threads: number;
  /** As asked for at `load`. */
  readonly deterministic: boolean;
  /** Register tile of the GEMM, [MR, NR]; empty for the reference. */
  readonly tile: readonly number[];
  /** Cache blocks of the GEMM, [MC, NC, KC]; empty for the reference. */
  readonly blocks: readonly number[];
  /** Measured on each access; `console.log` and JSON show it too. */
  readonly memory: MemoryInfo;
}

/** Every operation over one engine. Shapes below are those of `channels-first`; each may be unbatched, without N. */
export interface Kernels {
  /** What is running, and its memory. */
  readonly info: Info;
  /** Convolution of lines: [N, C, W] by a weight [O, I/g, kW]. */
  readonly conv1d: ConvOp;
  /** Convolution of images: [N, C, H, W] by a weight [O, I/g, kH, kW]. */
  readonly conv2d: ConvOp;
  /** Convolution of volumes: [N, C, D, H, W] by a weight [O, I/g, kD, kH, kW]. */
  readonly conv3d: ConvOp;
  /** Transposed convolution of lines: [N, C, W] by a weight [I, O/g, kW]. */
  readonly convTranspose1d: ConvOp;
  /** Transposed convolution of images: [N, C, H, W] by a weight [I, O/g, kH, kW]. */
  readonly convTranspose2d: ConvOp;
  /** Transposed convolution of volumes: [N, C, D, H, W] by a weight [I, O/g, kD, kH, kW]. */
  readonly convTranspose3d: ConvOp;
  /**
   * im2col: [N, C, ...spatial] to columns [N, C·Πk, L]. A bare number for `kernelSize` reads rank 4 as [N, C, H, W] and rank 5 as [N, C, D, H, W]; of other ranks
   * an array, here or among the options, must say how many axes are spatial. Columns are the same in either layout. Throws as a convolution does.
   *
   * @example
   * ```js
   * const x = { data: Float32Array.of(1, 2, 3, 4), shape: [1, 1, 4] };
   * unfold(x, [2]).data; // [1, 2, 3, 2, 3, 4]
   * ```
   */
  unfold(input: Tensor, kernelSize: PerAxis, options?: UnfoldOptions & Fresh): FreshTensor;
  /** Into `out`. */
  unfold<O extends Tensor>(input: Tensor, kernelSize: PerAxis, options: UnfoldOptions & Into<O>): O;
  /** Into `out`, if the options have one. */
  unfold(input: Tensor, kernelSize: PerAxis, options?: UnfoldOptions): Tensor;
  /**
   * col2im, the adjoint of `unfold`: columns [N, C·Πk, L] summed into [N, C, ...outputSize]. Where both sizes are bare numbers, as many axes are meant as fit the
   * columns. Throws as a convolution does.
   *
   * @example
   * ```js
   * const columns = { data: Float32Array.of(1, 2, 3, 2, 3, 4), shape: [1, 2, 3] };
   * fold(columns, [4], [2]).data; // [1, 4, 6, 4]
   * ```
   */
  fold(columns: Tensor, outputSize: PerAxis, kernelSize: PerAxis, options?: UnfoldOptions & Fresh): FreshTensor;
  /** Into `out`. */
  fold<O extends Tensor>(columns: Tensor, outputSize: PerAxis, kernelSize: PerAxis, options: UnfoldOptions & Into<O>): O;
  /** Into `out`, if the options have one. */
  fold(columns: Tensor, outputSize: PerAxis, kernelSize: PerAxis, options?: UnfoldOptions): Tensor;
  /** The product of matrices: [..., m, k] times [..., k, n]. `matmul.plan` packs b once. */
  readonly matmul: MatmulOp;
  /**
   * A tensor in the kernels' memory, zero-filled unless `data`, which is copied, is given.
   *
   * @throws ShapeError for a size that is no whole number ≥ 0, or data of another length
   * @throws OptionError for data that is no Float32Array
   * @throws OutOfMemoryError where `maxBytes` does not suffice
   *
   * @example
   * ```js
   * const sum = tensor([1, 2]);
   * matmul({ data: Float32Array.of(1, 2), shape: [1, 2] }, tensor([2, 2], Float32Array.of(1, 0, 0, 1)), { out: sum });
   * sum.data; // [1, 2]
   * sum.dispose();
   * ```
   */
  tensor(shape: readonly number[], data?: Float32Array): ResidentTensor;
  /** Frees everything; later calls throw a DisposedError. */
  dispose(): void;
  /** `dispose`, for `using`. */
  [Symbol.dispose](): void;
}
