/** Conversions that went wrong in other projects, each by the name of its report, and the rules that surprise. */
import { describe, expect, it } from 'vitest';
import * as convert from '../../src/convert/index.js';
import { compute, computeSteps, type Operands, type Planes } from './compute.js';
import { NAMES, TO } from './frameworks.js';
import { stepsOf } from './steps.js';

const { fromKeras, fromOnnx, fromPyTorch, fromTfjs, toKeras, toOnnx, toPyTorch, toTfjs, toWebNN, weightTo, explain } = convert;

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
const counted = (length: number): number[] => Array.from({ length }, (_, at) => ((at * 7) % 11) - 4);
const planes = (channels: number, ...space: number[]): Planes => ({ channels, space, data: counted(channels * product(space)) });
const tensor = (...shape: number[]): convert.Tensor => ({ data: Float32Array.from(counted(product(shape))), shape });

function run(spec: convert.Spec, target: (typeof NAMES)[number], operands: Operands, shape: readonly number[]): Planes {
  const [kernel, dilation] = [spec.axes.map((axis) => axis.kernel), spec.axes.map((axis) => axis.dilation)];
  return computeSteps(target, TO[target](spec, shape), kernel, dilation, { ...operands, w: weightTo(spec, target, operands.w, shape) });
}

/** The same numbers by every framework that has it. */
function sameEverywhere(spec: convert.Spec, operands: Operands, shape: readonly number[], wanted: Planes): void {
  for (const target of NAMES) {
    if (stepsOf(TO[target](spec, shape)).length === 0) continue;
    const { space, data } = run(spec, target, operands, shape);
    expect({ target, space, data }).toEqual({ target, space: wanted.space, data: wanted.data });
  }
}

describe('conversions that went wrong', () => {
  it('keras-team/keras#22876: off by one, with the right shape', () => {
    const layer = { op: 'Conv1DTranspose', kernelSize: 3, strides: 2, padding: 'same', useBias: false, filters: 1 } as const;
    const spec = fromKeras(layer);
    const operands: Operands = { x: planes(1, 5), w: tensor(3, 1, 1), bias: undefined, groups: 1, out: 1 };
    const right = compute('keras', { op: layer.op, args: { kernel_size: 3, strides: 2, padding: 'same' } }, operands);
    const torch = { ...operands, w: weightTo(spec, 'pytorch', operands.w) };
    const guessed = compute(
      'pytorch',
      { op: 'ConvTranspose1d', args: { kernel_size: 3, stride: 2, padding: 1, output_padding: 1 } },
      torch,
    );
    expect(guessed.space).toEqual(right.space);
    expect(guessed.data.slice(0, -1)).toEqual(right.data.slice(1));
    expect(guessed.data).not.toEqual(right.data);
    expect(toPyTorch(spec)).toHaveProperty('impossible');
    sameEverywhere(spec, operands, [1, 5, 1], right);
  });

  it("microsoft/onnxruntime#11927: pads swapped between ONNX's order and pairs", () => {
    const spec = fromOnnx({ op: 'Conv', kernel_shape: [3, 3], pads: [1, 2, 3, 4] });
    expect(spec.axes.map(({ padding }) => padding)).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(toOnnx(spec)).toMatchObject({ args: { pads: [1, 2, 3, 4] } });
    expect(toWebNN(spec)).toMatchObject({ args: { padding: [1, 3, 2, 4] } });
    expect(toTfjs(spec)).toMatchObject({
      args: {
        pad: [
          [0, 0],
          [1, 3],
          [2, 4],
          [0, 0],
        ],
      },
    });
    expect(stepsOf(toPyTorch(spec))[0]).toMatchObject({
      pad: [
        [1, 3],
        [2, 4],
      ],
    });
  });

  it('apache/tvm#18635: output_padding dropped', () => {
    const spec = fromOnnx({
      op: 'ConvTranspose',
      kernel_shape: [3, 3],
      strides: [2, 2],
      pads: [1, 1, 1, 1],
      output_padding: [1, 1],
      out_channels: 1,
    });
    expect(explain(spec, [1, 1, 28, 28]).outputShape).toEqual([1, 56, 56]);
    expect(toPyTorch(spec)).toMatchObject({ args: { padding: 1, output_padding: 1 } });
    const operands: Operands = { x: planes(1, 4, 3), w: tensor(1, 1, 3, 3), bias: undefined, groups: 1, out: 1 };
    const right = compute(
      'onnx',
      { op: 'ConvTranspose', args: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] } },
      operands,
    );
    expect(right.space).toEqual([8, 6]);
    // The last row is a sum: what output padding gives back was cropped.
    expect(right.data.slice(-6).some((value) => value !== 0)).toBe(true);
    sameEverywhere(spec, operands, [1, 1, 4, 3], right);
  });

  it('keras-team/keras#21852: output_padding clamped to what PyTorch takes', () => {
    const spec = fromKeras({ op: 'Conv3DTranspose', kernel_size: 2, strides: 1, padding: 'same', filters: 1 });
    const { instead } = toPyTorch(spec) as convert.Impossible;
    expect(instead[1]).toEqual({
      crop: [
        [0, 1],
        [0, 1],
        [0, 1],
      ],
    });
    const operands: Operands = { x: planes(1, 3, 2, 2), w: tensor(2, 2, 2, 1, 1), bias: [5], groups: 1, out: 1 };
    const right = compute('keras', { op: 'Conv3DTranspose', args: { kernel_size: 2, strides: 1, padding: 'same' } }, operands);
    expect(right.space).toEqual([3, 2, 2]);
    sameEverywhere(spec, operands, [1, 3, 2, 2, 1], right);
  });

  it('Samsung/TICO#420: a crop of the output taken for padding of the input', () => {
    const spec = fromPyTorch({
      op: 'ConvTranspose2d',
      kernel_size: 3,
      stride: 2,
      padding: 1,
      output_padding: 1,
      bias: false,
      out_channels: 1,
    });
    const steps = stepsOf(toKeras(spec));
    expect(steps).toMatchObject([
      { op: 'Conv2DTranspose', args: { padding: 'valid' } },
      {
        crop: [
          [1, 0],
          [1, 0],
        ],
      },
    ]);
    const operands: Operands = { x: planes(1, 3, 4), w: tensor(1, 1, 3, 3), bias: undefined, groups: 1, out: 1 };
    const right = compute(
      'pytorch',
      { op: 'ConvTranspose2d', args: { kernel_size: 3, stride: 2, padding: 1, output_padding: 1 } },
      operands,
    );
    sameEverywhere(spec, operands, [1, 1, 3, 4], right);
  });

  it('pytorch/executorch#18455: depthwise filters scrambled where a channel has several', () => {
    const spec = fromPyTorch({ op: 'Conv2d', kernel_size: 1, groups: 2, in_channels: 2, out_channels: 6, bias: false });
    const w = { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [6, 1, 1, 1] };
    for (const framework of ['keras', 'tfjs'] as const) {
      // [h, w, c, j]: output c·3 + j.
      expect(weightTo(spec, framework, w)).toEqual({ data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [1, 1, 2, 3] });
    }
    const wide = { data: Float32Array.from({ length: 12 }, (_, at) => at), shape: [6, 1, 1, 2] };
    const line = fromPyTorch({ op: 'Conv2d', kernel_size: [1, 2], groups: 2, in_channels: 2, out_channels: 6, bias: false });
    expect(Array.from(weightTo(line, 'keras', wide).data)).toEqual([0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11]);
    expect(toKeras(line)).toMatchObject({ op: 'DepthwiseConv2D', args: { depth_multiplier: 3 } });
  });

  it('ultralytics/yolov5#7689: a grouped transposed convolution, which TensorFlow has not', () => {
    const spec = fromPyTorch({ op: 'ConvTranspose2d', kernel_size: 1, groups: 2, in_channels: 4, out_channels: 2, bias: false });
    const w = { data: Float32Array.of(1, 2, 3, 4), shape: [4, 1, 1, 1] };
    // [h, w, out, in]: each output has its own two inputs.
    expect(weightTo(spec, 'keras', w)).toEqual({ data: Float32Array.of(1, 2, 0, 0, 0, 0, 3, 4), shape: [1, 1, 2, 4] });
    expect(toKeras(spec)).toEqual({
      op: 'Conv2DTranspose',
      args: { filters: 2, kernel_size: 1, strides: 1, padding: 'valid', use_bias: false },
      layout: 'channels-last',
    });
  });

  it('microsoft/MMdnn#595: the dense layer after Flatten', () => {
    const spec = fromPyTorch({ op: 'Conv2d', kernel_size: 1 });
    const image = planes(3, 2, 2);
    const w = tensor(5, 12);
    const first = Array.from({ length: 5 }, (_, out) =>
      image.data.reduce((sum, value, at) => sum + value * (w.data[out * 12 + at] as number), 0),
    );
    const last = Array.from({ length: 12 }, (_, at) => image.data[(at % 3) * 4 + Math.floor(at / 3)] as number);
    const keras = convert.denseTo(spec, 'keras', w, [3, 2, 2]);
    expect(keras.shape).toEqual([12, 5]);
    const got = Array.from({ length: 5 }, (_, out) =>
      last.reduce((sum, value, at) => sum + value * (keras.data[at * 5 + out] as number), 0),
    );
    expect(got).toEqual(first);
    const back = convert.denseTo(fromKeras({ op: 'Conv2D', kernelSize: 1 }), 'onnx', keras, [2, 2, 3]);
    expect(back).toEqual(w);
  });
});

describe('rules that surprise', () => {
  it("TensorFlow's SAME depends on the input", () => {
    const spec = fromKeras({ op: 'Conv2D', kernelSize: 3, strides: 2, padding: 'same', filters: 8 });
    expect(toPyTorch(spec, [1, 225, 225, 3])).toMatchObject({ op: 'Conv2d', args: { padding: 1 } });
    expect(toPyTorch(spec, [1, 224, 224, 3])).toMatchObject({
      instead: [
        {
          pad: [
            [0, 1],
            [0, 1],
          ],
        },
        { args: { padding: 0 } },
      ],
    });
    expect(() => toPyTorch(spec)).toThrow('padding "same" depends on the input\'s size here; give inputShape');
    // Those that have the rule itself need no size.
    expect(toOnnx(spec)).toMatchObject({ args: { auto_pad: 'SAME_UPPER' } });
  });

  it("PyTorch's padding with a stride is 'valid' of a padded input", () => {
    const spec = fromPyTorch({ op: 'Conv2d', kernel_size: 3, stride: 2, padding: 1, in_channels: 3, out_channels: 8 });
    expect(toKeras(spec, [1, 3, 224, 224])).toMatchObject({
      instead: [
        {
          pad: [
            [1, 1],
            [1, 1],
          ],
        },
        { op: 'Conv2D', args: { padding: 'valid' } },
      ],
    });
    expect(toTfjs(spec, [1, 3, 224, 224])).toMatchObject({
      args: {
        pad: [
          [0, 0],
          [1, 1],
          [1, 1],
          [0, 0],
        ],
      },
    });
  });

  it('TensorFlow.js crops the input of a 3-D convolution whose kernel is smaller than its stride', () => {
    const spec = fromTfjs({ op: 'conv3d', kernelSize: 1, strides: 2, pad: 'same', inChannels: 1, outChannels: 1 });
    expect(stepsOf(toPyTorch(spec, [4, 4, 4]))).toMatchObject([
      {
        crop: [
          [1, 0],
          [1, 0],
          [1, 0],
        ],
      },
      { op: 'Conv3d' },
    ]);
    expect(toTfjs(fromKeras({ op: 'Conv3D', kernelSize: 1, strides: 2, padding: 'same', filters: 1 }), [4, 4, 4, 1])).toMatchObject({
      args: { pad: 'valid' },
    });
  });

  it('zeros after a transposed convolution get the bias too', () => {
    const spec = fromOnnx({ op: 'ConvTranspose', kernel_shape: [1], output_shape: [6], bias: true, out_channels: 1, in_channels: 1 });
    expect(stepsOf(toPyTorch(spec, [3]))).toMatchObject([{ args: { bias: false } }, { pad: [[0, 3]] }, { bias: true }]);
    const operands: Operands = { x: planes(1, 3), w: tensor(1, 1, 1), bias: [2], groups: 1, out: 1 };
    expect(run(spec, 'pytorch', operands, [1, 1, 3]).data.slice(3)).toEqual([2, 2, 2]);
  });

  it('stride and dilation together: a kernel with its zeros written out', () => {
    const spec = fromPyTorch({ op: 'Conv1d', kernel_size: 2, stride: 2, dilation: 3, in_channels: 1, out_channels: 1 });
    const [call] = stepsOf(toKeras(spec, [9]));
    expect(call).toMatchObject({ args: { kernel_size: 4, strides: 2 }, weight: ['dilated'] });
    expect(Array.from(weightTo(spec, 'keras', { data: Float32Array.of(5, 7), shape: [1, 1, 2] }).data)).toEqual([5, 0, 0, 7]);
  });
});
