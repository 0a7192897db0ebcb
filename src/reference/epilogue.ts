import type { Epilogue } from '../engine.js';

/** act(sum + bias[at]) in float64; a NaN stays one through every activation. */
export function finish({ bias, activation, slope }: Epilogue, at: number, sum: number): number {
  const value = bias === null ? sum : sum + (bias[at] as number);
  switch (activation) {
    case 'none':
      return value;
    case 'relu':
      return Math.max(value, 0);
    case 'relu6':
      return Math.min(Math.max(value, 0), 6);
    case 'leakyRelu':
      return value > 0 ? value : slope * value;
  }
}
