/** `Engine.maxPoolGrad` against its definition. */
import { describe, expect, it } from 'vitest';
import { sizeOf } from '../../src/geometry/index.js';
import { tfGeometry } from '../../src/tfjs/kernels/geometry.js';
import { STAGES } from './engines.js';
import { firstOther } from './machine.js';

/** Of tfjs: the image [n, h, w, c], the window, its strides, the pads. */
type Pool = readonly [image: readonly number[], window: readonly number[], strides: readonly number[], pad: 'same' | 'valid' | number[][]];

const CASES: readonly Pool[] = [
  ...[1, 2, 3, 4, 5, 8, 11].map((channels): Pool => [[2, 6, 8, channels], [2, 2], [2, 2], 'valid']),
  [[3, 7, 9, 6], [3, 2], [2, 1], 'same'],
  [[2, 9, 7, 5], [3, 3], [2, 2], 'same'],
  [[1, 5, 5, 4], [4, 3], [1, 2], 'same'],
  [[1, 6, 6, 7], [2, 3], [3, 4], 'valid'],
  [
    [1, 4, 5, 4],
    [3, 3],
    [1, 1],
    [
      [0, 0],
      [2, 1],
      [1, 2],
      [0, 0],
    ],
  ],
  [[0, 4, 4, 3], [2, 2], [2, 2], 'valid'],
];

/** Values of which many are alike; some nowhere the largest. */
const few = (length: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => [((i * 13) % 7) - 3, -Infinity, NaN][i % 29 < 27 ? 0 : (i % 29) - 26] as number);

/** By the definition: every window looks for itself. */
function wanted(
  [[n = 0, h = 0, w = 0, c = 0], [kh = 0, kw = 0], [sh = 0, sw = 0]]: Pool,
  x: Float32Array,
  dy: Float32Array,
  [, oh, ow]: number[],
  [top, left]: number[],
): Float32Array {
  const dx = new Float32Array(x.length);
  const places = Array.from({ length: kh * kw }, (_, tap) => [Math.floor(tap / kw), tap % kw] as const);
  for (let i = 0; i < dy.length; i++) {
    const [channel, column, row, image] = [
      i % c,
      Math.floor(i / c) % (ow ?? 0),
      Math.floor(i / c / (ow ?? 0)) % (oh ?? 0),
      Math.floor(i / c / (ow ?? 0) / (oh ?? 0)),
    ];
    const inside = places
      .map(([r, s]) => [row * sh - (top ?? 0) + r, column * sw - (left ?? 0) + s] as const)
      .filter(([r, s]) => r >= 0 && r < h && s >= 0 && s < w)
      .map(([r, s]) => ((image * h + r) * w + s) * c + channel)
      .filter((at) => (x[at] as number) > -Infinity);
    const largest = inside.reduce((most, at) => Math.max(most, x[at] as number), -Infinity);
    const at = inside.find((each) => x[each] === largest);
    if (at !== undefined) dx[at] = (dx[at] as number) + (dy[i] as number);
  }
  expect(n * h * w * c).toBe(x.length);
  return dx;
}

describe.each(STAGES)('the gradient of max pooling, %s', (_, make) => {
  it.each(CASES)('image %j, window %j, strides %j, pad %j', (...pool) => {
    const stage = make();
    const [image, window, strides, pad] = pool;
    const { geometry, outShape } = tfGeometry('test', true, image, [...window, image[3] as number, 1], { strides, pad });
    const x = few(sizeOf(image));
    const dy = Float32Array.from({ length: sizeOf(outShape) }, (_, i) => i + 1);
    const want = wanted(pool, x, dy, outShape, geometry.padBefore.slice(1));
    const run = ([from, given]: readonly Float32Array[], dx: Float32Array) =>
      stage.engine.maxPoolGrad(geometry, from as Float32Array, given as Float32Array, dx);
    for (const dx of stage.both([x, dy], x.length, run)) expect(firstOther(dx, want)).toBe(-1);
    stage.engine.dispose();
  });
});
