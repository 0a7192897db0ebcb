/** Three networks for 28x28 digits, with starts that depend on a seed alone. */
import { CLASSES, SIZE } from '../mnist/digits.js';
import { tf } from './tfjs.js';

export type Model = import('@tensorflow/tfjs').Sequential;
type Layers = typeof tf.layers;
type Initializer = ReturnType<typeof tf.initializers.glorotUniform>;
type Init = () => { kernelInitializer: Initializer };

interface Network {
  readonly title: string;
  readonly loss: 'categoricalCrossentropy' | 'meanSquaredError';
  readonly layers: (l: Layers, init: Init) => Parameters<Model['add']>[0][];
}

const inputShape = [SIZE, SIZE, 1];
const half = { strides: 2, padding: 'same', kernelSize: 3 } as const;
const relu = { activation: 'relu' } as const;

export const NETWORKS = {
  cnn: {
    title: "A convolutional network (TensorFlow.js's own example for these digits)",
    loss: 'categoricalCrossentropy',
    layers: (l, init) => [
      l.conv2d({ inputShape, filters: 8, kernelSize: 5, ...relu, ...init() }),
      l.maxPooling2d({ poolSize: 2 }),
      l.conv2d({ filters: 16, kernelSize: 5, ...relu, ...init() }),
      l.maxPooling2d({ poolSize: 2 }),
      l.flatten(),
      l.dense({ units: CLASSES, activation: 'softmax', ...init() }),
    ],
  },
  autoencoder: {
    title: 'An autoencoder: convolutions down to 7x7, transposed convolutions back',
    loss: 'meanSquaredError',
    layers: (l, init) => [
      l.conv2d({ inputShape, filters: 16, ...half, ...relu, ...init() }),
      l.conv2d({ filters: 8, ...half, ...relu, ...init() }),
      l.conv2dTranspose({ filters: 16, ...half, ...relu, ...init() }),
      l.conv2dTranspose({ filters: 1, ...half, activation: 'sigmoid', ...init() }),
    ],
  },
  separable: {
    title: 'A separable network: depthwise and 1x1 convolutions, batch normalization',
    loss: 'categoricalCrossentropy',
    layers: (l, init) => {
      const separable = (filters: number) =>
        l.separableConv2d({
          filters,
          ...half,
          ...relu,
          depthwiseInitializer: init().kernelInitializer,
          pointwiseInitializer: init().kernelInitializer,
        });
      return [
        l.conv2d({ inputShape, filters: 8, ...half, ...relu, ...init() }),
        separable(16),
        l.batchNormalization(),
        separable(32),
        l.globalAveragePooling2d({}),
        l.dense({ units: CLASSES, activation: 'softmax', ...init() }),
      ];
    },
  },
} as const satisfies Record<string, Network>;

export type NetworkName = keyof typeof NETWORKS;

export function makeNetwork(name: NetworkName, seed: number): Model {
  const { layers, loss }: Network = NETWORKS[name];
  let next = 1000 * seed;
  const model = tf.sequential();
  for (const layer of layers(tf.layers, () => ({ kernelInitializer: tf.initializers.glorotUniform({ seed: next++ }) }))) model.add(layer);
  model.compile({ optimizer: tf.train.adam(0.003), loss, metrics: loss === 'meanSquaredError' ? [] : ['accuracy'] });
  return model;
}
