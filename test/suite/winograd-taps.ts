/** Which taps of a kernel Winograd sums together, said anew: sets of taps that meet the same lattice of x, in each as few blocks as three taps to a block allow. */
import type { AxisPadding } from '../../src/index.js';
import { at } from './check.js';
import { sizeOf } from './data.js';
import { type Problem, weightSizes } from './problem.js';

export type Three = readonly [depth: number, height: number, width: number];

/** Sizes or options of one to three axes as those of three. */
export const threeAxes = (sizes: readonly number[], missing: number): Three =>
  [...Array(3 - sizes.length).fill(missing), ...sizes] as unknown as Three;

export interface TapAxis {
  readonly taps: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pad: number;
}

export function axesOf({ weight, shapeOptions }: Problem): readonly [TapAxis, TapAxis, TapAxis] {
  const { stride = 1, dilation = 1, padding = 0, layout } = shapeOptions;
  const kernel = layout === 'channels-last' ? weight.shape.slice(0, -2) : weight.shape.slice(2);
  const each = (option: number | readonly number[]): readonly number[] => (typeof option === 'number' ? kernel.map(() => option) : option);
  const pads = typeof padding === 'object' ? padding.map(before) : kernel.map(() => before(padding));
  const [taps, strides, dilations, front] = [kernel, each(stride), each(dilation), pads].map((sizes, i) =>
    threeAxes(sizes, i === 3 ? 0 : 1),
  ) as [Three, Three, Three, Three];
  const axis = (a: 0 | 1 | 2): TapAxis => ({ taps: taps[a], stride: strides[a], dilation: dilations[a], pad: front[a] });
  return [axis(0), axis(1), axis(2)];
}

function before(padding: AxisPadding): number {
  if (typeof padding === 'string') throw new Error('pads are numbers here');
  return typeof padding === 'object' ? padding[0] : padding;
}

/** Taps that one convolution of stride 1 sums: all of y = C x, of x = Cᵀ y those of one phase of the stride. */
export interface TapPhase {
  /** The block of a tap, counted in raster order; undefined where the phase does not have it. */
  blockOf(tap: number): number | undefined;
  readonly blocks: number;
  /** Along how many axes it has more than one tap. */
  readonly transformed: number;
}

export function tapPhases(p: Problem, adjoint: boolean): TapPhase[] {
  const axes = axesOf(p);
  const [depths, heights, widths] = axes.map((axis, a) => axisPhases(axis, adjoint, a === 0)) as [AxisPhase[], AxisPhase[], AxisPhase[]];
  const [, { taps: height }, { taps: width }] = axes;
  return depths.flatMap((d) =>
    heights.flatMap((h) =>
      widths.map(
        (w): TapPhase => ({
          blockOf(tap) {
            const place = [d.of[Math.floor(tap / height / width)], h.of[Math.floor(tap / width) % height], w.of[tap % width]];
            if (place.includes(undefined)) return undefined;
            return (at(place as number[], 0) * h.blocks + at(place as number[], 1)) * w.blocks + at(place as number[], 2);
          },
          blocks: d.blocks * h.blocks * w.blocks,
          transformed: [h, w].filter(({ of }) => of.filter((block) => block !== undefined).length > 1).length,
        }),
      ),
    ),
  );
}

/** The block of each tap of an axis, if the phase has it. */
interface AxisPhase {
  readonly of: readonly (number | undefined)[];
  readonly blocks: number;
}

function axisPhases({ taps, stride, dilation }: TapAxis, adjoint: boolean, alone: boolean): AxisPhase[] {
  const sets = Math.min(taps, stride / divisorOf(stride, dilation));
  const perBlock = alone ? 1 : 3;
  const sizes = Array.from({ length: sets }, (_, set) => Math.ceil((taps - set) / sets));
  const blocksOf = (size: number): number => Math.ceil(size / perBlock);
  const phase = (chosen: readonly number[]): AxisPhase => {
    let blocks = 0;
    const of: (number | undefined)[] = Array(taps).fill(undefined);
    for (const set of chosen) {
      const [size, begin] = [at(sizes, set), blocks];
      for (let i = 0; i < size; i++) of[set + i * sets] = begin + Math.floor((i * blocksOf(size)) / size);
      blocks += blocksOf(size);
    }
    return { of, blocks };
  };
  const all = sizes.map((_, set) => set);
  return adjoint ? all.map((set) => phase([set])) : [phase(all)];
}

/** Whether there is a Winograd convolution: y = C x of more than one tap along the height or width, and then a gradient of the weight; x = Cᵀ y, of whose phases each has a tap, and one has more. */
export function winogradFits(p: Problem, adjoint: boolean): boolean {
  const axes = axesOf(p);
  if (!adjoint) return axes.slice(1).some(({ taps }) => taps > 1);
  const each = axes.every(({ taps, stride, dilation }) => taps >= stride && divisorOf(stride, dilation) === 1);
  return each && axes.slice(1).some(({ taps, stride }) => taps > stride);
}

/**
 * Whether 'auto' may take Winograd for a result: of 8 pairs of channels of a group and 32768 multiply-adds, padding among them, on. What is smaller is exact for small whole
 * numbers.
 */
export function mayTransform(p: Problem): boolean {
  const { layout, groups = 1 } = p.shapeOptions;
  const { outer, inner, taps } = weightSizes(p.op, p.weight.shape, p.shapeOptions);
  const pairs = (outer / groups) * inner;
  const spaces = [p.input, p.gradOutput].map(({ shape }) => sizeOf(layout === 'channels-last' ? shape.slice(1, -1) : shape.slice(2)));
  return winogradFits(p, false) && pairs >= 8 && pairs * taps * Math.max(...spaces) >= 2 ** 15;
}

export function divisorOf(a: number, b: number): number {
  return b === 0 ? a : divisorOf(b, a % b);
}
