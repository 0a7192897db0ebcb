import { OptionError, ShapeError } from '../errors.js';
import { checkShape, describe, show, sizeOf } from '../geometry/index.js';
import type { Tensor } from '../types.js';

/** Checks that `tensor` is a Tensor whose data has exactly its shape's length, and returns a copy of the shape. */
export function checkTensor(op: string, name: string, tensor: Tensor): number[] {
  if (typeof tensor !== 'object' || tensor === null || Array.isArray(tensor) || ArrayBuffer.isView(tensor)) {
    throw new OptionError(op, `${name} is ${describe(tensor)}; expected a tensor, { data: Float32Array, shape }`);
  }
  const shape = checkShape(op, `${name}.shape`, tensor.shape);
  if (!(tensor.data instanceof Float32Array)) {
    throw new OptionError(op, `${name}.data is ${describe(tensor.data)}; expected a Float32Array`);
  }
  if (tensor.data.length !== sizeOf(shape)) {
    throw new ShapeError(op, `${name}.data has ${tensor.data.length} elements; its shape ${show(shape)} holds ${sizeOf(shape)}`);
  }
  return shape;
}

/** The number of spatial axes that a weight of this shape has: all but its two channel axes. */
export function weightAxes(op: string, shape: readonly number[]): number {
  const axes = shape.length - 2;
  if (axes < 1 || axes > 3) {
    throw new ShapeError(op, `weight is ${show(shape)}, rank ${shape.length}; expected two channel axes and one to three kernel axes`);
  }
  return axes;
}
