import { inHeap, type Kernel, ofFloats } from '../call.js';
import type { BackendName } from '../types.js';
import { cast, share } from './cast.js';
import { filterGradient, forward, inputGradient } from './conv.js';
import { concat, depthToSpace, slice, split, stridedSlice } from './copies.js';
import {
  add,
  clip,
  divide,
  leakyRelu,
  maximum,
  mean,
  minimum,
  multiply,
  prelu,
  relu,
  relu6,
  squaredDifference,
  step,
  subtract,
  sum,
} from './elementwise.js';
import { product } from './matmul.js';
import { batchNorm } from './normalize.js';
import { pad } from './pad.js';
import { maxPoolGrad } from './pool.js';
import { tile, unsortedSegmentSum } from './training.js';

/** Of every backend: convolutions and products, and what else takes most of the time of a step. */
const EVERYWHERE: Readonly<Record<string, Kernel>> = {
  Conv2D: ofFloats(forward(false)),
  FusedConv2D: ofFloats(forward(false)),
  Conv2DBackpropInput: ofFloats(inputGradient(false)),
  Conv2DBackpropFilter: ofFloats(filterGradient(false)),
  DepthwiseConv2dNative: ofFloats(forward(true)),
  FusedDepthwiseConv2D: ofFloats(forward(true)),
  DepthwiseConv2dNativeBackpropInput: ofFloats(inputGradient(true)),
  DepthwiseConv2dNativeBackpropFilter: ofFloats(filterGradient(true)),
  Conv3D: ofFloats(forward(false)),
  Conv3DBackpropInputV2: ofFloats(inputGradient(false)),
  Conv3DBackpropFilterV2: ofFloats(filterGradient(false)),
  BatchMatMul: product,
  Cast: cast,
  FusedBatchNorm: ofFloats(batchNorm),
  _FusedMatMul: ofFloats(product),
  MaxPoolGrad: ofFloats(maxPoolGrad),
  PadV2: ofFloats(pad),
  Tile: ofFloats(tile),
};

/** Of every backend that the kernels are in: what the memory's speed limits. */
const ELEMENTWISE: Readonly<Record<string, Kernel>> = {
  Add: ofFloats(add),
  ClipByValue: clip,
  LeakyRelu: leakyRelu,
  Mean: ofFloats(mean),
  Multiply: ofFloats(multiply),
  RealDiv: ofFloats(divide),
  Relu: relu,
  SquaredDifference: ofFloats(squaredDifference),
  Sub: ofFloats(subtract),
  Sum: ofFloats(sum),
};

/** What training needs and tfjs's wasm backend lacks, or copies where the cpu backend shares. */
const ON_WASM: Readonly<Record<string, Kernel>> = {
  Concat: ofFloats(concat),
  DepthToSpace: ofFloats(depthToSpace),
  Identity: share,
  Maximum: inHeap(ofFloats(maximum)),
  Minimum: inHeap(ofFloats(minimum)),
  Slice: ofFloats(slice),
  SplitV: ofFloats(split),
  StridedSlice: ofFloats(stridedSlice),
  UnsortedSegmentSum: unsortedSegmentSum,
};

/** What tfjs's wasm backend does as quickly, by XNNPACK. */
const ON_CPU: Readonly<Record<string, Kernel>> = {
  Prelu: ofFloats(prelu),
  Relu6: relu6,
  Step: step,
};

const inTheHeap = Object.fromEntries(Object.entries(ELEMENTWISE).map(([name, kernel]) => [name, inHeap(kernel)]));

export const kernelsOf = (backend: BackendName): Readonly<Record<string, Kernel>> =>
  backend === 'wasm' ? { ...EVERYWHERE, ...inTheHeap, ...ON_WASM } : { ...EVERYWHERE, ...ELEMENTWISE, ...ON_CPU };
