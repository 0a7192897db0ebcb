/**
 * The ABI and nothing else: stateless functions over pointers (usize, bytes) and counts or strides (i32, elements). `g` points to a Geometry, `workspace`
 * to WORKSPACE bytes aligned to 16. Results are written in full and never read; a bias or packed weight that is absent is 0.
 */

import { elementwise as elementwiseAxes } from './array/elementwise';
import { maxPoolGrad as routeLargest } from './array/max-pool-grad';
import { Sums, sums } from './array/reduce';
import { Axes, addBackAxes, copyAxes } from './array/strided-copy';
import * as config from './base/config';
import { Geometry } from './base/geometry';
import * as conv from './conv/implicit-gemm';
import * as direct from './direct/depthwise/index';
import * as few from './direct/few-channels/index';
import * as fourier from './fft/index';
import * as planes from './fft/workspace';
import { col2im as scatterColumns } from './im2col/col2im';
import { im2col as gatherColumns } from './im2col/im2col';
import * as filters from './winograd/filters';
import * as fast from './winograd/forward';
import * as adjoint from './winograd/wgrad';
import * as room from './winograd/workspace';

export const MR: i32 = config.MR;
export const NR: i32 = config.NR;
export const MC: i32 = config.MC;
export const NC: i32 = config.NC;
export const KC: i32 = config.KC;
export const WORKSPACE: usize = config.WORKSPACE;
/** Bytes of the workspace of `winograd` and `winogradPack`. */
export const WINOGRAD_WORKSPACE: usize = room.WINOGRAD_WORKSPACE;
/** Bytes of the workspace of `winogradWgrad`. */
export const WINOGRAD_WGRAD_WORKSPACE: usize = adjoint.WINOGRAD_WGRAD_WORKSPACE;
/** Bytes of the workspace of `fft`. */
export const FFT_WORKSPACE: usize = planes.FFT_WORKSPACE;
/** Where memory is free: past the module's own static data. */
export const HEAP_BASE: usize = __heap_base;
export const RELAXED: bool = ASC_FEATURE_RELAXED_SIMD;

export { allFinite } from './base/runs';
export { multiplyPanels } from './gemm/blocked';
export { gemm, gemmPack, gemmPacked } from './gemm/gemm';

/** Copies along four axes; g points to the 12 words of `Axes`. */
export function copy(g: usize, from: usize, to: usize): void {
  copyAxes(changetype<Axes>(g), from, to);
}

/** The adjoint of `copy`: adds to each element of `from` what stands at its copy in `to`. */
export function addBack(g: usize, from: usize, to: usize): void {
  addBackAxes(changetype<Axes>(g), from, to);
}

/** The gradient of max pooling in 2-D channels-last: dx from x and dy. */
export function maxPoolGrad(g: usize, x: usize, dy: usize, dx: usize): void {
  routeLargest(changetype<Geometry>(g), x, dy, dx);
}

/** y = f(a, b, c) along four axes; g points to the 12 words of `Axes`. */
export function elementwise(f: i32, g: usize, a: usize, b: usize, c: usize, y: usize, workspace: usize): void {
  elementwiseAxes(f, changetype<Axes>(g), a, b, c, y, workspace);
}

/** y = Σ x / divisor over axes; g points to the 8 words of `Sums`. */
export function sum(g: usize, x: usize, divisor: f64, y: usize): void {
  sums(changetype<Sums>(g), x, divisor, y);
}

export function im2col(g: usize, x: usize, columns: usize): void {
  gatherColumns(changetype<Geometry>(g), x, columns);
}

export function col2im(g: usize, columns: usize, x: usize): void {
  scatterColumns(changetype<Geometry>(g), columns, x);
}

export function fprop(
  g: usize,
  x: usize,
  w: usize,
  packed: bool,
  y: usize,
  bias: usize,
  activation: i32,
  slope: f32,
  workspace: usize,
): void {
  conv.fprop(changetype<Geometry>(g), x, w, packed, y, bias, activation, slope, workspace);
}

export function dgrad(g: usize, y: usize, w: usize, x: usize, bias: usize, activation: i32, slope: f32, workspace: usize): void {
  conv.dgrad(changetype<Geometry>(g), y, w, x, bias, activation, slope, workspace);
}

export function wgrad(g: usize, x: usize, y: usize, dw: usize, workspace: usize): void {
  conv.wgrad(changetype<Geometry>(g), x, y, dw, workspace);
}

/** Bytes of a packed weight, as `packWeight` writes it and fprop with `packed` reads it. */
export function packedWeightBytes(g: usize): usize {
  return conv.packedWeightBytes(changetype<Geometry>(g));
}

export function packWeight(g: usize, w: usize, to: usize, workspace: usize): void {
  conv.packWeight(changetype<Geometry>(g), w, to, workspace);
}

/** Bytes of a weight transformed for `winograd` with tiles of size × size outputs (4 or 2). */
export function winogradPackedBytes(g: usize, size: i32): usize {
  return filters.packedBytes(changetype<Geometry>(g), size);
}

/** w points to the first tap; its steps may be negative (a weight rotated by 180°, which makes dgrad a fprop). */
export function winogradPack(g: usize, size: i32, w: usize, to: usize, workspace: usize): void {
  filters.pack(changetype<Geometry>(g), size, w, to, workspace);
}

/**
 * fprop for kernels of two taps along the height or width, of any stride, and of a dilation that axis.ts has the lattices for; pads may be negative. w is the same weight as `fprop`
 * takes it (`wPacked`: by `packWeight`), for outputs that Winograd would blur.
 */
export function winograd(
  g: usize,
  size: i32,
  x: usize,
  packed: usize,
  w: usize,
  wPacked: bool,
  y: usize,
  bias: usize,
  activation: i32,
  slope: f32,
  workspace: usize,
): void {
  fast.winograd(changetype<Geometry>(g), size, x, packed, w, wPacked, y, bias, activation, slope, workspace);
}

/** Whether `winogradWgrad` may compute it; `wgrad` has to where Winograd would blur it. The workspace is its. */
export function winogradWgradServes(g: usize, x: usize, y: usize, workspace: usize): bool {
  return adjoint.isEven(changetype<Geometry>(g), x, y, workspace);
}

/** wgrad of a kernel with two taps along its height or width. */
export function winogradWgrad(g: usize, x: usize, y: usize, dw: usize, workspace: usize): void {
  adjoint.wgrad(changetype<Geometry>(g), x, y, dw, workspace);
}

/** Direct convolution where a group has one channel of x: y = C x; and its adjoint, where a group has one of y. */
export function depthwise(g: usize, x: usize, w: usize, y: usize, bias: usize, activation: i32, slope: f32, workspace: usize): void {
  direct.forward(changetype<Geometry>(g), x, w, y, bias, activation, slope, workspace);
}

export function depthwiseWgrad(g: usize, x: usize, y: usize, dw: usize, workspace: usize): void {
  direct.wgrad(changetype<Geometry>(g), x, y, dw, workspace);
}

/** Direct convolution of any view, meant for few channels of y in a group: y = C x. */
export function fewChannels(g: usize, x: usize, w: usize, y: usize, bias: usize, activation: i32, slope: f32, workspace: usize): void {
  few.forward(changetype<Geometry>(g), x, w, y, bias, activation, slope, workspace);
}

export function fewChannelsWgrad(g: usize, x: usize, y: usize, dw: usize, workspace: usize): void {
  few.wgrad(changetype<Geometry>(g), x, y, dw, workspace);
}

/**
 * fprop by Fourier transforms where a group has one channel of x: of stride and dilation 1, one slice deep, 8 taps or more wide. Tiles have height × width points, powers of two, or
 * height 1 of a kernel of one row; (cosine, sine) is the angle of one of the larger number in a turn. w points to the first tap; its steps may be negative.
 */
export function fft(
  g: usize,
  height: i32,
  width: i32,
  cosine: f64,
  sine: f64,
  x: usize,
  w: usize,
  y: usize,
  bias: usize,
  activation: i32,
  slope: f32,
  workspace: usize,
): void {
  fourier.fft(changetype<Geometry>(g), height, width, cosine, sine, x, w, y, bias, activation, slope, workspace);
}
