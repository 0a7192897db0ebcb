import { OptionError } from '../errors.js';
import type { Layout, Padding, PadMode } from '../types.js';
import type { PaddingRule } from './extent.js';
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

const PAD_MODES: readonly unknown[] = ['zeros', 'reflect', 'replicate', 'circular'] satisfies PadMode[];

export function readPadMode(op: string, mode: unknown): PadMode {
  if (mode === undefined) return 'zeros';
  if (PAD_MODES.includes(mode)) return mode as PadMode;
  throw new OptionError(op, `padMode is ${describe(mode)}; expected one of ${PAD_MODES.map((name) => `'${name}'`).join(', ')}`);
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

/** The pads of an axis, or a rule that finds them in its sizes. */
export type AxisPads = Pair | PaddingRule;

/** How each axis is padded; a negative pad is a crop. */
export function readPadding(op: string, axes: number, padding: Padding | undefined): AxisPads[] {
  const everywhere = typeof padding === 'number' || typeof padding === 'string' || padding === undefined;
  const values: unknown = everywhere ? Array<unknown>(axes).fill(padding ?? 0) : padding;
  if (!Array.isArray(values) || values.length !== axes) {
    throw new OptionError(
      op,
      `padding is ${describe(padding)}; expected a number, a word, or an array of ${axes}: for each axis a number, a [before, after] pair or a word`,
    );
  }
  // Not values.map, which skips the holes of a sparse array.
  return Array.from(values, (value: unknown): AxisPads => {
    if (typeof value === 'string') return readRule(op, padding, value);
    const pair = Array.isArray(value) ? value : [value, value];
    if (pair.length !== 2) throw new OptionError(op, `padding is ${describe(padding)}; a pair has two numbers, [before, after]`);
    for (const side of pair) checkCount(op, 'padding', side, -MAX_COORDINATE);
    return [pair[0], pair[1]];
  });
}

function readRule(op: string, padding: unknown, word: string): AxisPads {
  if (word === 'valid') return [0, 0];
  if (word === 'same' || word === 'same-lower' || word === 'causal') return word;
  throw new OptionError(op, `padding is ${describe(padding)}; the words are 'valid', 'same', 'same-lower' and 'causal'`);
}
