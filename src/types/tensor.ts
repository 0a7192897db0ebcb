/** What ops take and give. Shapes list sizes outermost first; data is row-major (the last axis is contiguous). */

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
  /** `postMessage(y, [y.data.buffer])` moves it to a worker without a copy. */
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
