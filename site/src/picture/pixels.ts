/** Bytes of a canvas to a tensor and back. */
import type { Tensor } from 'simdconv';

/** Bytes as an ImageData has them: red, green, blue, opacity of each pixel, row by row. */
export interface Pixels {
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/** [1, 3, H, W] in [0, 1]; what is transparent lies on white. */
export function tensorOf({ data, width, height }: Pixels): Tensor {
  const plane = width * height;
  const planes = new Float32Array(3 * plane);
  for (let i = 0; i < plane; i++) {
    const opacity = (data[4 * i + 3] as number) / 255;
    for (let channel = 0; channel < 3; channel++) {
      planes[channel * plane + i] = ((data[4 * i + channel] as number) / 255) * opacity + 1 - opacity;
    }
  }
  return { data: planes, shape: [1, 3, height, width] };
}

/** Of three planes, as one image of three channels or three images of one: what is below 0 is black, above 1 white. */
export function pixelsOf({ data, shape }: Tensor): Pixels {
  const [height = 0, width = 0] = shape.slice(-2);
  const plane = width * height;
  const bytes = new Uint8ClampedArray(4 * plane);
  for (let i = 0; i < plane; i++) {
    for (let channel = 0; channel < 3; channel++) bytes[4 * i + channel] = 255 * (data[channel * plane + i] as number);
    bytes[4 * i + 3] = 255;
  }
  return { data: bytes, width, height };
}

/** The part from (`left`, `top`) on, moved so that it lies within. */
export function cropped(pixels: Pixels, left: number, top: number, wide: number, high: number): Pixels {
  const [width, height] = [Math.min(wide, pixels.width), Math.min(high, pixels.height)];
  const x = Math.max(0, Math.min(left, pixels.width - width));
  const y = Math.max(0, Math.min(top, pixels.height - height));
  const data = new Uint8ClampedArray(4 * width * height);
  for (let row = 0; row < height; row++) {
    const from = 4 * ((y + row) * pixels.width + x);
    data.set(pixels.data.subarray(from, from + 4 * width), 4 * row * width);
  }
  return { data, width, height };
}
