import { volume } from '../geometry/index.js';
import { tfGeometry } from './geometry.js';
import { type Kernel, produce } from './kernel.js';
import type { TensorInfo } from './types.js';

/** The gradient of max pooling: each element of dy goes to the first largest of its window. tfjs looks at every window for every element of x. */
export const maxPoolGrad: Kernel = (work) => {
  const { op, attributes } = work;
  const { dy, input } = work.inputs as Record<'dy' | 'input', TensorInfo>;
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  if (input.shape.length !== 4) return null;
  const window = typeof filterSize === 'number' ? [filterSize, filterSize] : (filterSize as number[]).slice(0, 2);
  const channels = input.shape[3] as number;
  // One tap for each position of the window and channel.
  const { geometry, outShape } = tfGeometry(op, true, input.shape, [...window, channels, 1], { strides, pad, dimRoundingMode });
  if (outShape.some((size, axis) => size !== dy.shape[axis])) return null;
  const [, height, width] = geometry.xSize;
  const [, outHeight, outWidth] = geometry.ySize;
  const [, windowHeight, windowWidth] = geometry.kernel;
  const [, strideHeight, strideWidth] = geometry.stride;
  const [, padTop, padLeft] = geometry.padBefore;
  return produce(work, [...input.shape], (_, out) => {
    const [x, given, dx] = [work.floats(input), work.floats(dy), work.floats(out)];
    dx.fill(0);
    let from = 0;
    for (let image = 0; image < geometry.batch; image++) {
      const start = image * volume(geometry.xSize) * channels;
      for (let row = 0; row < outHeight; row++) {
        const top = row * strideHeight - padTop;
        const [firstRow, endRow] = [Math.max(0, top), Math.min(height, top + windowHeight)];
        for (let column = 0; column < outWidth; column++) {
          const left = column * strideWidth - padLeft;
          const [firstColumn, endColumn] = [Math.max(0, left), Math.min(width, left + windowWidth)];
          for (let channel = 0; channel < channels; channel++, from++) {
            let largest = Number.NEGATIVE_INFINITY;
            let at = -1;
            for (let r = firstRow; r < endRow; r++) {
              let index = start + (r * width + firstColumn) * channels + channel;
              for (let c = firstColumn; c < endColumn; c++, index += channels) {
                const value = x[index] as number;
                if (value > largest) {
                  largest = value;
                  at = index;
                }
              }
            }
            if (at >= 0) dx[at] = (dx[at] as number) + (given[from] as number);
          }
        }
      }
    }
  });
};
