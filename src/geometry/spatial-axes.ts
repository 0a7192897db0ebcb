import { OptionError, ShapeError } from '../errors.js';
import type { Layout, PerAxis } from '../types.js';
import { readPerAxis } from './options.js';
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
 * How many spatial axes an image of this shape has when nothing lists them: as a batch, but of rank 2, which can only be unbatched. Of rank 3 PyTorch says that
 * it is one 2-D image and the rule a batch of 1-D ones: whoever means either has to say so.
 */
export function axesOfRank(op: string, shape: readonly number[], name: string, value: PerAxis, layout: Layout): number {
  if (typeof value !== 'number') readPerAxis(op, name, value, Math.min(3, Math.max(1, shape.length - 2)), 1);
  if (shape.length === 2) return 1;
  if (shape.length === 4 || shape.length === 5) return shape.length - 2;
  const [line, plane] = [imageAxes(layout, 1), imageAxes(layout, 2).slice(1)];
  if (shape.length !== 3) {
    throw new ShapeError(
      op,
      `input is ${show(shape)}, rank ${shape.length}; expected ${show(line)} with one to three spatial axes, N optional`,
    );
  }
  throw new OptionError(
    op,
    `input is ${show(shape)} and ${name} ${value}: a number does not say whether that is ${show(line)} or ${show(plane)}; ` +
      `write ${name} [${value}] for a batch of 1-D images, [${value}, ${value}] for an unbatched 2-D one`,
  );
}
