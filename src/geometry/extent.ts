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

/** TensorFlow's SAME pads of a forward conv from i to o: ONNX SAME_UPPER puts the odd one after, SAME_LOWER before. */
export function samePads(total: number, lower: boolean): [number, number] {
  const positive = Math.max(0, total);
  const small = Math.floor(positive / 2);
  return lower ? [positive - small, small] : [small, positive - small];
}
