/** `Engine.copy` against its definition. */
import { describe, expect, it } from 'vitest';
import type { Axes } from '../../src/engine.js';
import { STAGES } from './engines.js';
import { firstOther } from './machine.js';

const LENGTH = 1 << 15;

/** Sizes of four axes, elements between runs of the source and of the target, steps within a run. */
type Layout = readonly [
  sizes: readonly [number, number, number, number],
  gaps: readonly [number, number],
  steps: readonly [number, number],
];

const CASES: readonly Layout[] = [
  ...[1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33].flatMap((length): Layout[] => [
    [
      [2, 3, 2, length],
      [0, 0],
      [1, 1],
    ],
    [
      [2, 1, 3, length],
      [3, 1],
      [1, 1],
    ],
    [
      [1, 2, 2, length],
      [1, 2],
      [2, 1],
    ],
    [
      [2, 2, 1, length],
      [0, 5],
      [1, 3],
    ],
  ]),
  ...[1023, 1024, 1025].map(
    (length): Layout => [
      [1, 2, 3, length],
      [5, 1],
      [1, 1],
    ],
  ),
  [
    [0, 2, 2, 4],
    [0, 0],
    [1, 1],
  ],
  [
    [2, 2, 2, 0],
    [0, 0],
    [1, 1],
  ],
];

/** Where the runs of a case begin, at `from` in the source and `to` in the target. */
function axesOf([sizes, gaps, steps]: Layout): Axes {
  const strides = [0, 1].map((side) => {
    const row = sizes[3] * (steps[side] as number) + (gaps[side] as number);
    return [sizes[1] * sizes[2] * row, sizes[2] * row, row, steps[side] as number];
  });
  return { words: [...sizes, ...strides.flat()], from: 3, to: 5 } as Axes;
}

/** By the definition, an index at a time. */
function wanted({ words, from, to }: Axes, source: Float32Array): Float32Array {
  const target = new Float32Array(LENGTH).fill(Number.NaN);
  const [planes = 0, slabs = 0, rows = 0, length = 0] = words;
  for (let p = 0; p < planes; p++)
    for (let s = 0; s < slabs; s++)
      for (let r = 0; r < rows; r++)
        for (let i = 0; i < length; i++) {
          const at = [p, s, r, i].reduce((sum, index, axis) => sum + index * (words[4 + axis] as number), from);
          const bt = [p, s, r, i].reduce((sum, index, axis) => sum + index * (words[8 + axis] as number), to);
          target[bt] = source[at] as number;
        }
  return target;
}

describe.each(STAGES)('copy, %s', (_, make) => {
  it.each(CASES)('sizes %j, gaps %j, steps %j: those elements and no others', (...layout) => {
    const stage = make();
    const axes = axesOf(layout);
    const source = Float32Array.from({ length: LENGTH }, (_, i) => i);
    const want = wanted(axes, source);
    const run = ([from]: readonly Float32Array[], to: Float32Array) => stage.engine.copy(axes, from as Float32Array, to);
    for (const target of stage.both([source], LENGTH, run)) expect(firstOther(target, want)).toBe(-1);
    stage.engine.dispose();
  });
});
