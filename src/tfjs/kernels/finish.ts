import { eachPosition, mergeAxes, stepsOf } from '../../array/axes.js';
import { type ActivationKind, type Epilogue, NO_EPILOGUE } from '../../engine.js';
import { OptionError, ShapeError } from '../../errors.js';
import { describe, show, sizeOf } from '../../geometry/index.js';
import { Recent } from '../../ops/memoize.js';
import type { Work } from '../call.js';
import type { TensorInfo } from '../types.js';

/** What the engine does while it stores a sum, by tfjs's names. */
const IN_ENGINE: Readonly<Record<string, ActivationKind>> = { linear: 'none', relu: 'relu', relu6: 'relu6', leakyrelu: 'leakyRelu' };
/** Kernels of the backend: its wasm ones take a vector at a time, 1.5 times (sigmoid) to 2.3 times (elu) as fast with the product as `Math.exp` of each element. */
const BY_KERNEL: Readonly<Record<string, string>> = { elu: 'Elu', sigmoid: 'Sigmoid' };
const ACTIVATIONS = [...Object.keys(IN_ENGINE), ...Object.keys(BY_KERNEL), 'prelu'];
const LEAK = 0.2;

/** What tfjs's fused kernels do with a sum: bias, then activation. */
export class Fusion {
  readonly activation: string;
  /** Whether `finish` has something to do. */
  readonly more: boolean;
  readonly #work: Work;
  readonly #channels: number;
  readonly #axis: number;
  /** Whether the engine adds the bias. */
  readonly #perChannel: boolean;
  /** Of the backend, for the activation. */
  readonly #kernel: string | undefined;

  /** The channels are axis `axis` of the result, counted from its end. */
  constructor(work: Work, channels: number, axis: number) {
    const activation = (work.attributes.activation ?? 'linear') as string;
    if (!ACTIVATIONS.includes(activation)) {
      throw new OptionError(work.op, `activation is ${describe(activation)}; expected one of ${ACTIVATIONS.join(', ')}`);
    }
    const { bias } = work.inputs;
    this.#work = work;
    this.#channels = channels;
    this.#axis = axis;
    this.activation = activation;
    this.#perChannel = !bias || isPerChannel(this.#shapeOf(bias), channels, axis);
    const kernel = BY_KERNEL[activation];
    this.#kernel = kernel && work.inPlace && work.hasKernel(kernel) ? kernel : undefined;
    this.more = !this.#perChannel || !(activation in IN_ENGINE || this.#kernel);
  }

  /** The engine's part, read anew for each use: what comes between may have moved the operands. */
  epilogue(): Epilogue {
    if (!this.#perChannel) return NO_EPILOGUE;
    const { bias } = this.#work.inputs;
    const activation = IN_ENGINE[this.activation] ?? 'none';
    return { bias: bias ? this.#vectorOf(bias) : null, activation, slope: this.slope };
  }

  /** Does to the result what the epilogue has not; all of it, where the engine had nothing to sum. */
  finish(out: TensorInfo, all = false): void {
    const { op, inputs } = this.#work;
    const { shape } = out;
    const y = this.#work.floats(out);
    const untouched = all || !this.#perChannel;
    if (inputs.bias && untouched) this.#each('bias', inputs.bias, y, shape, addRows);
    if (this.activation === 'prelu') {
      const { preluActivationWeights: slopes } = inputs;
      if (!slopes) throw new OptionError(op, "activation is 'prelu', but there are no preluActivationWeights");
      this.#each('preluActivationWeights', slopes, y, shape, preluRows);
    } else if (!this.#kernel && (untouched || !(this.activation in IN_ENGINE))) {
      const apply = pointwise(this.activation, this.slope);
      if (apply) for (let i = 0; i < y.length; i++) y[i] = apply(y[i] as number);
    }
  }

  /** The whole result: what a kernel of the backend makes of it, where that does the activation. */
  activated(out: TensorInfo): TensorInfo {
    return this.#kernel ? this.#work.replaced(out, this.#kernel) : out;
  }

  /** Of leaky relu. */
  get slope(): number {
    if (this.activation !== 'leakyrelu') return 0;
    const { leakyreluAlpha: alpha } = this.#work.attributes;
    return Math.fround(typeof alpha === 'number' ? alpha : LEAK);
  }

  /** Where channels are not last, one axis of an operand means them. */
  #shapeOf({ shape }: TensorInfo): readonly number[] {
    return this.#axis > 1 && shape.length === 1 && shape[0] === this.#channels ? [...shape, ...Array(this.#axis - 1).fill(1)] : shape;
  }

  /** One value for each channel. */
  #vectorOf(tensor: TensorInfo): Float32Array {
    const data = this.#work.floats(tensor);
    return data.length === 1 ? new Float32Array(this.#channels).fill(data[0] as number) : data;
  }

  /** Does `run` to the rows of y with the operand's values there, its axes aligned at their ends. */
  #each(name: string, operand: TensorInfo, y: Float32Array, shape: readonly number[], run: Rows): void {
    const own = this.#shapeOf(operand);
    const rows = broadcasts.of(this.#work.op, [shape, own]);
    if (!rows) throw new ShapeError(this.#work.op, `${name} is ${show(own)}, which does not broadcast to the result ${show(shape)}`);
    const data = this.#work.floats(operand);
    const { outer, count, length, own: steps } = rows;
    eachPosition(outer, (to, from) => run(y, to, count, length, data, from, steps));
  }
}

/** Rows of the result and, outside them, axes of it and an operand; null where the operand does not fit. */
const broadcasts = new Recent((_: string, shape: readonly number[], own: readonly number[]) => {
  const missing = shape.length - own.length;
  const sizes = shape.map((_, axis) => own[axis - missing] ?? 1);
  if (missing < 0 || sizes.some((size, axis) => size !== 1 && size !== shape[axis])) return null;
  const steps = stepsOf(sizes).map((step, axis) => (sizes[axis] === 1 ? 0 : step));
  const outer = mergeAxes(shape, stepsOf(shape), steps);
  const [length, count] = [outer.sizes.pop() ?? 1, outer.sizes.pop() ?? 1];
  const [step, rowStep] = [outer.steps.pop()?.[1] ?? 0, outer.steps.pop()?.[1] ?? 0];
  return { outer, count, length, own: [rowStep, step] as const };
});

const isPerChannel = (shape: readonly number[], channels: number, axis: number): boolean => {
  const size = sizeOf(shape);
  return size === 1 || (size === channels && shape.at(-axis) === channels);
};

/** `count` rows of the result, dense, from `at` on. A loop for each operation: one that is handed the operation calls it for every element. */
type Rows = (
  y: Float32Array,
  at: number,
  count: number,
  length: number,
  operand: Float32Array,
  from: number,
  steps: readonly [row: number, element: number],
) => void;

const addRows: Rows = (y, at, count, length, operand, from, [rowStep, step]) => {
  for (let row = 0; row < count; row++, from += rowStep) {
    for (let i = 0; i < length; i++, at++) y[at] = (y[at] as number) + (operand[from + i * step] as number);
  }
};

const preluRows: Rows = (y, at, count, length, operand, from, [rowStep, step]) => {
  for (let row = 0; row < count; row++, from += rowStep) {
    for (let i = 0; i < length; i++, at++) {
      const value = y[at] as number;
      if (value < 0) y[at] = value * (operand[from + i * step] as number);
    }
  }
};

function pointwise(activation: string, slope: number): ((value: number) => number) | undefined {
  switch (activation) {
    case 'relu':
      return (value) => Math.max(value, 0);
    case 'relu6':
      return (value) => Math.min(Math.max(value, 0), 6);
    case 'leakyrelu':
      return (value) => (value < 0 ? slope * value : value);
    case 'elu':
      return (value) => (value >= 0 ? value : Math.exp(value) - 1);
    case 'sigmoid':
      return (value) => 1 / (1 + Math.exp(-value));
    default:
      return undefined;
  }
}
