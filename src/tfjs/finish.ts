import { type Epilogue, NO_EPILOGUE } from '../engine.js';
import { OptionError, ShapeError } from '../errors.js';
import { describe, show, sizeOf } from '../geometry/index.js';

/** An operand that is broadcast over the result, its axes aligned at their ends. */
export interface Broadcast {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** What tfjs's fused kernels do with a sum: bias, then activation. */
export interface Fusion {
  readonly bias: Broadcast | undefined;
  readonly prelu: Broadcast | undefined;
  readonly activation: unknown;
  readonly alpha: unknown;
}

export interface Finish {
  /** What the engine does while it stores a sum. */
  readonly epilogue: Epilogue;
  /** Whether something is left to do to the result. */
  readonly more: boolean;
}

const ACTIVATIONS = ['linear', 'relu', 'relu6', 'leakyrelu', 'elu', 'sigmoid', 'prelu'];
const LEAK = 0.2;

/** What the engine can do of a fusion: a bias for each of `channels`, which are axis `axis` of the result, counted from its end. */
export function finishOf(op: string, fusion: Fusion, channels: number, axis: number): Finish {
  const { bias, activation = 'linear', alpha } = fusion;
  if (!ACTIVATIONS.includes(activation as string)) {
    throw new OptionError(op, `activation is ${describe(activation)}; expected one of ${ACTIVATIONS.join(', ')}`);
  }
  const vector = bias && perChannel(bias, channels, axis);
  if (bias && !vector) return { epilogue: NO_EPILOGUE, more: true };
  const epilogue: Epilogue = { bias: vector ?? null, activation: 'none', slope: 0 };
  if (activation === 'linear') return { epilogue, more: false };
  if (activation === 'relu' || activation === 'relu6') return { epilogue: { ...epilogue, activation }, more: false };
  if (activation === 'leakyrelu') return { epilogue: { ...epilogue, activation: 'leakyRelu', slope: leak(alpha) }, more: false };
  return { epilogue, more: true };
}

const leak = (alpha: unknown): number => Math.fround(typeof alpha === 'number' ? alpha : LEAK);

/** One value for each channel, if that is what the operand comes to. */
function perChannel({ data, shape }: Broadcast, channels: number, axis: number): Float32Array | null {
  if (data.length === 1) return new Float32Array(channels).fill(data[0] as number);
  return data.length === channels && shape.at(-axis) === channels ? data : null;
}

/** Does to the result what the engine's epilogue has not. */
export function finish(
  op: string,
  { bias, prelu, activation, alpha }: Fusion,
  { epilogue }: Finish,
  y: Float32Array,
  shape: readonly number[],
): void {
  if (bias && !epilogue.bias) each(op, 'bias', y, shape, bias, (value, add) => value + add);
  if (activation === 'prelu') {
    if (!prelu) throw new OptionError(op, "activation is 'prelu', but there are no preluActivationWeights");
    each(op, 'preluActivationWeights', y, shape, prelu, (value, slope) => (value < 0 ? slope * value : value));
  } else if (epilogue.activation === 'none') {
    const apply = pointwise(activation, leak(alpha));
    if (apply) for (let i = 0; i < y.length; i++) y[i] = apply(y[i] as number);
  }
}

function pointwise(activation: unknown, slope: number): ((value: number) => number) | undefined {
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

/** y[i] = apply(y[i], the operand's value there). */
function each(
  op: string,
  name: string,
  y: Float32Array,
  shape: readonly number[],
  operand: Broadcast,
  apply: (value: number, other: number) => number,
): void {
  const missing = shape.length - operand.shape.length;
  const sizes = shape.map((_, axis) => operand.shape[axis - missing] ?? 1);
  if (missing < 0 || sizes.some((size, axis) => size !== 1 && size !== shape[axis])) {
    throw new ShapeError(op, `${name} is ${show(operand.shape)}, which does not broadcast to the result ${show(shape)}`);
  }
  const steps = sizes.map((size, axis) => (size === 1 ? 0 : sizeOf(sizes.slice(axis + 1))));
  const [length, step] = [shape.at(-1) ?? 1, steps.at(-1) ?? 0];
  const { data } = operand;
  for (let row = 0; row * length < y.length; row++) {
    let [rest, from] = [row, 0];
    for (let axis = shape.length - 2; axis >= 0; axis--) {
      const size = shape[axis] as number;
      from += (rest % size) * (steps[axis] as number);
      rest = Math.floor(rest / size);
    }
    for (let i = 0; i < length; i++) y[row * length + i] = apply(y[row * length + i] as number, data[from + i * step] as number);
  }
}
