import { MOST_BYTES, pastTheEnd } from '../engine.js';
import { DisposedError, OptionError, OutOfMemoryError, ShapeError } from '../errors.js';
import { checkNames, checkShape, describe, show, sizeOf } from '../geometry/index.js';
import type { Tensor } from '../types.js';
import type { Host } from './context.js';

/** Checks the names of `options` against what the operation knows. */
export function readOptions<T extends object>(op: string, options: T | undefined, known: readonly string[]): Partial<T> {
  if (options === undefined) return {};
  if (options === null || Object.getPrototypeOf(options) !== Object.prototype) {
    checkNames(op, options, known);
    return options;
  }
  // V8 11 (Node 20) makes a slow object of { ...options, out }: a copy of what is there, read once, makes a call some 2 µs shorter.
  const read: Record<string, unknown> = {};
  for (const name of Object.keys(options)) {
    const value = (options as Record<string, unknown>)[name];
    if (value === null || !known.includes(name)) checkNames(op, options, known);
    read[name] = value;
  }
  return read as Partial<T>;
}

/**
 * Checks a tensor argument. Its `data` and `shape` are read once; the result's `data` is valid whenever it is read, also
 * after an engine call has grown the memory.
 */
export function readTensor(host: Host, op: string, name: string, value: unknown): Tensor {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
  if (!isObject || !('data' in value || 'shape' in value)) {
    throw new OptionError(op, `${name} is ${describe(value)}; expected a tensor, { data: Float32Array, shape }`);
  }
  const data = readData(op, name, value);
  const shape = checkShape(op, `${name}.shape`, (value as { shape?: unknown }).shape);
  if (data.length !== sizeOf(shape)) checkLength(host, op, `${name}.data`, data, shape);
  return new Operand(host, op, `${name}.data`, shape, data);
}

/** A tensor argument that has been checked. */
export class Operand implements Tensor {
  readonly shape: readonly number[];
  readonly #host: Host;
  readonly #op: string;
  readonly #byteOffset: number;
  readonly #length: number;
  #data: Float32Array;
  #generation: number;

  constructor(host: Host, op: string, name: string, shape: readonly number[], data: Float32Array) {
    this.#host = host;
    this.#op = op;
    this.shape = shape;
    this.#data = data;
    this.#byteOffset = data.byteOffset;
    this.#length = data.length;
    this.#generation = host.generation;
    const end = endOf(this.#byteOffset, this.#length);
    if (end > MOST_BYTES && host.owns(data.buffer)) throw new OptionError(op, pastTheEnd(name, end));
  }

  get data(): Float32Array {
    const { generation } = this.#host;
    if (generation !== this.#generation) {
      this.#data = this.#host.use(this.#op).attach(this.#data, this.#byteOffset, this.#length, this.#generation);
      this.#generation = generation;
    }
    return this.#data;
  }
}

/** Refuses anything but a Float32Array, of whichever realm. */
export function checkFloats(op: string, name: string, data: unknown): asserts data is Float32Array {
  if (!ArrayBuffer.isView(data) || (data as Float32Array)[Symbol.toStringTag] !== 'Float32Array') {
    const numbers = (Array.isArray(data) || ArrayBuffer.isView(data)) && typeof (data as readonly unknown[])[0] === 'number';
    throw new OptionError(
      op,
      `${name} is ${describe(data)}; expected a Float32Array${numbers ? ', which Float32Array.from makes of it' : ''}`,
    );
  }
}

export function checkLength(host: Host, op: string, name: string, data: Float32Array, shape: readonly number[]): void {
  if (data.length === sizeOf(shape)) return;
  if (isDetached(data.buffer)) {
    const why = host.owns(data.buffer)
      ? 'a view of a resident tensor was kept while the memory grew; use the tensor itself, or read its data again'
      : 'its buffer was transferred (postMessage, structuredClone), or the memory that it is a view of has grown; give data that is still there';
    throw new ShapeError(op, `${name} is detached: ${why}`);
  }
  throw new ShapeError(op, `${name} has ${data.length} elements; its shape ${show(shape)} holds ${sizeOf(shape)}`);
}

/** `expected` is what the shape of argument `name` must be, `why` where that follows from. */
export function checkSameShape(op: string, name: string, shape: readonly number[], expected: readonly number[], why: string): void {
  if (!sameShape(shape, expected)) throw new ShapeError(op, `${name} is ${show(shape)}; expected ${why} ${show(expected)}`);
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let axis = 0; axis < a.length; axis++) {
    if (a[axis] !== b[axis]) return false;
  }
  return true;
}

/** Where a result goes, and what the caller gets back. */
export interface Destination {
  readonly tensor: Tensor;
  readonly data: Float32Array;
}

/** `out` if it is given and fits, else a fresh tensor of zeros. The operands are what `out` may not overlap. */
export function destination(
  host: Host,
  op: string,
  out: Tensor | undefined,
  shape: readonly number[],
  operands: Readonly<Record<string, Float32Array | null>>,
): Destination {
  if (out === undefined) {
    const tensor = { data: allocate(op, shape), shape: [...shape] };
    return { tensor, data: tensor.data };
  }
  const read = readTensor(host, op, 'out', out);
  checkSameShape(op, 'out', read.shape, shape, "the result's shape");
  const { data } = read;
  // Not of Object.entries, which alone takes 0.2 µs.
  for (const name in operands) {
    const operand = operands[name] ?? null;
    if (operand !== null && overlaps(host, data, operand)) {
      throw new OptionError(op, `out overlaps the memory of ${name}; a result may not replace what it is computed from`);
    }
  }
  return {
    tensor: out,
    // A call may make the memory grow before it writes.
    get data() {
      return read.data;
    },
  };
}

function readData(op: string, name: string, tensor: object): Float32Array {
  try {
    const { data } = tensor as { data?: unknown };
    checkFloats(op, `${name}.data`, data);
    return data;
  } catch (error) {
    if (error instanceof DisposedError) throw new DisposedError(op, `${name} was disposed`, { cause: error });
    throw error;
  }
}

function allocate(op: string, shape: readonly number[]): Float32Array {
  try {
    return new Float32Array(sizeOf(shape));
  } catch (cause) {
    throw new OutOfMemoryError(op, `the result ${show(shape)} = ${4 * sizeOf(shape)} bytes could not be allocated`, { cause });
  }
}

const endOf = (byteOffset: number, length: number): number => byteOffset + length * 4;

const overlaps = (host: Host, a: Float32Array, b: Float32Array): boolean => !areApart(host, a, a.byteOffset, b, b.byteOffset);

/** Whether two arrays that begin there share nothing. The buffers last: to ask for one is a call into the runtime. */
function areApart(host: Host, a: Float32Array, aAt: number, b: Float32Array, bAt: number): boolean {
  if (aAt >= endOf(bAt, b.length) || bAt >= endOf(aAt, a.length)) return true;
  return a.buffer !== b.buffer && !(aAt > 0 && bAt > 0 && host.owns(a.buffer) && host.owns(b.buffer));
}

/** Whether a result may be written to `b` while `a` is read. Where not, `destination` and `readTensor` say why. */
export function canRun(host: Host, a: Float32Array, b: Float32Array): boolean {
  const [aAt, bAt] = [a.byteOffset, b.byteOffset];
  return endOf(aAt, a.length) <= MOST_BYTES && endOf(bAt, b.length) <= MOST_BYTES && areApart(host, a, aAt, b, bAt);
}

/** Only a detached buffer refuses a new view; `buffer.detached` is not in Node 20. */
function isDetached(buffer: ArrayBufferLike): boolean {
  try {
    return new Uint8Array(buffer).length < 0;
  } catch {
    return true;
  }
}

/** The data of a tensor that beyond doubt has this shape; null sends the caller to the checks that say what is wrong. */
export function fittingData(tensor: Tensor, shape: readonly number[], length: number): Float32Array | null {
  try {
    const { data } = tensor;
    const given = tensor.shape;
    return data instanceof Float32Array && data.length === length && sameShape(given, shape) ? data : null;
  } catch {
    return null;
  }
}
