/** The axes of array operations (`Axes`, `Sums` of assembly/array) in parts that write apart. An element is computed as in the whole: the parts give its bits in any order. */

/** A part, and in elements where its operands and its dense result begin in the whole's: of Axes what is stepped along by `from` and `to`, of Sums x and nothing. */
export interface AxesPart {
  readonly words: readonly number[];
  readonly from: number;
  readonly to: number;
  readonly at: number;
}

/** Sizes of four axes, the last innermost, then two steps along each: about so many parts, of rows that are cut in whole lines of a cache. */
export const cutAxes = (words: readonly number[], parts: number): AxesPart[] =>
  cut({ words, from: 0, to: 0, at: 0 }, 0, 4, parts, (axis) => (axis === 3 ? 16 : 1));

/** Sizes of two axes that stay and of two that are summed over, then a step along each. Sixteen neighbours are summed together, in an order of their own. */
export const cutSums = (words: readonly number[], parts: number): AxesPart[] =>
  cut({ words, from: 0, to: 0, at: 0 }, 0, 2, parts, (axis) => (axis === 1 ? 16 : 1));

/** Along the outermost axis first, and the next where that has too few. */
function cut(part: AxesPart, axis: number, axes: number, parts: number, grainOf: (axis: number) => number): AxesPart[] {
  if (axis === axes || parts < 2) return [part];
  const size = part.words[axis] as number;
  const grains = Math.ceil(size / grainOf(axis));
  const count = Math.min(parts, grains);
  const pieces: AxesPart[] = [];
  for (let index = 0; index < count; index++) {
    const first = Math.floor((index * grains) / count) * grainOf(axis);
    const end = Math.min(size, Math.floor(((index + 1) * grains) / count) * grainOf(axis));
    const piece = along(part, axis, axes, first, end);
    pieces.push(...(end - first > 1 ? [piece] : cut(piece, axis + 1, axes, Math.ceil(parts / count), grainOf)));
  }
  return pieces;
}

function along({ words, from, to, at }: AxesPart, axis: number, axes: number, first: number, end: number): AxesPart {
  const below = words.slice(axis + 1, axes).reduce((product, size) => product * size, 1);
  return {
    words: words.map((word, index) => (index === axis ? end - first : word)),
    from: from + first * (words[4 + axis] as number),
    to: to + first * (words[8 + axis] ?? 0),
    at: at + first * below,
  };
}
