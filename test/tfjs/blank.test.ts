/**
 * Where an image is blank, a convolution gives exactly its bias, whatever algorithm computes it. A bias of zero leaves relu at its bend there, where its derivative is 0:
 * were a sum of zeros ±1e-9, rounding errors would train the bias. Handwritten digits are mostly blank.
 */
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { CLASSES, SIZE, seeded, splitDigits } from '../../examples/mnist/digits.js';
import { readClasses } from '../../examples/mnist/files.js';
import { type Acceleration, accelerate } from '../../src/tfjs/index.js';
import { tfGeometry } from '../../src/tfjs/kernels/geometry.js';
import { fpropProgram } from '../../src/wasm/select.js';
import { at } from '../suite/check.js';
import { tolerances } from '../suite/truth.js';
import { winogradTolerance } from '../suite/winograd-bound.js';
import { tf } from './tfjs.js';

type Tensor = import('@tensorflow/tfjs-core').Tensor;
type Tensor4D = import('@tensorflow/tfjs-core').Tensor4D;
interface Values {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

const accelerated: Acceleration[] = [];
afterEach(() => {
  for (const { restore } of accelerated.splice(0)) restore();
});

const IMAGES = 10;
const random = seeded(41);
const filter = (inputs: number, outputs: number): Values => ({
  data: Float32Array.from({ length: 9 * inputs * outputs }, () => (2 * random() - 1) / Math.sqrt(9 * inputs)),
  shape: [3, 3, inputs, outputs],
});
const tensor = ({ data, shape }: Values): Tensor4D => tf.tensor4d(data, shape as [number, number, number, number]);
const valuesOf = (t: Tensor): Values => ({ data: t.dataSync<'float32'>().slice(), shape: t.shape });

/** What a net's second layer meets, by tfjs-cpu. */
function pooled(x: Values, w: Values): Values {
  return valuesOf(tf.tidy(() => tf.maxPool(tf.relu(tf.conv2d(tensor(x), tensor(w), 1, 'same')), 2, 2, 'same')));
}

/** Twice the gradient of the sum of all activations: of each bias, at how many positions its channel is above zero, which is exact. */
function biasGradients(x: Values, w: Values, fused: boolean): Float32Array[] {
  const [image, weight] = [tensor(x), tensor(w)];
  const layer = (bias: Tensor): Tensor =>
    fused
      ? tf.fused.conv2d({ x: image, filter: weight, strides: 1, pad: 'same', bias, activation: 'relu' })
      : tf.relu(tf.add(tf.conv2d(image, weight, 1, 'same'), bias));
  const gradient = tf.grad((bias: Tensor) => tf.sum(layer(bias)));
  const gradients = [0, 1].map(() =>
    tf.tidy(() =>
      gradient(tf.zeros([at(w.shape, 3)]))
        .dataSync<'float32'>()
        .slice(),
    ),
  );
  tf.dispose([image, weight]);
  return gradients;
}

/** Of each channel, positions whose windows are blank, and those that a right sum may have on either side of zero. */
function positions(x: Values, w: Values): { blank: number; doubtful: Float64Array } {
  const [images, height, width, inputs] = x.shape as [number, number, number, number];
  const outputs = at(w.shape, 3);
  const shapeOptions = { layout: 'channels-last', padding: 1 } as const;
  const gradOutput = { data: new Float32Array(0), shape: [images, height, width, outputs] };
  const byTiles = winogradTolerance({ op: 'conv2d', input: x, weight: w, shapeOptions, options: {}, gradOutput }, 'output', 256);
  const doubtful = new Float64Array(outputs);
  let blank = 0;
  for (let p = 0; p < images * height * width; p++) {
    const [sums, magnitudes] = [new Float64Array(outputs), new Float64Array(outputs)];
    const [row, column] = [Math.floor(p / width) % height, p % width];
    for (let tap = 0; tap < 9; tap++) {
      const [h, v] = [Math.floor(tap / 3) - 1, (tap % 3) - 1];
      if (row + h < 0 || row + h >= height || column + v < 0 || column + v >= width) continue;
      for (let c = 0; c < inputs; c++) {
        const value = at(x.data, (p + h * width + v) * inputs + c);
        if (value === 0) continue;
        for (let o = 0; o < outputs; o++) {
          const product = value * at(w.data, (tap * inputs + c) * outputs + o);
          sums[o] = at(sums, o) + product;
          magnitudes[o] = at(magnitudes, o) + Math.abs(product);
        }
      }
    }
    if (magnitudes.every((magnitude) => magnitude === 0)) {
      blank++;
      continue;
    }
    const inOrder = tolerances(9 * inputs, magnitudes);
    for (let o = 0; o < outputs; o++) {
      if (Math.abs(at(sums, o)) <= Math.max(at(inOrder, o), at(byTiles, p * outputs + o))) doubtful[o] = at(doubtful, o) + 1;
    }
  }
  return { blank, doubtful };
}

const digits: Values = {
  data: splitDigits(readClasses(), seeded(7), CLASSES, IMAGES).train.images,
  shape: [IMAGES, SIZE, SIZE, 1],
};

interface Layer {
  readonly name: string;
  readonly x: Values;
  readonly w: Values;
  /** Of each bias by tfjs-cpu, and by how much a right one may differ. */
  readonly gradient: Float32Array;
  readonly doubtful: Float64Array;
}

function layerOf(name: string, x: Values, w: Values): Layer {
  const { blank, doubtful } = positions(x, w);
  // Half of the blank positions, counted by mistake, would be far more than what may differ.
  expect(blank / 2, name).toBeGreaterThan(4 * Math.max(...doubtful));
  return { name, x, w, gradient: biasGradients(x, w, false)[0] as Float32Array, doubtful };
}

/** The first two of a net. */
let layers: Layer[] = [];
beforeAll(async () => {
  await tf.setBackend('cpu');
  const [first, second] = [filter(1, 16), filter(16, 32)];
  layers = [layerOf('first', digits, first), layerOf('second', pooled(digits, first), second)];
});

test('the second layer is computed by the algorithm that loses zeros by itself', () => {
  const [, { x, w }] = layers as [Layer, Layer];
  const { geometry } = tfGeometry('conv', false, x.shape, w.shape, { strides: 1, pad: 'same', dilations: 1 } as never);
  for (const planned of [false, true]) {
    for (const fused of [false, true]) {
      // A call of the relaxed build would transform the weight for too few positions.
      if (fused && !planned) continue;
      expect(fpropProgram(geometry, { op: 'conv', algorithm: 'auto' }, { planned, fused }).algorithm).toBe('winograd');
    }
  }
});

describe('of a net with zero biases on handwritten digits, the first gradient of a bias is that of tfjs-cpu', () => {
  test.each(['cpu', 'wasm'] as const)('accelerated %s', async (backend) => {
    await tf.setBackend(backend);
    accelerated.push(await accelerate(tf, { backend }));
    for (const { name, x, w, gradient, doubtful } of layers) {
      for (const fused of [false, true]) {
        // Two of a filter that comes again: the second time it is packed.
        for (const got of biasGradients(x, w, fused)) {
          const wrong = gradient.findIndex((count, o) => Math.abs(count - at(got, o)) > at(doubtful, o));
          const shown = Math.max(0, wrong);
          expect(wrong, `${name} layer, channel ${shown}: ${at(got, shown)} for ${at(gradient, shown)}`).toBe(-1);
        }
      }
    }
  });
});
