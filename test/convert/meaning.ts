/**
 * What a call means in each framework, from its own published rules and in the plainest form: of every axis, which position of the input each tap of each output position meets. It
 * shares nothing with what it tests. Where a framework documents a transposed convolution as the gradient of a convolution (TensorFlow.js) or as a convolution of the
 * input with zeros between (Keras 3), it is that here.
 */

/** `[output][tap]` is a position of the input, or OUTSIDE: zero. A transposed convolution may have several taps that meet the same output, each by its own input. */
export type AxisMap = readonly (readonly number[])[];
export const OUTSIDE = -1;

export interface Call {
  readonly op: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** One axis of a call: all numbers, and the words that all axes share. */
interface AxisCall {
  readonly i: number;
  readonly k: number;
  readonly s: number;
  readonly d: number;
}

/** The output positions of a convolution: `size` windows, the first of which begins `before` positions before the input. */
function windows({ i, k, s, d }: AxisCall, size: number, before: number): AxisMap {
  return Array.from({ length: size }, (_, o) =>
    Array.from({ length: k }, (__, t) => {
      const at = o * s + t * d - before;
      return at >= 0 && at < i ? at : OUTSIDE;
    }),
  );
}

/** The output positions of a transposed one: input m adds to m·s + t·d - before, of which there are `size`. */
function scattered({ i, k, s, d }: AxisCall, size: number, before: number): AxisMap {
  const map = Array.from({ length: size }, () => Array<number>(k).fill(OUTSIDE));
  for (let m = 0; m < i; m++) {
    for (let t = 0; t < k; t++) {
      const row = map[m * s + t * d - before];
      if (row) row[t] = m;
    }
  }
  return map;
}

const at = (value: unknown, axis: number, fallback: number): number => {
  if (value === undefined || value === null) return fallback;
  return typeof value === 'number' ? value : ((value as number[])[axis] as number);
};
const refuse = (why: string): never => {
  throw new Error(`refused: ${why}`);
};

/** torch.nn's documented shapes: H_out of Conv2d and of ConvTranspose2d. */
function pytorch({ op, args }: Call, axis: number, i: number): AxisMap {
  const a: AxisCall = { i, k: at(args.kernel_size, axis, 1), s: at(args.stride, axis, 1), d: at(args.dilation, axis, 1) };
  const span = a.d * (a.k - 1);
  if (op.includes('Transpose')) {
    const [p, more] = [at(args.padding, axis, 0), at(args.output_padding, axis, 0)];
    if (p < 0 || more < 0) refuse('negative');
    if (more >= a.s && more >= a.d) refuse('output_padding');
    return scattered(a, (i - 1) * a.s - 2 * p + span + more + 1, p);
  }
  if (args.padding === 'same') {
    if (a.s !== 1) refuse("'same' with a stride");
    return windows(a, i, Math.floor(span / 2));
  }
  const p = args.padding === 'valid' ? 0 : at(args.padding, axis, 0);
  if (p < 0) refuse('negative');
  return windows(a, Math.floor((i + 2 * p - span - 1) / a.s + 1), p);
}

/** SAME as the guide of tf.nn states it, by whether the stride divides the input. */
function tensorflowSame(a: AxisCall): AxisMap {
  const reach = (a.k - 1) * a.d + 1;
  const total = Math.max(a.i % a.s === 0 ? reach - a.s : reach - (a.i % a.s), 0);
  return windows(a, Math.ceil(a.i / a.s), Math.floor(total / 2));
}

/** Keras 3, whose transposed layer is a convolution of the input with zeros between, padded left and right, with the kernel rotated. */
function keras({ op, args }: Call, axis: number, i: number): AxisMap {
  const a: AxisCall = { i, k: at(args.kernel_size, axis, 1), s: at(args.strides, axis, 1), d: at(args.dilation_rate, axis, 1) };
  const reach = (a.k - 1) * a.d + 1;
  const flat = (value: unknown): number[] => [value ?? 1].flat() as number[];
  if (Math.max(...flat(args.strides)) > 1 && Math.max(...flat(args.dilation_rate)) > 1) refuse('strides and dilation_rate');
  if (!op.endsWith('Transpose')) {
    if (args.padding === 'same') return tensorflowSame(a);
    if (args.padding === 'causal' && op !== 'Conv1D') refuse('causal');
    const before = args.padding === 'causal' ? a.d * (a.k - 1) : 0;
    return windows(a, Math.ceil((i + before - reach + 1) / a.s), before);
  }
  const extra = args.output_padding === undefined || args.output_padding === null ? null : at(args.output_padding, axis, 0);
  if (extra !== null && extra >= a.s) refuse('output_padding');
  let [left, right] = [reach - 1, reach - 1 + (extra ?? Math.max(reach, a.s) - reach)];
  if (args.padding === 'same') {
    const all = extra === null ? a.s + reach - 2 : reach + (reach % 2) - 2 + extra;
    left = Math.min(Math.floor(all / 2) + (all % 2), reach - 1);
    right = all - left;
  }
  const stretched = (i - 1) * a.s + 1;
  return Array.from({ length: stretched + left + right - reach + 1 }, (_, o) =>
    Array.from({ length: a.k }, (__, t) => {
      const place = o + (a.k - 1 - t) * a.d - left;
      return place >= 0 && place < stretched && place % a.s === 0 ? place / a.s : OUTSIDE;
    }),
  );
}

/** The operators' documentation: auto_pad, pads, and of ConvTranspose total_padding. */
function onnx({ op, args }: Call, axis: number, i: number): AxisMap {
  const axes = (args.kernel_shape as number[]).length;
  const a: AxisCall = { i, k: at(args.kernel_shape, axis, 1), s: at(args.strides, axis, 1), d: at(args.dilations, axis, 1) };
  const reach = (a.k - 1) * a.d + 1;
  const auto = (args.auto_pad ?? 'NOTSET') as string;
  const [start, end] = [at(args.pads, axis, 0), at(args.pads, axis + axes, 0)];
  if (start < 0 || end < 0) refuse('negative');
  if (op === 'Conv') {
    if (!auto.startsWith('SAME')) return windows(a, Math.floor((i + start + end - reach) / a.s) + 1, start);
    const size = Math.ceil(i / a.s);
    const total = Math.max(0, (size - 1) * a.s + reach - i);
    return windows(a, size, auto === 'SAME_UPPER' ? total >> 1 : total - (total >> 1));
  }
  const more = at(args.output_padding, axis, 0);
  if (more > 0 && more >= a.s && more >= a.d) refuse('output_padding');
  const asked = args.output_shape as number[] | undefined;
  if (asked === undefined && !auto.startsWith('SAME')) return scattered(a, a.s * (i - 1) + more + reach - start - end, start);
  const size = asked?.[axis] ?? i * a.s;
  const total = a.s * (i - 1) + more + reach - size;
  // Not said by the documentation: ONNX's own vectors and its runtimes add zeros at the end.
  if (total < 0) return asked ? scattered(a, size, 0) : refuse('nothing to crop');
  return scattered(a, size, auto === 'SAME_UPPER' ? total >> 1 : total - (total >> 1));
}

/** The specification's "calculate conv2d output size" and "calculate convtranspose output size". */
function webnn({ op, args }: Call, axis: number, i: number): AxisMap {
  const a: AxisCall = { i, k: at(args.kernelSize, axis, 1), s: at(args.strides, axis, 1), d: at(args.dilations, axis, 1) };
  const reach = (a.k - 1) * a.d + 1;
  const [start, end] = [at(args.padding, 2 * axis, 0), at(args.padding, 2 * axis + 1, 0)];
  if (start < 0 || end < 0) refuse('negative');
  if (op === 'conv2d') return windows(a, Math.floor(1 + (i - reach + start + end) / a.s), start);
  const least = (i - 1) * a.s + reach - start - end;
  const size = (args.outputSizes as number[] | undefined)?.[axis] ?? least + at(args.outputPadding, axis, 0);
  if (size < least || size >= least + a.s) refuse('output size');
  return scattered(a, size, start);
}

/** conv_util of tfjs-core; a transposed one is the gradient of the convolution from its outputShape. */
function tfjs({ op, args }: Call, axis: number, i: number): AxisMap {
  const axes = Number(/\d/.exec(op)?.[0]);
  const list = (value: unknown): number[] => [value ?? 1].flat() as number[];
  const [strides, dilations] = [list(args.strides ?? args.stride), list(args.dilations ?? args.dilation)];
  if (Math.max(...strides) > 1 && Math.max(...dilations) > 1) refuse('strides and dilations');
  const a = { k: at(args.kernelSize, axis, 1), s: strides[axis] ?? (strides[0] as number), d: dilations[axis] ?? (dilations[0] as number) };
  const reach = (a.k - 1) * a.d + 1;
  const transposed = op.endsWith('Transpose');
  if (transposed && a.d > 1) refuse('dilation');
  const output = args.outputShape as number[] | undefined;
  const from = transposed ? ((output as number[]).at(axis - axes - 1) as number) : i;
  let [before, size] = [0, Math.ceil((from - reach + 1) / a.s)];
  if (args.pad === 'same') {
    size = Math.ceil(from / a.s);
    const total = (size - 1) * a.s + reach - from;
    before = Math.floor((axes === 3 ? total : Math.max(0, total)) / 2);
  } else if (args.pad !== 'valid') {
    const pairs = args.pad as number[][];
    const [start, end] = (typeof args.pad === 'number' ? [args.pad, args.pad] : pairs[axis + (axes === 1 ? 2 : 1)]) as [number, number];
    if (axes === 3 || start < 0 || end < 0) refuse('pad');
    [before, size] = [start, Math.trunc((from - reach + start + end) / a.s + 1)];
  }
  if (!transposed) return windows({ ...a, i }, size, before);
  if (size !== i) refuse('outputShape');
  return scattered({ ...a, i }, from, before);
}

/** The README of this library. */
function simdconv({ op, args }: Call, axis: number, i: number): AxisMap {
  const a: AxisCall = { i, k: at(args.kernelSize, axis, 1), s: at(args.stride, axis, 1), d: at(args.dilation, axis, 1) };
  const reach = (a.k - 1) * a.d + 1;
  const all = args.padding ?? 0;
  const one = Array.isArray(all) ? all[axis] : all;
  const pair = typeof one === 'number' ? [one, one] : one === 'valid' ? [0, 0] : one;
  const half = (total: number): number => (one === 'causal' ? total : one === 'same' ? total >> 1 : total - (total >> 1));
  const asked = args.outputSize === undefined ? undefined : at(args.outputSize, axis, 1);
  if (op.startsWith('convTranspose')) {
    const full = (i - 1) * a.s + reach;
    if (typeof pair === 'string') {
      const size = asked ?? i * a.s;
      if (Math.ceil(size / a.s) !== i) refuse('outputSize');
      return scattered(a, size, one === 'causal' ? 0 : half(Math.max(0, full - size)));
    }
    const [before, after] = pair as [number, number];
    const least = full - before - after;
    const size = asked ?? least + at(args.outputPadding, axis, 0);
    if (size < least || size >= least + Math.max(a.s, a.d)) refuse('outputSize');
    return scattered(a, size, before);
  }
  if (typeof pair === 'string') {
    const size = Math.ceil(i / a.s);
    return windows(a, size, one === 'causal' ? reach - 1 : half(Math.max(0, (size - 1) * a.s + reach - i)));
  }
  const [before, after] = pair as [number, number];
  if (Math.max(0, -before) + Math.max(0, -after) >= i) refuse('all is cropped');
  return windows(a, Math.floor((i + before + after - reach) / a.s) + 1, before);
}

export const RULES = { pytorch, keras, onnx, webnn, tfjs, simdconv } as const;
export type Name = keyof typeof RULES;

/** The map of every axis of a call. Throws where the framework refuses it or gives no output. */
export function meaning(framework: Name, call: Call, space: readonly number[]): AxisMap[] {
  return space.map((i, axis) => {
    const map = RULES[framework](call, axis, i);
    return map.length < 1 ? refuse('no output') : map;
  });
}
