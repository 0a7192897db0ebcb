import { type ConvGeometry, volume } from '../geometry/index.js';

/** Each element of dy is added to dx where its window has its first largest; a NaN and -∞ are nowhere. */
export function maxPoolGrad(g: ConvGeometry, x: Float32Array, dy: Float32Array, dx: Float32Array): void {
  const { batch, xChannels: channels } = g;
  const [, height, width] = g.xSize;
  const [, outHeight, outWidth] = g.ySize;
  dx.fill(0);
  let from = 0;
  for (let n = 0; n < batch; n++) {
    for (let row = 0; row < outHeight; row++) {
      for (let column = 0; column < outWidth; column++) {
        for (let channel = 0; channel < channels; channel++, from++) {
          let [largest, at] = [Number.NEGATIVE_INFINITY, -1];
          for (let tap = 0; tap < volume(g.kernel); tap++) {
            const r = row * g.stride[1] - g.padBefore[1] + Math.floor(tap / g.kernel[2]);
            const c = column * g.stride[2] - g.padBefore[2] + (tap % g.kernel[2]);
            if (r < 0 || r >= height || c < 0 || c >= width) continue;
            const index = ((n * height + r) * width + c) * channels + channel;
            const value = x[index] as number;
            if (value > largest) [largest, at] = [value, index];
          }
          if (at >= 0) dx[at] = (dx[at] as number) + (dy[from] as number);
        }
      }
    }
  }
}
