import { OptionError } from '../errors.js';
import type { Layout, Padding } from '../types.js';
import { describe, MAX_COORDINATE } from './shape.js';

export type Pair = readonly [number, number];

export function readLayout(op: string, layout: unknown): Layout {
  if (layout === undefined || layout === 'channels-first') return 'channels-first';
  if (layout === 'channels-last') return layout;
  throw new OptionError(
    op,
    `layout is ${describe(layout)}; expected 'channels-first' or 'channels-last', PyTorch's NCHW and TensorFlow's NHWC`,
  );
}

/** A whole number from `least` up to what i32 counts. */
export function checkCount(op: string, name: string, value: unknown, least: number): void {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > MAX_COORDINATE) {
    throw new OptionError(op, `${name} is ${describe(value)}; expected a whole number from ${least} to ${MAX_COORDINATE}`);
  }
}

/** One number for every axis, or one per axis. */
export function readPerAxis(op: string, name: string, value: unknown, axes: number, least: number): number[] {
  const values: unknown = typeof value === 'number' ? Array<number>(axes).fill(value) : value;
  if (!Array.isArray(values) || values.length !== axes) {
    throw new OptionError(op, `${name} is ${describe(value)}; expected a number or an array of ${axes}, one for each axis`);
  }
  for (const each of values) checkCount(op, name, each, least);
  return values as number[];
}

/** The [before, after] pads of each axis, a negative one being a crop; `same` computes an axis by TensorFlow's rule. */
export function readPadding(op: string, axes: number, padding: Padding | undefined, same: (axis: number, lower: boolean) => Pair): Pair[] {
  if (typeof padding === 'string') {
    if (padding === 'valid') return Array<Pair>(axes).fill([0, 0]);
    if (padding === 'same' || padding === 'same-lower') {
      return Array.from({ length: axes }, (_, axis) => same(axis, padding === 'same-lower'));
    }
    throw new OptionError(op, `padding is ${describe(padding)}; the words are 'valid', 'same' and 'same-lower'`);
  }
  const values: unknown = typeof padding === 'number' || padding === undefined ? Array<number>(axes).fill(padding ?? 0) : padding;
  if (!Array.isArray(values) || values.length !== axes) {
    throw new OptionError(
      op,
      `padding is ${describe(padding)}; expected a number, a word, or an array of ${axes}: a number or a [before, after] pair for each axis`,
    );
  }
  // Not values.map, which skips the holes of a sparse array.
  return Array.from(values, (value: unknown): Pair => {
    const pair = Array.isArray(value) ? value : [value, value];
    if (pair.length !== 2) throw new OptionError(op, `padding is ${describe(padding)}; a pair has two numbers, [before, after]`);
    for (const side of pair) checkCount(op, 'padding', side, -MAX_COORDINATE);
    return [pair[0], pair[1]];
  });
}
