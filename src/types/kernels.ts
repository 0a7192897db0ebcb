/** What `load` takes and gives. */

import type { ConvOp, MatmulOp } from './ops.js';
import type { PerAxis, UnfoldOptions } from './options.js';
import type { Fresh, FreshTensor, Into, ResidentTensor, Tensor } from './tensor.js';

/** WebAssembly with relaxed SIMD, with SIMD, or plain JavaScript. */
export type Variant = 'relaxed' | 'simd' | 'reference';

/**
 * How many threads, the caller's among them, at most 64.
 *
 * @example
 * ```js
 * const { info } = await load({ threads: { count: 2, required: true } });
 * info.threads; // 2
 * ```
 */
export type Threads = number | 'auto' | ThreadsOptions;

/** Threads, and what besides their number. */
export interface ThreadsOptions {
  /** As without the others. */
  readonly count: number | 'auto';
  /** Whether `load` throws where there are fewer. Default false. */
  readonly required?: boolean;
  /**
   * Of a page whose Content-Security-Policy forbids workers from `blob:`, and only there: where it serves the package's `simdconv/worker` (dist/worker.js), from its own origin and
   * with the header `Cross-Origin-Embedder-Policy` of the page.
   */
  readonly workerUrl?: string | { readonly href: string };
}

/** Options of `load` and `loadSync`. */
export interface LoadOptions {
  /** Default 'auto': the fastest that the runtime supports, `relaxed` or `simd`. */
  readonly variant?: 'auto' | Variant;
  /** Whether 'auto' is `reference`, plain JavaScript, where the runtime has no WebAssembly SIMD or refuses it. It is hundreds of times slower. Default false: then `load` throws. */
  readonly fallback?: boolean;
  /** The same bits on every runtime: the `simd` variant and algorithms of documented order only. Default false. */
  readonly deterministic?: boolean;
  /**
   * Threads, default 1: a call waits for all and gives the same bits as on one. 'auto' takes as many as pay (docs/threads.md). Where there are fewer, `info.threads` says how
   * many and `info.threadsReason` why, unless they are `required`: then `load` throws an UnsupportedRuntimeError.
   */
  readonly threads?: Threads;
  /** A WebAssembly.Module to use instead of the embedded bytes (of `simdconv/wasm/*.wasm`). A `variant` that is named must be its own. */
  readonly module?: object;
  /** Upper bound of the kernels' memory in bytes, at least 1 MiB. Default and most 4 GiB - 64 KiB: all that wasm addresses but its last page, whose end has no address. */
  readonly maxBytes?: number;
  /**
   * A WebAssembly.Memory of someone else's to live in, with the `allocator` that gives out room there. Arrays that are views of it are read and written in place, as
   * resident tensors are. It may be shared between threads, and must be for `threads`.
   */
  readonly memory?: { readonly buffer: ArrayBufferLike; grow(pages: number): number };
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
  /** Threads it runs on now, the caller's among them. */
  readonly threads: number;
  /** Why there are fewer than were asked for; undefined where there are not. */
  readonly threadsReason: string | undefined;
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
