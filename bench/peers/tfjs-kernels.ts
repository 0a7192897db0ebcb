/** What of TensorFlow.js computes a case in channels-last. */
import type { Tensor } from '../../src/types.js';
import { type Product, padAfter } from './peer.js';

type Shape = readonly number[];
type Pad = 'same' | 'valid' | readonly (readonly [number, number])[];

export interface Given {
  readonly data: Float32Array;
  readonly shape: Shape;
}
export const asGiven = ({ data, shape }: Tensor): Given => ({ data, shape });

export interface KernelCall {
  readonly kernel: string;
  readonly inputs: Readonly<Record<string, Given>>;
  readonly attributes: object;
}

/** The kernel that the public op, or the gradient of one, comes down to. A 1-D convolution is a 2-D one of height 1, as in tf.conv1d. */
export function kernelCall({ product, g, rank, x, y, w }: Product): KernelCall | string {
  const depthwise = g.groups > 1 && g.xChannels === g.groups;
  if (g.groups > 1 && !depthwise) return 'no grouped convolution';
  const axes = rank === 3 ? 3 : 2;
  const sizes = (values: Shape): number[] => values.slice(3 - axes);
  const pad = rank === 3 ? padByName(g) : padByNumber(g);
  if (pad === undefined) return 'no such padding in 3 dimensions';
  const dilations = sizes(g.dilation);
  const dilated = dilations.some((dilation) => dilation > 1);
  if (dilated && !depthwise && product !== 'fprop') return 'no gradient of a dilated convolution';

  const image = ({ data }: Tensor, size: Shape, channels: number): Given => ({ data, shape: [g.batch, ...sizes(size), channels] });
  const filterShape = [...sizes(g.kernel), g.xChannels, g.yChannels / (depthwise ? g.groups : 1)];
  const [input, dy, filter] = [image(x, g.xSize, g.xChannels), image(y, g.ySize, g.yChannels), { data: w.data, shape: filterShape }];
  const attributes = {
    strides: sizes(g.stride),
    pad,
    dilations,
    dataFormat: rank === 3 ? 'NDHWC' : 'NHWC',
    inputShape: input.shape,
    filterShape,
  };
  const kernel = KERNELS[depthwise ? 'depthwise' : rank === 3 ? 'volume' : 'image'][product];
  if (product === 'fprop') return { kernel, inputs: { x: input, filter }, attributes };
  return { kernel, inputs: product === 'dgrad' ? { dy, filter } : { x: input, dy }, attributes };
}

const KERNELS = {
  image: { fprop: 'Conv2D', dgrad: 'Conv2DBackpropInput', wgrad: 'Conv2DBackpropFilter' },
  volume: { fprop: 'Conv3D', dgrad: 'Conv3DBackpropInputV2', wgrad: 'Conv3DBackpropFilterV2' },
  depthwise: {
    fprop: 'DepthwiseConv2dNative',
    dgrad: 'DepthwiseConv2dNativeBackpropInput',
    wgrad: 'DepthwiseConv2dNativeBackpropFilter',
  },
} as const;

function padByNumber(g: Product['g']): Pad {
  const [, afterHeight = 0, afterWidth = 0] = padAfter(g).map((pad) => Math.max(0, pad));
  return [
    [0, 0],
    [g.padBefore[1], afterHeight],
    [g.padBefore[2], afterWidth],
    [0, 0],
  ];
}

function padByName(g: Product['g']): Pad | undefined {
  const after = padAfter(g);
  if ([...g.padBefore, ...after].every((pad) => pad === 0)) return 'valid';
  const same = g.padBefore.every((pad, axis) => pad === after[axis] && g.xSize[axis] === g.ySize[axis]);
  return same ? 'same' : undefined;
}
