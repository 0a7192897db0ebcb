/** Convolution by Fourier transforms (assembly/fft): what it is for, and of how many points. */
import { volume } from '../geometry/index.js';
import type { View } from './conv-view.js';
import type { Work } from './work.js';

/** Points of a tile along the height and the width: powers of two, and 1 along the height of a kernel of one row. */
export type Points = readonly [height: number, width: number];

/** Least taps along the width, and values of a plane at most: assembly/fft/workspace.ts. */
const LEAST_TAPS = 8;
const VALUES = 2 ** 16;
/** A plane has the rows of a tile, or four signals. */
const SIGNALS = 4;

/** Whether it computes a view: of one channel of x in a group, stride and dilation 1, one slice deep. */
export const fftFits = (view: View): boolean => pointsOf(view) !== undefined;

/** Points for which it costs least; undefined where it does not fit. One image decides, so that it has the same bits in any batch. */
export function pointsOf(view: View): Points | undefined {
  const { groups, xChannels, kernel, stride, dilation, spread, pad, xSize, ySize } = view;
  const plain = [stride, dilation, spread].every((steps) => volume(steps) === 1 && steps.every((step) => step > 0));
  const flat = kernel[0] === 1 && xSize[0] === 1 && ySize[0] === 1 && pad[0] === 0;
  if (xChannels !== groups || !plain || !flat || kernel[1] < 1 || kernel[2] < LEAST_TAPS) return undefined;
  let best: Points | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const height of kernel[1] === 1 ? [1] : powersFrom(kernel[1])) {
    for (const width of powersFrom(kernel[2])) {
      if (valuesOf([height, width]) > VALUES) break;
      const cost = costOf(view, [height, width]);
      if (cost < least) [best, least] = [[height, width], cost];
    }
  }
  return best;
}

function powersFrom(taps: number): number[] {
  const first = 2 ** Math.max(3, Math.ceil(Math.log2(taps)));
  return Array.from({ length: 17 }, (_, i) => first * 2 ** i).filter((power) => power <= VALUES);
}

/** Values of a plane. */
const valuesOf = ([height, width]: Points): number => (height === 1 ? SIGNALS : height) * width;

/** Outputs that are computed together along each axis, by pairs of tiles: parts are not cut through them. */
export const grainsOf = ({ kernel }: View, [height, width]: Points): readonly [rows: number, columns: number] => [
  height - kernel[1] + 1,
  2 * (width - kernel[2] + 1),
];

function planesOf(view: View, points: Points, batch: number): number {
  const [rows, columns] = grainsOf(view, points);
  const pairs = batch * Math.ceil(view.ySize[1] / rows) * Math.ceil(view.ySize[2] / columns);
  return points[0] === 1 ? Math.ceil(pairs / SIGNALS) : pairs;
}

/** As the prices go: a pass of radix 4 over a value, and all else that is done with it. */
const costOf = (view: View, points: Points): number => planesOf(view, points, 1) * valuesOf(points) * (Math.log2(points[0] * points[1]) + 8);

export function fftWork(view: View, points: Points): Work {
  const { yChannels, batch, ySize } = view;
  const values = valuesOf(points);
  const planes = planesOf(view, points, batch) * yChannels;
  return [
    planes * values * Math.log2(points[0] * points[1]),
    planes * values,
    yChannels * values * (Math.log2(points[0] * points[1]) + 8),
    yChannels * batch * volume(ySize),
    1,
  ];
}

/** Of each channel of y the spectrum of its kernel, its taps and the largest magnitude among them. */
export const fftPackedBytes = ({ groups, packed, kernel }: View, points: Points): number =>
  groups * packed.channels * (valuesOf(points) * 8 + Math.ceil((volume(kernel) + 1) / 4) * 16);
