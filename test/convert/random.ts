/** Random convolutions in the words of each framework, most of them such as it takes. */
import fc from 'fast-check';
import type { Name } from './meaning.js';

export interface Given {
  readonly source: Name;
  readonly axes: number;
  readonly op: string;
  readonly args: Record<string, unknown>;
  readonly space: number[];
  readonly kernel: number[];
}

const each = (axes: number, least: number, most: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: least, max: most }), { minLength: axes, maxLength: axes });
/** Ones more often than not. */
const mostlyOne = (axes: number, most: number): fc.Arbitrary<number[]> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(Array<number>(axes).fill(1)) }, { weight: 3, arbitrary: each(axes, 1, most) });

interface Sizes {
  readonly axes: number;
  readonly transposed: boolean;
  readonly kernel: number[];
  readonly stride: number[];
  readonly dilation: number[];
  readonly space: number[];
}

const sizes: fc.Arbitrary<Sizes> = fc.integer({ min: 1, max: 3 }).chain((axes) =>
  fc.record({
    axes: fc.constant(axes),
    transposed: fc.boolean(),
    kernel: each(axes, 1, 4),
    stride: mostlyOne(axes, 3),
    dilation: mostlyOne(axes, 3),
    space: each(axes, 1, 8),
  }),
);

const channels = { pytorch: { in_channels: 1, out_channels: 1 }, onnx: { in_channels: 1, out_channels: 1 } };
const ones = { inChannels: 1, outChannels: 1 };

/** At most one of strides and dilations, as Keras and TensorFlow.js have it. */
const one = ({ stride, dilation }: Sizes, axes: number): { stride: number[]; dilation: number[] } =>
  stride.some((s) => s > 1) ? { stride, dilation: Array<number>(axes).fill(1) } : { stride, dilation };

const MAKE: Readonly<Record<Name, (given: Sizes) => fc.Arbitrary<{ op: string; args: Record<string, unknown> }>>> = {
  pytorch: ({ axes, transposed, kernel, stride, dilation }) => {
    const common = { ...channels.pytorch, kernel_size: kernel, stride, dilation };
    if (transposed) {
      return fc.record({ padding: each(axes, 0, 3), output_padding: each(axes, 0, 2) }).map(({ padding, output_padding }) => ({
        op: `ConvTranspose${axes}d`,
        args: {
          ...common,
          padding,
          output_padding: output_padding.map((extra, axis) => extra % Math.max(stride[axis] as number, dilation[axis] as number)),
        },
      }));
    }
    const padding = stride.every((s) => s === 1) ? fc.oneof(each(axes, 0, 3), fc.constantFrom('same', 'valid')) : each(axes, 0, 3);
    return padding.map((each) => ({ op: `Conv${axes}d`, args: { ...common, padding: each } }));
  },
  keras: (given) => {
    const { axes, transposed, kernel } = given;
    const { stride, dilation } = one(given, axes);
    const common = { filters: 1, in_channels: 1, kernel_size: kernel, strides: stride, dilation_rate: dilation };
    if (!transposed)
      return fc
        .constantFrom('valid', 'same', ...(axes === 1 ? ['causal'] : []))
        .map((padding) => ({ op: `Conv${axes}D`, args: { ...common, padding } }));
    return fc.record({ padding: fc.constantFrom('valid', 'same'), extra: fc.option(each(axes, 0, 2)) }).map(({ padding, extra }) => ({
      op: `Conv${axes}DTranspose`,
      args: { ...common, padding, output_padding: extra?.map((more, axis) => more % (stride[axis] as number)) },
    }));
  },
  onnx: ({ axes, transposed, kernel, stride, dilation, space }) => {
    const common = { ...channels.onnx, kernel_shape: kernel, strides: stride, dilations: dilation };
    const op = transposed ? 'ConvTranspose' : 'Conv';
    const explicit = each(2 * axes, 0, 3).map((pads): Record<string, unknown> => ({ ...common, pads }));
    const auto = fc.constantFrom('SAME_UPPER', 'SAME_LOWER', 'VALID').map((auto_pad): Record<string, unknown> => ({ ...common, auto_pad }));
    const any = fc.oneof(explicit, auto);
    if (!transposed) return any.map((args) => ({ op, args }));
    const shaped = each(axes, -2, 2).map(
      (more): Record<string, unknown> => ({
        ...common,
        output_shape: more.map((extra, axis) => Math.max(1, (space[axis] as number) * (stride[axis] as number) + extra)),
      }),
    );
    return fc.record({ args: fc.oneof(any, shaped), extra: each(axes, 0, 2) }).map(({ args, extra }) => ({
      op,
      args: { ...args, output_padding: extra.map((more, axis) => more % Math.max(stride[axis] as number, dilation[axis] as number)) },
    }));
  },
  webnn: ({ transposed, kernel, stride, dilation, space }) => {
    const common = { ...ones, kernelSize: kernel, strides: stride, dilations: dilation };
    const padding = each(4, 0, 3);
    if (!transposed) return padding.map((pads) => ({ op: 'conv2d', args: { ...common, padding: pads } }));
    return fc.record({ padding, extra: each(2, 0, 2), sized: fc.boolean() }).map(({ padding: pads, extra, sized }) => {
      const outputPadding = extra.map((more, axis) => more % (stride[axis] as number));
      const outputSizes = outputPadding.map((more, axis) => {
        const [i, k, s, d] = [space[axis], kernel[axis], stride[axis], dilation[axis]] as [number, number, number, number];
        return (i - 1) * s + d * (k - 1) + 1 - (pads[2 * axis] as number) - (pads[2 * axis + 1] as number) + more;
      });
      const possible = sized && outputSizes.every((size) => size > 0);
      return { op: 'convTranspose2d', args: { ...common, padding: pads, ...(possible ? { outputSizes } : { outputPadding }) } };
    });
  },
  tfjs: (given) => {
    const { axes, transposed, kernel, space } = given;
    const { stride, dilation } = one(given, axes);
    const pairs = each(2 * axes, 0, 3).map((sides) => [
      ...(axes === 1 ? [[0, 0]] : []),
      [0, 0],
      ...kernel.map((_, axis) => [sides[2 * axis] as number, sides[2 * axis + 1] as number]),
      [0, 0],
    ]);
    const words = fc.constantFrom<unknown>('valid', 'same');
    const alike = [kernel, stride, dilation].every(([height, width]) => height === width);
    const two = alike ? fc.oneof(words, pairs, fc.integer({ min: 0, max: 3 })) : fc.oneof(words, pairs);
    const pad: fc.Arbitrary<unknown> = axes === 3 ? words : axes === 2 ? two : fc.oneof(words, pairs);
    if (!transposed || axes === 1) {
      const common = axes === 1 ? { stride: stride[0], dilation: dilation[0] } : { strides: stride, dilations: dilation };
      return pad.map((each) => ({ op: `conv${axes}d`, args: { ...ones, ...common, kernelSize: kernel, pad: each } }));
    }
    return fc.record({ pad, extra: each(axes, 0, 2) }).map(({ pad: padding, extra }) => {
      const outputSpace = kernel.map((k, axis) => {
        const [i, s] = [space[axis], stride[axis]] as [number, number];
        const more = (extra[axis] as number) % s;
        const pair = (Array.isArray(padding) ? padding[axis + 1] : typeof padding === 'number' ? [padding, padding] : [0, 0]) as [
          number,
          number,
        ];
        return padding === 'same' ? i * s - more : (i - 1) * s + k + more - pair[0] - pair[1];
      });
      return {
        op: `conv${axes}dTranspose`,
        args: {
          ...ones,
          kernelSize: kernel,
          strides: stride,
          pad: padding,
          outputShape: [1, ...outputSpace.map((size) => Math.max(1, size)), 1],
        },
      };
    });
  },
  simdconv: ({ axes, transposed, kernel, stride, dilation, space }) => {
    const common = { ...ones, kernelSize: kernel, stride, dilation };
    const pair = fc.tuple(fc.integer({ min: -1, max: 3 }), fc.integer({ min: -3, max: 3 }));
    const word = fc.constantFrom('valid', 'same', 'same-lower', 'causal');
    const padding: fc.Arbitrary<unknown> = fc.oneof(
      word,
      fc.array(fc.oneof<fc.Arbitrary<unknown>[]>(pair, word), { minLength: axes, maxLength: axes }),
    );
    if (!transposed) return padding.map((each) => ({ op: `conv${axes}d`, args: { ...common, padding: each } }));
    return fc.record({ padding, extra: each(axes, 0, 2), sized: fc.boolean() }).map(({ padding: pads, extra, sized }) => {
      const every = kernel.map((_, axis): unknown => (Array.isArray(pads) ? pads[axis] : pads));
      const numbers = every.map((each) => (each === 'valid' ? [0, 0] : each));
      const outputPadding = extra.map((more, axis) => {
        const most = Math.max(stride[axis] as number, dilation[axis] as number);
        return typeof numbers[axis] === 'string' ? 0 : more % most;
      });
      const outputSize = numbers.map((each, axis) => {
        const [i, k, s, d] = [space[axis], kernel[axis], stride[axis], dilation[axis]] as [number, number, number, number];
        if (typeof each === 'string') return i * s - ((extra[axis] as number) % s);
        const [before, after] = each as [number, number];
        return (i - 1) * s + d * (k - 1) + 1 - before - after + (outputPadding[axis] as number);
      });
      const possible = sized && outputSize.every((size) => size > 0);
      return { op: `convTranspose${axes}d`, args: { ...common, padding: pads, ...(possible ? { outputSize } : { outputPadding }) } };
    });
  },
};

export const given = (source: Name): fc.Arbitrary<Given> =>
  sizes
    .filter(({ axes }) => source !== 'webnn' || axes === 2)
    .chain((each) =>
      MAKE[source](each).map(({ op, args }) => ({ source, axes: each.axes, op, args, space: each.space, kernel: each.kernel })),
    );
