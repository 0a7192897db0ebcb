/**
 * Random convolutions with channels, groups, weights in every order, a bias and borders, from every framework to every other: the same numbers. This library's side is computed by its reference
 * engine, the others' by their meaning. CONVERT_WEIGHTS=20000 for as many.
 */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type Spec, type Tensor, weightFrom, weightTo } from '../../src/convert/index.js';
import { type ConvOptions, loadSync } from '../../src/index.js';
import { compute, computeSteps, type Operands, type Planes } from './compute.js';
import { FROM, NAMES, TO } from './frameworks.js';
import type { Call, Name } from './meaning.js';
import { type Given, given } from './random.js';
import { stepsOf } from './steps.js';

const SPECS = Number(process.env.CONVERT_WEIGHTS ?? 1_200);
const kernels = loadSync({ variant: 'reference' });
const counts = { specs: 0, pairs: 0 };
afterAll(() => {
  kernels.dispose();
  console.log(`${counts.specs} convolutions with weights, ${counts.pairs} pairs`);
});

const extras = fc.record({
  groups: fc.constantFrom(1, 1, 2, 3),
  i: fc.integer({ min: 1, max: 2 }),
  o: fc.integer({ min: 1, max: 2 }),
  bias: fc.boolean(),
  last: fc.boolean(),
  depthwise: fc.boolean(),
  filter: fc.nat(3),
  mode: fc.constantFrom('zeros', 'zeros', 'reflect', 'replicate', 'circular'),
  seed: fc.nat(1000),
});
type Extras = typeof extras extends fc.Arbitrary<infer E> ? E : never;

interface Whole extends Call {
  readonly groups: number;
  readonly in: number;
  readonly out: number;
  readonly weightShape: number[];
  readonly last: boolean;
}

/** The call with channels, and the shape that its framework's weight has. */
function whole({ source, axes, op, args, kernel }: Given, { groups: g, i, o, bias, last, depthwise, filter, mode }: Extras): Whole {
  const transposed = /transpose/i.test(op);
  const stride = args.strides as number[];
  if (source === 'keras' || source === 'tfjs') {
    const single =
      depthwise &&
      !transposed &&
      (source === 'keras' ? axes < 3 && stride.every((s) => s === stride[0]) : axes === 2) &&
      args.padding !== 'causal';
    const groups = single ? i * g : source === 'keras' && !transposed ? g : 1;
    const [ins, outs] = single ? [groups, groups * o] : [groups * i, groups * o];
    const name = single ? (source === 'keras' ? `DepthwiseConv${axes}D` : 'depthwiseConv2d') : op;
    const { filters: _, in_channels: __, inChannels: ___, outChannels: ____, ...rest } = args;
    const own =
      source === 'keras'
        ? { in_channels: ins, use_bias: bias, ...(single ? { depth_multiplier: o } : { filters: outs, ...(groups > 1 ? { groups } : {}) }) }
        : { inChannels: ins, outChannels: outs, bias, ...(single ? { depthMultiplier: o } : {}) };
    const shape = transposed ? [...kernel, outs, ins] : single ? [...kernel, ins, o] : [...kernel, source === 'keras' ? i : ins, outs];
    const output = rest.outputShape as number[] | undefined;
    const sized = output ? { outputShape: [...output.slice(0, -1), outs] } : {};
    return { op: name, args: { ...rest, ...own, ...sized }, groups, in: ins, out: outs, weightShape: shape, last: true };
  }
  const [ins, outs] = [g * i, g * o];
  const camel = source === 'webnn' || source === 'simdconv';
  const named = camel ? { inChannels: ins, outChannels: outs } : { in_channels: ins, out_channels: outs };
  const group = source === 'onnx' ? { group: g } : { groups: g };
  const usesLast = camel && last;
  const layout = !usesLast ? {} : source === 'webnn' ? { inputLayout: 'nhwc' } : { layout: 'channels-last' };
  const border =
    transposed || mode === 'zeros' ? {} : source === 'pytorch' ? { padding_mode: mode } : source === 'simdconv' ? { padMode: mode } : {};
  const first = transposed ? [ins, o, ...kernel] : [outs, i, ...kernel];
  const orders: Record<string, number[]> = transposed
    ? { iohw: first, hwoi: [...kernel, o, ins], ohwi: [o, ...kernel, ins] }
    : { oihw: first, hwio: [...kernel, i, outs], ohwi: [outs, ...kernel, i], ihwo: [i, ...kernel, outs] };
  const names = Object.keys(orders);
  const filterLayout = names[filter % names.length] as string;
  const filters = source === 'webnn' ? { filterLayout } : {};
  const lastShape = transposed ? [...kernel, o, ins] : [...kernel, i, outs];
  const shape = source === 'webnn' ? (orders[filterLayout] as number[]) : usesLast ? lastShape : first;
  return {
    op,
    args: { ...args, ...named, ...group, ...layout, ...border, ...filters, bias },
    groups: g,
    in: ins,
    out: outs,
    weightShape: shape,
    last: usesLast,
  };
}

/** Small whole numbers, so that sums are exact. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed + 1; ; ) {
    state = (state * 48271) % 0x7fffffff;
    yield (state % 19) - 9;
  }
}
const take = (from: Generator<number>, length: number): number[] => Array.from({ length }, () => from.next().value as number);
const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** By the reference engine: the one side that is not computed by its meaning. */
function reference(call: Call, { x, bias, out }: Operands, w: Tensor): Planes {
  const last = call.args.layout === 'channels-last';
  const flat = product(x.space);
  const first = Float32Array.from(x.data);
  const data = last ? first.map((_, at) => first[(at % x.channels) * flat + Math.floor(at / x.channels)] as number) : first;
  const op = kernels[call.op as 'conv2d'];
  const options = { ...call.args, ...(bias ? { bias: { data: Float32Array.from(bias), shape: [out] } } : {}) } as ConvOptions;
  const y = op({ data, shape: last ? [1, ...x.space, x.channels] : [1, x.channels, ...x.space] }, w, options);
  const space = last ? y.shape.slice(1, -1) : y.shape.slice(2);
  const size = product(space);
  return {
    channels: out,
    space,
    data: Array.from(y.data, (_, at) => y.data[last ? (at % size) * out + Math.floor(at / size) : at] as number),
  };
}

function check(source: Name, call: Whole, spec: Spec, operands: Operands, wanted: Planes): void {
  const { x, w } = operands;
  const shape = call.last ? [1, ...x.space, x.channels] : [1, x.channels, ...x.space];
  const [kernel, dilation] = [spec.axes.map((axis) => axis.kernel), spec.axes.map((axis) => axis.dilation)];
  for (const target of NAMES) {
    const made = TO[target](spec, shape);
    const steps = stepsOf(made);
    if (steps.length === 0) {
      expect(() => weightTo(spec, target, w)).toThrow('WebNN has no convolution of 3 axes');
      continue;
    }
    const weight = weightTo(spec, target, w, shape);
    expect(Array.from(weightFrom(spec, target, weight, shape).data), `${source} from ${target}`).toEqual(Array.from(w.data));
    const own: Operands = { ...operands, w: weight };
    const got = target === 'simdconv' ? reference(steps[0] as Call, own, weight) : computeSteps(target, made, kernel, dilation, own);
    expect({ target, made, space: got.space, data: got.data }).toEqual({ target, made, space: wanted.space, data: wanted.data });
    counts.pairs++;
  }
}

describe.each(NAMES)('from %s', (source) => {
  it('to all six, with weights', () => {
    const small = given(source).filter(({ space }) => product(space) <= 100);
    fc.assert(
      fc.property(small, extras, (base, more) => {
        const call = whole(base, more);
        const random = numbers(more.seed);
        const x: Planes = { channels: call.in, space: base.space, data: take(random, call.in * product(base.space)) };
        const w: Tensor = { data: Float32Array.from(take(random, product(call.weightShape))), shape: call.weightShape };
        const operands: Operands = { x, w, bias: more.bias ? take(random, call.out) : undefined, groups: call.groups, out: call.out };
        let wanted: Planes;
        try {
          wanted = compute(source, call, operands);
        } catch (error) {
          fc.pre(!(error as Error).message.startsWith('refused'));
          throw error;
        }
        counts.specs++;
        check(source, call, FROM[source]({ op: call.op, ...call.args }), operands, wanted);
      }),
      { numRuns: Math.ceil(SPECS / NAMES.length), seed: 7 },
    );
  });
});
