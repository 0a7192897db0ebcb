/** Every framework by its name. */
import type { Convert } from './convert.js';
import { convertToKeras } from './keras.js';
import { convertToOnnx } from './onnx.js';
import { convertToPyTorch } from './pytorch.js';
import { convertToSimdconv } from './simdconv.js';
import { convertToTfjs } from './tfjs.js';
import type { Framework } from './types.js';
import { convertToWebNN } from './webnn.js';

/** What converts to it. */
export const CONVERT: Readonly<Record<Framework, Convert>> = {
  pytorch: convertToPyTorch,
  keras: convertToKeras,
  onnx: convertToOnnx,
  webnn: convertToWebNN,
  tfjs: convertToTfjs,
  simdconv: convertToSimdconv,
};

/** What people call it. */
export const TITLE: Readonly<Record<Framework, string>> = {
  pytorch: 'PyTorch',
  keras: 'Keras',
  onnx: 'ONNX',
  webnn: 'WebNN',
  tfjs: 'TensorFlow.js',
  simdconv: 'simdconv',
};
