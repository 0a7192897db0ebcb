import { OptionError, ShapeError } from '../errors.js';
import type { Layout, PerAxis } from '../types.js';
import { describe, imageAxes, show } from './shape.js';

/** How many spatial axes a call has, if one of its arguments lists them; a bare number means every axis and does not say. */
export function listedAxes(op: string, given: Readonly<Record<string, unknown>>): number | undefined {
  for (const [name, value] of Object.entries(given)) {
    if (!Array.isArray(value)) continue;
    if (value.length >= 1 && value.length <= 3) return value.length;
    const channels = name === 'outputSize' ? '; the batch and the channels are those of columns' : '';
    throw new ShapeError(op, `${name} is ${describe(value)}; images have one to three spatial axes, not ${value.length}${channels}`);
  }
  return undefined;
}

/**
 * How many spatial axes an image of this shape has when nothing lists them: as a batch, for which there must be room. Of rank 3 PyTorch says that it is one 2-D
 * image, and the rule that it is a batch of 1-D ones: whoever means either has to say so.
 */
export function axesOfRank(op: string, shape: readonly number[], name: string, value: PerAxis, layout: Layout): number {
  checkNumber(op, name, value);
  const rank = shape.length;
  if (rank === 4 || rank === 5) return rank - 2;
  const [line, plane] = [imageAxes(layout, 1), imageAxes(layout, 2).slice(1)];
  const forms: Readonly<Record<number, string>> = {
    2: `write ${name} [${value}] for an unbatched 1-D image ${show(line.slice(1))}; a 2-D image is ${show(plane)}`,
    3:
      `a number does not say whether that is ${show(line)} or ${show(plane)}; ` +
      `write ${name} [${value}] for a batch of 1-D images, [${value}, ${value}] for an unbatched 2-D one`,
  };
  const form =
    forms[rank] ?? `expected rank 4, ${show(imageAxes(layout, 2))}, or 5, ${show(imageAxes(layout, 3))}, or an array for ${name}`;
  throw new ShapeError(op, `input is ${show(shape)}, rank ${rank}, and ${name} is ${value}: ${form}`);
}

/** Refuses what is neither a number nor an array, when nothing says how many axes there are. */
export function checkNumber(op: string, name: string, value: unknown): asserts value is number {
  if (typeof value === 'number') return;
  throw new OptionError(op, `${name} is ${describe(value)}; expected a number, or an array of one for each spatial axis`);
}
