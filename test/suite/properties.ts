import fc from 'fast-check';
import type { Activation, ConvShapeOptions, Layout, PadMode, Tensor } from '../../src/index.js';
import type { Backend, Define } from './backend.js';
import { at, close, sameBits, that } from './check.js';
import { absolute, floats, seeded } from './data.js';
import { closeToTruth } from './oracle.js';
import {
  CONVS,
  type ConvCase,
  type ConvName,
  compute,
  floatProblem,
  isTransposed,
  mapProblem,
  type Problem,
  TRANSPOSES,
} from './problem.js';
import { EPSILON, lengths, tolerances } from './truth.js';

const RUNS = 150;
const SEED = 20160323;
/** Most multiplications of one direction: keeps the unoptimised build quick. */
const MOST_PRODUCTS = 20_000;

/** Random geometries over every option together. fast-check shrinks a failure to a small case and prints it with its seed. */
export function properties(define: Define, backend: Backend): void {
  for (const [index, op] of [...CONVS, ...TRANSPOSES].entries()) {
    define(`property ${op}: every direction is the oracle's`, () => {
      check(op, index, (c, seed) => {
        const p = floatProblem(backend.kernels, c, seed);
        const results = closeToTruth(backend, p);
        const plan = backend.kernels[op].plan({ input: p.input.shape, weight: p.weight, ...p.options });
        sameBits(plan.run(p.input), results.output, 'plan');
        plan.dispose();
      });
    });
    define(`property ${op}: <C x, y> = <x, Cᵀ y> = <w, dw>`, () => {
      check(op, 100 + index, (c, seed) => adjoint(backend, floatProblem(backend.kernels, { ...c, bias: false }, seed)));
    });
  }
  define('property matmul: any size, transposes, views', () => {
    const [size, flag] = [fc.integer({ min: 1, max: 40 }), fc.boolean()];
    fc.assert(
      fc.property(size, size, size, flag, flag, fc.nat(), (m, n, k, transposeA, transposeB, seed) => {
        const random = seeded(seed);
        const a = floats(random, transposeA ? [k, m] : [m, k]);
        const b = floats(random, transposeB ? [n, k] : [k, n]);
        const options = { transposeA, transposeB };
        const magnitude = backend.oracle.matmul(absolute(a), absolute(b), options);
        close(backend.kernels.matmul(a, b, options), backend.oracle.matmul(a, b, options), tolerances(k, magnitude.data), 'product');
      }),
      { numRuns: RUNS, seed: SEED, verbose: 1 },
    );
  });
}

function check(op: ConvName, index: number, property: (c: ConvCase, seed: number) => void): void {
  fc.assert(fc.property(convCases(op), fc.nat(), property), { numRuns: RUNS, seed: SEED + index, verbose: 1 });
}

/** The three sums are one number, Σ w·x·y over all meetings; each is summed here in float64 from float32 results. */
function adjoint({ kernels, oracle }: Backend, p: Problem): void {
  const linear: Problem = { ...p, options: p.shapeOptions };
  const magnitude = mapProblem(linear, absolute);
  const pairs = [
    ['output', p.gradOutput],
    ['gradInput', p.input],
    ['gradWeight', p.weight],
  ] as const;
  const counts = lengths(p);
  const sums = pairs.map(([name, other]) => dot(compute[name](kernels, linear), other));
  const whole = dot(compute.output(oracle, magnitude), magnitude.gradOutput);
  const longest = Math.max(...pairs.map(([name]) => counts[name])) + 4;
  // Each side is off by at most γ of the sum of all magnitudes, as every element of its result is; float64 adds next to nothing.
  const tolerance = (2.001 * longest * EPSILON * whole) / (1 - longest * EPSILON) + longest * 2 ** -140;
  for (const [index, sum] of sums.entries()) {
    const error = Math.abs(sum - at(sums, 0));
    that(error <= tolerance, `${pairs[index]?.[0]}: the sum is ${sum}, by output ${sums[0]}; error ${error}, tolerance ${tolerance}`);
  }
}

function dot(a: Tensor, b: Tensor): number {
  return a.data.reduce((sum, value, index) => sum + value * at(b.data, index), 0);
}

interface Axis {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pads: readonly [number, number];
  readonly rule: 'pads' | Rule;
  readonly extra: number;
}

type Rule = 'valid' | 'same' | 'same-lower' | 'causal';
const RULES: readonly Rule[] = ['valid', 'same', 'same-lower', 'causal'];

const between = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

const axis: fc.Arbitrary<Axis> = fc.record({
  size: between(1, 11),
  kernel: between(1, 4),
  stride: between(1, 4),
  dilation: between(1, 3),
  pads: fc.tuple(between(-3, 5), between(-3, 5)),
  rule: fc.constantFrom('pads', 'pads', 'pads', ...RULES),
  extra: between(0, 3),
});

const activations = fc.constantFrom<(Activation | undefined)[]>(undefined, 'relu', 'relu6', { leakyRelu: 0.1 });

function convCases(op: ConvName): fc.Arbitrary<ConvCase> {
  const rank = Number(op.at(-2));
  return fc
    .record({
      axes: fc.array(axis, { minLength: rank, maxLength: rank }),
      batch: fc.option(between(0, 3), { nil: undefined }),
      groups: between(1, 4),
      inputs: between(1, rank === 3 ? 3 : 6),
      outputs: between(1, rank === 3 ? 3 : 6),
      // One word for all axes, or each its own.
      rule: fc.option(fc.constantFrom(...RULES), { freq: 1, nil: undefined }),
      grow: fc.constantFrom('nothing', 'outputPadding', 'outputSize'),
      layout: fc.constantFrom<Layout[]>('channels-first', 'channels-last'),
      padMode: fc.constantFrom<(PadMode | undefined)[]>(undefined, undefined, 'zeros', 'reflect', 'replicate', 'circular'),
      bias: fc.boolean(),
      activation: activations,
    })
    .map((r): ConvCase => {
      const transposed = isTransposed(op);
      const padMode = transposed ? undefined : r.padMode;
      const axes = r.axes
        .map((each) => ({ ...each, rule: r.rule ?? each.rule }))
        .map((each) => (transposed ? transposable(each) : continuable(fitting(each), padMode)));
      const layout = r.layout;
      const space = axes.map(({ size }) => size);
      const kernel = axes.map((each) => each.kernel);
      const [outer, inner] = transposed ? [r.inputs * r.groups, r.outputs] : [r.outputs * r.groups, r.inputs];
      const channels = r.inputs * r.groups;
      const image = layout === 'channels-first' ? [channels, ...space] : [...space, channels];
      const options: ConvShapeOptions = {
        stride: axes.map((each) => each.stride),
        dilation: axes.map((each) => each.dilation),
        padding: r.rule ?? axes.map(({ rule, pads }) => (rule === 'pads' ? pads : rule)),
        groups: r.groups,
        layout,
        ...(padMode === undefined ? {} : { padMode }),
        ...(transposed ? growth(r.grow, axes) : {}),
      };
      return {
        op,
        input: r.batch === undefined ? image : [r.batch, ...image],
        weight: layout === 'channels-first' ? [outer, inner, ...kernel] : [...kernel, inner, outer],
        options,
        bias: r.bias,
        ...(r.activation === undefined ? {} : { activation: r.activation }),
      };
    })
    .filter((c) => products(c) <= MOST_PRODUCTS);
}

const reach = ({ kernel, dilation }: Axis): number => dilation * (kernel - 1) + 1;

/** Whether the sizes of the axis decide its pads. */
const ruled = ({ rule }: Axis): boolean => rule !== 'pads' && rule !== 'valid';
const padsOf = ({ rule, pads }: Axis): readonly [number, number] => (rule === 'pads' ? pads : [0, 0]);

/** Enlarges the input until the kernel fits and the crop leaves something. */
function fitting(a: Axis): Axis {
  if (ruled(a)) return a;
  const [before, after] = padsOf(a);
  const crop = Math.max(0, -before) + Math.max(0, -after);
  return { ...a, size: Math.max(a.size, crop + 1, reach(a) - before - after) };
}

/** Enlarges the input until it can be continued that far. */
function continuable(a: Axis, padMode: PadMode | undefined): Axis {
  if (padMode !== 'reflect' && padMode !== 'circular') return a;
  const [before, after] = ruled(a) ? [reach(a) - 1, reach(a) - 1] : padsOf(a);
  const crop = Math.max(0, -before) + Math.max(0, -after);
  return { ...a, size: Math.max(a.size, crop + Math.max(before, after) + (padMode === 'reflect' ? 1 : 0)) };
}

/** Cuts the crop until something is left, and the added rows to what is allowed. */
function transposable(a: Axis): Axis {
  const whole = (a.size - 1) * a.stride + reach(a);
  const before = Math.min(padsOf(a)[0], whole - 1);
  const after = Math.min(padsOf(a)[1], whole - 1 - before);
  return { ...a, pads: [before, after], extra: Math.min(a.extra, ruled(a) ? a.stride - 1 : Math.max(a.stride, a.dilation) - 1) };
}

function growth(grow: string, axes: readonly Axis[]): ConvShapeOptions {
  if (grow === 'outputPadding') return { outputPadding: axes.map((a) => (ruled(a) ? 0 : a.extra)) };
  if (grow === 'nothing') return {};
  return {
    outputSize: axes.map((a) => {
      const first = (a.size - 1) * a.stride;
      return ruled(a) ? first + 1 + a.extra : first + reach(a) - a.pads[0] - a.pads[1] + a.extra;
    }),
  };
}

/** An upper bound of the products that one direction sums. */
function products(c: ConvCase): number {
  const first = c.options?.layout === 'channels-first';
  const rank = c.weight.length - 2;
  const size = (shape: readonly number[]): number => shape.reduce((product, each) => product * Math.max(1, each), 1);
  const channels = c.input.length - (first ? rank + 1 : 1);
  return (size(c.weight) * size(c.input)) / at(c.input, channels);
}
