import type { Tensor } from '../../src/index.js';
import type { Backend } from './backend.js';
import { at } from './check.js';
import { absolute, sizeOf } from './data.js';
import { matrixResults } from './matrix.js';
import { axesOf, compute, isTransposed, mapProblem, type Problem, RESULTS, type ResultName, weightSizes } from './problem.js';

/** What a problem's results are, and how far float32 may be from them. */
export type Truth = Record<ResultName, Approximation>;

export interface Approximation {
  readonly want: Tensor;
  readonly tolerance: Float64Array;
}

/** Half the distance from 1 to the next float32: the relative error of one rounding. */
export const EPSILON = 2 ** -24;

/**
 * The error that float32 sums of `length` products may have, for each element, from the sum of the products' magnitudes.
 * A product is rounded once, and passes at most `length` additions in whatever order blocks are summed; the bias is one more, the
 * activation another, and the reference rounds its float64 sum once: γₙ = nε / (1 - nε) with n = length + 4 (Higham, section 3.1).
 * `slope` is how much the activation can enlarge an error. The last term covers results that are subnormal.
 */
export function tolerances(length: number, magnitudes: ArrayLike<number>, slope = 1): Float64Array {
  const n = (length + 4) * EPSILON;
  const gamma = n / (1 - n);
  return Float64Array.from(magnitudes, (magnitude) => gamma * slope * magnitude + (length + 4) * 2 ** -149);
}

/** How many products each result sums at most. */
export function lengths(p: Problem): Record<ResultName, number> {
  const { outer, inner, taps } = weightSizes(p.op, p.weight.shape, p.shapeOptions);
  const across = inner * taps;
  const back = (outer / (p.shapeOptions.groups ?? 1)) * taps;
  const [inputs, outputs] = [p.input, p.gradOutput].map((t) => positions(p, t)) as [number, number];
  return isTransposed(p.op)
    ? { output: back, gradInput: across, gradWeight: inputs, gradBias: outputs }
    : { output: across, gradInput: back + additions(p), gradWeight: outputs, gradBias: outputs };
}

const repeats = ({ shapeOptions: { padMode } }: Problem): boolean => padMode !== undefined && padMode !== 'zeros';

/** At most so many sums are added to one element of gradInput, one for each repetition along an axis: the sums of the products pass these additions too. */
function additions(p: Problem): number {
  if (!repeats(p)) return 0;
  const { padding = 0, dilation = 1, layout } = p.shapeOptions;
  const axes = axesOf(p.op);
  const kernel = layout === 'channels-last' ? p.weight.shape.slice(0, axes) : p.weight.shape.slice(2);
  return kernel.reduce((sum, taps, axis) => {
    const pad = typeof padding === 'object' ? (padding[axis] ?? 0) : padding;
    const reach = (typeof dilation === 'number' ? dilation : at(dilation, axis)) * (taps - 1);
    const sides = typeof pad === 'string' ? [reach] : typeof pad === 'number' ? [pad, pad] : pad;
    return sum + sides.reduce((all, side) => all + Math.max(0, side), 0);
  }, 0);
}

/** From the oracle; from the convolution matrix for the reference, which is the oracle, and where it would add sums that it has rounded. */
export function truth(backend: Backend, p: Problem, names: readonly ResultName[] = RESULTS): Truth {
  const results = (q: Problem) => wanted(backend, q, names);
  const { activation: _, ...linear } = p.options;
  const wants = results(p);
  const magnitudes = results(mapProblem({ ...p, options: linear }, absolute));
  const counts = lengths(p);
  return Object.fromEntries(
    names.map((name) => [
      name,
      { want: wants[name], tolerance: tolerances(counts[name], magnitudes[name].data, name === 'output' ? slopeOf(p) : 1) },
    ]),
  ) as Truth;
}

/** The results alone, rounded to float32: of small whole numbers there is nothing to tolerate. */
export function wanted({ name, oracle }: Backend, p: Problem, names: readonly ResultName[] = RESULTS): Record<ResultName, Tensor> {
  if (name === 'reference' || repeats(p)) return matrixResults(p, names);
  return Object.fromEntries(names.map((each) => [each, compute[each](oracle, p)])) as Record<ResultName, Tensor>;
}

export function slopeOf(p: Problem): number {
  const { activation } = p.options;
  return typeof activation === 'object' ? Math.max(1, Math.abs(activation.leakyRelu)) : 1;
}

/** Positions of an image over the whole batch. */
function positions(p: Problem, t: Tensor): number {
  const axes = axesOf(p.op);
  const channel = p.shapeOptions.layout === 'channels-last' ? t.shape.length - 1 : t.shape.length - axes - 1;
  return sizeOf(t.shape.filter((_, axis) => axis !== channel));
}
