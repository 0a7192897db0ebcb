/**
 * Direct convolution for few channels of y in a group, where a GEMM would build a column matrix for a few rows of products: y = C x of any view.
 *
 * Channels-first goes along the width (rows), channels-last along the channels of y (pixels); what they leave is done an element at a time.
 *
 * An element of y is one sum over the rows of the column matrix, from zero. The order is the same on every path, so its bits depend on neither place nor
 * batch. A padded position is a zero that is multiplied.
 */

import { prepareEpilogue } from '../../base/epilogue';
import { Geometry } from '../../base/geometry';
import * as conv from '../../conv/implicit-gemm';
import { forwardScalar } from '../scalar';
import { forwardLines, wgradLines } from './lines';

/** A single channel of x lies as in channels-first and goes along rows. To more channels of y than FEW sums go along the channels: rows would be scattered. */
const FEW: i32 = 4;

export function forward(g: Geometry, x: usize, w: usize, y: usize, bias: usize, activation: i32, slope: f32, workspace: usize): void {
  const epilogue = prepareEpilogue(workspace, bias, activation, slope);
  const rowwise = g.yGroup <= FEW;
  if (forwardLines(g, x, w, y, bias, workspace, rowwise) || forwardLines(g, x, w, y, bias, workspace, !rowwise)) return;
  forwardScalar(g, x, w, y, bias, epilogue, 0, g.yChannels);
}

/** dw = y · columns(x)ᵀ of a view whose weight lies as a convolution's does; by GEMM where it does not fit. */
export function wgrad(g: Geometry, x: usize, y: usize, dw: usize, workspace: usize): void {
  if (g.batch > 0 && (wgradLines(g, x, y, dw, workspace, true) || wgradLines(g, x, y, dw, workspace, false))) return;
  conv.wgrad(g, x, y, dw, workspace);
}
