/** GoogLeNet as its paper has it (arXiv 1409.4842), without the two side outputs, made of layers, with weights by chance: what speed depends on is their shapes. */
import { tf } from './tfjs.js';

/** 1x1; 1x1 before 3x3, 3x3; 1x1 before 5x5, 5x5; 1x1 after pooling: table 1 of the paper. A word stands for pooling. */
const MODULES = [
  [64, 96, 128, 16, 32, 32],
  [128, 128, 192, 32, 96, 64],
  'pool',
  [192, 96, 208, 16, 48, 64],
  [160, 112, 224, 24, 64, 64],
  [128, 128, 256, 24, 64, 64],
  [112, 144, 288, 32, 64, 64],
  [256, 160, 320, 32, 128, 128],
  'pool',
  [256, 160, 320, 32, 128, 128],
  [384, 192, 384, 48, 128, 128],
] as const;

type Tensor = import('@tensorflow/tfjs').SymbolicTensor;

export function makeInception(size: number): import('@tensorflow/tfjs').LayersModel {
  const { layers: l, initializers } = tf;
  let seed = 1;
  const init = () => initializers.heUniform({ seed: seed++ });
  const conv = (x: Tensor, filters: number, kernelSize: number, strides = 1) =>
    l.conv2d({ filters, kernelSize, strides, padding: 'same', activation: 'relu', kernelInitializer: init() }).apply(x) as Tensor;
  const pool = (x: Tensor, strides: number) => l.maxPooling2d({ poolSize: 3, strides, padding: 'same' }).apply(x) as Tensor;

  const input = tf.input({ shape: [size, size, 3] });
  let x = pool(conv(input, 64, 7, 2), 2);
  x = pool(conv(conv(x, 64, 1), 192, 3), 2);
  for (const module of MODULES) {
    if (module === 'pool') {
      x = pool(x, 2);
      continue;
    }
    const [one, beforeThree, three, beforeFive, five, pooled] = module;
    x = l
      .concatenate()
      .apply([
        conv(x, one, 1),
        conv(conv(x, beforeThree, 1), three, 3),
        conv(conv(x, beforeFive, 1), five, 5),
        conv(pool(x, 1), pooled, 1),
      ]) as Tensor;
  }
  x = l.globalAveragePooling2d({}).apply(x) as Tensor;
  const scores = l.dense({ units: 1000, kernelInitializer: init() }).apply(x) as Tensor;
  return tf.model({ inputs: input, outputs: scores });
}
