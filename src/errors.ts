/** Every error of this library. The message reads `op: what was given; what was expected`. */
export class SimdconvError extends Error {
  static {
    called(SimdconvError, 'SimdconvError');
  }

  /** The operation that refused, e.g. `conv2d.gradWeight`. */
  readonly op: string;

  /** The message is `op: detail`; `cause` is what the runtime threw. */
  constructor(op: string, detail: string, options?: { readonly cause?: unknown }) {
    super(`${op}: ${detail}`, options);
    this.op = op;
  }
}

/** A rank, size or data length that does not fit the operation, or a size past what wasm can address. */
export class ShapeError extends SimdconvError {
  static {
    called(ShapeError, 'ShapeError');
  }
}

/** An unknown option, or an argument or option of the wrong kind. */
export class OptionError extends SimdconvError {
  static {
    called(OptionError, 'OptionError');
  }
}

/** The runtime cannot run the variant that was asked for. */
export class UnsupportedRuntimeError extends SimdconvError {
  static {
    called(UnsupportedRuntimeError, 'UnsupportedRuntimeError');
  }
}

/** The memory would have to grow past `maxBytes` or past what the runtime gives. Nothing has changed. */
export class OutOfMemoryError extends SimdconvError {
  static {
    called(OutOfMemoryError, 'OutOfMemoryError');
  }
}

/** A tensor, plan or kernel set was used after `dispose`. */
export class DisposedError extends SimdconvError {
  static {
    called(DisposedError, 'DisposedError');
  }
}

/**
 * The name in writing, as minifiers rename classes; on the prototype, where the built-in errors have theirs, so that it is in the stack too and a subclass has
 * it until it says another.
 */
function called(type: { readonly prototype: Error }, name: string): void {
  const value = { value: name, writable: true, configurable: true };
  Object.defineProperty(type, 'name', value);
  Object.defineProperty(type.prototype, 'name', value);
}
