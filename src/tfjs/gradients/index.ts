/**
 * Gradient functions beside tfjs-core's, which has one of each for all backends: everything else, and what the backend in use has no kernels of ours for, is left
 * to the function that was there before, or is refused as tfjs-core does where there was none.
 */

import { isOurs, replace } from '../registry.js';
import type { GradientConfig, TensorFlow, TensorInfo } from '../types.js';
import { convolutionGradients } from './conv.js';
import type { Attributes, Gradient } from './gradient.js';
import { productGradients } from './matmul.js';

/** Registers them, in place of tfjs-core's where it has any. Returns what undoes each. */
export const replaceGradients = (tf: TensorFlow): (() => void)[] =>
  Object.entries({ ...convolutionGradients, ...productGradients }).map(([name, gradient]) => {
    const slot = slotOf(tf, name);
    return replace(slot, completed(tf, name, slot.get(), gradient));
  });

const slotOf = (tf: TensorFlow, name: string) => ({
  get: () => (tf.getGradient(name) ?? undefined) as GradientConfig | undefined,
  put(config: GradientConfig | undefined): void {
    if (tf.getGradient(name)) tf.unregisterGradient(name); // else tfjs may warn
    if (config) tf.registerGradient(config);
  },
});

const completed = (tf: TensorFlow, kernelName: string, before: GradientConfig | undefined, gradient: Gradient): GradientConfig => {
  const { inputsToSave = gradient.saves } = before ?? {};
  return {
    ...before,
    kernelName,
    inputsToSave,
    gradFunc(dy: TensorInfo, saved: readonly TensorInfo[], attributes: Attributes) {
      const inputs = Object.fromEntries(inputsToSave.map((name, i) => [name, saved[i] as TensorInfo]));
      const here = !before || gradient.needed(attributes, inputs);
      const parts =
        here && [dy, ...saved].every(({ dtype }) => dtype === 'float32') ? Object.entries(gradient.of(dy, inputs, attributes)) : [];
      // Another kernel, or the one that ours leaves other types to, would take no notice of dilations.
      const ours = parts.length > 0 && parts.every(([, { kernel }]) => isOurs(tf.getKernel(kernel, tf.getBackend())));
      if (ours)
        return Object.fromEntries(parts.map(([input, { compute }]) => [input, () => compute((...call) => tf.engine().runKernel(...call))]));
      if (!before) throw new Error(`Cannot compute gradient: gradient function not found for ${kernelName}.`);
      return before.gradFunc(dy, saved, attributes);
    },
  };
};
