/**
 * Gradients of convolutions: tfjs-core's refuse dilated ones, and forget how sizes are rounded and that a depthwise one has its channels first. Those of gradients
 * it has for the input of conv2d alone: so conv3dTranspose does not learn, nor does what has a gradient in its loss. All are one of three products of the same
 * matrix, C x, Cᵀ y and ∂<y, C x>/∂w, each linear in both of its operands: the gradients of one are the other two.
 */

import type { TensorInfo } from '../types.js';
import type { Attributes, Gradient, Part, Tensors } from './gradient.js';

/** The three kernels of a kind of convolution. */
interface Kind {
  readonly forward: string;
  readonly ofInput: string;
  readonly ofFilter: string;
}

const KINDS: readonly Kind[] = [
  { forward: 'Conv2D', ofInput: 'Conv2DBackpropInput', ofFilter: 'Conv2DBackpropFilter' },
  {
    forward: 'DepthwiseConv2dNative',
    ofInput: 'DepthwiseConv2dNativeBackpropInput',
    ofFilter: 'DepthwiseConv2dNativeBackpropFilter',
  },
  { forward: 'Conv3D', ofInput: 'Conv3DBackpropInputV2', ofFilter: 'Conv3DBackpropFilterV2' },
];

const isNeeded =
  (kernel: string) =>
  ({ dilations, dimRoundingMode, dataFormat }: Attributes): boolean =>
    [dilations ?? 1].flat().some((dilation) => dilation !== 1) ||
    Boolean(dimRoundingMode) ||
    (kernel === 'DepthwiseConv2dNative' && dataFormat === 'NCHW');

function gradientsOf({ forward, ofInput, ofFilter }: Kind): Readonly<Record<string, Gradient>> {
  const part = (kernel: string, inputs: Tensors, attributes: Attributes): Part => ({
    kernel,
    compute: (run) => run(kernel, inputs, attributes),
  });
  // tfjs-core's own functions of the forward kernels do not do without dilations, which its backward kernels are not given.
  const y = (x: TensorInfo, filter: TensorInfo, attributes: Attributes): Part =>
    part(forward, { x, filter }, { ...attributes, dilations: attributes.dilations ?? 1 });
  const dx = (dy: TensorInfo, filter: TensorInfo, x: TensorInfo, attributes: Attributes): Part =>
    part(ofInput, { dy, filter }, { ...attributes, inputShape: x.shape });
  const dw = (x: TensorInfo, dy: TensorInfo, filter: TensorInfo, attributes: Attributes): Part =>
    part(ofFilter, { x, dy }, { ...attributes, filterShape: filter.shape });

  const gradient = <Saved extends string>(
    kernel: string,
    saves: readonly Saved[],
    of: (up: TensorInfo, saved: Readonly<Record<Saved, TensorInfo>>, attributes: Attributes) => Readonly<Record<Saved, Part>>,
  ): Readonly<Record<string, Gradient>> => ({ [kernel]: { saves, needed: isNeeded(kernel), of } });
  return {
    ...gradient(forward, ['x', 'filter'], (up, { x, filter }, a) => ({ x: dx(up, filter, x, a), filter: dw(x, up, filter, a) })),
    ...gradient(ofInput, ['dy', 'filter'], (up, { dy, filter }, a) => ({ dy: y(up, filter, a), filter: dw(up, dy, filter, a) })),
    ...gradient(ofFilter, ['x', 'dy'], (up, { x, dy }, a) => ({ x: dx(dy, up, x, a), dy: y(x, up, a) })),
  };
}

export const convolutionGradients: Readonly<Record<string, Gradient>> = Object.assign({}, ...KINDS.map(gradientsOf));
