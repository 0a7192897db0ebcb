import { type ConvMatrix, convMatrix } from '../../src/arithmetic/index.js';
import type { Activation, Tensor } from '../../src/index.js';
import { at } from './check.js';
import { filled, sizeOf } from './data.js';
import { axesOf, isTransposed, type Problem, RESULTS, type ResultName, resultShape } from './problem.js';

/**
 * The four results from the convolution matrix C, image by image: C x, Cᵀ y, and ∂<y, C x>/∂w.
 * It shares no code with any engine, so the reference is compared with it.
 */
export function matrixResults(p: Problem, names: readonly ResultName[] = RESULTS): Record<ResultName, Tensor> {
  const matrix = matrixOf(p, p.weight);
  const transposed = isTransposed(p.op);
  const across = (t: Tensor): Float64Array[] => images(p, t).map((x) => matrix.multiply(x, new Float64Array(matrix.rows)));
  const back = (t: Tensor): Float64Array[] => images(p, t).map((y) => matrix.multiplyTransposed(y, new Float64Array(matrix.cols)));
  const results: Record<ResultName, () => Tensor> = {
    output: () => finished(p, joined((transposed ? back : across)(p.input), resultShape.output(p))),
    gradInput: () => rounded(joined((transposed ? across : back)(p.gradOutput), resultShape.gradInput(p))),
    gradWeight: () => gradWeight(p),
    gradBias: () => gradBias(p),
  };
  return Object.fromEntries(names.map((name) => [name, results[name]()])) as Record<ResultName, Tensor>;
}

function matrixOf(p: Problem, weight: Tensor): ConvMatrix {
  const image = p.input.shape.slice(-axesOf(p.op) - 1);
  return convMatrix(weight, image, { ...p.shapeOptions, transposed: isTransposed(p.op) });
}

/** The matrix of a weight that numbers its own elements says which element stands at which entry. */
function gradWeight(p: Problem): Tensor {
  const { rowPointers, columns, values } = matrixOf(
    p,
    filled(p.weight.shape, (i) => i + 1),
  ).toCsr();
  const [xs, ys] = (isTransposed(p.op) ? [p.gradOutput, p.input] : [p.input, p.gradOutput]).map((t) => images(p, t));
  const sums = new Float64Array(sizeOf(p.weight.shape));
  xs?.forEach((x, n) => {
    const y = ys?.[n] as Float32Array;
    for (let row = 0; row < y.length; row++) {
      for (let entry = at(rowPointers, row); entry < at(rowPointers, row + 1); entry++) {
        const element = at(values, entry) - 1;
        sums[element] = at(sums, element) + at(x, at(columns, entry)) * at(y, row);
      }
    }
  });
  return rounded({ data: sums, shape: p.weight.shape });
}

function gradBias(p: Problem): Tensor {
  const shape = resultShape.gradBias(p);
  const sums = new Float64Array(sizeOf(shape));
  for (const [index, value] of p.gradOutput.data.entries()) {
    const channel = channelOf(p, index);
    sums[channel] = at(sums, channel) + value;
  }
  return rounded({ data: sums, shape });
}

interface Whole {
  readonly data: Float64Array;
  readonly shape: readonly number[];
}

function finished(p: Problem, sums: Whole): Tensor {
  const { bias, activation } = p.options;
  const data = sums.data.map((sum, index) => activate(activation, sum + (bias ? at(bias.data, channelOf(p, index)) : 0)));
  return rounded({ data, shape: sums.shape });
}

export function activate(activation: Activation | undefined, value: number): number {
  if (activation === undefined || value > 0) return activation === 'relu6' ? Math.min(value, 6) : value;
  return typeof activation === 'object' ? activation.leakyRelu * value : 0;
}

/** The channel of an element of the output. */
function channelOf(p: Problem, index: number): number {
  const channels = sizeOf(resultShape.gradBias(p));
  const space = sizeOf(p.gradOutput.shape.slice(-axesOf(p.op) - 1)) / channels;
  return p.shapeOptions.layout === 'channels-last' ? index % channels : Math.floor(index / space) % channels;
}

function images(p: Problem, t: Tensor): Float32Array[] {
  const size = sizeOf(t.shape.slice(-axesOf(p.op) - 1));
  return Array.from({ length: t.data.length / size }, (_, n) => t.data.slice(n * size, (n + 1) * size));
}

function joined(parts: readonly Float64Array[], shape: readonly number[]): Whole {
  const data = new Float64Array(sizeOf(shape));
  let offset = 0;
  for (const part of parts) {
    data.set(part, offset);
    offset += part.length;
  }
  return { data, shape };
}

const rounded = (t: Whole): Tensor => ({ data: Float32Array.from(t.data), shape: t.shape });
