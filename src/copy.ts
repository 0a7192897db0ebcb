import type { Axes } from './engine.js';

const LAST = 3;

/** `Engine.copy` on plain arrays: what the reference does, and the kernels where an array is not in their memory. */
export function copy({ words, from, to }: Axes, source: Float32Array, target: Float32Array): void {
  const walk = (axis: number, at: number, bt: number): void => {
    const [size, a, b] = [words[axis], words[axis + 4], words[axis + 8]] as [number, number, number];
    if (axis < LAST) for (let i = 0; i < size; i++) walk(axis + 1, at + i * a, bt + i * b);
    else for (let i = 0; i < size; i++) target[bt + i * b] = source[at + i * a] as number;
  };
  walk(0, from, to);
}
