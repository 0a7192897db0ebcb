import type { Axes } from '../engine.js';

const LAST = 3;
/** A run of this many elements and more is copied by `set` of a subarray: twice as fast as the loop at 64 elements, eight times at 256. */
const LONG = 32;

/** `Engine.copy` on plain arrays: what the reference does, and the kernels where an array is not in their memory. */
export function copy({ words, from, to }: Axes, source: Float32Array, target: Float32Array): void {
  const [count, a, b] = [words[LAST], words[LAST + 4], words[LAST + 8]] as [number, number, number];
  const whole = a === 1 && b === 1 && count >= LONG;
  const walk = (axis: number, at: number, bt: number): void => {
    if (axis < LAST) {
      const [size, aStep, bStep] = [words[axis], words[axis + 4], words[axis + 8]] as [number, number, number];
      for (let i = 0; i < size; i++) walk(axis + 1, at + i * aStep, bt + i * bStep);
    } else if (whole) target.set(source.subarray(at, at + count), bt);
    else copyRow(source, at, a, target, bt, b, count);
  };
  walk(0, from, to);
}

/** A function of its own: inside the closure above the same loop takes 1.5 times as long. */
function copyRow(source: Float32Array, at: number, a: number, target: Float32Array, bt: number, b: number, count: number): void {
  for (let i = 0, from = at, to = bt; i < count; i++, from += a, to += b) target[to] = source[from] as number;
}
