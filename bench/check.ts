/**
 * Nothing is timed before it is checked. Elements of the result are computed in float64 from the definition, by the reference's own
 * relation of positions: all of them where that is quick, else some from every part of the result.
 */
import { type ConvGeometry, type ImageStrides, volume } from '../src/geometry/index.js';
import { perOutput, perTap, xByTap, xUnderOutput, yOverInput } from '../src/reference/meeting.js';
import { type Case, type ConvCase, geometryOf, isConv, resultLength } from './cases.js';
import type { Operands } from './problem.js';

export interface Verdict {
  /** Largest error of the elements checked. */
  readonly largest: number;
  /** The same as a part of the largest output. */
  readonly relative: number;
  /** The largest part of its bound that an element's error is: at most 1 in a right result. */
  readonly ofBound: number;
  readonly checked: number;
  readonly elements: number;
  readonly right: boolean;
}

/** `budget` is how many multiplications the check may cost, but `least` elements are looked at. */
export function check(c: Case, operands: Operands, result: Float32Array, budget: number, least = LEAST): Verdict {
  const { terms, element } = oracle(c, operands);
  const elements = resultLength(c);
  const checked = Math.min(elements, Math.max(least, Math.floor(budget / terms)));
  let [largest, output, ofBound] = [0, 0, 0];
  let right = result.length === elements && result.every(Number.isFinite);
  for (let sample = 0; sample < checked; sample++) {
    const index = checked === elements ? sample : spread(sample, checked, elements);
    const { value, magnitude } = element(index);
    const error = Math.abs((result[index] ?? Number.NaN) - value);
    const bound = errorBound(terms, magnitude);
    if (!(error <= bound)) right = false;
    largest = Math.max(largest, error);
    output = Math.max(output, Math.abs(value));
    ofBound = Math.max(ofBound, error / bound);
  }
  return { largest, relative: output > 0 ? largest / output : largest, ofBound, checked, elements, right };
}

const LEAST = 64;

/** Roundings of numbers without a pattern are as good as random; then an error past LAMBDA deviations has a chance of 2·exp(-18). */
const LAMBDA = 6;

/**
 * The error that a float32 sum of `terms` products may have, from the sum of their magnitudes. Each product is rounded once and then passes up
 * to `terms` additions: nε at worst (Higham, Accuracy and Stability, section 3.1), λ√n·ε in all likelihood (Higham and Mary, SIAM J. Sci. Comput. 41,
 * 2019). In a long sum only the second is below the size of a single product, so that one left out shows. The last term is for subnormal results.
 */
function errorBound(terms: number, magnitude: number): number {
  const n = terms + 1;
  const roundings = Math.min(n, LAMBDA * Math.sqrt(n)) * 2 ** -24;
  return (roundings / (1 - roundings)) * magnitude + n * 2 ** -149;
}

/** One index in each of `count` equal parts, at a place that differs from part to part; the first and the last element are among them. */
function spread(sample: number, count: number, length: number): number {
  if (sample === 0) return 0;
  if (sample === count - 1) return length - 1;
  const golden = (sample * 0.6180339887498949) % 1;
  return Math.floor(((sample + golden) * length) / count);
}

export interface Exact {
  readonly value: number;
  /** Sum of the magnitudes of the products. */
  readonly magnitude: number;
}

export interface Oracle {
  /** Products in one element, at most. */
  readonly terms: number;
  element(index: number): Exact;
}

/** The case's result, element by element, in float64. */
export function oracle(c: Case, operands: Operands): Oracle {
  if (!isConv(c)) return productOracle(c, operands);
  const g = geometryOf(c);
  const transposed = c.op.startsWith('convTranspose');
  const { input, weight, gradOutput } = operands;
  if (c.direction === 'gradWeight') {
    const [x, y] = transposed ? [gradOutput, input] : [input, gradOutput];
    return wgradOracle(g, x.data, y.data);
  }
  const given = c.direction === 'forward' ? input : gradOutput;
  return multipliesByC(c, transposed) ? fpropOracle(g, given.data, weight.data) : dgradOracle(g, given.data, weight.data);
}

/** y = C x is a conv's forward and a transposed conv's gradInput; the other two are x = Cᵀ y. */
const multipliesByC = ({ direction }: ConvCase, transposed: boolean): boolean => (direction === 'forward') !== transposed;

function productOracle({ input: [, k = 0], weight: [, n = 0] }: Case, { input: a, weight: b }: Operands): Oracle {
  return {
    terms: k,
    element(index) {
      const [row, column] = [Math.floor(index / n) * k, index % n];
      const sum = new Sum();
      for (let i = 0; i < k; i++) sum.add(a.data[row + i], b.data[i * n + column]);
      return sum;
    },
  };
}

function fpropOracle(g: ConvGeometry, x: Float32Array, w: Float32Array): Oracle {
  const [I, O] = [g.xChannels / g.groups, g.yChannels / g.groups];
  const xs = perTap(g);
  return {
    terms: I * xs.length,
    element(index) {
      const [n, m, o] = placeOf(g, g.y, index);
      const first = Math.floor(m / O) * I;
      xUnderOutput(g, o, xs);
      const sum = new Sum();
      for (let c = 0; c < I; c++) {
        const [xAt, wAt] = [n * g.x.batch + (first + c) * g.x.channel, m * g.w.y + c * g.w.x];
        sum.addWhereMet(xs, x, xAt, g.x.space, w, wAt, g.w.tap);
      }
      return sum;
    },
  };
}

function dgradOracle(g: ConvGeometry, y: Float32Array, w: Float32Array): Oracle {
  const [I, O] = [g.xChannels / g.groups, g.yChannels / g.groups];
  const ys = perTap(g);
  return {
    terms: O * ys.length,
    element(index) {
      const [n, c, p] = placeOf(g, g.x, index);
      const first = Math.floor(c / I) * O;
      yOverInput(g, p, ys);
      const sum = new Sum();
      for (let m = first; m < first + O; m++) {
        const [yAt, wAt] = [n * g.y.batch + m * g.y.channel, m * g.w.y + (c % I) * g.w.x];
        sum.addWhereMet(ys, y, yAt, g.y.space, w, wAt, g.w.tap);
      }
      return sum;
    },
  };
}

function wgradOracle(g: ConvGeometry, x: Float32Array, y: Float32Array): Oracle {
  const [I, O, taps] = [g.xChannels / g.groups, g.yChannels / g.groups, volume(g.kernel)];
  const xs = perOutput(g);
  return {
    terms: g.batch * xs.length,
    element(index) {
      const first = g.layout === 'channels-first';
      const m = first ? Math.floor(index / (I * taps)) : index % g.yChannels;
      const c = Math.floor(index / (first ? taps : g.yChannels)) % I;
      const t = first ? index % taps : Math.floor(index / (I * g.yChannels));
      xByTap(g, t, xs);
      const sum = new Sum();
      for (let n = 0; n < g.batch; n++) {
        const [xAt, yAt] = [n * g.x.batch + (Math.floor(m / O) * I + c) * g.x.channel, n * g.y.batch + m * g.y.channel];
        sum.addWhereMet(xs, x, xAt, g.x.space, y, yAt, g.y.space);
      }
      return sum;
    },
  };
}

/** A sum of products and of their magnitudes; a factor that is outside its array makes it NaN. */
class Sum implements Exact {
  value = 0;
  magnitude = 0;

  add(a = Number.NaN, b = Number.NaN): void {
    this.value += a * b;
    this.magnitude += Math.abs(a * b);
  }

  /** Position i of `b` meets position met[i] of `a`, or none where that is negative. */
  addWhereMet(met: Int32Array, a: Float32Array, aAt: number, aStep: number, b: Float32Array, bAt: number, bStep: number): void {
    for (let i = 0; i < met.length; i++) {
      const position = met[i] as number;
      if (position >= 0) this.add(a[aAt + position * aStep], b[bAt + i * bStep]);
    }
  }
}

/** Image, channel and position of an element. */
function placeOf(g: ConvGeometry, strides: ImageStrides, index: number): [number, number, number] {
  const within = index % strides.batch;
  const image = Math.floor(index / strides.batch);
  return g.layout === 'channels-first'
    ? [image, Math.floor(within / strides.channel), within % strides.channel]
    : [image, within % strides.space, Math.floor(within / strides.space)];
}
