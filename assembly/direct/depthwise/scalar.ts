/**
 * The gradients of a depthwise convolution an element at a time: right for every geometry, without a workspace. They take what the fast paths leave: a rest of channels,
 * kernels too large for the line buffer. Sums are madds of one lane, so that each has the bits of the fast paths.
 */
import { biasSplat, Epilogue, finishFour } from '../../base/epilogue';
import { Geometry } from '../../base/geometry';
import { bytes, madd } from '../../base/runs';

/** Strides or pads of 2^24 and more would overflow i32: the scalar path takes them. */
export function isFar(g: Geometry): bool {
  return max(max(g.strideHeight, g.strideWidth), max(g.padHeight, g.padWidth)) >= 1 << 24;
}

/** x channels [from, to) of image n: the sum runs over the y channels of x's, then over the taps, where they meet. */
export function dgradElements(
  g: Geometry,
  n: i32,
  from: i32,
  to: i32,
  y: usize,
  w: usize,
  x: usize,
  bias: usize,
  epilogue: Epilogue,
): void {
  for (let c = from; c < to; c++) {
    let out = x + bytes(n * g.xBatch + c * g.xChannel);
    const b = biasSplat(bias, c);
    for (let depth = 0; depth < g.xDepth; depth++) {
      for (let height = 0; height < g.xHeight; height++) {
        for (let width = 0; width < g.xWidth; width++, out += bytes(g.xSpace)) {
          let sum = f32x4.splat(0);
          for (let o = c * g.yGroup; o < (c + 1) * g.yGroup; o++) {
            sum = dgradElement(g, y + bytes(n * g.yBatch + o * g.yChannel), w + bytes(o * g.wY), depth, height, width, sum);
          }
          store<f32>(out, f32x4.extract_lane(finishFour(epilogue, sum, b), 0));
        }
      }
    }
  }
}

function dgradElement(g: Geometry, plane: usize, w: usize, depth: i32, height: i32, width: i32, sum: v128): v128 {
  for (let kd = 0; kd < g.kernelDepth; kd++) {
    const od = meeting(depth + g.padDepth - kd * g.dilationDepth, g.strideDepth, g.yDepth);
    if (od < 0) continue;
    for (let kh = 0; kh < g.kernelHeight; kh++) {
      const oh = meeting(height + g.padHeight - kh * g.dilationHeight, g.strideHeight, g.yHeight);
      if (oh < 0) continue;
      for (let kw = 0; kw < g.kernelWidth; kw++) {
        const ow = meeting(width + g.padWidth - kw * g.dilationWidth, g.strideWidth, g.yWidth);
        if (ow < 0) continue;
        const value = v128.load32_splat(plane + bytes(od * g.yDepthStep + oh * g.yHeightStep + ow * g.yWidthStep));
        sum = madd(value, v128.load32_splat(w + bytes(kd * g.wTapDepth + kh * g.wTapHeight + kw * g.wTapWidth)), sum);
      }
    }
  }
  return sum;
}

/** The position o of y with o · stride = reach, or -1. */
function meeting(reach: i32, stride: i32, size: i32): i32 {
  if (reach < 0 || reach % stride != 0) return -1;
  const o = reach / stride;
  return o < size ? o : -1;
}

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
