/** The direct convolution that a transposed one, or a gradient of the input, equals; computed as one. */
import type { Kernels, Tensor } from 'simdconv';
import { convMatrix, type EquivalentConv, equivalentConv, rotate180 } from 'simdconv/arithmetic';
import { largestDifference, type Meetings, type Model, meetingsOf, opsOf, optionsOf, tensor } from './model.js';

export interface Direct {
  readonly equivalent: EquivalentConv;
  /** The input with zeros inserted and around it. */
  readonly prepared: Tensor;
  /** For each element of `prepared` the element of the input that it is, or -1 for a zero. */
  readonly sources: Int32Array;
  /** Rotated, unless the state says not to. */
  readonly kernel: Tensor;
  readonly output: Tensor;
  /** Of `output` and the transposed op's own result. */
  readonly difference: number;
  /** Of the direct convolution: rows are its outputs, columns elements of `prepared`, taps those of `kernel`. */
  readonly meetings: Meetings;
}

export function directOf(kernels: Kernels, model: Model): Direct | undefined {
  const { state, x, y, w } = model;
  if (model.result !== 'x') return undefined;
  const { conv } = opsOf(kernels, state.axes);
  // The gradient of the input knows its size; a transposed convolution is told what is added.
  const size = state.op === 'gradInput' ? { outputSize: x.space } : {};
  const equivalent = equivalentConv(y.tensor.shape, w.tensor, { ...optionsOf(state), ...size });
  const { dilation, groups } = state;
  const prepared = equivalent.prepare(y.tensor);
  const numbered = equivalent.prepare(
    tensor(
      y.tensor.data.map((_, index) => index + 1),
      y.tensor.shape,
    ),
  );
  const kernel = state.rotate ? equivalent.weight : rotate180(equivalent.weight);
  const output = conv(prepared, kernel, { dilation, groups });
  const indices = tensor(
    kernel.data.map((_, index) => index),
    kernel.shape,
  );
  return {
    equivalent,
    prepared,
    sources: Int32Array.from(numbered.data, (number) => number - 1),
    kernel,
    output,
    difference: largestDifference(output.data, x.tensor.data),
    meetings: meetingsOf(convMatrix(indices, prepared.shape, { dilation, groups })),
  };
}
