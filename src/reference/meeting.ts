import { type ConvGeometry, volume } from '../geometry/index.js';

/**
 * A convolution is a relation between three positions: o of y, t of the kernel and p of x meet where
 *
 *   p = o·stride + t·dilation - padBefore      on every axis
 *
 * Each product of the matrix fixes one of the three and sums over the other two, so each needs one of the functions
 * below. Positions are raster indices; -1 says that there is none: p is in the padding, or no o reaches p by t.
 */

/** For each tap, the x position that it meets under y position `o`. */
export function xUnderOutput(g: ConvGeometry, o: number, xs: Int32Array): void {
  const [, yHeight, yWidth] = g.ySize;
  const [kDepth, kHeight, kWidth] = g.kernel;
  const d = Math.floor(o / (yHeight * yWidth));
  const h = Math.floor(o / yWidth) % yHeight;
  const w = o % yWidth;
  let t = 0;
  for (let td = 0; td < kDepth; td++) {
    for (let th = 0; th < kHeight; th++) {
      for (let tw = 0; tw < kWidth; tw++) xs[t++] = raster(g.xSize, xOf(g, 0, d, td), xOf(g, 1, h, th), xOf(g, 2, w, tw));
    }
  }
}

/** For each tap, the y position that meets x position `p` by it. */
export function yOverInput(g: ConvGeometry, p: number, ys: Int32Array): void {
  const [, xHeight, xWidth] = g.xSize;
  const [kDepth, kHeight, kWidth] = g.kernel;
  const d = Math.floor(p / (xHeight * xWidth));
  const h = Math.floor(p / xWidth) % xHeight;
  const w = p % xWidth;
  let t = 0;
  for (let td = 0; td < kDepth; td++) {
    for (let th = 0; th < kHeight; th++) {
      for (let tw = 0; tw < kWidth; tw++) ys[t++] = raster(g.ySize, yOf(g, 0, d, td), yOf(g, 1, h, th), yOf(g, 2, w, tw));
    }
  }
}

/** For each y position, the x position that it meets by tap `t`. */
export function xByTap(g: ConvGeometry, t: number, xs: Int32Array): void {
  const [, kHeight, kWidth] = g.kernel;
  const [yDepth, yHeight, yWidth] = g.ySize;
  const td = Math.floor(t / (kHeight * kWidth));
  const th = Math.floor(t / kWidth) % kHeight;
  const tw = t % kWidth;
  let o = 0;
  for (let d = 0; d < yDepth; d++) {
    for (let h = 0; h < yHeight; h++) {
      for (let w = 0; w < yWidth; w++) xs[o++] = raster(g.xSize, xOf(g, 0, d, td), xOf(g, 1, h, th), xOf(g, 2, w, tw));
    }
  }
}

export const perTap = (g: ConvGeometry): Int32Array => new Int32Array(volume(g.kernel));
export const perOutput = (g: ConvGeometry): Int32Array => new Int32Array(volume(g.ySize));

type Axis = 0 | 1 | 2;

function xOf(g: ConvGeometry, axis: Axis, o: number, t: number): number {
  const p = o * g.stride[axis] + t * g.dilation[axis] - g.padBefore[axis];
  return p >= 0 && p < g.xSize[axis] ? p : -1;
}

function yOf(g: ConvGeometry, axis: Axis, p: number, t: number): number {
  const o = (p + g.padBefore[axis] - t * g.dilation[axis]) / g.stride[axis];
  return o >= 0 && o < g.ySize[axis] && Number.isInteger(o) ? o : -1;
}

function raster(size: readonly [number, number, number], d: number, h: number, w: number): number {
  return d < 0 || h < 0 || w < 0 ? -1 : (d * size[1] + h) * size[2] + w;
}
