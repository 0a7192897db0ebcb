/**
 * Kernels that only move elements, each a copy along axes. tfjs's wasm backend copies the whole of x out of its heap to slice it, makes a view for every run,
 * and strides with several divisions for each element: at 40x40x96 these are 3 (Concat) to 280 times (StridedSlice) as fast.
 */

import { countedAxes, stepsOf } from '../../array/axes.js';
import type { Axes } from '../../engine.js';
import { sizeOf } from '../../geometry/index.js';
import { Recent } from '../../ops/memoize.js';
import { type Kernel, produce, type Work } from '../call.js';
import type { TensorInfo } from '../types.js';

/** An output and what is copied to it, once for each input or, of more axes than the engine counts, several times. */
interface Copies {
  readonly shape: number[];
  readonly copies: readonly (readonly Axes[])[];
}

interface Move {
  readonly sizes: readonly number[];
  readonly fromSteps: readonly number[];
  readonly toSteps: readonly number[];
  readonly from?: number;
  readonly to?: number;
}

/** A move as the engine's copies. */
export const axesOf = ({ sizes, fromSteps, toSteps, from = 0, to = 0 }: Move): Axes[] =>
  countedAxes(sizes, fromSteps, toSteps).map((part) => ({ words: part.words, from: from + part.from, to: to + part.to }));

function run(work: Work, inputs: readonly TensorInfo[], { shape, copies }: Copies): TensorInfo {
  return produce(work, [...shape], (engine, out) => {
    // Read anew for each copy: one of data that lies elsewhere may make the heap grow.
    for (let i = 0; i < copies.length; i++) {
      for (const axes of copies[i] as readonly Axes[]) engine.copy(axes, work.floats(inputs[i] as TensorInfo), work.floats(out));
    }
  });
}

/** Concat: each tensor is a block of every row of the result. */
export const concat: Kernel = (work) => {
  const tensors = (Object.values(work.inputs) as TensorInfo[]).filter(({ shape }) => !shape.includes(0));
  if (tensors.length < 2) return null; // another name for the same data
  const shapes = tensors.map(({ shape }) => shape);
  const found = concats.of(work.op, [work.attributes.axis as number, shapes]);
  return found && run(work, tensors, found);
};

const concats = new Recent((_: string, given: number, shapes: readonly (readonly number[])[]): Copies | null => {
  const first = shapes[0] as readonly number[];
  const rank = first.length;
  const axis = given < 0 ? given + rank : given;
  const alike = shapes.every((shape) => shape.length === rank && shape.every((size, i) => i === axis || size === first[i]));
  if (!alike || !(axis in first)) return null;
  const count = sizeOf(first.slice(0, axis));
  const along = shapes.reduce((sum, shape) => sum + (shape[axis] as number), 0);
  const shape = first.map((size, i) => (i === axis ? along : size));
  const row = sizeOf(shape) / count;
  let to = 0;
  const copies = shapes.map((each) => {
    const block = sizeOf(each) / count;
    const axes = axesOf({ sizes: [count, block], fromSteps: [block, 1], toSteps: [row, 1], to });
    to += block;
    return axes;
  });
  return { shape, copies };
});

/** A part of x: where it begins, how it steps, and its sizes. */
interface Part {
  readonly begin: readonly number[];
  readonly steps: readonly number[];
  readonly size: readonly number[];
}

/** Takes a part, under a shape of its size. */
function taking(xShape: readonly number[], { begin, steps, size }: Part, shape: readonly number[]): Copies {
  const own = stepsOf(xShape);
  const from = own.reduce((sum, step, axis) => sum + step * (begin[axis] as number), 0);
  const fromSteps = own.map((step, axis) => step * (steps[axis] as number));
  return { shape: [...shape], copies: [axesOf({ sizes: size, fromSteps, toSteps: stepsOf(size), from })] };
}

export const slice: Kernel = (work) => {
  const x = work.inputs.x as TensorInfo;
  const { begin, size } = work.attributes as { begin: Entries; size: Entries };
  const found = slices.of(work.op, [x.shape, begin, size]);
  return found && run(work, [x], found);
};

type Entries = number | readonly number[] | null | undefined;

const slices = new Recent((_: string, xShape: readonly number[], begins: Entries, sizes: Entries): Copies | null => {
  const begin = xShape.map((_, axis) => listOf(begins)[axis] ?? 0);
  const size = xShape.map((all, axis) => {
    const given = listOf(sizes)[axis] ?? -1;
    return given < 0 ? all - (begin[axis] as number) : given;
  });
  const inside = xShape.every((all, axis) => (begin[axis] as number) >= 0 && (begin[axis] as number) + (size[axis] as number) <= all);
  if (!inside || size.some((each) => each < 0)) return null;
  return taking(xShape, { begin, steps: xShape.map(() => 1), size }, size);
});

const listOf = (value: Entries): readonly number[] => (typeof value === 'number' ? [value] : (value ?? []));

export const stridedSlice: Kernel = (work) => {
  const x = work.inputs.x as TensorInfo;
  const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = work.attributes as unknown as Strided;
  const masks = [beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask] as const;
  const found = stridedSlices.of(work.op, [x.shape, begin, end, strides, masks]);
  return found && run(work, [x], found);
};

interface Strided {
  readonly begin: readonly number[];
  readonly end: readonly number[];
  readonly strides: readonly number[];
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
}

type Masks = readonly [begin: number, end: number, ellipsis: number, newAxis: number, shrinkAxis: number];

/** Bit i of a mask: first[i] or last[i] is left out, or entry i is an ellipsis, a new axis, or an index whose axis goes. What tfjs refuses is null. */
const stridedSlices = new Recent(
  (
    _: string,
    xShape: readonly number[],
    first: readonly number[],
    last: readonly number[],
    strides: readonly number[],
    [beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask]: Masks,
  ): Copies | null => {
    const [begin, steps, size, shape]: [number[], number[], number[], number[]] = [[], [], [], []];
    const whole = (): void => {
      const all = xShape[size.length] as number;
      begin.push(0);
      steps.push(1);
      size.push(all);
      shape.push(all);
    };
    for (let entry = 0; entry < first.length; entry++) {
      const has = (mask: number): boolean => ((mask >> entry) & 1) === 1;
      if (has(ellipsisMask)) {
        let named = 0;
        for (let after = entry + 1; after < first.length; after++) named += (newAxisMask >> after) & 1 ? 0 : 1;
        while (size.length < xShape.length - named) whole();
      } else if (has(newAxisMask)) shape.push(1);
      else {
        const all = xShape[size.length];
        const [from, to, step] = [first[entry], last[entry], strides[entry]] as [number, number, number];
        if (all === undefined || step === 0) return null;
        if (has(shrinkAxisMask)) {
          const at = from < 0 ? from + all : from;
          if (step < 0 || !(at >= 0 && at < all)) return null;
          begin.push(at);
          steps.push(1);
          size.push(1);
          continue;
        }
        const [low, high] = step > 0 ? [0, all] : [-1, all - 1];
        const within = (value: number): number => Math.min(Math.max(value < 0 ? value + all : value, low), high);
        const start = has(beginMask) ? (step > 0 ? low : high) : within(from);
        const stop = has(endMask) ? (step > 0 ? high : low) : within(to);
        const count = Math.max(0, Math.ceil((stop - start) / step));
        begin.push(start);
        steps.push(step);
        size.push(count);
        shape.push(count);
      }
    }
    while (size.length < xShape.length) whole();
    // The whole of x is another name for the same data.
    if (xShape.every((all, axis) => size[axis] === all && steps[axis] === 1)) return null;
    return taking(xShape, { begin, steps, size }, shape);
  },
);

/** SplitV, Split's kernel: parts along an axis, of given sizes (one may be -1, what is left) or a number of equal ones. */
export const split: Kernel = (work) => {
  const x = work.inputs.x as TensorInfo;
  const { axis, numOrSizeSplits } = work.attributes as { axis: number; numOrSizeSplits: number | readonly number[] };
  const found = splits.of(work.op, [x.shape, axis, numOrSizeSplits]);
  if (!found) return null;
  const outs: TensorInfo[] = [];
  try {
    for (const each of found) outs.push(run(work, [x], each));
    return outs;
  } catch (error) {
    for (const out of outs) work.home.discard(work.backend, out);
    throw error;
  }
};

const splits = new Recent((_: string, xShape: readonly number[], given: number, parts: number | readonly number[]): Copies[] | null => {
  const axis = given < 0 ? given + xShape.length : given;
  const all = xShape[axis];
  if (all === undefined) return null;
  const rest = typeof parts === 'number' ? 0 : all - parts.reduce((sum, each) => sum + Math.max(each, 0), 0);
  const sizes = typeof parts === 'number' ? Array<number>(parts).fill(all / parts) : parts.map((each) => (each < 0 ? rest : each));
  if (!sizes.every((each) => Number.isInteger(each) && each >= 0) || sizes.reduce((sum, each) => sum + each, 0) !== all) return null;
  let at = 0;
  return sizes.map((each) => {
    const size = xShape.map((whole, i) => (i === axis ? each : whole));
    const begin = xShape.map((_, i) => (i === axis ? at : 0));
    at += each;
    return taking(xShape, { begin, steps: xShape.map(() => 1), size }, size);
  });
});

/** DepthToSpace: [n, h, w, block, block, c] becomes [n, h, block, w, block, c]. */
export const depthToSpace: Kernel = (work) => {
  const x = work.inputs.x as TensorInfo;
  const { blockSize, dataFormat } = work.attributes as { blockSize: number; dataFormat: string };
  const found = dataFormat === 'NHWC' ? depthsToSpace.of(work.op, [x.shape, blockSize]) : null;
  return found && run(work, [x], found);
};

const depthsToSpace = new Recent((_: string, xShape: readonly number[], block: number): Copies | null => {
  const [n, h, w, depth] = xShape as [number, number, number, number];
  const c = depth / block ** 2;
  if (!Number.isInteger(c)) return null;
  const run = block * c;
  const sizes = [n * h, w, block, run];
  const toSteps = [block * w * run, run, w * run, 1];
  return { shape: [n, h * block, w * block, c], copies: [axesOf({ sizes, fromSteps: stepsOf(sizes), toSteps })] };
});
