/** Whether any options of a framework compute given maps with the same kernel, stride and dilation: tried one by one, up to pads that crop or add more than a test's sizes. */
import { type AxisMap, type Call, type Name, RULES } from './meaning.js';
import { sameMap } from './steps.js';

export interface SearchAxis {
  readonly i: number;
  readonly k: number;
  readonly s: number;
  readonly d: number;
}

const upTo = (most: number): number[] => [...Array(most + 1).keys()];
const MOST = 16;

/** The options of one axis, of which those of a list go together on all axes: `padding` of Keras is one word. */
type Mode = (axis: SearchAxis, size: number) => Iterable<Call>;

export function isPossible(target: Name, transposed: boolean, axes: readonly SearchAxis[], maps: readonly AxisMap[]): boolean {
  // The dilation of a kernel of one tap says nothing.
  const conflict = axes.some(({ s }) => s > 1) && axes.some(({ k, d }) => k > 1 && d > 1);
  if (conflict && (target === 'keras' || target === 'tfjs')) return false;
  return MODES[target](transposed, axes.length).some((mode) =>
    axes.every((axis, index) => {
      const wanted = maps[index] as AxisMap;
      for (const call of mode(axis, wanted.length)) {
        try {
          if (sameMap(RULES[target](call, 0, axis.i), wanted)) return true;
        } catch {
          // refused
        }
      }
      return false;
    }),
  );
}

const MODES: Readonly<Record<Name, (transposed: boolean, axes: number) => readonly Mode[]>> = {
  pytorch: (transposed) => {
    const call = (args: object, { k, s, d }: SearchAxis): Call => ({
      op: transposed ? 'ConvTranspose' : 'Conv',
      args: { ...args, kernel_size: k, stride: s, dilation: d },
    });
    const numbers: Mode = (axis) =>
      upTo(MOST).flatMap((padding) =>
        upTo(transposed ? Math.max(axis.s, axis.d) - 1 : 0).map((output_padding) => call({ padding, output_padding }, axis)),
      );
    return transposed ? [numbers] : [numbers, (axis) => [call({ padding: 'same' }, axis)]];
  },
  keras: (transposed, axes) => {
    const op = `Conv${axes}D${transposed ? 'Transpose' : ''}`;
    const call = (args: object, { k, s, d }: SearchAxis): Call => ({
      op,
      args: { ...args, kernel_size: k, strides: s, dilation_rate: s > 1 && k === 1 ? 1 : d },
    });
    const words = (transposed ? ['valid', 'same'] : ['valid', 'same', 'causal']).map(
      (padding): Mode =>
        (axis) => [call({ padding }, axis)],
    );
    const numbers = ['valid', 'same'].map(
      (padding): Mode =>
        (axis) =>
          upTo(axis.s - 1).map((output_padding) => call({ padding, output_padding }, axis)),
    );
    return transposed ? [...words, ...numbers] : words;
  },
  onnx: (transposed) => {
    const call = (args: object, { k, s, d }: SearchAxis): Call => ({
      op: transposed ? 'ConvTranspose' : 'Conv',
      args: { ...args, kernel_shape: [k], strides: [s], dilations: [d] },
    });
    const extras = (axis: SearchAxis): number[] => upTo(transposed ? Math.max(axis.s, axis.d) - 1 : 0);
    const explicit: Mode = (axis, size) =>
      pairs(transposed, axis, size).flatMap((pads) => extras(axis).map((extra) => call({ pads, output_padding: [extra] }, axis)));
    const auto = ['SAME_UPPER', 'SAME_LOWER'].map(
      (auto_pad): Mode =>
        (axis) =>
          extras(axis).map((extra) => call({ auto_pad, output_padding: [extra] }, axis)),
    );
    return [explicit, ...auto];
  },
  webnn: (transposed, axes) => {
    if (axes !== 2) return [];
    const op = transposed ? 'convTranspose2d' : 'conv2d';
    return [
      (axis, size) =>
        pairs(transposed, axis, size).flatMap((padding) =>
          upTo(transposed ? axis.s - 1 : 0).map((extra) => ({
            op,
            args: { padding, outputPadding: extra, kernelSize: axis.k, strides: axis.s, dilations: axis.d },
          })),
        ),
    ];
  },
  tfjs: (transposed, axes) => {
    if (transposed && axes === 1) return [];
    const op = `conv${axes}d${transposed ? 'Transpose' : ''}`;
    const call = (pad: unknown, { k, s, d }: SearchAxis, size: number): Call => ({
      op,
      args: {
        pad,
        kernelSize: k,
        strides: s,
        dilations: (s > 1 || transposed) && k === 1 ? 1 : d,
        outputShape: [...Array<number>(axes).fill(size), 1],
      },
    });
    const words = ['valid', 'same'].map(
      (pad): Mode =>
        (axis, size) => [call(pad, axis, size)],
    );
    const explicit: Mode = (axis, size) => pairs(transposed, axis, size).map((pair) => call(Array(4).fill(pair), axis, size));
    return axes === 3 ? words : [...words, explicit];
  },
  // Whatever it is, this library has it: a search would only repeat the conversion.
  simdconv: () => [],
};

/** All pairs of pads that can give an output of this size. */
function pairs(transposed: boolean, { i, k, s, d }: SearchAxis, size: number): [number, number][] {
  const reach = d * (k - 1) + 1;
  return upTo(MOST).flatMap((before) =>
    upTo(MOST)
      .filter((after) => {
        if (!transposed) return Math.floor((i + before + after - reach) / s) + 1 === size;
        const least = (i - 1) * s + reach - before - after;
        return size >= least && size < least + Math.max(s, d);
      })
      .map((after): [number, number] => [before, after]),
  );
}
