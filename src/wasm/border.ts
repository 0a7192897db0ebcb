import { type Border, reversed, sizeOf } from '../geometry/index.js';
import type { Instance } from './instance.js';

/** P x: the image at `from` goes to its place in the padded one, then what continues it. Returns where that is. */
export function continueInto(instance: Instance, { inside, edges }: Border, from: number, padded: number): number {
  const { kernels } = instance;
  kernels.copy(instance.writeWords(inside.words), from + inside.from * 4, padded + inside.to * 4);
  for (const { words, from, to } of edges) kernels.copy(instance.writeWords(words), padded + from * 4, padded + to * 4);
  return padded;
}

/** x = Pᵀ of the padded image, which is lost: what stands in the border goes back to the elements that it repeats. `length` elements of x. */
export function foldInto(instance: Instance, { inside, edges }: Border, padded: number, x: number, length: number): void {
  const { kernels, memory } = instance;
  for (let i = edges.length - 1; i >= 0; i--) {
    const { words, from, to } = edges[i] as (typeof edges)[number];
    kernels.addBack(instance.writeWords(words), padded + from * 4, padded + to * 4);
  }
  const { words, from, to } = reversed(inside);
  if (sizeOf(words.slice(0, 4)) < length) memory.floats.fill(0, x / 4, x / 4 + length); // where a crop took something away
  kernels.copy(instance.writeWords(words), padded + from * 4, x + to * 4);
}
