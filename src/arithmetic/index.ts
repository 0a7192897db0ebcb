/**
 * Convolution arithmetic: sizes, the relationships of Dumoulin & Visin's guide (arXiv 1603.07285), the matrix that a
 * convolution is, and the direct convolution that a transposed one equals. Pure: needs no kernels and no WebAssembly.
 *
 * @module simdconv/arithmetic
 */
export { OptionError, ShapeError, SimdconvError } from '../errors.js';
export type { AxisPadding, ConvShapeOptions, FreshData, FreshTensor, Layout, Padding, PerAxis, Tensor } from '../types.js';
export { type EquivalentConv, equivalentConv, insertZeros, rotate180 } from './equivalent.js';
export { type ConvMatrix, type ConvMatrixOptions, convMatrix, type Vector } from './matrix.js';
export {
  type AppliedRelationship,
  type EquivalentDirect,
  type Relationship,
  type RelationshipParams,
  relationship,
  relationships,
} from './relationships.js';
export { type ConvSizeOptions, type ConvTransposeSizeOptions, convOutputSize, convTransposeOutputSize } from './sizes.js';
