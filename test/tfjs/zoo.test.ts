import { describe, expect, test } from 'vitest';
import { accelerate } from '../../src/tfjs/index.js';
import { seeded } from '../suite/data.js';
import { tf, layers as tfl } from './tfjs.js';

const STEPS = 50;
const BATCH = 4;

interface Model {
  readonly inputShape: number[];
  /** Layers, given an initializer with a seed of its own. */
  readonly layers: (l: typeof tfl.layers, init: () => Initializer) => import('@tensorflow/tfjs-layers').layers.Layer[];
  /** Whole numbers below this instead of floats. */
  readonly words?: number;
}
type Initializer = ReturnType<typeof tfl.initializers.glorotUniform>;

const MODELS: Record<string, Model> = {
  'convolutions, pooling, dense': {
    inputShape: [12, 11, 2],
    layers: (l, init) => [
      l.conv2d({ filters: 16, kernelSize: 3, activation: 'relu', kernelInitializer: init() }),
      l.maxPooling2d({ poolSize: 2 }),
      l.conv2d({ filters: 17, kernelSize: [3, 2], strides: [2, 1], padding: 'same', activation: 'elu', kernelInitializer: init() }),
      l.averagePooling2d({ poolSize: 2 }),
      l.flatten(),
      l.dense({ units: 3, activation: 'sigmoid', kernelInitializer: init() }),
    ],
  },
  'an autoencoder with transposed convolutions': {
    inputShape: [8, 8, 1],
    layers: (l, init) => [
      l.conv2d({ filters: 8, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu', kernelInitializer: init() }),
      l.conv2d({ filters: 9, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu', kernelInitializer: init() }),
      l.conv2dTranspose({ filters: 8, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu', kernelInitializer: init() }),
      l.conv2dTranspose({ filters: 1, kernelSize: 4, strides: 2, padding: 'same', activation: 'tanh', kernelInitializer: init() }),
    ],
  },
  'separable and depthwise, batch normalization, prelu': {
    inputShape: [9, 9, 3],
    layers: (l, init) => [
      l.separableConv2d({ filters: 8, kernelSize: 3, depthwiseInitializer: init(), pointwiseInitializer: init() }),
      l.batchNormalization(),
      l.prelu({ sharedAxes: [1, 2] }),
      l.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, strides: 2, padding: 'same', depthwiseInitializer: init() }),
      l.leakyReLU(),
      // Not upSampling2d: plain cpu takes dy of every image but the first from the wrong place.
      l.zeroPadding2d({ padding: [1, 2] }),
      l.globalAveragePooling2d({}),
      l.dense({ units: 2, kernelInitializer: init() }),
    ],
  },
  'an embedding and convolutions along it': {
    inputShape: [10],
    words: 7,
    layers: (l, init) => [
      l.embedding({ inputDim: 7, outputDim: 6, embeddingsInitializer: init() }),
      l.conv1d({ filters: 8, kernelSize: 3, activation: 'relu', kernelInitializer: init() }),
      l.globalMaxPooling1d({}),
      l.dense({ units: 2, activation: 'softmax', kernelInitializer: init() }),
    ],
  },
  'three dimensions': {
    inputShape: [6, 6, 6, 1],
    layers: (l, init) => [
      l.conv3d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu', kernelInitializer: init() }),
      l.conv3d({ filters: 5, kernelSize: 2, strides: 2, activation: 'relu', kernelInitializer: init() }),
      l.flatten(),
      l.dense({ units: 2, kernelInitializer: init() }),
    ],
  },
  'a recurrent cell': {
    inputShape: [5, 4],
    layers: (l, init) => [
      l.lstm({ units: 6, kernelInitializer: init(), recurrentInitializer: init() }),
      l.dense({ units: 2, kernelInitializer: init() }),
    ],
  },
};

/** The losses of training on made-up data, the same on every backend. */
async function losses({ inputShape, layers, words }: Model, steps: number): Promise<number[]> {
  let seed = 0;
  const init = () => tfl.initializers.glorotUniform({ seed: ++seed });
  const model = tfl.sequential();
  const [input] = [tfl.layers.inputLayer({ inputShape })];
  model.add(input);
  for (const layer of layers(tfl.layers, init)) model.add(layer);
  model.compile({ optimizer: tf.train.sgd(0.05), loss: 'meanSquaredError' });
  const random = seeded(3);
  const made = (shape: number[], value: () => number) =>
    tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, value), shape);
  const x = made([BATCH, ...inputShape], words ? () => Math.floor(random() * words) : random);
  const y = made([BATCH, ...(model.outputShape as number[]).slice(1)], random);
  const curve: number[] = [];
  for (let step = 0; step < steps; step++) curve.push((await model.trainOnBatch(x, y)) as number);
  tf.dispose([x, y]);
  model.dispose();
  return curve;
}

describe.each(Object.entries(MODELS))('%s', (_, model) => {
  test(`${STEPS} steps of training have the loss of plain cpu's, on cpu and wasm`, async () => {
    await tf.setBackend('cpu');
    const want = await losses(model, STEPS);
    expect(want.at(-1)).toBeLessThan(want[0] as number);
    for (const backend of ['cpu', 'wasm'] as const) {
      await tf.setBackend(backend);
      const { restore } = await accelerate(tf);
      const got = await losses(model, STEPS);
      restore();
      for (let step = 0; step < STEPS; step++) {
        expect(Math.abs((got[step] as number) - (want[step] as number)) / (want[step] as number), `${backend}, step ${step}`).toBeLessThan(
          1e-3,
        );
      }
    }
  });
});
