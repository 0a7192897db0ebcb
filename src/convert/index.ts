/**
 * Convolutions between frameworks: one description of a convolution or a transposed one, from and to PyTorch, Keras, ONNX, WebNN, TensorFlow.js and this library, with
 * its weights, what it does to an input, and a program that runs it. Pure: needs no kernels and no WebAssembly.
 *
 * @module simdconv/convert
 */
export { OptionError, ShapeError, SimdconvError } from '../errors.js';
export type { AxisPadding, ConvShapeOptions, FreshData, FreshTensor, Layout, Padding, PadMode, PerAxis, Tensor } from '../types.js';
export { type CodeOptions, code } from './code.js';
export { denseTo } from './dense.js';
export { type ExplainedAxis, type ExplainedRelationship, type Explanation, explain } from './explain.js';
export { fromKeras, type KerasConv, type KerasConvArgs, toKeras } from './keras.js';
export { fromOnnx, type OnnxConv, type OnnxConvArgs, toOnnx } from './onnx.js';
export { fromPyTorch, type PyTorchConv, type PyTorchConvArgs, toPyTorch } from './pytorch.js';
export { fromSimdconv, type SimdconvConv, toSimdconv } from './simdconv.js';
export { fromTfjs, type TfjsConv, toTfjs } from './tfjs.js';
export type {
  Args,
  ArgValue,
  Call,
  Camel,
  Conversion,
  Converted,
  EitherSpelling,
  Framework,
  Impossible,
  PadRule,
  Sides,
  Spec,
  SpecAxis,
  Step,
} from './types.js';
export { fromWebNN, toWebNN, type WebNNConv } from './webnn.js';
export { weightFrom, weightTo } from './weights.js';
