import { type Axes, type ConvGeometry, type ImageStrides, volume } from '../geometry/index.js';
import { GEOMETRY } from './generated/layout.js';

/**
 * A convolution as the kernels see it: x is read through the window of the kernel, y written. A gradient of the input is such a convolution too, one for
 * each phase of the stride, with the roles of x and y exchanged: so all products run through the same kernels. Steps of taps and pads may be negative.
 */
export interface View extends Fields {
  /** The fields as the kernels read them. */
  readonly words: readonly number[];
}

interface Fields {
  readonly batch: number;
  readonly groups: number;
  readonly xChannels: number;
  readonly yChannels: number;
  readonly xSize: Axes;
  readonly ySize: Axes;
  readonly kernel: Axes;
  readonly stride: Axes;
  readonly spread: Axes;
  readonly dilation: Axes;
  readonly pad: Axes;
  readonly x: ImageStrides;
  readonly y: { readonly batch: number; readonly channel: number; readonly steps: Axes };
  readonly w: { readonly group: number; readonly y: number; readonly x: number; readonly steps: Axes };
  readonly channelsLast: boolean;
  readonly adjoint: boolean;
  /** Of a packed weight: channels of y in a group that it has, and the first of them that the view computes, a multiple of the tile. */
  readonly packed: { readonly channels: number; readonly first: number };
  /** Where the first element of the weight and of y lies in its array. */
  readonly wOffset: number;
  readonly yOffset: number;
}

/** The fields of assembly/base/geometry.ts, in its order (a test compares them). One literal and no unpacking: a new problem's choice of an algorithm takes 0.5 µs, with parts put together 1.0. */
function viewOf(v: Fields): View {
  const { xSize, ySize, kernel, stride, spread, dilation, pad, x, y, w, packed } = v;
  const words = [
    v.batch,
    v.groups,
    v.xChannels,
    v.yChannels,
    xSize[0],
    xSize[1],
    xSize[2],
    ySize[0],
    ySize[1],
    ySize[2],
    kernel[0],
    kernel[1],
    kernel[2],
    stride[0],
    stride[1],
    stride[2],
    spread[0],
    spread[1],
    spread[2],
    dilation[0],
    dilation[1],
    dilation[2],
    pad[0],
    pad[1],
    pad[2],
    x.batch,
    x.channel,
    x.space,
    y.batch,
    y.channel,
    y.steps[0],
    y.steps[1],
    y.steps[2],
    w.group,
    w.y,
    w.x,
    w.steps[0],
    w.steps[1],
    w.steps[2],
    v.channelsLast ? 1 : 0,
    v.adjoint ? 1 : 0,
    packed.channels,
    packed.first,
  ];
  return Object.assign(v, { words });
}

/** The same view but for these fields. */
export const viewWith = (view: View, changes: Partial<Fields>): View => viewOf({ ...view, ...changes });

export const VIEW_BYTES = GEOMETRY.length * 4;

/** y = C x as it stands. */
export function directView(g: ConvGeometry): View {
  return viewOf({
    batch: g.batch,
    groups: g.groups,
    xChannels: g.xChannels,
    yChannels: g.yChannels,
    xSize: g.xSize,
    ySize: g.ySize,
    kernel: g.kernel,
    stride: g.stride,
    spread: ONES,
    dilation: g.dilation,
    pad: g.padBefore,
    x: g.x,
    y: { batch: g.y.batch, channel: g.y.channel, steps: rasterSteps(g.ySize, g.y.space) },
    w: { group: (g.yChannels / g.groups) * g.w.y, y: g.w.y, x: g.w.x, steps: rasterSteps(g.kernel, g.w.tap) },
    channelsLast: g.layout === 'channels-last',
    adjoint: false,
    packed: { channels: g.yChannels / g.groups, first: 0 },
    wOffset: 0,
    yOffset: 0,
  });
}

const ONES: Axes = [1, 1, 1];

/**
 * x = Cᵀ y as it stands, for the kernels of depthwise convolutions alone: y is read, with its elements as far apart as the stride. The taps keep their order, so what
 * they meet goes backwards. In channels-last with stride 1 the images do, from their last positions on, and the taps meet what those of a convolution do.
 */
export function adjointView(g: ConvGeometry): View {
  const back = g.layout === 'channels-last' && volume(g.stride) === 1;
  const space = back ? -g.x.space : g.x.space;
  const minus = ([d, h, w]: Axes): Axes => [0 - d, 0 - h, 0 - w];
  const cropped = (axis: 0 | 1 | 2): number => g.padBefore[axis] + g.xSize[axis] - g.ySize[axis];
  return viewOf({
    batch: g.batch,
    groups: g.groups,
    xChannels: g.yChannels,
    yChannels: g.xChannels,
    xSize: g.ySize,
    ySize: g.xSize,
    kernel: g.kernel,
    stride: ONES,
    spread: g.stride,
    dilation: back ? g.dilation : minus(g.dilation),
    pad: back ? [cropped(0), cropped(1), cropped(2)] : minus(g.padBefore),
    x: back ? { ...g.y, space: -g.y.space } : g.y,
    y: { batch: g.x.batch, channel: g.x.channel, steps: rasterSteps(g.xSize, space) },
    w: { group: (g.yChannels / g.groups) * g.w.y, y: g.w.x, x: g.w.y, steps: rasterSteps(g.kernel, g.w.tap) },
    channelsLast: g.layout === 'channels-last',
    adjoint: true,
    packed: { channels: g.xChannels / g.groups, first: 0 },
    wOffset: 0,
    yOffset: back ? (volume(g.xSize) - 1) * g.x.space : 0,
  });
}

/**
 * x = Cᵀ y as dense convolutions over y, one for each phase of x's positions (position mod stride): a position meets only the taps that are congruent to
 * it, at neighbouring positions of y. No zeros are multiplied and every element of x is written once. Stride 1 is one phase: the
 * convolution with the rotated kernel that a transposed convolution equals.
 */
export function phaseViews(g: ConvGeometry): View[] {
  const phases = ([0, 1, 2] as const).map((axis) => axisPhases(g, axis));
  const [depths = [], heights = [], widths = []] = phases;
  return depths.flatMap((depth) => heights.flatMap((height) => widths.map((width) => phaseView(g, [depth, height, width]))));
}

export const phaseCount = (g: ConvGeometry): number =>
  g.stride.reduce((count, stride, axis) => count * Math.min(stride, g.xSize[axis] as number), 1);

/** One axis of a phase: x's positions first, first + stride, ... and the taps that meet them, taken from the last to the first. */
interface AxisPhase {
  readonly first: number;
  readonly positions: number;
  readonly taps: number;
  readonly lastTap: number;
  readonly tapStep: number;
  readonly dilation: number;
  readonly pad: number;
}

function axisPhases(g: ConvGeometry, axis: 0 | 1 | 2): AxisPhase[] {
  const [size, kernel, stride, dilation, pad] = [g.xSize[axis], g.kernel[axis], g.stride[axis], g.dilation[axis], g.padBefore[axis]];
  const common = gcd(stride, dilation);
  const tapStep = stride / common;
  return Array.from({ length: Math.min(stride, size) }, (_, first): AxisPhase => {
    // Taps with first + pad - tap·dilation ≡ 0 (mod stride): every tapStep-th from the first one, if there is one.
    const candidates = Math.min(kernel, tapStep);
    let tap = 0;
    while (tap < candidates && (first + pad - tap * dilation) % stride !== 0) tap++;
    const taps = tap < candidates ? Math.ceil((kernel - tap) / tapStep) : 0;
    const lastTap = tap + Math.max(0, taps - 1) * tapStep;
    return {
      first,
      positions: Math.ceil((size - first) / stride),
      taps,
      lastTap,
      tapStep,
      dilation: dilation / common,
      pad: taps > 0 ? (lastTap * dilation - first - pad) / stride : 0,
    };
  });
}

function phaseView(g: ConvGeometry, phase: readonly [AxisPhase, AxisPhase, AxisPhase]): View {
  const [depth, height, width] = phase;
  const axes = (read: (axis: AxisPhase) => number): Axes => [read(depth), read(height), read(width)];
  const xSteps = rasterSteps(g.xSize, g.x.space);
  const tapSteps = rasterSteps(g.kernel, g.w.tap);
  return viewOf({
    batch: g.batch,
    groups: g.groups,
    xChannels: g.yChannels,
    yChannels: g.xChannels,
    xSize: g.ySize,
    ySize: axes((axis) => axis.positions),
    kernel: axes((axis) => axis.taps),
    stride: ONES,
    spread: ONES,
    dilation: axes((axis) => axis.dilation),
    pad: axes((axis) => axis.pad),
    x: g.y,
    y: { batch: g.x.batch, channel: g.x.channel, steps: times(xSteps, g.stride) },
    w: {
      group: (g.yChannels / g.groups) * g.w.y,
      y: g.w.x,
      x: g.w.y,
      steps: times(
        tapSteps,
        axes((axis) => -axis.tapStep),
      ),
    },
    channelsLast: g.layout === 'channels-last',
    adjoint: false,
    packed: { channels: g.xChannels / g.groups, first: 0 },
    wOffset: sum(
      times(
        tapSteps,
        axes((axis) => axis.lastTap),
      ),
    ),
    yOffset: sum(
      times(
        xSteps,
        axes((axis) => axis.first),
      ),
    ),
  });
}

/** Steps along depth, height and width of positions in raster order, `step` elements apart. */
const rasterSteps = ([, height, width]: Axes, step: number): Axes => [height * width * step, width * step, step];
const times = (a: Axes, b: Axes): Axes => [a[0] * b[0], a[1] * b[1], a[2] * b[2]];
const sum = (axes: Axes): number => axes[0] + axes[1] + axes[2];

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
