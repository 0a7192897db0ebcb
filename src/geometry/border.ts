import { ShapeError } from '../errors.js';
import type { Layout, PadMode } from '../types.js';
import { cropped } from './extent.js';
import type { Pair } from './options.js';
import { checkElements, type ImageShape, imageShape, show, sizeOf } from './shape.js';
import { toAxes } from './types.js';

/** Elements of one array that go to another: the engine's `Axes`. */
export interface Copy {
  /** Sizes of four axes, the last innermost, then the step of each array along them. */
  readonly words: readonly number[];
  readonly from: number;
  readonly to: number;
}

/**
 * An image continued beyond its edges by its own values, P x of y = C P x, as a list of copies. The first puts the image (what a crop leaves of it) into its place in
 * the padded one. The others copy whole lines and planes within that into the border, axis by axis from the innermost.
 *
 * The adjoint Pᵀ goes through the list backwards and adds.
 */
export interface Border {
  /** Elements of the padded image. */
  readonly length: number;
  readonly inside: Copy;
  readonly edges: readonly Copy[];
}

/** The padded image, and how it comes to be; null where `pads` are none or crop only. */
export function borderOf(
  op: string,
  mode: Exclude<PadMode, 'zeros'>,
  image: ImageShape,
  layout: Layout,
  pads: readonly Pair[],
): { readonly image: ImageShape; readonly border: Border } | null {
  if (pads.every(([before, after]) => before <= 0 && after <= 0)) return null;
  const space = image.space.map((size, axis) => {
    const pad = pads[axis] as Pair;
    checkReach(op, mode, axis, size, pad);
    return size + pad[0] + pad[1];
  });
  const padded: ImageShape = { ...image, space };
  checkElements(op, 'the padded input', imageShape(padded, layout));
  const [xSize, size] = [toAxes(image.space, 1), toAxes(space, 1)];
  const [before, after] = [toAxes(pads.map(first), 0), toAxes(pads.map(last), 0)];
  const kept = xSize.map((all, axis) => all - cropped([before[axis] as number, after[axis] as number])) as [number, number, number];

  // Channels stand beside each other in channels-last, images and channels apart in channels-first.
  const [outer, unit] = layout === 'channels-last' ? [image.batch, image.channels] : [image.batch * image.channels, 1];
  const steps = (of: readonly number[]): number[] => [
    sizeOf(of) * unit,
    (of[1] as number) * (of[2] as number) * unit,
    (of[2] as number) * unit,
  ];
  const [xSteps, pSteps] = [steps(xSize), steps(size)];
  const [plane, slice, row] = pSteps as [number, number, number];
  const start = [0, 1, 2].map((axis) => Math.max(0, before[axis] as number)) as [number, number, number];
  const at = (d: number, h: number, w: number): number => d * slice + h * row + w * unit;
  const crop = [0, 1, 2].map((axis) => Math.max(0, -(before[axis] as number))) as [number, number, number];

  const inside: Copy = {
    words: [outer, kept[0], kept[1], kept[2] * unit, ...xSteps, 1, ...pSteps, 1],
    from: crop[0] * (xSteps[1] as number) + crop[1] * (xSteps[2] as number) + crop[2] * unit,
    to: at(...start),
  };
  const edges: Copy[] = [];
  for (const { from, to, count, step } of runs(mode, start[2], kept[2], Math.max(0, after[2]))) {
    if (unit === 1) {
      // Along the rows, of which there are more than columns of a border.
      const words = [outer, kept[0], count, kept[1], plane, slice, step, row, plane, slice, 1, row];
      edges.push({ words, from: at(start[0], start[1], from), to: at(start[0], start[1], to) });
    } else {
      // Pixel by pixel: the channels of one are a run, its neighbours may stand in another order.
      for (let i = 0; i < count; i++) {
        const words = [outer, kept[0], kept[1], unit, plane, slice, row, 1, plane, slice, row, 1];
        edges.push({ words, from: at(start[0], start[1], from + i * step), to: at(start[0], start[1], to + i) });
      }
    }
  }
  for (const { from, to, count, step } of runs(mode, start[1], kept[1], Math.max(0, after[1]))) {
    const words = [outer, kept[0], count, row, plane, slice, step * row, 1, plane, slice, row, 1];
    edges.push({ words, from: at(start[0], from, 0), to: at(start[0], to, 0) });
  }
  for (const { from, to, count, step } of runs(mode, start[0], kept[0], Math.max(0, after[0]))) {
    const words = [outer, 1, count, slice, plane, 0, step * slice, 1, plane, 0, slice, 1];
    edges.push({ words, from: at(from, 0, 0), to: at(to, 0, 0) });
  }
  return { image: padded, border: { length: sizeOf(imageShape(padded, layout)), inside, edges } };
}

/** The copy from `to` to `from`. */
export const reversed = ({ words, from, to }: Copy): Copy => ({
  words: [...words.slice(0, 4), ...words.slice(8), ...words.slice(4, 8)],
  from: to,
  to: from,
});

/** Calls `line` with where it begins in each array, how many elements it has, and its step in each. */
export function forLines(
  { words, from, to }: Copy,
  line: (from: number, to: number, count: number, fromStep: number, toStep: number) => void,
): void {
  const [a, b, c, count, a0, b0, c0, fromStep, a1, b1, c1, toStep] = words as [
    ...[number, number, number, number],
    ...[number, number, number, number],
    ...[number, number, number, number],
  ];
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) {
      for (let k = 0; k < c; k++) line(from + i * a0 + j * b0 + k * c0, to + i * a1 + j * b1 + k * c1, count, fromStep, toStep);
    }
  }
}

/** Positions [to, to + count) of a padded axis that repeat those from `from` on, `step` apart. */
interface Run {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly step: -1 | 0 | 1;
}

/** What stands before [start, start + kept) and after it. */
function runs(mode: Exclude<PadMode, 'zeros'>, start: number, kept: number, after: number): Run[] {
  const end = start + kept;
  const sides: Record<typeof mode, readonly [Run, Run]> = {
    reflect: [
      { from: 2 * start, to: 0, count: start, step: -1 },
      { from: end - 2, to: end, count: after, step: -1 },
    ],
    replicate: [
      { from: start, to: 0, count: start, step: 0 },
      { from: end - 1, to: end, count: after, step: 0 },
    ],
    circular: [
      { from: kept, to: 0, count: start, step: 1 },
      { from: start, to: end, count: after, step: 1 },
    ],
  };
  return sides[mode].filter(({ count }) => count > 0);
}

function checkReach(op: string, mode: PadMode, axis: number, size: number, pad: Pair): void {
  const kept = size - cropped(pad);
  const most = mode === 'reflect' ? kept - 1 : mode === 'circular' ? kept : Number.POSITIVE_INFINITY;
  if (Math.max(...pad) <= most) return;
  const left = kept === size ? `the input has ${size}` : `the crop leaves ${kept} of the input's ${size}`;
  throw new ShapeError(op, `padding is ${show(pad)} on axis ${axis}, where ${left}: padMode '${mode}' can continue it by at most ${most}`);
}

const first = ([before]: Pair): number => before;
const last = ([, after]: Pair): number => after;
