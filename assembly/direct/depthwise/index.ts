/**
 * Direct depthwise convolution: one channel of x per group, any number of channels of y; its adjoint, x = Cᵀ y, is a view of the same kernels with the roles exchanged.
 *
 * Channels-last goes along the channels (pixels), channels-first along the width (rows). So do in channels-last fewer than four channels, and
 * several of y to each of x. All work over line buffers; what these leave is done an element at a time.
 *
 * An element of y is one sum over the channels of x and the taps in raster order, from zero. The order is the same on every path, so an element's bits
 * depend on neither place nor batch.
 */

import { prepareEpilogue } from '../../base/epilogue';
import { Geometry } from '../../base/geometry';
import { bytes } from '../../base/runs';
import { forwardScalar } from '../scalar';
import { forwardLines } from './forward';
import { wgradElements } from './scalar';
import { wgradLines } from './wgrad';

export function forward(g: Geometry, x: usize, w: usize, y: usize, bias: usize, activation: i32, slope: f32, workspace: usize): void {
  const epilogue = prepareEpilogue(workspace, bias, activation, slope);
  const origin = g.xSpace < 0 ? x - bytes((g.xDepth * g.xHeight * g.xWidth - 1) * g.xSpace) : x;
  if (forwardLines(g, origin, w, y, bias, workspace)) return;
  forwardScalar(g, origin, w, y, bias, epilogue, 0, g.yChannels);
}

export function wgrad(g: Geometry, x: usize, y: usize, dw: usize, workspace: usize): void {
  if (g.batch > 0 && wgradLines(g, x, y, dw, workspace)) return;
  wgradElements(g, 0, g.yChannels, x, y, dw);
}
