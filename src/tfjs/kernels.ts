import { filterGradient, forward, inputGradient } from './conv.js';
import { concat, depthToSpace, slice, split, stridedSlice } from './copies.js';
import { add, divide, mean, multiply, subtract, sum } from './elementwise.js';
import type { BackendName } from './home.js';
import { type Kernel, ofFloats } from './kernel.js';
import { product } from './matmul.js';
import { batchNorm } from './normalize.js';
import { maxPoolGrad } from './pool.js';
import { share, tile, unsortedSegmentSum } from './training.js';

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
  _FusedMatMul: ofFloats(product),
  MaxPoolGrad: ofFloats(maxPoolGrad),
  Tile: ofFloats(tile),
};

/** What training needs and tfjs's wasm backend lacks, copies where the cpu backend shares, or computes with a root and a division for each element. */
const ON_WASM: Readonly<Record<string, Kernel>> = {
  Concat: ofFloats(concat),
  DepthToSpace: ofFloats(depthToSpace),
  FusedBatchNorm: ofFloats(batchNorm),
  Identity: share,
  Slice: ofFloats(slice),
  SplitV: ofFloats(split),
  StridedSlice: ofFloats(stridedSlice),
  UnsortedSegmentSum: unsortedSegmentSum,
};

/** What is left of a step on the cpu backend. */
const ON_CPU: Readonly<Record<string, Kernel>> = {
  Add: ofFloats(add),
  Sub: ofFloats(subtract),
  Multiply: ofFloats(multiply),
  RealDiv: ofFloats(divide),
  Sum: ofFloats(sum),
  Mean: ofFloats(mean),
};

export const kernelsOf = (backend: BackendName): Readonly<Record<string, Kernel>> =>
  backend === 'wasm' ? { ...EVERYWHERE, ...ON_WASM } : { ...EVERYWHERE, ...ON_CPU };
