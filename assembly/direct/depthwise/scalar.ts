/**
 * The gradient of a depthwise convolution's weight an element at a time: right for every geometry, without a workspace. It takes what the fast paths leave: a rest of
 * channels, kernels too large for the line buffer. Sums are madds of one lane, so that each has the bits of the fast paths.
 */
import { Geometry } from '../../base/geometry';
import { bytes, madd } from '../../base/runs';

/** The weights of y channels [from, to): each image summed from zero in raster order, images added in order. */
export function wgradElements(g: Geometry, from: i32, to: i32, x: usize, y: usize, dw: usize): void {
  for (let o = from; o < to; o++) {
    const plane = x + bytes((o / g.yGroup) * g.xChannel);
    for (let kd = 0; kd < g.kernelDepth; kd++) {
      for (let kh = 0; kh < g.kernelHeight; kh++) {
        for (let kw = 0; kw < g.kernelWidth; kw++) {
          const at = dw + bytes(o * g.wY + kd * g.wTapDepth + kh * g.wTapHeight + kw * g.wTapWidth);
          let sum: f32 = 0;
          for (let n = 0; n < g.batch; n++) {
            sum += f32x4.extract_lane(
              wgradElement(g, plane + bytes(n * g.xBatch), y + bytes(n * g.yBatch + o * g.yChannel), kd, kh, kw),
              0,
            );
          }
          store<f32>(at, sum);
        }
      }
    }
  }
}

function wgradElement(g: Geometry, plane: usize, y: usize, kd: i32, kh: i32, kw: i32): v128 {
  let sum = f32x4.splat(0);
  for (let od = 0; od < g.yDepth; od++) {
    const slice = od * g.strideDepth + kd * g.dilationDepth - g.padDepth;
    for (let oh = 0; oh < g.yHeight; oh++) {
      const row = oh * g.strideHeight + kh * g.dilationHeight - g.padHeight;
      const inside = <u32>slice < <u32>g.xDepth && <u32>row < <u32>g.xHeight;
      const line = (slice * g.xHeight + row) * g.xWidth;
      for (let ow = 0; ow < g.yWidth; ow++) {
        const column = ow * g.strideWidth + kw * g.dilationWidth - g.padWidth;
        const real = inside && <u32>column < <u32>g.xWidth;
        const value = real ? v128.load32_splat(plane + bytes((line + column) * g.xSpace)) : f32x4.splat(0);
        sum = madd(value, v128.load32_splat(y + bytes(od * g.yDepthStep + oh * g.yHeightStep + ow * g.yWidthStep)), sum);
      }
    }
  }
  return sum;
}
