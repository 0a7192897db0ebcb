/**
 * The ABI and nothing else: stateless functions over pointers (usize, bytes) and counts or strides (i32, elements). `g` points to a Geometry, `workspace`
 * to WORKSPACE bytes aligned to 16. Results are written in full and never read; a bias or packed weight that is absent is 0.
 */
import { col2im as scatterColumns } from './col2im';
import * as config from './config';
import * as conv from './conv';
import * as direct from './depthwise';
import { Geometry } from './geometry';
import { im2col as gatherColumns } from './im2col';

export const MR: i32 = config.MR;
export const NR: i32 = config.NR;
export const MC: i32 = config.MC;
export const NC: i32 = config.NC;
export const KC: i32 = config.KC;
export const WORKSPACE: usize = config.WORKSPACE;
/** Where memory is free: past the module's own static data. */
export const HEAP_BASE: usize = __heap_base;
export const RELAXED: bool = ASC_FEATURE_RELAXED_SIMD;

export { gemm } from './gemm';
export { multiplyPanels } from './product';

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

export function dgrad(
  g: usize,
  y: usize,
  w: usize,
  packed: bool,
  x: usize,
  bias: usize,
  activation: i32,
  slope: f32,
  workspace: usize,
): void {
  conv.dgrad(changetype<Geometry>(g), y, w, packed, x, bias, activation, slope, workspace);
}

export function wgrad(g: usize, x: usize, y: usize, dw: usize, workspace: usize): void {
  conv.wgrad(changetype<Geometry>(g), x, y, dw, workspace);
}

/** Bytes of a packed weight, as `packWeight` writes and fprop or dgrad with `packed` reads it. */
export function packedWeightBytes(g: usize, forDgrad: bool): usize {
  return conv.packedWeightBytes(changetype<Geometry>(g), forDgrad);
}

export function packWeight(g: usize, forDgrad: bool, w: usize, to: usize, workspace: usize): void {
  conv.packWeight(changetype<Geometry>(g), forDgrad, w, to, workspace);
}

/** Direct convolution where a group has one channel of x: y = C x. */
export function depthwise(g: usize, x: usize, w: usize, y: usize, bias: usize, activation: i32, slope: f32, workspace: usize): void {
  direct.forward(changetype<Geometry>(g), x, w, y, bias, activation, slope, workspace);
}

export function depthwiseDgrad(g: usize, y: usize, w: usize, x: usize, bias: usize, activation: i32, slope: f32, workspace: usize): void {
  direct.dgrad(changetype<Geometry>(g), y, w, x, bias, activation, slope, workspace);
}

export function depthwiseWgrad(g: usize, x: usize, y: usize, dw: usize, workspace: usize): void {
  direct.wgrad(changetype<Geometry>(g), x, y, dw, workspace);
}
