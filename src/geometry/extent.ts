/** k̂ = d(k-1)+1, the extent of a dilated kernel (the guide's relationship 15). */
export const dilatedKernel = (kernel: number, dilation: number): number => dilation * (kernel - 1) + 1;

/** o = ⌊(i + pb + pe - k̂)/s⌋ + 1 (relationship 6 with unequal pads). Not positive when the kernel does not fit. */
export function outputExtent(i: number, kernel: number, stride: number, padding: readonly [number, number], dilation: number): number {
  return Math.floor((i + padding[0] + padding[1] - dilatedKernel(kernel, dilation)) / stride) + 1;
}

/** o' = (i'-1)s - pb - pe + k̂ + op (relationship 14 with unequal pads). */
export function transposedExtent(
  i: number,
  kernel: number,
  stride: number,
  padding: readonly [number, number],
  dilation: number,
  outputPadding: number,
): number {
  return (i - 1) * stride - padding[0] - padding[1] + dilatedKernel(kernel, dilation) + outputPadding;
}

/** Positions that pads take away: a negative one crops its side. */
export const cropped = ([before, after]: readonly [number, number]): number => Math.max(0, -before) + Math.max(0, -after);

/** What finds an axis's pads in its sizes; a convolution by any of them gives o = ⌈i/s⌉. */
export type PaddingRule = 'same' | 'same-lower' | 'causal';

/** The pads of a convolution from i: 'causal' puts all of k̂ - 1 before, so that no output sees what comes after its place (Keras's rule). */
export function convPads(rule: PaddingRule, i: number, kernel: number, stride: number, dilation: number): [number, number] {
  const reach = dilatedKernel(kernel, dilation);
  if (rule === 'causal') return [reach - 1, 0];
  return samePads((Math.ceil(i / stride) - 1) * stride + reach - i, rule === 'same-lower');
}

/**
 * What a transposed convolution to o' crops: of the excess (i' - 1)s + k̂ - o' 'same' what its forward convolution pads before, 'causal' nothing before, so that no
 * output sees an input of a later place. A negative crop adds zeros.
 */
export function transposedPads(
  rule: PaddingRule,
  i: number,
  kernel: number,
  stride: number,
  dilation: number,
  output: number,
): [number, number] {
  const excess = transposedExtent(i, kernel, stride, [0, 0], dilation, 0) - output;
  const [before] = rule === 'causal' ? [0] : samePads(excess, rule === 'same-lower');
  return [before, excess - before];
}

/** TensorFlow's SAME pads of a forward conv from i to o: ONNX SAME_UPPER puts the odd one after, SAME_LOWER before. */
export function samePads(total: number, lower: boolean): [number, number] {
  const positive = Math.max(0, total);
  const small = Math.floor(positive / 2);
  return lower ? [positive - small, small] : [small, positive - small];
}
