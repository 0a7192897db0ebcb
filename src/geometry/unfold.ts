import { ShapeError } from '../errors.js';
import type { ConvShapeOptions, Layout, PerAxis } from '../types.js';
import { convGeometry } from './conv.js';
import { readLayout, readPerAxis } from './options.js';
import { checkElements, checkShape, imageShape, readImage, show, sizeOf } from './shape.js';
import { axesOfRank, checkNumber, listedAxes } from './spatial-axes.js';
import { type Axes, type ConvGeometry, type ConvProblem, imageStrides, toAxes, volume } from './types.js';

/** The geometry that unrolls an image: a conv of one output channel whose taps are the columns' rows. */
export function unfoldGeometry(op: string, inputShape: readonly number[], kernelSize: PerAxis, options: ConvShapeOptions): ConvProblem {
  const sizes = checkShape(op, 'input', inputShape);
  const layout = readLayout(op, options.layout);
  const axes = listedAxes(op, { kernelSize, ...perAxis(options) }) ?? axesOfRank(op, sizes, 'kernelSize', kernelSize, layout);
  const kernel = readPerAxis(op, 'kernelSize', kernelSize, axes, 1);
  const { batched, batch, channels } = readImage(op, 'input', sizes, axes, layout);
  checkElements(op, 'a column [C, ...kernelSize]', [channels, ...kernel]);
  const weight = layout === 'channels-first' ? [1, channels, ...kernel] : [...kernel, channels, 1];
  const made = convGeometry(op, axes, sizes, weight, options);
  const rows = channels * sizeOf(kernel);
  const outputShape = [...(batched ? [batch] : []), rows, volume(made.geometry.ySize)];
  checkElements(op, 'the columns matrix', outputShape);
  return { ...made, outputShape };
}

/** The same geometry from the other side: which unfold makes columns of this shape from an image of `outputSize`. */
export function foldGeometry(
  op: string,
  columnsShape: readonly number[],
  outputSize: PerAxis,
  kernelSize: PerAxis,
  options: ConvShapeOptions,
): ConvProblem {
  const columns = checkShape(op, 'columns', columnsShape);
  if (columns.length !== 3 && columns.length !== 2) {
    throw new ShapeError(op, `columns is ${show(columns)}; expected [N, C·Πk, L] or, unbatched, [C·Πk, L]`);
  }
  const axes =
    listedAxes(op, { kernelSize, outputSize, ...perAxis(options) }) ?? axesOfColumns(op, columns, outputSize, kernelSize, options);
  const kernel = readPerAxis(op, 'kernelSize', kernelSize, axes, 1);
  const space = readPerAxis(op, 'outputSize', outputSize, axes, 1);
  const batched = columns.length === 3;
  const [batch = 1, rows = 0, positions = 0] = batched ? columns : [1, ...columns];
  const taps = sizeOf(kernel);
  if (rows === 0 || rows % taps !== 0) {
    throw new ShapeError(
      op,
      `columns is ${show(columns)}; its ${rows} rows must be a positive multiple of the kernel's ${taps} taps (kernelSize ${show(kernel)})`,
    );
  }
  const layout = readLayout(op, options.layout);
  const image = imageShape({ batched, batch, channels: rows / taps, space }, layout);
  const made = unfoldGeometry(op, image, kernel, options);
  if (volume(made.geometry.ySize) !== positions) {
    throw new ShapeError(
      op,
      `columns is ${show(columns)}; L must be ${volume(made.geometry.ySize)} for outputSize ${show(space)} and kernelSize ${show(kernel)}`,
    );
  }
  return { ...made, inputShape: columns, outputShape: image };
}

/** A bias is the weight of a 1-tap convolution whose only input channel is the constant one: x has every stride zero. */
export function biasGeometry(op: string, axes: number, gradOutputShape: readonly number[], layoutOption: Layout | undefined): ConvGeometry {
  const layout = readLayout(op, layoutOption);
  const y = readImage(op, 'gradOutput', checkShape(op, 'gradOutput', gradOutputShape), axes, layout);
  const size = toAxes(y.space, 1);
  const one: Axes = [1, 1, 1];
  return {
    batch: y.batch,
    groups: 1,
    xChannels: 1,
    yChannels: y.channels,
    xSize: size,
    ySize: size,
    kernel: one,
    stride: one,
    dilation: one,
    padBefore: [0, 0, 0],
    padAfter: [0, 0, 0],
    layout,
    x: { batch: 0, channel: 0, space: 0 },
    y: imageStrides(layout, y.channels, volume(size)),
    w: { y: 1, x: 1, tap: 1 },
  };
}

const perAxis = ({ stride, padding, dilation }: ConvShapeOptions) => ({ stride, padding, dilation });

/** How many spatial axes the images have whose columns these are, when nothing lists them: as many as fit the rows and L. */
function axesOfColumns(
  op: string,
  columns: readonly number[],
  outputSize: PerAxis,
  kernelSize: PerAxis,
  options: ConvShapeOptions,
): number {
  checkNumber(op, 'outputSize', outputSize);
  checkNumber(op, 'kernelSize', kernelSize);
  const [size] = readPerAxis(op, 'outputSize', outputSize, 1, 1) as [number];
  const [k] = readPerAxis(op, 'kernelSize', kernelSize, 1, 1) as [number];
  const positions = unfoldGeometry(op, [1, 1, size], [k], { ...options, layout: 'channels-first' }).geometry.ySize[2];
  const [rows, length] = columns.slice(-2) as [number, number];
  const fitting = [1, 2, 3].filter((axes) => rows > 0 && rows % k ** axes === 0 && positions ** axes === length);
  if (fitting.length < 2) return fitting[0] ?? 2; // what fits none is refused as 2-D, which most are
  const listed = fitting.map((axes) => show(Array<number>(axes).fill(size)));
  throw new ShapeError(
    op,
    `columns is ${show(columns)}, which outputSize ${size} and kernelSize ${k} fit in ${fitting.join(' and ')} dimensions; write outputSize ${listed.join(' or ')}`,
  );
}
