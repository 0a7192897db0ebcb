/** TensorFlow.js in channels-last: its WebAssembly backend on one thread, and its plain JavaScript one, which alone has every gradient. */
import { fileURLToPath } from 'node:url';
import type { Tensor } from '../../src/types.js';
import { folderOf, versionOf } from './packages.js';
import { type Entry, importPeer, type Peer, type Product, padAfter, productOf } from './peer.js';

interface TfTensor {
  dataSync(): Float32Array;
  dispose(): void;
}
type Shape = readonly number[];
type Pad = 'same' | 'valid' | readonly (readonly [number, number])[];

interface Tf {
  setBackend(name: string): Promise<boolean>;
  getKernel(kernel: string, backend: string): object | undefined;
  engine(): { runKernel(kernel: string, inputs: Readonly<Record<string, TfTensor>>, attributes: object): TfTensor };
  tensor(data: Float32Array, shape: Shape): TfTensor;
  matMul(a: TfTensor, b: TfTensor): TfTensor;
}

interface WasmBackend {
  setWasmPaths(folder: string): void;
  setThreadsCount(count: number): void;
}

export async function tfjsWasm(): Promise<Peer> {
  const backend = await importPeer<WasmBackend>('@tensorflow/tfjs-backend-wasm');
  backend.setWasmPaths(fileURLToPath(new URL('dist/', folderOf('@tensorflow/tfjs-backend-wasm'))));
  backend.setThreadsCount(1);
  return tfjs('wasm', 'wasm');
}

export async function tfjsCpu(): Promise<Peer> {
  await importPeer('@tensorflow/tfjs-backend-cpu');
  const peer = await tfjs('cpu', 'js');
  return { ...peer, prepare: async (c, operands) => (c.direction === 'forward' ? 'raced for gradients only' : peer.prepare(c, operands)) };
}

async function tfjs(backend: string, kind: Peer['kind']): Promise<Peer> {
  const tf = await importPeer<Tf>('@tensorflow/tfjs-core');
  const enter = (): Promise<boolean> => tf.setBackend(backend);
  return {
    name: `tfjs-${backend}`,
    kind,
    version: versionOf(`@tensorflow/tfjs-backend-${backend}`),
    layout: 'channels-last',
    async prepare(c, operands): Promise<Entry | string> {
      await enter();
      const product = productOf(c, operands);
      const call = product ? kernelCall(product) : undefined;
      if (typeof call === 'string') return call;
      if (call && !tf.getKernel(call.kernel, backend)) return `no kernel ${call.kernel}`;
      const given: Readonly<Record<string, Given>> = call?.inputs ?? { a: asGiven(operands.input), b: asGiven(operands.weight) };
      const inputs = Object.fromEntries(Object.entries(given).map(([name, { data, shape }]) => [name, tf.tensor(data, shape)]));
      const compute = call
        ? () => tf.engine().runKernel(call.kernel, inputs, call.attributes)
        : () => tf.matMul(inputs.a as TfTensor, inputs.b as TfTensor);
      return {
        run: () => compute().dispose(),
        result: () => {
          const tensor = compute();
          const data = tensor.dataSync().slice();
          tensor.dispose();
          return data;
        },
        enter,
        dispose: () => Object.values(inputs).forEach((tensor) => void tensor.dispose()),
      };
    },
  };
}

interface Given {
  readonly data: Float32Array;
  readonly shape: Shape;
}
const asGiven = ({ data, shape }: Tensor): Given => ({ data, shape });

interface KernelCall {
  readonly kernel: string;
  readonly inputs: Readonly<Record<string, Given>>;
  readonly attributes: object;
}

/** The kernel that the public op, or the gradient of one, comes down to. A 1-D convolution is a 2-D one of height 1, as in tf.conv1d. */
function kernelCall({ product, g, rank, x, y, w }: Product): KernelCall | string {
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
