/**
 * Gradients of dilated convolutions, which tfjs-core's functions refuse, and of those with attributes that they forget on the way: how sizes are rounded, and that
 * a depthwise one has its channels first. tfjs-core has one function for all backends: everything else, and what the backend in use has no kernels of ours for, is left
 * to the function that was there before.
 */
import { isOurs, replace } from './registry.js';
import type { GradientConfig, TensorFlow, TensorInfo } from './types.js';

/** What computes the gradient of an input: a kernel, its inputs, and the attributes that it needs besides the convolution's. */
type Call = readonly [kernel: string, inputs: Tensors, attributes?: Readonly<Record<string, unknown>>];
type Tensors = Readonly<Record<string, TensorInfo>>;
/** For each input, by the gradient of the output and what was saved. */
type Gradient<Saved extends string> = (dy: TensorInfo, saved: Readonly<Record<Saved, TensorInfo>>) => Readonly<Record<string, Call>>;

const ofConvolution =
  (ofInput: string, ofFilter: string): Gradient<'x' | 'filter'> =>
  (dy, { x, filter }) => ({
    x: [ofInput, { dy, filter }, { inputShape: x.shape }],
    filter: [ofFilter, { x, dy }, { filterShape: filter.shape }],
  });

/** Convolved with the filter, the gradient of an input's gradient is dy's; tfjs-core has it for conv2d alone. */
const ofInputGradient: Gradient<'dy' | 'filter'> = (dx, { dy, filter }) => ({
  dy: ['Conv2D', { x: dx, filter }],
  filter: ['Conv2DBackpropFilter', { x: dx, dy }, { filterShape: filter.shape }],
});

const GRADIENTS: Readonly<Record<string, Gradient<string>>> = {
  Conv2D: ofConvolution('Conv2DBackpropInput', 'Conv2DBackpropFilter'),
  Conv2DBackpropInput: ofInputGradient,
  DepthwiseConv2dNative: ofConvolution('DepthwiseConv2dNativeBackpropInput', 'DepthwiseConv2dNativeBackpropFilter'),
  Conv3D: ofConvolution('Conv3DBackpropInputV2', 'Conv3DBackpropFilterV2'),
};

/** Registers them in place of tfjs-core's, where it has any. Returns what undoes each. */
export const replaceGradients = (tf: TensorFlow): (() => void)[] =>
  Object.entries(GRADIENTS).flatMap(([name, gradient]) => {
    const before = tf.getGradient(name) as GradientConfig | undefined;
    return before ? [replace(slotOf(tf, name), completed(tf, before, gradient))] : [];
  });

const slotOf = (tf: TensorFlow, name: string) => ({
  get: () => tf.getGradient(name) as GradientConfig | undefined,
  put(config: GradientConfig | undefined): void {
    if (tf.getGradient(name)) tf.unregisterGradient(name); // else tfjs may warn
    if (config) tf.registerGradient(config);
  },
});

const completed = (tf: TensorFlow, before: GradientConfig, gradient: Gradient<string>): GradientConfig => ({
  ...before,
  gradFunc(dy: TensorInfo, saved: readonly TensorInfo[], attributes: Readonly<Record<string, unknown>>) {
    const here = isDilated(attributes) || isForgotten(before.kernelName, attributes);
    const calls = here ? Object.entries(gradient(dy, named(before, saved))) : [];
    // Another kernel, or the one that ours leaves other types to, would take no notice of dilations.
    const ours = calls.every(([, [kernel]]) => isOurs(tf.getKernel(kernel, tf.getBackend())));
    const floats = [dy, ...saved].every(({ dtype }) => dtype === 'float32');
    if (calls.length === 0 || !ours || !floats) return before.gradFunc(dy, saved, attributes);
    return Object.fromEntries(
      calls.map(([input, [kernel, inputs, more]]) => [input, () => tf.engine().runKernel(kernel, inputs, { ...attributes, ...more })]),
    );
  },
});

const isForgotten = (kernelName: string, { dimRoundingMode, dataFormat }: Readonly<Record<string, unknown>>): boolean =>
  Boolean(dimRoundingMode) || (kernelName === 'DepthwiseConv2dNative' && dataFormat === 'NCHW');

const isDilated = ({ dilations }: Readonly<Record<string, unknown>>): boolean => [dilations ?? 1].flat().some((dilation) => dilation !== 1);

const named = ({ inputsToSave = [] }: GradientConfig, saved: readonly TensorInfo[]): Tensors =>
  Object.fromEntries(inputsToSave.map((name, i) => [name, saved[i] as TensorInfo]));
