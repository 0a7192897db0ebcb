import type { ActivationKind, Epilogue } from '../engine.js';
import { OptionError } from '../errors.js';
import { describe } from '../geometry/index.js';
import type { Activation, Tensor } from '../types.js';
import { checkSameShape, readTensor } from './arguments.js';
import type { Host } from './context.js';

interface EpilogueOptions {
  readonly bias?: Tensor;
  readonly activation?: Activation;
}

/** Bias and activation of a call with `channels` output channels called `axis`. */
export function readEpilogue(host: Host, op: string, options: EpilogueOptions, axis: string, channels: number): Epilogue {
  return { bias: readBias(host, op, options.bias, axis, channels), ...readActivation(op, options.activation) };
}

export function readBias(host: Host, op: string, bias: Tensor | undefined, axis: string, channels: number): Float32Array | null {
  if (bias === undefined) return null;
  const { data, shape } = readTensor(host, op, 'bias', bias);
  checkSameShape(op, 'bias', shape, [channels], `[${axis}] =`);
  return data;
}

export function readActivation(op: string, activation: unknown): { activation: ActivationKind; slope: number } {
  if (activation === undefined) return { activation: 'none', slope: 0 };
  if (activation === 'relu' || activation === 'relu6') return { activation, slope: 0 };
  if (typeof activation === 'object' && activation !== null && Object.keys(activation).join() === 'leakyRelu') {
    const { leakyRelu } = activation as { leakyRelu: unknown };
    // Kernels multiply by a float32: every engine is given the same one.
    const slope = typeof leakyRelu === 'number' ? Math.fround(leakyRelu) : Number.NaN;
    if (!Number.isFinite(slope)) throw new OptionError(op, `activation.leakyRelu is ${describe(leakyRelu)}; expected a finite number`);
    return { activation: 'leakyRelu', slope };
  }
  throw new OptionError(op, `activation is ${describe(activation)}; expected 'relu', 'relu6' or { leakyRelu: slope }`);
}
