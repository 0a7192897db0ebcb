import { filterGradient, forward, inputGradient } from './conv.js';
import type { BackendName } from './home.js';
import { type Kernel, ofFloats } from './kernel.js';
import { product } from './matmul.js';
import { batchNorm } from './normalize.js';
import { share, unsortedSegmentSum } from './training.js';

/** Convolutions and products, of every backend. */
const PRODUCTS: Readonly<Record<string, Kernel>> = {
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
};

/** What training needs and tfjs's wasm backend lacks, or copies where the cpu backend shares. */
const TRAINING: Readonly<Record<string, Kernel>> = {
  FusedBatchNorm: ofFloats(batchNorm),
  Identity: share,
  UnsortedSegmentSum: unsortedSegmentSum,
};

export const kernelsOf = (backend: BackendName): Readonly<Record<string, Kernel>> =>
  backend === 'wasm' ? { ...PRODUCTS, ...TRAINING } : PRODUCTS;
