/** MobileNetV2 as its paper has it (arXiv 1801.04381), made of layers, with weights by chance: what speed depends on is their shapes. */
import { tf } from './tfjs.js';

/** Expansion, channels, blocks, stride of the first: table 2 of the paper. */
const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

type Tensor = import('@tensorflow/tfjs').SymbolicTensor;

export function makeMobileNet(size: number): import('@tensorflow/tfjs').LayersModel {
  const { layers: l, initializers } = tf;
  let seed = 1;
  const init = () => initializers.heUniform({ seed: seed++ });
  const normalized = (x: Tensor) => l.batchNormalization().apply(x) as Tensor;
  const relu6 = (x: Tensor) => l.reLU({ maxValue: 6 }).apply(x) as Tensor;
  const conv = (x: Tensor, filters: number, kernelSize: number, strides = 1) =>
    l.conv2d({ filters, kernelSize, strides, padding: 'same', useBias: false, kernelInitializer: init() }).apply(x) as Tensor;
  const depthwise = (x: Tensor, strides: number) =>
    l.depthwiseConv2d({ kernelSize: 3, strides, padding: 'same', useBias: false, depthwiseInitializer: init() }).apply(x) as Tensor;

  const input = tf.input({ shape: [size, size, 3] });
  let x = relu6(normalized(conv(input, 32, 3, 2)));
  let channels = 32;
  for (const [expansion, filters, blocks, first] of STAGES) {
    for (let block = 0; block < blocks; block++) {
      const stride = block === 0 ? first : 1;
      const wide = expansion === 1 ? x : relu6(normalized(conv(x, expansion * channels, 1)));
      const narrow = normalized(conv(relu6(normalized(depthwise(wide, stride))), filters, 1));
      x = stride === 1 && channels === filters ? (l.add().apply([x, narrow]) as Tensor) : narrow;
      channels = filters;
    }
  }
  x = relu6(normalized(conv(x, 1280, 1)));
  x = l.globalAveragePooling2d({}).apply(x) as Tensor;
  const scores = l.dense({ units: 1000, kernelInitializer: init() }).apply(x) as Tensor;
  return tf.model({ inputs: input, outputs: scores });
}
