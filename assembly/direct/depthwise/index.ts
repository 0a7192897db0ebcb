/**
 * Direct depthwise convolution: one channel of x per group, any number of channels of y.
 *
 *   depthwise       y  = C x       depthwiseDgrad  x = Cᵀ y       depthwiseWgrad  dw = ∂<y, C x>/∂w
 *
 * Channels-last goes along the channels (pixels), channels-first along the width (rows). So do in channels-last fewer than four channels, and
 * several of y to each of x. All work over line buffers; what these leave is done an element at a time.
 *
 * An element of y or x is one sum over the taps in raster order, from zero (of x: over its y channels, then the taps). The order is the same on
 * every path, so an element's bits depend on neither place nor batch.
 */

import { prepareEpilogue } from '../../base/epilogue';
import { Geometry } from '../../base/geometry';
import { forwardScalar } from '../scalar';
import { dgradLines } from './dgrad';
import { forwardLines, wgradLines } from './forward-wgrad';
import { dgradElements, wgradElements } from './scalar';

export function forward(g: Geometry, x: usize, w: usize, y: usize, bias: usize, activation: i32, slope: f32, workspace: usize): void {
  const epilogue = prepareEpilogue(workspace, bias, activation, slope);
  if (forwardLines(g, x, w, y, bias, workspace)) return;
  forwardScalar(g, x, w, y, bias, epilogue);
}

export function dgrad(g: Geometry, y: usize, w: usize, x: usize, bias: usize, activation: i32, slope: f32, workspace: usize): void {
  const epilogue = prepareEpilogue(workspace, bias, activation, slope);
  if (dgradLines(g, y, w, x, bias, workspace)) return;
  for (let n = 0; n < g.batch; n++) dgradElements(g, n, 0, g.xChannels, y, w, x, bias, epilogue);
}

export function wgrad(g: Geometry, x: usize, y: usize, dw: usize, workspace: usize): void {
  if (g.batch > 0 && wgradLines(g, x, y, dw, workspace)) return;
  wgradElements(g, 0, g.yChannels, x, y, dw);
}
