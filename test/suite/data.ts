import type { Kernels, ResidentTensor, Tensor } from '../../src/index.js';
import { at, that } from './check.js';

/** A seeded generator (mulberry32) of numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

export function filled(shape: readonly number[], value: (index: number) => number): Tensor {
  return { data: Float32Array.from({ length: sizeOf(shape) }, (_, index) => value(index)), shape };
}

/** Whole numbers from -limit to limit: sums of their products are exact in float32 in any order. */
export const integers = (random: () => number, shape: readonly number[], limit = 4): Tensor =>
  filled(shape, () => Math.floor(random() * (2 * limit + 1)) - limit);

/** Floats in [-1, 1) that use their whole mantissa. */
export const floats = (random: () => number, shape: readonly number[]): Tensor => filled(shape, () => random() * 2 - 1);

export const map = (t: Tensor, f: (value: number) => number): Tensor => ({ data: t.data.map(f), shape: t.shape });
export const absolute = (t: Tensor): Tensor => map(t, Math.abs);
export const reshape = (t: Tensor, shape: readonly number[]): Tensor => ({ data: t.data, shape });

/** An odd number of floats, so that a view after them is aligned to nothing but 4 bytes. */
const BAND = 7;
const MARK = -12345.625;

/** The same values as a view in the middle of a larger array, with NaN on both sides: reading past an end shows. */
export function asView(t: Tensor): Tensor {
  const whole = new Float32Array(t.data.length + 2 * BAND).fill(Number.NaN);
  whole.set(t.data, BAND);
  return { data: whole.subarray(BAND, BAND + t.data.length), shape: t.shape };
}

export interface Guarded {
  readonly out: Tensor;
  /** Throws if anything around `out` was written. */
  check(what: string): void;
}

/** An `out` full of NaN (so reading it, or leaving a part unwritten, shows) between two guard bands. */
export function guarded(shape: readonly number[]): Guarded {
  const length = sizeOf(shape);
  const whole = new Float32Array(length + 2 * BAND).fill(MARK);
  const data = whole.subarray(BAND, BAND + length).fill(Number.NaN);
  return {
    out: { data, shape },
    check(what) {
      for (let i = 0; i < BAND; i++) {
        that(at(whole, i) === MARK, `${what}: wrote ${BAND - i} floats before out`);
        that(at(whole, BAND + length + i) === MARK, `${what}: wrote ${i + 1} floats past out`);
      }
    },
  };
}

/** The same in the kernels' own memory: a resident `out` full of NaN between two resident neighbours. */
export function guardedResident(kernels: Kernels, shape: readonly number[]): Guarded & { out: ResidentTensor; dispose(): void } {
  const band = (): ResidentTensor => kernels.tensor([BAND], new Float32Array(BAND).fill(MARK));
  const before = band();
  const out = kernels.tensor(shape, new Float32Array(sizeOf(shape)).fill(Number.NaN));
  const after = band();
  return {
    out,
    check(what) {
      for (const [side, neighbour] of [
        ['before', before],
        ['after', after],
      ] as const) {
        that(
          neighbour.data.every((value) => value === MARK),
          `${what}: the resident tensor ${side} out was written`,
        );
      }
    },
    dispose() {
      for (const each of [before, out, after]) each.dispose();
    },
  };
}

/** Row-major strides. */
export function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

/** The axes in another order: result axis i is axis order[i] of `t`. */
export function permute(t: Tensor, order: readonly number[]): Tensor {
  const from = stridesOf(t.shape);
  const shape = order.map((axis) => at(t.shape, axis));
  const to = stridesOf(shape);
  return filled(shape, (index) => {
    let source = 0;
    for (let axis = 0; axis < shape.length; axis++) {
      source += (Math.floor(index / at(to, axis)) % at(shape, axis)) * at(from, at(order, axis));
    }
    return at(t.data, source);
  });
}

/** Rows [start, end) of the first axis. */
export function rows(t: Tensor, start: number, end: number): Tensor {
  const step = sizeOf(t.shape.slice(1));
  return { data: t.data.slice(start * step, end * step), shape: [end - start, ...t.shape.slice(1)] };
}

/** Indices [start, end) of one axis. */
export function slice(t: Tensor, axis: number, start: number, end: number): Tensor {
  const order = [axis, ...t.shape.map((_, each) => each).filter((each) => each !== axis)];
  const back = order.map((_, each) => order.indexOf(each));
  return permute(rows(permute(t, order), start, end), back);
}

/** Joins along an axis. */
export function concat(parts: readonly Tensor[], axis: number): Tensor {
  const first = parts[0] as Tensor;
  const order = [axis, ...first.shape.map((_, each) => each).filter((each) => each !== axis)];
  const back = order.map((_, each) => order.indexOf(each));
  const turned = parts.map((part) => permute(part, order));
  const data = new Float32Array(turned.reduce((sum, part) => sum + part.data.length, 0));
  let offset = 0;
  for (const part of turned) {
    data.set(part.data, offset);
    offset += part.data.length;
  }
  const length = turned.reduce((sum, part) => sum + at(part.shape, 0), 0);
  return permute({ data, shape: [length, ...(turned[0] as Tensor).shape.slice(1)] }, back);
}

/** [N, C, ...space] to [N, ...space, C], and unbatched alike. */
export const imageLast = (t: Tensor, axes: number): Tensor => {
  const channel = t.shape.length - axes - 1;
  const all = t.shape.map((_, axis) => axis);
  return permute(t, [...all.slice(0, channel), ...all.slice(channel + 1), channel]);
};

/** [A, B, ...k] to [...k, B, A]. */
export const weightLast = (t: Tensor): Tensor => permute(t, [...t.shape.map((_, axis) => axis).slice(2), 1, 0]);
