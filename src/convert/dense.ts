/** The weight of a dense layer behind a flattened convolution. */
import { checkTensor } from '../arithmetic/tensor.js';
import { OptionError, ShapeError } from '../errors.js';
import { checkShape, readImage, show, sizeOf } from '../geometry/index.js';
import type { FreshTensor, Layout, Tensor } from '../types.js';
import type { Framework, Spec } from './types.js';

/** Whether a dense weight is [out, in], and in which order the layer before is flattened; undefined: in the convolution's own. */
const DENSE: Readonly<Record<Framework, { readonly outFirst: boolean; readonly layout: Layout | undefined }>> = {
  pytorch: { outFirst: true, layout: 'channels-first' },
  onnx: { outFirst: true, layout: 'channels-first' },
  keras: { outFirst: false, layout: 'channels-last' },
  tfjs: { outFirst: false, layout: 'channels-last' },
  webnn: { outFirst: false, layout: undefined },
  simdconv: { outFirst: false, layout: undefined },
};

/**
 * The weight of the dense layer after `Flatten`, in another framework's order. A channels-first image is flattened channel by channel, a channels-last one position by
 * position, so that the rows of the weight that follows change places.
 *
 * @param spec The convolution whose output is flattened.
 * @param weight In the source's order: [out, in] for PyTorch's Linear and ONNX's Gemm with transB, [in, out] for the others.
 * @param outputShape What is flattened: [C, ...space] in the source's layout, with or without N.
 * @throws ShapeError for a weight without an input for each of its values; OptionError for an unknown framework.
 * @example
 * ```js
 * const spec = fromPyTorch({ op: 'conv1d', kernelSize: 2 });
 * const w = { data: Float32Array.of(1, 2, 3, 4), shape: [1, 4] };
 * denseTo(spec, 'keras', w, [2, 2]).data; // [1, 3, 2, 4]
 * denseTo(spec, 'keras', w, [2, 2]).shape; // [4, 1]
 * ```
 */
export function denseTo(spec: Spec, framework: Framework, weight: Tensor, outputShape: readonly number[]): FreshTensor {
  const fn = 'denseTo';
  if (!Object.hasOwn(DENSE, framework))
    throw new OptionError(fn, `framework is ${framework}; expected one of ${Object.keys(DENSE).join(', ')}`);
  const { channels, space } = readImage(fn, 'outputShape', checkShape(fn, 'outputShape', outputShape), spec.axes.length, spec.layout);
  const [source, target] = [DENSE[spec.source], DENSE[framework]];
  const shape = checkTensor(fn, 'weight', weight);
  const [rows, columns] = shape;
  const [positions, features] = [sizeOf(space), channels * sizeOf(space)];
  const outputs = source.outFirst ? rows : columns;
  if (shape.length !== 2 || outputs === undefined || (source.outFirst ? columns : rows) !== features) {
    throw new ShapeError(
      fn,
      `weight is ${show(shape)}; expected ${source.outFirst ? `[out, ${features}]` : `[${features}, out]`}, a value for each of ${show(outputShape)}`,
    );
  }
  const data = new Float32Array(weight.data.length);
  const at = (first: boolean, layout: Layout, out: number, channel: number, position: number): number => {
    const feature = layout === 'channels-first' ? channel * positions + position : position * channels + channel;
    return first ? out * features + feature : feature * outputs + out;
  };
  for (let out = 0; out < outputs; out++) {
    for (let channel = 0; channel < channels; channel++) {
      for (let position = 0; position < positions; position++) {
        const from = at(source.outFirst, spec.layout, out, channel, position);
        data[at(target.outFirst, target.layout ?? spec.layout, out, channel, position)] = weight.data[from] as number;
      }
    }
  }
  return { data, shape: target.outFirst ? [outputs, features] : [features, outputs] };
}
