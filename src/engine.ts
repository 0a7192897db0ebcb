import type { ConvGeometry, GemmGeometry } from './geometry/index.js';
import type { Algorithm, Variant } from './types.js';
import type { ELEMENTWISE } from './wasm/generated/layout.js';

export type { GemmGeometry } from './geometry/index.js';

/** Most bytes of an engine's memory: all that wasm addresses but the last page, so that no end of anything is 4 GiB, which is 0 to a kernel. */
export const MOST_BYTES = 2 ** 32 - 2 ** 16;

/** Why an operand that lies in the last page is refused. */
export const pastTheEnd = (name: string, end: number): string =>
  `${name} ends at byte ${end} of the memory; expected ${MOST_BYTES} at most, for kernels do not use the last page below 4 GiB`;

/**
 * What an engine is: three products of the convolution matrix C of a geometry, the unrolling pair, and GEMM.
 *
 *   fprop  y  = C x              conv forward,      transposed conv gradInput
 *   dgrad  x  = Cᵀ y             conv gradInput,    transposed conv forward
 *   wgrad  dw = ∂<y, C x>/∂w     both gradWeights; gradBias as the weight of a constant input
 *
 * Arrays are flat and laid out as the geometry's strides say; where it has a border, x is the image within. Lengths and options have been checked by the ops: an
 * engine validates nothing. The last array argument before the epilogue is the result: it is written in full and never read.
 */
export interface Engine {
  readonly variant: Variant;
  /** [MR, NR] and [MC, NC, KC]; empty for the reference. */
  readonly tile: readonly number[];
  readonly blocks: readonly number[];
  readonly workspaceBytes: number;
  /** Threads that run, and why there are not as many as wanted. */
  readonly threads: number;
  readonly threadsReason: string | undefined;
  readonly liveBytes: number;
  readonly capacityBytes: number;
  readonly maxBytes: number;
  /** Another number when the engine's memory has grown: arrays of it that were taken before may be detached. */
  readonly generation: number;
  /** Whether a buffer is the engine's memory, or was it before the memory grew. */
  owns(buffer: ArrayBufferLike): boolean;
  /** An array that lay at this offset, with this length, in that generation: itself, or the same elements of the memory as it is now. */
  attach(array: Float32Array, byteOffset: number, length: number, generation: number): Float32Array;

  /**
   * Refuses whatever one of these products would, and makes room for each, before the first of them runs: no later one fails when something was computed already.
   */
  prepare(products: readonly Product[]): void;
  fprop(g: ConvGeometry, x: Float32Array, w: Float32Array, y: Float32Array, epilogue: Epilogue, job?: Job): void;
  dgrad(g: ConvGeometry, y: Float32Array, w: Float32Array, x: Float32Array, epilogue: Epilogue, job?: Job): void;
  wgrad(g: ConvGeometry, x: Float32Array, y: Float32Array, dw: Float32Array, job?: Job): void;
  /** columns[n, c·T + tap, l] = x at the input position of (tap, l), zero in the padding. All groups together. */
  im2col(g: ConvGeometry, x: Float32Array, columns: Float32Array, job?: Job): void;
  /** x = Σ of the columns entries that im2col would have read from each position. */
  col2im(g: ConvGeometry, columns: Float32Array, x: Float32Array, job?: Job): void;
  /** dx = the gradient of max pooling over the windows of `g`, 2-D channels-last without dilation: dy goes to the first largest of its window. */
  maxPoolGrad(g: ConvGeometry, x: Float32Array, dy: Float32Array, dx: Float32Array, job?: Job): void;
  gemm(g: GemmGeometry, a: Float32Array, b: Float32Array, c: Float32Array, epilogue: Epilogue, job?: Job): void;
  /** The elements of `from` along `axes` go to those of `to`; all others of `to` stay. Unlike the others it takes parts of arrays. */
  copy(axes: Axes, from: Float32Array, to: Float32Array, job?: Job): void;
  /** y = f(a, b, c), element by element. A number is the same for all; an f of two operands does not look at c. */
  elementwise(
    f: ElementwiseName,
    axes: ElementwiseAxes,
    a: Float32Array,
    b: Float32Array | number,
    c: Float32Array | number,
    y: Float32Array,
  ): void;
  /** The same of addresses in the engine's own memory, where it has one: views of arrays take longer to make and to look at than a small sum. */
  elementwiseAt?(f: ElementwiseName, axes: ElementwiseAxes, a: number, b: number, c: number, y: number): void;
  /** y = Σ x / divisor over axes of x. */
  sum(axes: SumAxes, x: Float32Array, divisor: number, y: Float32Array): void;

  /** `gemm` with b and the bias packed for repeated products: `run(a, c)`. The bits are those of the call. */
  planGemm(g: GemmGeometry, b: Float32Array, epilogue: Epilogue, job?: Job): EnginePlan;
  /** Packs `w` and the bias for repeated products in one direction. */
  plan(direction: 'fprop' | 'dgrad', g: ConvGeometry, w: Float32Array, epilogue: Epilogue, job?: Job): EnginePlan;
  /** How `gemm` wants b: packed once, it serves every product of the same key, whatever a, its rows, bias and activation are. */
  gemmPacking(g: GemmGeometry): Packing;
  packGemm(g: GemmGeometry, b: Float32Array, job?: Job): PackedWeight;
  /** How a product in one direction wants its weight: packed once, it serves every product of the same key, whatever its image, bias and activation. */
  packing(direction: 'fprop' | 'dgrad', g: ConvGeometry, job?: Job): Packing;
  pack(direction: 'fprop' | 'dgrad', g: ConvGeometry, w: Float32Array, job?: Job): PackedWeight;
  /** Zero-filled storage of `length` floats that the engine reads and writes without copying. */
  buffer(op: string, length: number): EngineBuffer;
  /** Waits until all threads that can have started: here, or without holding up this one. */
  waitForThreads(): void;
  threadsStarted(): Promise<void>;
  /** From now on this thread alone computes. */
  stopThreads(): void;
  dispose(): void;
}

/** An algorithm by its name. */
export type Chosen = Exclude<Algorithm, 'auto'>;

export interface EnginePlan {
  readonly algorithm: Chosen;
  readonly bytes: number;
  /** fprop: input = x, output = y. dgrad: input = y, output = x. gemm: input = a, output = c. */
  run(input: Float32Array, output: Float32Array): void;
  free(): void;
}

/** A product, and how it wants its weight. */
export interface Packing {
  /** The direction, the algorithm and what it reads of the weight. */
  readonly key: string;
  readonly bytes: number;
  /** The product reads the weight as it lies: packed is a copy, of no use for one in the engine's own memory. */
  readonly asIs: boolean;
}

export interface PackedWeight {
  readonly key: string;
  readonly bytes: number;
  /** Any product of the same engine and key. fprop: from = x, to = y. dgrad: from = y, to = x. gemm: from = a, to = c. */
  multiply(product: Packing, from: Float32Array, to: Float32Array, epilogue: Epilogue, op: string): void;
  free(): void;
}

export interface EngineBuffer {
  readonly bytes: number;
  /** Of the memory as it is: one that was taken in another generation may be detached. */
  view(): Float32Array;
  free(): void;
}

/** A product to come: its operands and its result, in the order in which its direction takes them. */
export interface Product {
  readonly direction: 'fprop' | 'dgrad' | 'wgrad';
  readonly geometry: ConvGeometry;
  readonly arrays: readonly [first: Float32Array, second: Float32Array, result: Float32Array];
  readonly job: Job;
}

/** On whose behalf an engine works: the operation that errors name, and the algorithms that its caller allows. */
export interface Job {
  readonly op: string;
  /** 'ordered': whichever of 'gemm' and 'direct' fits, whose order of summation is the same on every runtime. */
  readonly algorithm: Algorithm | 'ordered';
}

/** What happens to a finished sum before it is stored: v + bias, then the activation. */
export interface Epilogue {
  /** One value per output channel (conv) or, if the geometry says no other, column (gemm). */
  readonly bias: Float32Array | null;
  readonly activation: ActivationKind;
  /** Slope of leakyRelu; 0 otherwise. */
  readonly slope: number;
}

export type ActivationKind = 'none' | 'relu' | 'relu6' | 'leakyRelu';

export const NO_EPILOGUE: Epilogue = { bias: null, activation: 'none', slope: 0 };

/** Where the elements of two arrays lie, in elements. */
export interface Axes {
  /** Sizes of four axes, the last innermost, then the first array's step along each, then the second's. */
  readonly words: readonly number[];
  /** Where each begins. */
  readonly from: number;
  readonly to: number;
}

/** `from` is of a, `to` of b, whose steps c has too; a last axis is stepped along by 0 or 1. y is dense, beginning at `at`. */
export interface ElementwiseAxes extends Axes {
  readonly at: number;
}

/** Element-wise functions of a, b and c. assembly/array/elementwise.ts names and defines them; a NaN in a stays one. */
export type ElementwiseName = keyof typeof ELEMENTWISE;

/** What is summed over. */
export interface SumAxes {
  /** Sizes of two axes that stay, then of two that are summed over, then x's step along each. One of the second or of the fourth is 1. */
  readonly words: readonly number[];
  /** Where x begins, and y, which is dense. */
  readonly from: number;
  readonly at: number;
}
