/** Convolution by Fourier transforms (assembly/fft): what it is for, and of how many points. */
import { volume } from '../geometry/index.js';
import type { View } from './conv-view.js';
import type { Work } from './work.js';

/** Points of a tile along the height and the width: powers of two, and 1 along the height of a kernel of one row. */
export type Points = readonly [height: number, width: number];

/** Least taps along the width, and most values of a plane, which is the rows of a tile or four signals: assembly/fft/workspace.ts. */
const LEAST_TAPS = 8;
const VALUES = 2 ** 16;
const SIGNALS = 4;

/**
 * The points for which it costs least; undefined where it does not fit: it is for one channel of x and of y in a group, of stride and dilation 1, one slice deep. One image decides, so
 * that it has the same bits in any batch.
 */
export function pointsOf(view: View): Points | undefined {
  const { groups, xChannels, yChannels, kernel, stride, dilation, spread, pad, xSize, ySize } = view;
  const once = [stride, dilation, spread].every((steps) => steps.every((step) => step === 1));
  const flat = kernel[0] === 1 && xSize[0] === 1 && ySize[0] === 1 && pad[0] === 0;
  if (xChannels !== groups || yChannels !== groups || !once || !flat || kernel[1] < 1 || kernel[2] < LEAST_TAPS) return undefined;
  let [best, least]: [Points | undefined, number] = [undefined, Number.POSITIVE_INFINITY];
  for (const height of kernel[1] === 1 ? [1] : powersFrom(kernel[1])) {
    for (const width of powersFrom(kernel[2])) {
      const points: Points = [height, width];
      if (valuesOf(points) > VALUES) break;
      const cost = (planesOf(view, points, 1) + 0.5) * valuesOf(points) * passesOf(points);
      if (cost < least) [best, least] = [points, cost];
    }
  }
  return best;
}

/** 8 or more: a row has whole vectors. */
function powersFrom(taps: number): number[] {
  const powers = [];
  for (let power = 8; power <= VALUES; power *= 2) if (power >= taps) powers.push(power);
  return powers;
}

/** Values of a plane. */
const valuesOf = ([height, width]: Points): number => (height === 1 ? SIGNALS : height) * width;
/** What is done with each: passes of radix 2, and as much as so many more to gather, to judge, to multiply and to store it. */
const passesOf = ([height, width]: Points): number => Math.log2(height * width) + 6;

/** Outputs that are computed together along each axis, by pairs of tiles: a view is not cut through them. */
export const grainsOf = ({ kernel }: View, [height, width]: Points): readonly [rows: number, columns: number] => [
  height - kernel[1] + 1,
  2 * (width - kernel[2] + 1),
];

function planesOf(view: View, points: Points, batch: number): number {
  const [rows, columns] = grainsOf(view, points);
  const pairs = points[0] === 1 ? SIGNALS : 1;
  return batch * Math.ceil(view.ySize[1] / rows) * Math.ceil(view.ySize[2] / (pairs * columns));
}

export function fftWork(view: View, points: Points): Work {
  const { batch, groups, ySize, kernel } = view;
  const values = groups * valuesOf(points);
  const planes = planesOf(view, points, batch);
  return [planes * values * passesOf(points), values * passesOf(points), groups * batch * volume(ySize), groups * volume(kernel), 1];
}
