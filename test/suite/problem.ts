import type { Activation, Algorithm, ConvOp, ConvOptions, ConvShapeOptions, Kernels, Tensor } from '../../src/index.js';
import { at } from './check.js';
import { floats, integers, seeded } from './data.js';

export const CONVS = ['conv1d', 'conv2d', 'conv3d'] as const;
export const TRANSPOSES = ['convTranspose1d', 'convTranspose2d', 'convTranspose3d'] as const;
export type ConvName = (typeof CONVS)[number] | (typeof TRANSPOSES)[number];

export const isTransposed = (op: ConvName): boolean => op.startsWith('convTranspose');
export const axesOf = (op: ConvName): number => Number(op.at(-2));

export const RESULTS = ['output', 'gradInput', 'gradWeight', 'gradBias'] as const;
export type ResultName = (typeof RESULTS)[number];

/** A line of a table: everything but the numbers. */
export interface ConvCase {
  readonly name?: string;
  readonly op: ConvName;
  readonly input: readonly number[];
  readonly weight: readonly number[];
  readonly options?: ConvShapeOptions;
  readonly bias?: boolean;
  readonly activation?: Activation;
}

/** A case with its numbers: all four results follow. */
export interface Problem {
  readonly op: ConvName;
  readonly input: Tensor;
  readonly weight: Tensor;
  readonly gradOutput: Tensor;
  /** What the gradients take. */
  readonly shapeOptions: ConvShapeOptions & Pick<ConvOptions, 'algorithm'>;
  /** What the forward call takes: with bias and activation. */
  readonly options: ConvOptions;
}

/** The weight's sizes in terms of its layout: [outer, inner, ...k] or [...k, inner, outer]. */
export function weightSizes(
  op: ConvName,
  weight: readonly number[],
  options: ConvShapeOptions,
): { outer: number; inner: number; taps: number } {
  const axes = axesOf(op);
  const last = options.layout === 'channels-last';
  const [outer, inner] = (last ? [weight[axes + 1], weight[axes]] : [weight[0], weight[1]]) as [number, number];
  return { outer, inner, taps: weight.reduce((product, size) => product * size, 1) / (outer * inner) };
}

export function outputChannels(op: ConvName, weight: readonly number[], options: ConvShapeOptions): number {
  const { outer, inner } = weightSizes(op, weight, options);
  return isTransposed(op) ? inner * (options.groups ?? 1) : outer;
}

type Numbers = (random: () => number, shape: readonly number[]) => Tensor;

export function makeProblem(kernels: Kernels, c: ConvCase, seed: number, numbers: Numbers): Problem {
  const random = seeded(seed);
  const shapeOptions = c.options ?? {};
  return {
    op: c.op,
    input: numbers(random, c.input),
    weight: numbers(random, c.weight),
    gradOutput: numbers(random, kernels[c.op].outputShape(c.input, c.weight, shapeOptions)),
    shapeOptions,
    options: {
      ...shapeOptions,
      ...(c.bias ? { bias: numbers(random, [outputChannels(c.op, c.weight, shapeOptions)]) } : {}),
      ...(c.activation === undefined ? {} : { activation: c.activation }),
    },
  };
}

export const integerProblem = (kernels: Kernels, c: ConvCase, seed: number): Problem => makeProblem(kernels, c, seed, integers);
export const floatProblem = (kernels: Kernels, c: ConvCase, seed: number): Problem => makeProblem(kernels, c, seed, floats);

/** Each of the four results by its own call. */
export const compute: Record<ResultName, (kernels: Kernels, p: Problem, out?: Tensor) => Tensor> = {
  output: (kernels, p, out) => op(kernels, p)(p.input, p.weight, into(p.options, out)),
  gradInput: (kernels, p, out) => op(kernels, p).gradInput(p.gradOutput, p.weight, p.input.shape, into(p.shapeOptions, out)),
  gradWeight: (kernels, p, out) => op(kernels, p).gradWeight(p.gradOutput, p.input, p.weight.shape, into(p.shapeOptions, out)),
  gradBias: (kernels, p, out) => op(kernels, p).gradBias(p.gradOutput, into(p.shapeOptions, out)),
};

export const resultShape: Record<ResultName, (p: Problem) => readonly number[]> = {
  output: (p) => p.gradOutput.shape,
  gradInput: (p) => p.input.shape,
  gradWeight: (p) => p.weight.shape,
  gradBias: (p) => [outputChannels(p.op, p.weight.shape, p.shapeOptions)],
};

/** The same problem with every operand changed. */
export function mapProblem(p: Problem, f: (t: Tensor) => Tensor): Problem {
  const { bias } = p.options;
  return {
    ...p,
    input: f(p.input),
    weight: f(p.weight),
    gradOutput: f(p.gradOutput),
    options: { ...p.options, ...(bias ? { bias: f(bias) } : {}) },
  };
}

/** The same problem, computed by one algorithm. */
export const withAlgorithm = (p: Problem, algorithm: Algorithm): Problem => ({
  ...p,
  shapeOptions: { ...p.shapeOptions, algorithm },
  options: { ...p.options, algorithm },
});

/** A channels-first case in the other layout. */
export function channelsLast(c: ConvCase): ConvCase {
  const axes = c.weight.length - 2;
  const [outer, inner, ...kernel] = c.weight as [number, number, ...number[]];
  const channel = c.input.length - axes - 1;
  const input = [...c.input.slice(0, channel), ...c.input.slice(channel + 1), at(c.input, channel)];
  return {
    ...c,
    ...(c.name === undefined ? {} : { name: `channels-last ${c.name}` }),
    input,
    weight: [...kernel, inner, outer],
    options: { ...c.options, layout: 'channels-last' },
  };
}

/** A case as words, for the name of its test. */
export function title(c: ConvCase): string {
  if (c.name !== undefined) return `${c.op} ${c.name}`;
  const options = { ...c.options, ...(c.activation ? { activation: c.activation } : {}), ...(c.bias ? { bias: true } : {}) };
  const words = Object.entries(options).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return `${c.op} [${c.input}] by [${c.weight}]${words.length > 0 ? `, ${words.join(', ')}` : ''}`;
}

export const op = (kernels: Kernels, p: Problem): ConvOp => kernels[p.op];
const into = (options: ConvOptions, out: Tensor | undefined): ConvOptions => (out ? { ...options, out } : options);
