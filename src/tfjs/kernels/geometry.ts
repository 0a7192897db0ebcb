import { OptionError, ShapeError } from '../../errors.js';
import {
  type ConvGeometry,
  checkCount,
  describe,
  dilatedKernel,
  imageStrides,
  MAX_COORDINATE,
  type Pair,
  samePads,
  show,
  toAxes,
  volume,
} from '../../geometry/index.js';

/** The attributes of tfjs's convolution kernels. */
export interface ConvAttributes {
  readonly strides?: unknown;
  readonly dilations?: unknown;
  readonly pad?: unknown;
  readonly dimRoundingMode?: unknown;
  readonly dataFormat?: unknown;
}

export interface TfProblem {
  readonly geometry: ConvGeometry;
  readonly outShape: number[];
  readonly channels: number;
  readonly channelsLast: boolean;
}

/**
 * A convolution as tfjs states it: images [N, ...space, C] or [N, C, ...space], the filter [...kernel, I, O] in either, or [...kernel, C, multiplier] where it is
 * depthwise; kernels of channels-first images want it as [O, I, ...kernel], which `toChannelsFirst` makes. tfjs-core computes sizes too, but with a numeric pad both of an image from the kernel's height, and in 3 dimensions negative pads for 'same': here
 * each axis goes by its own kernel.
 */
export function tfGeometry(
  op: string,
  depthwise: boolean,
  xShape: readonly number[],
  filterShape: readonly number[],
  attributes: ConvAttributes,
): TfProblem {
  const axes = xShape.length - 2;
  const channelsLast = readFormat(op, attributes.dataFormat);
  const space = channelsLast ? xShape.slice(1, -1) : xShape.slice(2);
  const xChannels = (channelsLast ? xShape[axes + 1] : xShape[1]) as number;
  const kernel = filterShape.slice(0, axes);
  const [inner, outer] = filterShape.slice(axes) as [number, number];
  if (filterShape.length !== axes + 2 || inner !== xChannels || kernel.includes(0)) {
    throw new ShapeError(op, `the filter ${show(filterShape)} does not fit the image ${show(xShape)}, which has ${xChannels} channels`);
  }
  const channels = depthwise ? inner * outer : outer;
  const strides = readAxes(op, 'strides', attributes.strides, axes);
  const dilations = readAxes(op, 'dilations', attributes.dilations ?? 1, axes);
  const pads = readPads(op, attributes.pad, axes, channelsLast);

  const sides = space.map((size, axis) => {
    const [stride, extent] = [strides[axis] as number, dilatedKernel(kernel[axis] as number, dilations[axis] as number)];
    return side(op, size, extent, stride, pads === 'same' ? pads : (pads[axis] as Pair), attributes.dimRoundingMode);
  });
  const ySpace = sides.map(({ out }) => out);
  const [xSize, ySize, taps] = [toAxes(space, 1), toAxes(ySpace, 1), toAxes(kernel, 1)];
  const xGroup = depthwise ? 1 : inner;
  const layout = channelsLast ? 'channels-last' : 'channels-first';
  const geometry: ConvGeometry = {
    batch: xShape[0] as number,
    groups: depthwise ? xChannels : 1,
    xChannels,
    yChannels: channels,
    xSize,
    ySize,
    kernel: taps,
    stride: toAxes(strides, 1),
    dilation: toAxes(dilations, 1),
    padBefore: toAxes(
      sides.map(({ before }) => before),
      0,
    ),
    padAfter: toAxes(
      sides.map(({ after }) => after),
      0,
    ),
    layout,
    x: imageStrides(layout, xChannels, volume(xSize)),
    y: imageStrides(layout, channels, volume(ySize)),
    w: channelsLast ? { y: 1, x: channels, tap: xGroup * channels } : { y: xGroup * volume(taps), x: volume(taps), tap: 1 },
  };
  const [batch] = xShape as [number];
  return { geometry, outShape: channelsLast ? [batch, ...ySpace, channels] : [batch, channels, ...ySpace], channels, channelsLast };
}

interface Side {
  readonly before: number;
  readonly after: number;
  readonly out: number;
}

/** One axis: its pads and its size, nothing where the kernel does not fit. A size rounded up has windows that reach past the pad: `after` is what they read. */
function side(op: string, size: number, extent: number, stride: number, pads: 'same' | Pair, rounding: unknown): Side {
  const reach = (out: number): number => (out - 1) * stride + extent;
  const wanted = pads === 'same' ? Math.ceil(size / stride) : round(op, (size + pads[0] + pads[1] - extent) / stride + 1, rounding);
  const out = Math.max(0, wanted);
  if (reach(out) > MAX_COORDINATE)
    throw new ShapeError(op, `the kernel window reaches position ${reach(out)}; at most ${MAX_COORDINATE} can be counted`);
  const before = pads === 'same' ? samePads(reach(out) - size, false)[0] : pads[0];
  return { before, after: reach(out) - size - before, out };
}

function round(op: string, value: number, mode: unknown): number {
  if (mode === undefined || mode === null || mode === 'floor') return Math.floor(value);
  if (mode === 'ceil') return Math.ceil(value);
  if (mode === 'round') return Math.round(value);
  throw new OptionError(op, `dimRoundingMode is ${describe(mode)}; expected 'floor', 'round' or 'ceil'`);
}

function readFormat(op: string, format: unknown): boolean {
  if (format === undefined || format === null || format === 'NHWC' || format === 'NDHWC') return true;
  if (format === 'NCHW' || format === 'NCDHW') return false;
  throw new OptionError(op, `dataFormat is ${describe(format)}; expected 'NHWC' or 'NCHW'`);
}

/** A number for every axis, or one for each; tfjs allows more than there are axes. */
function readAxes(op: string, name: string, value: unknown, axes: number): number[] {
  const values = typeof value === 'number' ? Array<number>(axes).fill(value) : Array.from(value as ArrayLike<number>).slice(0, axes);
  if (values.length !== axes) throw new OptionError(op, `${name} is ${describe(value)}; expected a number or one for each of ${axes} axes`);
  for (const each of values) checkCount(op, name, each, 1);
  return values;
}

/** 'same', or the pads of each axis. An array has a pair for every axis of the image, batch and channels too. */
function readPads(op: string, pad: unknown, axes: number, channelsLast: boolean): 'same' | Pair[] {
  if (pad === 'same') return 'same';
  const value = pad === 'valid' ? 0 : pad;
  const pairs = Array.isArray(value) ? (channelsLast ? value.slice(1, -1) : value.slice(2)) : Array<unknown>(axes).fill([value, value]);
  for (const pair of pairs) {
    for (const each of pair as unknown[]) checkCount(op, 'pad', each, 0);
  }
  if (pairs.length !== axes)
    throw new OptionError(op, `pad is ${describe(pad)}; expected 'same', 'valid', a number or a pair for each axis`);
  return pairs as Pair[];
}

/** The filter [...kernel, I, O] as [O, I, ...kernel]. */
export function toChannelsFirst({ w, kernel, yChannels }: ConvGeometry, filter: Float32Array): Float32Array {
  const taps = volume(kernel);
  const inner = filter.length / taps / yChannels;
  const out = new Float32Array(filter.length);
  let from = 0;
  for (let tap = 0; tap < taps; tap++) {
    for (let i = 0; i < inner; i++) {
      for (let o = 0; o < yChannels; o++) out[o * w.y + i * w.x + tap] = filter[from++] as number;
    }
  }
  return out;
}

/** The other way round, into `out`. */
export function fromChannelsFirst({ w, kernel, yChannels }: ConvGeometry, filter: Float32Array, out: Float32Array): void {
  const taps = volume(kernel);
  const inner = filter.length / taps / yChannels;
  let to = 0;
  for (let tap = 0; tap < taps; tap++) {
    for (let i = 0; i < inner; i++) {
      for (let o = 0; o < yChannels; o++) out[to++] = filter[o * w.y + i * w.x + tap] as number;
    }
  }
}
