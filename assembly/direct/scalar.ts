/**
 * y = C x an element at a time: right for every view, without a workspace. It takes what the fast paths leave: kernels too large for a line buffer, strides
 * beyond it, weights that are not finite where padding must not be multiplied. Sums are madds of one lane, so that each has the bits of the fast paths.
 */

import { biasSplat, Epilogue, finishFour } from '../base/epilogue';
import { Geometry } from '../base/geometry';
import { bytes, madd } from '../base/runs';
import { positionAt } from './window';

/** Channels [from, to) of y. */
export function forwardScalar(g: Geometry, x: usize, w: usize, y: usize, bias: usize, epilogue: Epilogue, from: i32, to: i32): void {
  const xGroup = g.xGroup;
  const yGroup = g.yGroup;
  for (let n = 0; n < g.batch; n++) {
    for (let o = from; o < to; o++) {
      const group = o / yGroup;
      const plane = x + bytes(n * g.xBatch + group * xGroup * g.xChannel);
      const weight = w + bytes(group * g.wGroup + (o % yGroup) * g.wY);
      const out = y + bytes(n * g.yBatch + o * g.yChannel);
      const b = biasSplat(bias, o);
      for (let od = 0; od < g.yDepth; od++) {
        for (let oh = 0; oh < g.yHeight; oh++) {
          for (let ow = 0; ow < g.yWidth; ow++) {
            const sum = finishFour(epilogue, sumElement(g, plane, weight, od, oh, ow), b);
            store<f32>(out + bytes(od * g.yDepthStep + oh * g.yHeightStep + ow * g.yWidthStep), f32x4.extract_lane(sum, 0));
          }
        }
      }
    }
  }
}

/** From zero over the rows of the column matrix: (tap, channel) in channels-last, (channel, tap) in channels-first and of an adjoint. */
function sumElement(g: Geometry, x: usize, w: usize, od: i32, oh: i32, ow: i32): v128 {
  const xGroup = g.xGroup;
  const within = g.channelsLast && !g.adjoint ? xGroup : 1;
  let sum = f32x4.splat(0);
  for (let first = 0; first < xGroup; first += within) {
    for (let kd = 0; kd < g.kernelDepth; kd++) {
      const slice = positionAt(od * g.strideDepth + kd * g.dilationDepth - g.padDepth, g.spreadDepth);
      for (let kh = 0; kh < g.kernelHeight; kh++) {
        const row = positionAt(oh * g.strideHeight + kh * g.dilationHeight - g.padHeight, g.spreadHeight);
        for (let kw = 0; kw < g.kernelWidth; kw++) {
          const column = positionAt(ow * g.strideWidth + kw * g.dilationWidth - g.padWidth, g.spreadWidth);
          const inside = <u32>slice < <u32>g.xDepth && <u32>row < <u32>g.xHeight && <u32>column < <u32>g.xWidth;
          if (!inside && g.adjoint) continue;
          const at = x + bytes(((slice * g.xHeight + row) * g.xWidth + column) * g.xSpace);
          const tap = w + bytes(kd * g.wTapDepth + kh * g.wTapHeight + kw * g.wTapWidth);
          for (let channel = first; channel < first + within; channel++) {
            const value = inside ? v128.load32_splat(at + bytes(channel * g.xChannel)) : f32x4.splat(0);
            sum = madd(value, v128.load32_splat(tap + bytes(channel * g.wX)), sum);
          }
        }
      }
    }
  }
  return sum;
}
