/**
 * y = C x an element at a time: right for every view, without a workspace. It takes what the fast paths leave: kernels too large for a line buffer, strides
 * beyond it. Sums are madds of one lane, so that each has the bits of the fast paths.
 */

import { biasSplat, Epilogue, finishFour } from '../base/epilogue';
import { Geometry } from '../base/geometry';
import { bytes, madd } from '../base/runs';

export function forwardScalar(g: Geometry, x: usize, w: usize, y: usize, bias: usize, epilogue: Epilogue): void {
  const xGroup = g.xGroup;
  const yGroup = g.yGroup;
  for (let n = 0; n < g.batch; n++) {
    for (let o = 0; o < g.yChannels; o++) {
      const group = o / yGroup;
      const from = x + bytes(n * g.xBatch + group * xGroup * g.xChannel);
      const weight = w + bytes(group * g.wGroup + (o % yGroup) * g.wY);
      const out = y + bytes(n * g.yBatch + o * g.yChannel);
      const b = biasSplat(bias, o);
      for (let od = 0; od < g.yDepth; od++) {
        for (let oh = 0; oh < g.yHeight; oh++) {
          for (let ow = 0; ow < g.yWidth; ow++) {
            const sum = finishFour(epilogue, sumElement(g, from, weight, od, oh, ow), b);
            store<f32>(out + bytes(od * g.yDepthStep + oh * g.yHeightStep + ow * g.yWidthStep), f32x4.extract_lane(sum, 0));
          }
        }
      }
    }
  }
}

/** Over the rows of the column matrix, from zero. */
function sumElement(g: Geometry, x: usize, w: usize, od: i32, oh: i32, ow: i32): v128 {
  const xGroup = g.xGroup;
  const taps = g.taps;
  let sum = f32x4.splat(0);
  // (tap, channel) in channels-last, (channel, tap) in channels-first.
  const outer = g.channelsLast ? taps : xGroup;
  const inner = g.channelsLast ? xGroup : taps;
  for (let i = 0; i < outer; i++) {
    for (let k = 0; k < inner; k++) {
      const tap = g.channelsLast ? i : k;
      const channel = g.channelsLast ? k : i;
      const kw = tap % g.kernelWidth;
      const kh = (tap / g.kernelWidth) % g.kernelHeight;
      const kd = tap / (g.kernelWidth * g.kernelHeight);
      const slice = od * g.strideDepth + kd * g.dilationDepth - g.padDepth;
      const row = oh * g.strideHeight + kh * g.dilationHeight - g.padHeight;
      const column = ow * g.strideWidth + kw * g.dilationWidth - g.padWidth;
      const inside = <u32>slice < <u32>g.xDepth && <u32>row < <u32>g.xHeight && <u32>column < <u32>g.xWidth;
      const place = ((slice * g.xHeight + row) * g.xWidth + column) * g.xSpace + channel * g.xChannel;
      const value = inside ? v128.load32_splat(x + bytes(place)) : f32x4.splat(0);
      const step = channel * g.wX + kd * g.wTapDepth + kh * g.wTapHeight + kw * g.wTapWidth;
      sum = madd(value, v128.load32_splat(w + bytes(step)), sum);
    }
  }
  return sum;
}
