/** Every error of this library. The message reads `op: what was given; what was expected`. */
export class SimdconvError extends Error {
  /** The operation that refused, e.g. `conv2d.gradWeight`. */
  readonly op: string;

  constructor(op: string, detail: string, options?: ErrorOptions) {
    super(`${op}: ${detail}`, options);
    this.op = op;
    this.name = new.target.name;
  }
}

/** A rank, size or data length that does not fit the operation, or a size past what wasm can address. */
export class ShapeError extends SimdconvError {}

/** An unknown option, or an argument or option of the wrong kind. */
export class OptionError extends SimdconvError {}

/** The runtime cannot run the variant that was asked for. */
export class UnsupportedRuntimeError extends SimdconvError {}

/** The memory would have to grow past `maxBytes` or past what the runtime gives. Nothing has changed. */
export class OutOfMemoryError extends SimdconvError {}

/** A tensor, plan or kernel set was used after `dispose`. */
export class DisposedError extends SimdconvError {}
