import { ShapeError } from '../errors.js';
import {
  type Axes,
  axesOfRank,
  checkElements,
  checkNames,
  convGeometry,
  convTransposeGeometry,
  dilatedKernel,
  type ImageShape,
  imageShape,
  imageStrides,
  listedAxes,
  type Pair,
  readImage,
  readLayout,
  readPerAxis,
  show,
  sizeOf,
  toAxes,
} from '../geometry/index.js';
import type { ConvShapeOptions, FreshTensor, Layout, PerAxis, Tensor } from '../types.js';
import { checkTensor, weightAxes } from './tensor.js';

/**
 * The weight with every kernel axis flipped: what turns cross-correlation into convolution, and the one difference
 * between a transposed convolution and a padded direct one.
 *
 * @param weight [a, b, ...k], or [...k, a, b] with layout 'channels-last'; one to three kernel axes.
 * @throws ShapeError or OptionError for something that is not a weight.
 * @example
 * ```js
 * rotate180({ data: Float32Array.of(1, 2, 3, 4), shape: [1, 1, 2, 2] }).data; // [4, 3, 2, 1]
 * ```
 */
export function rotate180(weight: Tensor, layout?: Layout): FreshTensor {
  const op = 'rotate180';
  const shape = checkTensor(op, 'weight', weight);
  const axes = weightAxes(op, shape);
  const first = readLayout(op, layout) === 'channels-first';
  const taps = sizeOf(first ? shape.slice(2) : shape.slice(0, axes));
  const channels = sizeOf(first ? shape.slice(0, 2) : shape.slice(axes));
  const [channelStep, tapStep] = first ? [taps, 1] : [1, channels];
  const data = new Float32Array(weight.data.length);
  // Flipping every axis of a raster reverses it.
  for (let channel = 0; channel < channels; channel++) {
    for (let t = 0; t < taps; t++) {
      data[channel * channelStep + t * tapStep] = weight.data[channel * channelStep + (taps - 1 - t) * tapStep] as number;
    }
  }
  return { data, shape };
}

/**
 * The input with `stride - 1` zeros between spatial neighbours (none at the ends): each size i becomes (i - 1)·stride + 1.
 * It is the stretched input of the guide's relationships 12 to 14 (arXiv 1603.07285).
 *
 * @param input [N, C, ...space], or [N, ...space, C] with layout 'channels-last'; or unbatched.
 * @param stride One per spatial axis, which also says how many axes there are. A number takes rank 4 and 5 as batched, rank 2 as unbatched, and is refused
 * for rank 3, which may be either.
 * @throws ShapeError when the rank does not fit the axes or the result could not be addressed; OptionError for a stride below 1.
 * @example
 * ```js
 * insertZeros({ data: Float32Array.of(1, 2, 3), shape: [1, 1, 3] }, [2]).data; // [1, 0, 2, 0, 3]
 * ```
 */
export function insertZeros(input: Tensor, stride: PerAxis, layout?: Layout): FreshTensor {
  const op = 'insertZeros';
  const shape = checkTensor(op, 'input', input);
  const order = readLayout(op, layout);
  const axes = listedAxes(op, { stride }) ?? axesOfRank(op, shape, 'stride', stride, order);
  const image = readImage(op, 'input', shape, axes, order);
  const steps = readPerAxis(op, 'stride', stride, axes, 1);
  const space = image.space.map((size, axis) => (size - 1) * (steps[axis] as number) + 1);
  return scatter(op, input.data, image, order, { stride: steps, before: Array<number>(axes).fill(0), space });
}

/** The direct convolution that a transposed convolution equals. */
export interface EquivalentConv {
  /** Per axis: `stride - 1` zeros go between neighbours of the input. */
  readonly stride: readonly number[];
  /** Per axis: zeros around the input after that, d(k-1) - before and d(k-1) - after + outputPadding. A negative one is a crop. */
  readonly padding: readonly (readonly [before: number, after: number])[];
  /** The direct conv's weight: rotated by 180°, in and out channels swapped within each group. */
  readonly weight: FreshTensor;
  /** `conv(insertZeros(input, stride), weight, options)`; a conv refuses a padding that crops all of its input. */
  readonly options: ConvShapeOptions;
  /**
   * Inserts the zeros, pads and crops: `conv(prepare(input), weight, { dilation, groups, layout })` needs no padding.
   *
   * @throws ShapeError for another shape than `inputShape`.
   */
  prepare(input: Tensor): FreshTensor;
}

/**
 * The direct convolution that equals `convTranspose(input, weight, options)`: the guide's relationships 8 to 14
 * (arXiv 1603.07285), extended to dilation, groups and unequal pads. It multiplies many zeros: a statement, not a fast path.
 *
 * @param inputShape The transposed conv's input, [N, C, ...space] or unbatched, or channels-last.
 * @param weight The transposed conv's weight, [I, O/g, ...k], or [...k, O/g, I] with layout 'channels-last'.
 * @param options The transposed conv's stride, padding, dilation, groups, outputPadding or outputSize, and layout.
 * @throws ShapeError or OptionError where the transposed conv would, and ShapeError when the stretched input could not be addressed.
 * @example
 * ```js
 * const x = { data: Float32Array.of(1, 2), shape: [1, 1, 2] };
 * const w = { data: Float32Array.of(1, 2, 3), shape: [1, 1, 3] };
 * convTranspose1d(x, w, { stride: 2 }).data; // [1, 2, 5, 4, 6]
 * const { stride, padding, weight, options } = equivalentConv(x.shape, w, { stride: 2 });
 * padding; // [[2, 2]]
 * conv1d(insertZeros(x, stride), weight, options).data; // [1, 2, 5, 4, 6]
 * ```
 */
export function equivalentConv(inputShape: readonly number[], weight: Tensor, options: ConvShapeOptions = {}): EquivalentConv {
  const op = 'equivalentConv';
  checkNames(op, options, ['stride', 'padding', 'dilation', 'groups', 'outputPadding', 'outputSize', 'layout']);
  const weightShape = checkTensor(op, 'weight', weight);
  const axes = weightAxes(op, weightShape);
  const transposed = convTransposeGeometry(op, axes, inputShape, weightShape, options);
  const { geometry: g } = transposed;
  const { layout, groups } = g;
  const [stride, dilation, kernel, padBefore, padAfter] = [g.stride, g.dilation, g.kernel, g.padBefore, g.padAfter].map((values) =>
    values.slice(3 - axes),
  ) as [number[], number[], number[], number[], number[]];

  // The geometry's padAfter is the forward conv's, pe - op: the added rows are in it already.
  const padding = kernel.map((k, axis): Pair => {
    const reach = dilatedKernel(k, dilation[axis] as number) - 1;
    return [reach - (padBefore[axis] as number), reach - (padAfter[axis] as number)];
  });

  const image = readImage(op, 'input', transposed.inputShape, axes, layout);
  const space = image.space.map((size, axis) => {
    const [before, after] = padding[axis] as Pair;
    return (size - 1) * (stride[axis] as number) + 1 + before + after;
  });
  const [inPerGroup, outPerGroup] = [g.yChannels / groups, g.xChannels / groups];
  const swapped = layout === 'channels-first' ? [g.xChannels, inPerGroup, ...kernel] : [...kernel, inPerGroup, g.xChannels];
  const { geometry: direct } = convGeometry(op, axes, imageShape({ ...image, space }, layout), swapped, { dilation, groups, layout });

  const taps = sizeOf(kernel);
  const data = new Float32Array(weight.data.length);
  for (let out = 0; out < g.xChannels; out++) {
    const firstIn = Math.floor(out / outPerGroup) * inPerGroup;
    for (let c = 0; c < inPerGroup; c++) {
      const to = out * direct.w.y + c * direct.w.x;
      const from = (firstIn + c) * g.w.y + (out % outPerGroup) * g.w.x;
      for (let t = 0; t < taps; t++) data[to + t * direct.w.tap] = weight.data[from + (taps - 1 - t) * g.w.tap] as number;
    }
  }

  return {
    stride,
    padding,
    weight: { data, shape: swapped },
    options: { padding, dilation, groups, layout },
    prepare(input) {
      const shape = checkTensor(`${op}.prepare`, 'input', input);
      if (show(shape) !== show(transposed.inputShape)) {
        throw new ShapeError(`${op}.prepare`, `input is ${show(shape)}; expected ${show(transposed.inputShape)}`);
      }
      return scatter(`${op}.prepare`, input.data, image, layout, { stride, before: padding.map(([before]) => before), space });
    },
  };
}

interface Placement {
  readonly stride: readonly number[];
  readonly before: readonly number[];
  readonly space: readonly number[];
}

/** A zero image of `space` positions in which input position i stands at i·stride + before; what falls outside is dropped. */
function scatter(op: string, input: Float32Array, image: ImageShape, layout: Layout, placement: Placement): FreshTensor {
  const { batch, channels } = image;
  const shape = imageShape({ ...image, space: placement.space }, layout);
  checkElements(op, 'the stretched input', shape);
  const data = new Float32Array(sizeOf(shape));
  const [from, to] = [toAxes(image.space, 1), toAxes(placement.space, 1)];
  const [stride, before] = [toAxes(placement.stride, 1), toAxes(placement.before, 0)];
  const source = imageStrides(layout, channels, sizeOf(image.space));
  const target = imageStrides(layout, channels, sizeOf(placement.space));
  for (let p = 0; p < sizeOf(image.space); p++) {
    const at: Axes = [Math.floor(p / (from[1] * from[2])), Math.floor(p / from[2]) % from[1], p % from[2]];
    const [d, h, w] = at.map((position, axis) => position * (stride[axis] as number) + (before[axis] as number)) as [
      number,
      number,
      number,
    ];
    if (d < 0 || h < 0 || w < 0 || d >= to[0] || h >= to[1] || w >= to[2]) continue;
    const q = (d * to[1] + h) * to[2] + w;
    for (let n = 0; n < batch; n++) {
      for (let c = 0; c < channels; c++) {
        data[n * target.batch + c * target.channel + q * target.space] = input[
          n * source.batch + c * source.channel + p * source.space
        ] as number;
      }
    }
  }
  return { data, shape };
}
