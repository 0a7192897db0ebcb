import { copy } from '../array/strided-copy.js';
import { type Border, type Copy, forLines, reversed } from '../geometry/index.js';

/** P x: into its place, then what continues it. */
export function continueInto({ inside, edges }: Border, x: Float32Array, padded: Float32Array): Float32Array {
  copy(inside, x, padded);
  for (const edge of edges) copy(edge, padded, padded);
  return padded;
}

/** x = Pᵀ of the padded image, which is lost: what stands in the border goes back to the elements that it repeats. */
export function foldInto({ inside, edges }: Border, padded: Float32Array, x: Float32Array): void {
  for (let i = edges.length - 1; i >= 0; i--) addBack(edges[i] as Copy, padded);
  x.fill(0); // where a crop takes something away
  copy(reversed(inside), padded, x);
}

/** Adds to each element that was copied what stands at its copy. */
function addBack(edge: Copy, data: Float32Array): void {
  forLines(edge, (from, to, count, fromStep, toStep) => {
    for (let i = 0, a = from, b = to; i < count; i++, a += fromStep, b += toStep) data[a] = (data[a] as number) + (data[b] as number);
  });
}
