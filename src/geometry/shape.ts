import { ShapeError } from '../errors.js';
import type { Layout } from '../types.js';

/** Most elements that one array may have: byte offsets of float32 must stay below 4 GiB. */
export const MAX_ELEMENTS = 2 ** 30 - 1;

/** Most that a coordinate or option may reach: kernels count in i32. */
export const MAX_COORDINATE = 2 ** 31 - 1;

/** Most axes of a shape. Bounds what a wrong argument, such as data given for a shape, can cost. */
export const MAX_RANK = 32;

export const show = (shape: readonly unknown[]): string => `[${shape.map(String).join(', ')}]`;

/** What a wrong argument was, in a few words. */
export function describe(value: unknown, depth = 0): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) {
    if (value.length > 8 || depth > 2) return `an array of ${value.length}`;
    return `[${Array.from(value, (each: unknown) => describe(each, depth + 1)).join(', ')}]`;
  }
  if (typeof value === 'object') {
    const shape = tensorShape(value);
    if (shape !== undefined) return `a tensor ${describe(shape, 1)}`;
    const kind = Object.prototype.toString.call(value).slice(8, -1);
    return `${/^[AEIO]/.test(kind) ? 'an' : 'a'} ${kind}`;
  }
  return `a ${typeof value}`;
}

/** The shape of something that was meant as a tensor, whatever is wrong with it. Reads no data, which a disposed tensor refuses. */
export function tensorShape(value: object): readonly unknown[] | undefined {
  if (!('data' in value && 'shape' in value)) return undefined;
  return Array.isArray(value.shape) ? value.shape : undefined;
}

/** Number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  let product = 1;
  for (let axis = 0; axis < shape.length; axis++) product *= shape[axis] as number;
  return product;
}

/** Checks that `shape` is an array of whole sizes ≥ 0 whose product can be addressed, and returns a copy of it. */
export function checkShape(op: string, name: string, shape: unknown): number[] {
  const isArray = Array.isArray(shape);
  if (!isArray && (!ArrayBuffer.isView(shape) || shape instanceof DataView)) {
    const meant = typeof shape === 'object' && shape !== null && tensorShape(shape) ? '; pass its shape' : '';
    throw new ShapeError(op, `${name} is ${describe(shape)}; expected an array of sizes${meant}`);
  }
  const { length } = shape as ArrayLike<number>;
  if (length > MAX_RANK) throw new ShapeError(op, `${name} has ${length} axes; at most ${MAX_RANK}`);
  if (!isArray && /Float/.test(Object.prototype.toString.call(shape))) {
    throw new ShapeError(op, `${name} is ${describe(shape)}, as data is; expected an array of sizes`);
  }
  const sizes: number[] = [];
  let product = 1;
  // By index: this runs for every argument of every call, and a hole in a sparse array must not be passed over.
  for (let axis = 0; axis < length; axis++) {
    const size = (shape as ArrayLike<number>)[axis] as number;
    if (!Number.isInteger(size) || size < 0) {
      throw new ShapeError(op, `${name} is ${describe(Array.from(shape as ArrayLike<number>))}; every size must be a whole number ≥ 0`);
    }
    if (size > 0) product *= size;
    sizes.push(size);
  }
  if (product > MAX_ELEMENTS) checkElements(op, name, sizes);
  return sizes;
}

/** Refuses a shape whose element count, ignoring empty axes, could not be addressed. */
export function checkElements(op: string, name: string, shape: readonly number[]): void {
  if (sizeOf(shape.filter((size) => size > 0)) > MAX_ELEMENTS) {
    throw new ShapeError(op, `${name} is ${show(shape)} = ${sizeOf(shape)} elements; at most ${MAX_ELEMENTS} (4 GiB of float32)`);
  }
}

export interface ImageShape {
  readonly batched: boolean;
  readonly batch: number;
  readonly channels: number;
  readonly space: readonly number[];
}

const AXIS_NAMES = ['D', 'H', 'W'];

/** The names of an image's axes in a layout, for messages: ['N', 'C', 'H', 'W']. */
export function imageAxes(layout: Layout, axes: number): string[] {
  const space = AXIS_NAMES.slice(3 - axes);
  return layout === 'channels-first' ? ['N', 'C', ...space] : ['N', ...space, 'C'];
}

/** Reads [N, C, ...space] or [N, ...space, C], with or without N. Only N may be zero. */
export function readImage(op: string, name: string, shape: readonly number[], axes: number, layout: Layout): ImageShape {
  const batched = shape.length === axes + 2;
  const names = imageAxes(layout, axes);
  if (!batched && shape.length !== axes + 1) {
    throw new ShapeError(
      op,
      `${name} is ${show(shape)}, rank ${shape.length}; expected ${show(names)} or, unbatched, ${show(names.slice(1))}`,
    );
  }
  const [batch = 1, ...rest] = batched ? shape : [1, ...shape];
  const channels = (layout === 'channels-first' ? rest[0] : rest[axes]) as number;
  const space = layout === 'channels-first' ? rest.slice(1) : rest.slice(0, axes);
  if (rest.includes(0)) {
    throw new ShapeError(op, `${name} is ${show(batched ? names : names.slice(1))} = ${show(shape)}; only the batch may be empty`);
  }
  return { batched, batch, channels, space };
}

/** The inverse of `readImage`. */
export function imageShape(image: ImageShape, layout: Layout): number[] {
  const { batched, batch, channels, space } = image;
  const rest = layout === 'channels-first' ? [channels, ...space] : [...space, channels];
  return batched ? [batch, ...rest] : rest;
}

/**
 * What to add to a message about channels that do not meet: whether they would in the other layout. `weightChannels` are the weight's, for the input, in either:
 * channels-first, channels-last.
 */
export function otherLayout(layout: Layout, axes: number, input: readonly number[], weightChannels: readonly [unknown, unknown]): string {
  const [other, channels, wanted] =
    layout === 'channels-first'
      ? ['channels-last', input[input.length - 1], weightChannels[1]]
      : ['channels-first', input[input.length - 1 - axes], weightChannels[0]];
  return channels === wanted ? `; with layout '${other}' they would meet` : '';
}
