/**
 * How far Winograd's float32 results may be from the definition's.
 *
 * Each value is rounded at most n times on its way: 2 passes of ≤ 4 operations into V, as many into U, a product and a sum for each of min(C, KC) channels, a
 * sum for each block of KC (in each block of 3×3 taps, of a larger kernel), 2 passes of ≤ 4 into y, the bias and the activation. Each rounding is at most ε/2 of a value that is, for output row i,
 *
 *   Σ_p |Aᵀ[i][p]| · max|G[p]| · Σ|Bᵀ[p]| = κ_i      per axis, so κ² · Σ_c (Σ_taps |w_c|) · max over the image of |x_c|
 *
 * at most, where κ is the largest κ_i. All factors come from the matrices, which are built here from their points.
 *
 * A gradient of the weight by the adjoint is dw = Gᵀ [Σ_tiles (A dy Aᵀ) ⊙ (Bᵀ x B)] G: for tap i
 *
 *   Σ_p |G[p][i]| · max|A[p]| · Σ|Bᵀ[p]| = κ'_i      per axis, so κ'² · Σ_tiles (Σ_tile |dy|) · max over the image of |x|     (κ' along one axis with more taps than one)
 *
 * and n is six passes of ≤ 5 (4 operations, one rounded constant), a product, and a sum for each tile and one more, in whatever blocks; the reference rounds once.
 *
 * In a deep sum that bound exceeds a whole channel's part. Of numbers without a pattern and with mean zero, as the seeded ones are, partial sums grow as the root of
 * the sum of squares, and n roundings as λ√n in all likelihood (Higham and Mary, SIAM J. Sci. Comput. 42, 2020): a channel left out shows. The smaller holds.
 */
import type { Tensor } from '../../src/index.js';
import { at } from './check.js';
import { sizeOf } from './data.js';
import { isTransposed, type Problem, resultShape, weightSizes } from './problem.js';
import { EPSILON, slopeOf } from './truth.js';
import { axesOf, divisorOf, type TapPhase, type Three, tapPhases, threeAxes } from './winograd-taps.js';

/** The matrices of F(size, 3) from their points, ∞ last; every polynomial by multiplying out. */
function matrices(size: number): { g: number[][]; bt: number[][]; at: number[][] } {
  const points = size === 2 ? [0, 1, -1] : [0, Math.SQRT1_2, -Math.SQRT1_2, Math.SQRT2, -Math.SQRT2];
  // Lowest power first: p·t - r·p.
  const product = (roots: number[]) => roots.reduce((p, r) => [0].concat(p).map((c, i) => c - r * (p[i] ?? 0)), [1]);
  const others = (p: number) => points.filter((q) => q !== p);
  return {
    g: [...points.map((p) => [0, 1, 2].map((k) => p ** k / others(p).reduce((d, q) => d * (p - q), 1))), [0, 0, 1]],
    bt: [...points.map((p) => product(others(p))), product(points)],
    at: Array.from({ length: size }, (_, i) => [...points.map((p) => p ** i), i === size - 1 ? 1 : 0]),
  };
}

/** Deviations that a sum of roundings stays within, but for a chance of 2·exp(-18). */
const LAMBDA = 6;

/** κ of F(size, 3). */
export function amplification(size: number): number {
  const { g, bt, at: rows } = matrices(size);
  const norms = bt.map((row) => row.reduce((sum, v) => sum + Math.abs(v), 0));
  const weights = g.map((row, p) => Math.max(...row.map(Math.abs)) * at(norms, p));
  return Math.max(...rows.map((row) => row.reduce((sum, v, p) => sum + Math.abs(v) * at(weights, p), 0)));
}

/** κ' of F(4, 3). */
export function weightAmplification(): number {
  const { g, bt, at: rows } = matrices(4);
  const weights = bt.map((row, p) => row.reduce((sum, v) => sum + Math.abs(v), 0) * Math.max(...rows.map((each) => Math.abs(at(each, p)))));
  return Math.max(...[0, 1, 2].map((tap) => g.reduce((sum, row, p) => sum + Math.abs(at(row, tap)) * at(weights, p), 0)));
}

/** Of a weight's gradient: from Σ|dy| of each tile and the largest |x|, of a kernel with more than one tap along so many axes. */
export function weightTolerance(tiles: Float64Array, largest: number, transformed: number): number {
  const count = 6 * 5 + 1 + tiles.length + 1 + 1;
  const n = count * EPSILON;
  const magnitude = tiles.reduce((sum, part) => sum + part, 0);
  const root = Math.sqrt(tiles.reduce((sum, part) => sum + part ** 2, 0));
  const error = Math.min((n / (1 - n)) * magnitude, LAMBDA * Math.sqrt(count) * EPSILON * root);
  return weightAmplification() ** transformed * error * largest + n * 2 ** -125;
}

/** n of a sum over `depth` channels and `blocks` of taps. */
export const roundings = (depth: number, kc: number, blocks = 1): number =>
  2 * 4 + 2 * 4 + 2 * Math.min(depth, kc) + blocks * Math.ceil(depth / kc) + 2 * 4 + 2;

/** Of each element of a problem's output or gradInput, whichever tile computes it. */
export function winogradTolerance(p: Problem, name: 'output' | 'gradInput', kc: number): Float64Array {
  const shape = resultShape[name](p);
  const given = name === 'output' ? p.input : p.gradOutput;
  const last = p.shapeOptions.layout === 'channels-last';
  const groups = p.shapeOptions.groups ?? 1;
  const largest = largestOfChannels(given, last);
  const { inner } = weightSizes(p.op, p.weight.shape, p.shapeOptions);
  const channels = at(shape, last ? shape.length - 1 : 1);
  const [of, from] = [channels / groups, largest.length / groups];
  const outerIsResult = (name === 'output') !== isTransposed(p.op);
  const slope = name === 'output' ? slopeOf(p) : 1;
  const bounds = new Float64Array(channels);
  // Each phase of a stride is a convolution of its own; whichever is the worst.
  for (const phase of tapPhases(p, !outerIsResult)) {
    const { blocks } = phase;
    const sums = blockSums(p, phase);
    const kappa = amplificationOf(phase);
    const count = roundings(from, kc, blocks);
    const n = count * EPSILON;
    const [worst, likely] = [n / (1 - n), LAMBDA * Math.sqrt(count) * EPSILON];
    for (let channel = 0; channel < channels; channel++) {
      const group = Math.floor(channel / of);
      let [magnitude, squares] = [0, 0];
      for (let c = group * from; c < (group + 1) * from; c++) {
        const [outer, within] = outerIsResult ? [channel, c % from] : [c, channel % of];
        for (let block = 0; block < blocks; block++) {
          const part = at(sums, (outer * inner + within) * blocks + block) * at(largest, c);
          magnitude += part;
          squares += part ** 2;
        }
      }
      const bias = name === 'output' && p.options.bias ? Math.abs(at(p.options.bias.data, channel)) : 0;
      const bound = slope * (kappa * Math.min(worst * magnitude, likely * Math.sqrt(squares)) + worst * bias) + n * 2 ** -125;
      bounds[channel] = Math.max(at(bounds, channel), bound);
    }
  }
  const length = sizeOf(shape);
  const space = length / at(shape, 0) / channels;
  return Float64Array.from({ length }, (_, i) => at(bounds, last ? i % channels : Math.floor(i / space) % channels));
}

/** How much larger than what an output meets a tile may be (WINOGRAD_RATIO of the kernels' config.ts). */
export const RATIO = 32;

/** Whatever the numbers are: of each element, from the largest |x| in its own window. Infinite where float32's sums may overflow. */
export function localTolerance(p: Problem, name: 'output' | 'gradInput', kc: number): Float64Array {
  const last = p.shapeOptions.layout === 'channels-last';
  const outerIsResult = (name === 'output') !== isTransposed(p.op);
  const sums = weightSums(p, last, outerIsResult);
  const from = name === 'output' ? p.input : p.gradOutput;
  const depth = at(from.shape, last ? from.shape.length - 1 : 1) / (p.shapeOptions.groups ?? 1);
  const phases = tapPhases(p, !outerIsResult);
  const n = roundings(depth, kc, Math.max(...phases.map(({ blocks }) => blocks))) * EPSILON;
  const kappa = RATIO * Math.max(...phases.map(amplificationOf));
  const slope = name === 'output' ? slopeOf(p) : 1;
  return fromLargestSeen(p, name, (channel, most, bias) => {
    const magnitude = at(sums, channel) * most;
    const error = slope * ((n / (1 - n)) * (kappa * magnitude + bias) + n * 2 ** -125);
    return magnitude < 2 ** 127 ? error : Number.POSITIVE_INFINITY;
  });
}

/** What `of` says of each element: its channel, the largest |x| in its own window, over all channels of its group, and its |bias|. */
export function fromLargestSeen(
  p: Problem,
  name: 'output' | 'gradInput',
  of: (channel: number, most: number, bias: number) => number,
): Float64Array {
  const last = p.shapeOptions.layout === 'channels-last';
  const groups = p.shapeOptions.groups ?? 1;
  const [shape, from] = [resultShape[name](p), name === 'output' ? p.input : p.gradOutput];
  const channels = at(shape, last ? shape.length - 1 : 1);
  const [space, fromSpace] = [shape, from.shape].map((each) => threeAxes(last ? each.slice(1, -1) : each.slice(2), 1)) as [Three, Three];
  const largest = largestOfGroups(from, last, groups);
  const outerIsResult = (name === 'output') !== isTransposed(p.op);
  const axes = axesOf(p);
  // Positions that the taps of y = C x read, and those that x = Cᵀ y reads.
  const positions = (axis: 0 | 1 | 2, place: number): number[] => {
    const { taps, pad, stride, dilation } = axes[axis];
    return Array.from({ length: taps }, (_, tap) =>
      outerIsResult ? place * stride - pad + tap * dilation : (place + pad - tap * dilation) / stride,
    ).filter((each) => Number.isInteger(each) && each >= 0 && each < fromSpace[axis]);
  };
  const [size, fromSize] = [sizeOf(space), sizeOf(fromSpace)];
  const tolerance = new Float64Array(at(shape, 0) * channels * size);
  for (let i = 0; i < tolerance.length; i++) {
    const [channel, image] = [last ? i % channels : Math.floor(i / size) % channels, Math.floor(i / channels / size)];
    const position = last ? Math.floor(i / channels) % size : i % size;
    const group = Math.floor((channel * groups) / channels);
    let most = 0;
    for (const d of positions(0, Math.floor(position / space[1] / space[2]))) {
      for (const h of positions(1, Math.floor(position / space[2]) % space[1])) {
        for (const w of positions(2, position % space[2])) {
          most = Math.max(most, at(largest, (image * groups + group) * fromSize + (d * fromSpace[1] + h) * fromSpace[2] + w));
        }
      }
    }
    const bias = name === 'output' && p.options.bias ? Math.abs(at(p.options.bias.data, channel)) : 0;
    tolerance[i] = of(channel, most, bias);
  }
  return tolerance;
}

/** The same of a gradWeight: from the products of what meets at the element's own tap, each the largest of the channels of its group. */
export function localWeightTolerance(p: Problem): Float64Array {
  const last = p.shapeOptions.layout === 'channels-last';
  const groups = p.shapeOptions.groups ?? 1;
  const [x, y] = isTransposed(p.op) ? [p.gradOutput, p.input] : [p.input, p.gradOutput];
  const [xs, ys] = [x, y].map((t) => largestOfGroups(t, last, groups)) as [Float64Array, Float64Array];
  const [xSpace, ySpace] = [x, y].map((t) => spaceOf(t.shape, last)) as [Three, Three];
  const axes = axesOf(p);
  const { outer, inner, taps } = weightSizes(p.op, p.weight.shape, p.shapeOptions);
  const kernel = axes.map((axis) => axis.taps) as unknown as Three;
  const sums = new Float64Array(groups * taps);
  for (let i = 0; i < ys.length; i++) {
    const [plane, places] = [Math.floor(i / sizeOf(ySpace)), placesOf(i % sizeOf(ySpace), ySpace)];
    for (let tap = 0; tap < taps; tap++) {
      const met = placesOf(tap, kernel).map((t, a) => {
        const { stride, pad, dilation } = axes[a as 0 | 1 | 2];
        return at(places, a) * stride - pad + t * dilation;
      });
      if (met.some((place, a) => place < 0 || place >= at(xSpace, a))) continue;
      const from = (at(met, 0) * xSpace[1] + at(met, 1)) * xSpace[2] + at(met, 2);
      const to = (plane % groups) * taps + tap;
      sums[to] = at(sums, to) + at(ys, i) * at(xs, plane * sizeOf(xSpace) + from);
    }
  }
  const images = at(y.shape, 0);
  const n =
    Math.max(
      (6 * 5 + 3 + images * tilesOf(p, ySpace).count) * RATIO * weightAmplification() ** transformedOf(p),
      images * sizeOf(ySpace) + 4,
    ) * EPSILON;
  return Float64Array.from({ length: outer * inner * taps }, (_, i) => {
    const [o, tap] = last ? [i % outer, Math.floor(i / (outer * inner))] : [Math.floor(i / (inner * taps)), i % taps];
    const sum = at(sums, Math.floor((o * groups) / outer) * taps + tap);
    if (sum === 0) return 0;
    return sum < 2 ** 127 ? (n / (1 - n)) * sum + n * 2 ** -125 : Number.POSITIVE_INFINITY;
  });
}

const spaceOf = (shape: readonly number[], last: boolean): Three => threeAxes(last ? shape.slice(1, -1) : shape.slice(2), 1);
const placesOf = (i: number, [, height, width]: Three): Three => [
  Math.floor(i / width / height),
  Math.floor(i / width) % height,
  i % width,
];

/** Along how many axes it has more than one tap: the depth is never transformed. */
const transformedOf = (p: Problem): number =>
  axesOf(p)
    .slice(1)
    .filter(({ taps }) => taps > 1).length;

/** Tiles of an image of y: neighbours on a lattice, four along an axis with more than one tap. */
function tilesOf(p: Problem, space: Three): { count: number; of(position: number): number } {
  const axes = axesOf(p).map(({ taps, stride, dilation }, a) => {
    const lattices = taps > 1 && a > 0 ? dilation / divisorOf(stride, dilation) : 1;
    const size = taps > 1 && a > 0 ? 4 : 1;
    const each = Math.ceil(Math.ceil(at(space, a) / lattices) / size);
    return { count: lattices * each, of: (place: number) => (place % lattices) * each + Math.floor(Math.floor(place / lattices) / size) };
  }) as [TileAxis, TileAxis, TileAxis];
  const [depth, height, width] = axes;
  return {
    count: depth.count * height.count * width.count,
    of(position) {
      const [d, h, w] = placesOf(position, space);
      return (depth.of(d) * height.count + height.of(h)) * width.count + width.of(w);
    },
  };
}
interface TileAxis {
  readonly count: number;
  of(place: number): number;
}

/** [image][group][position], whatever the layout. */
function largestOfGroups({ data, shape }: Tensor, last: boolean, groups: number): Float64Array {
  const channels = at(shape, last ? shape.length - 1 : 1);
  const space = data.length / at(shape, 0) / channels;
  const largest = new Float64Array((data.length / channels) * groups);
  for (const [i, value] of data.entries()) {
    const [image, within] = [Math.floor(i / (channels * space)), i % (channels * space)];
    const [channel, position] = last ? [within % channels, Math.floor(within / channels)] : [Math.floor(within / space), within % space];
    const place = (image * groups + Math.floor((channel * groups) / channels)) * space + position;
    largest[place] = Math.max(at(largest, place), Math.abs(value));
  }
  return largest;
}

/** Σ|w| of each channel of the result. Below float32's normal range a transformed weight has fewer digits: it counts as if it began there. */
function weightSums(p: Problem, last: boolean, outerIsResult: boolean): Float64Array {
  const { outer, inner, taps } = weightSizes(p.op, p.weight.shape, p.shapeOptions);
  const groups = p.shapeOptions.groups ?? 1;
  const sums = new Float64Array(outerIsResult ? outer : inner * groups);
  for (const [i, value] of p.weight.data.entries()) {
    const [o, c] = last ? [i % outer, Math.floor(i / outer) % inner] : [Math.floor(i / taps / inner), Math.floor(i / taps) % inner];
    const channel = outerIsResult ? o : Math.floor((o * groups) / outer) * inner + c;
    sums[channel] = at(sums, channel) + Math.max(Math.abs(value), 2 ** -126);
  }
  return sums;
}

/** Of each element of a problem's gradWeight. */
export function winogradWeightTolerance(p: Problem): Float64Array {
  const last = p.shapeOptions.layout === 'channels-last';
  const [x, y] = isTransposed(p.op) ? [p.gradOutput, p.input] : [p.input, p.gradOutput];
  const largest = largestOfChannels(x, last);
  const tiles = tileSums(p, y, last);
  const { outer, inner, taps } = weightSizes(p.op, p.weight.shape, p.shapeOptions);
  const perGroup = outer / (p.shapeOptions.groups ?? 1);
  const transformed = transformedOf(p);
  const bounds = Float64Array.from({ length: outer * inner }, (_, i) => {
    const [o, c] = [Math.floor(i / inner), i % inner];
    return weightTolerance(tiles[o] as Float64Array, at(largest, Math.floor(o / perGroup) * inner + c), transformed);
  });
  return Float64Array.from({ length: outer * inner * taps }, (_, i) =>
    at(bounds, last ? (i % outer) * inner + (Math.floor(i / outer) % inner) : Math.floor(i / taps)),
  );
}

/** Σ|dy| of every tile of all images, for each channel. */
function tileSums(p: Problem, { data, shape }: Tensor, last: boolean): Float64Array[] {
  const space = spaceOf(shape, last);
  const channels = at(shape, last ? shape.length - 1 : 1);
  const [positions, tiles] = [sizeOf(space), tilesOf(p, space)];
  const sums = Array.from({ length: channels }, () => new Float64Array(at(shape, 0) * tiles.count));
  for (const [i, value] of data.entries()) {
    const [position, channel] = last
      ? [Math.floor(i / channels) % positions, i % channels]
      : [i % positions, Math.floor(i / positions) % channels];
    const tile = Math.floor(i / (channels * positions)) * tiles.count + tiles.of(position);
    const of = sums[channel] as Float64Array;
    of[tile] = at(of, tile) + Math.abs(value);
  }
  return sums;
}

function largestOfChannels({ data, shape }: Tensor, last: boolean): Float64Array {
  const channels = at(shape, last ? shape.length - 1 : 1);
  const space = data.length / at(shape, 0) / channels;
  const largest = new Float64Array(channels);
  for (const [i, value] of data.entries()) {
    const channel = last ? i % channels : Math.floor(i / space) % channels;
    largest[channel] = Math.max(at(largest, channel), Math.abs(value));
  }
  return largest;
}

/** Of the taps of a phase: Σ of |w| over those of a block, for each [outer, inner, block]. */
function blockSums(p: Problem, { blockOf, blocks }: TapPhase): Float64Array {
  const last = p.shapeOptions.layout === 'channels-last';
  const { outer, inner, taps } = weightSizes(p.op, p.weight.shape, p.shapeOptions);
  const sums = new Float64Array(outer * inner * blocks);
  for (const [i, value] of p.weight.data.entries()) {
    const filter = last ? (i % outer) * inner + (Math.floor(i / outer) % inner) : Math.floor(i / taps);
    const block = blockOf(last ? Math.floor(i / (outer * inner)) : i % taps);
    if (block === undefined) continue;
    const place = filter * blocks + block;
    sums[place] = at(sums, place) + Math.abs(value);
  }
  return sums;
}

/** κ of both axes: 1 along one with a single tap, which is not transformed. */
const amplificationOf = ({ transformed }: TapPhase): number => Math.max(amplification(2), amplification(4)) ** transformed;
