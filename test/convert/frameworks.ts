/** Every framework's pair of functions by its name. */
import * as convert from '../../src/convert/index.js';
import { type Name, RULES } from './meaning.js';

export const NAMES = Object.keys(RULES) as Name[];

export const FROM = {
  pytorch: convert.fromPyTorch,
  keras: convert.fromKeras,
  onnx: convert.fromOnnx,
  webnn: convert.fromWebNN,
  tfjs: convert.fromTfjs,
  simdconv: convert.fromSimdconv,
} as Record<Name, (description: object) => convert.Spec>;

export const TO: Record<Name, (spec: convert.Spec, shape?: readonly number[]) => convert.Conversion> = {
  pytorch: convert.toPyTorch,
  keras: convert.toKeras,
  onnx: convert.toOnnx,
  webnn: convert.toWebNN,
  tfjs: convert.toTfjs,
  simdconv: convert.toSimdconv,
};
