import { type Kernels, OptionError, ShapeError } from '../../src/index.js';
import { dy, type Row, w, withPlan, wrong, x, zeros } from './error-rows.js';

/** What people write who come from elsewhere or mix things up, and the word that puts them right. */
export function mistakeRows(kernels: Kernels): Row[] {
  return [...nameRows(kernels), ...elsewhereRows(kernels), ...placeRows(kernels), ...shapeRows(kernels)];
}

/** Options by the names of PyTorch, TensorFlow, ONNX, WebNN, and slips of the pen. */
function nameRows({ conv2d, convTranspose2d, matmul }: Kernels): Row[] {
  const meant: Readonly<Record<string, readonly string[]>> = {
    stride: ['strides', 'Stride', 'strid', 'stirde', 'step'],
    padding: ['pad', 'pads', 'paddings', 'autoPad', 'auto_pad', 'Padding', 'paddng'],
    dilation: ['dilations', 'dilationRate', 'dilation_rate', 'rate'],
    groups: ['group', 'featureGroupCount'],
    layout: ['dataFormat', 'data_format', 'inputLayout', 'filterLayout', 'format'],
    bias: ['biases', 'use_bias', 'Bias'],
    activation: ['act', 'relu', 'leakyRelu', 'activations'],
    algorithm: ['algo', 'algoritm'],
    out: ['output', 'dst', 'Out'],
  };
  const transposed: Readonly<Record<string, readonly string[]>> = {
    outputPadding: ['output_padding', 'outputPaddings', 'OutputPadding'],
    outputSize: ['output_size', 'outputShape', 'output_shape', 'outputSizes'],
  };
  const product: Readonly<Record<string, readonly string[]>> = {
    transposeA: ['transA', 'transpose_a', 'aTranspose', 'adj_x', 'TransposeA'],
    transposeB: ['transB', 'transpose_b', 'bTranspose', 'adj_y', 'trans_b'],
    bias: ['c', 'biases'],
  };
  const plan: Readonly<Record<string, readonly string[]>> = { input: ['inputShape', 'x'], weight: ['weights', 'filter', 'kernel'] };
  const rows = (op: string, names: typeof meant, run: (options: never) => unknown): Row[] =>
    Object.entries(names).flatMap(([name, given]) =>
      given.map(
        (each): Row => [
          `mistake: ${op}, ${each} for ${name}`,
          () => run(wrong({ [each]: 1 })),
          OptionError,
          new RegExp(`^${op}: unknown option '${each}'; known: .*; did you mean '${name}'\\?$`),
        ],
      ),
    );
  return [
    ...rows('conv2d', meant, (options) => conv2d(x, w, options)),
    ...rows('convTranspose2d', transposed, (options) => convTranspose2d(dy, w, options)),
    ...rows('matmul', product, (options) => matmul(zeros(2, 2), zeros(2, 2), options)),
    ...rows('conv2d.plan', plan, (options) => conv2d.plan(options)),
    ['mistake: nothing like it', () => conv2d(x, w, wrong({ colour: 1 })), OptionError, /unknown option 'colour'; known: [\w, ]*$/],
  ];
}

/** Options of other operations. */
function elsewhereRows({ conv2d, convTranspose2d, unfold, fold }: Kernels): Row[] {
  const columns = zeros(1, 27, 9);
  return [
    ...(['outputPadding', 'outputSize', 'output_padding'] as const).flatMap((name): Row[] => {
      const options = wrong({ [name]: 1 });
      const message = new RegExp(`: unknown option '${name}'; known: .*; outputPadding and outputSize are for transposed convolutions$`);
      return [
        [`mistake: ${name} of conv2d`, () => conv2d(x, w, options), OptionError, message],
        [`mistake: ${name} of a gradient`, () => conv2d.gradInput(dy, w, x.shape, options), OptionError, message],
        [`mistake: ${name} of a plan`, () => conv2d.plan(wrong({ input: x.shape, weight: w, [name]: 1 })), OptionError, message],
        [`mistake: ${name} of unfold`, () => unfold(x, 3, options), OptionError, message],
      ];
    }),
    [
      'mistake: kernelSize of conv2d',
      () => conv2d(x, w, wrong({ kernelSize: 3 })),
      OptionError,
      /; the size of the kernel is that of the weight$/,
    ],
    [
      'mistake: kernel_size of convTranspose2d',
      () => convTranspose2d(dy, w, wrong({ kernel_size: 3 })),
      OptionError,
      /; the size of the kernel is that of the weight$/,
    ],
    [
      'mistake: kernelSize among options of unfold',
      () => unfold(x, 3, wrong({ kernelSize: 3 })),
      OptionError,
      /; it is an argument, before the options$/,
    ],
    [
      'mistake: outputSize among options of fold',
      () => fold(columns, 5, 3, wrong({ outputSize: 5 })),
      OptionError,
      /; it is an argument, before the options$/,
    ],
    [
      'mistake: groups of unfold',
      () => unfold(x, 3, wrong({ groups: 3 })),
      OptionError,
      /; every channel is unrolled, whatever its group$/,
    ],
    [
      'mistake: out of backward',
      () => conv2d.backward(dy, x, w, wrong({ out: dy })),
      OptionError,
      /; it has three results, all of them fresh$/,
    ],
    [
      'mistake: out of a plan',
      () => conv2d.plan(wrong({ input: x.shape, weight: w, out: dy })),
      OptionError,
      /; a plan takes `out` in run\(input, out\)$/,
    ],
  ];
}

/** Arguments in the place of others. */
function placeRows({ conv2d, unfold, fold, matmul, tensor }: Kernels): Row[] {
  const known = /; expected an object of stride, padding, padMode, dilation, groups, layout/;
  const columns = zeros(1, 27, 9);
  return [
    [
      'mistake: a stride for the options',
      () => conv2d(x, w, wrong(2)),
      OptionError,
      /^conv2d: options is 2; expected an object of stride, padding/,
    ],
    ['mistake: strides for the options', () => conv2d(x, w, wrong([2, 2])), OptionError, known],
    ['mistake: a word for the options', () => conv2d(x, w, wrong('same')), OptionError, known],
    ['mistake: data for the options', () => conv2d(x, w, wrong(new Float32Array(2))), OptionError, known],
    ['mistake: the bias for the options', () => conv2d(x, w, wrong(zeros(2))), OptionError, /; a tensor \[2\] was given for the options$/],
    [
      'mistake: a flag for the options',
      () => matmul(zeros(2, 2), zeros(2, 2), wrong(true)),
      OptionError,
      /is true; expected .* transposeA, transposeB/,
    ],
    [
      'mistake: the input of gradBias',
      () => conv2d.gradBias(dy, wrong(x)),
      OptionError,
      /; a tensor \[1, 3, 5, 5\] was given for the options$/,
    ],
    [
      'mistake: arguments of a plan',
      () => conv2d.plan(wrong(x.shape)),
      OptionError,
      /^conv2d\.plan: options is \[1, 3, 5, 5\]; expected an object of input, weight/,
    ],
    [
      'mistake: a shape for the weight of a plan',
      () => conv2d.plan(wrong({ input: x.shape, weight: w.shape })),
      OptionError,
      /weight is \[2, 3, 3, 3\]; expected a tensor/,
    ],
    [
      'mistake: options for unfold’s kernelSize',
      () => unfold(x, wrong({ kernelSize: 3 })),
      OptionError,
      /^unfold: kernelSize is an Object; expected a number, or an array/,
    ],
    [
      'mistake: the weight for unfold’s kernelSize',
      () => unfold(x, wrong(w)),
      OptionError,
      /^unfold: kernelSize is a tensor \[2, 3, 3, 3\]; expected a number, or/,
    ],
    [
      'mistake: a typed array for unfold’s kernelSize',
      () => unfold(x, wrong(Int32Array.of(3, 3))),
      OptionError,
      /kernelSize is an Int32Array; expected a number, or/,
    ],
    [
      'mistake: the image for fold’s outputSize',
      () => fold(columns, wrong(x), 3),
      OptionError,
      /^fold: outputSize is a tensor \[1, 3, 5, 5\]; expected a number, or/,
    ],
    [
      'mistake: no kernelSize of fold',
      () => fold(columns, 5, wrong(undefined)),
      OptionError,
      /^fold: kernelSize is undefined; expected a number, or an array of one/,
    ],
    [
      'mistake: fold’s sizes exchanged',
      () => fold(columns, [3, 3], [5, 5]),
      ShapeError,
      /multiple of the kernel's 25 taps \(kernelSize \[5, 5\]\)$/,
    ],
    [
      'mistake: input and weight exchanged',
      () => conv2d(w, x),
      ShapeError,
      /is only 0 \+ 3 \+ 0 \(input \[2, 3, 3, 3\], weight \[1, 3, 5, 5\]\)$/,
    ],
    [
      'mistake: a tensor for data',
      () => tensor(x.shape, wrong(x)),
      OptionError,
      /^tensor: data is a tensor \[1, 3, 5, 5\]; expected a Float32Array/,
    ],
  ];
}

/** Tensors and data for shapes. */
function shapeRows({ conv2d, convTranspose2d, tensor }: Kernels): Row[] {
  const isTensor = (name: string): RegExp =>
    new RegExp(`: ${name} is a tensor \\[[\\d, ]+\\]; expected an array of sizes; pass its shape$`);
  const resident = tensor(x.shape);
  const last = { layout: 'channels-last' } as const;
  const floats = /expected a Float32Array, which Float32Array\.from makes of it$/;
  const run = (out: unknown): unknown => withPlan(conv2d, (plan) => plan.run(x, wrong(out)));
  const rows: Row[] = [
    ['mistake: numbers for data', () => conv2d(wrong({ data: [1, 2], shape: [1, 2] }), w), OptionError, floats],
    ['mistake: doubles for data', () => conv2d(wrong({ data: new Float64Array(75), shape: x.shape }), w), OptionError, floats],
    ['mistake: nested numbers for data', () => conv2d(wrong({ data: [[1]], shape: [1, 1] }), w), OptionError, /expected a Float32Array$/],
    ['mistake: a promise of a tensor', () => conv2d(wrong(Promise.resolve(x)), w), OptionError, /input is a Promise; expected a tensor/],
    [
      'mistake: run(input, { out })',
      () => run({ out: dy }),
      OptionError,
      /run: out is an Object; expected a tensor, \{ data: Float32Array, shape/,
    ],
    [
      'mistake: dims for shape',
      () => conv2d(wrong({ data: x.data, dims: x.shape }), w),
      ShapeError,
      /: input\.shape is undefined; expected an/,
    ],
    ['mistake: gradInput(dy, w, x)', () => conv2d.gradInput(dy, w, wrong(x)), ShapeError, isTensor('inputShape')],
    ['mistake: gradInput of a resident', () => conv2d.gradInput(dy, w, wrong(resident)), ShapeError, isTensor('inputShape')],
    ['mistake: transposed gradInput', () => convTranspose2d.gradInput(x, w, wrong(dy)), ShapeError, isTensor('inputShape')],
    [
      'mistake: gradInput(dy, w, options)',
      () => conv2d.gradInput(dy, w, wrong({ stride: 1 })),
      ShapeError,
      /inputShape is an Object; expected an array of sizes$/,
    ],
    [
      'mistake: gradInput(dy, w, [5, 5])',
      () => conv2d.gradInput(dy, w, [5, 5]),
      ShapeError,
      /input is \[5, 5\], rank 2; expected \[N, C, H, W\]/,
    ],
    ['mistake: gradWeight(dy, x, w)', () => conv2d.gradWeight(dy, x, wrong(w)), ShapeError, isTensor('weightShape')],
    [
      'mistake: gradWeight(dy, x)',
      () => conv2d.gradWeight(dy, x, wrong(undefined)),
      ShapeError,
      /: weightShape is undefined; expected an array of sizes$/,
    ],
    ['mistake: outputShape(x, w)', () => conv2d.outputShape(wrong(x), wrong(w)), ShapeError, isTensor('inputShape')],
    ['mistake: outputShape(shape, w)', () => conv2d.outputShape(x.shape, wrong(w)), ShapeError, isTensor('weightShape')],
    [
      'mistake: tensor(data)',
      () => tensor(wrong(Float32Array.of(1, 2))),
      ShapeError,
      /^tensor: shape is a Float32Array, as data is; expected an array of sizes$/,
    ],
    [
      'mistake: tensor(data, shape)',
      () => tensor(wrong(new Float64Array(2)), wrong([2])),
      ShapeError,
      /^tensor: shape is a Float64Array, as data is/,
    ],
    [
      'mistake: TensorFlow’s layout, not said',
      () => conv2d(zeros(1, 5, 5, 3), zeros(3, 3, 3, 8)),
      ShapeError,
      /I\/groups must be 5 \(input \[1, 5, 5, 3\], groups 1\); with layout 'channels-last' they would meet$/,
    ],
    [
      'mistake: PyTorch’s layout, called the other, unbatched',
      () => conv2d(zeros(4, 7, 5), zeros(8, 2, 3, 3), { ...last, groups: 2 }),
      ShapeError,
      /; with layout 'channels-first' they would meet$/,
    ],
    [
      'mistake: TensorFlow’s layout of a transposed convolution, not said',
      () => convTranspose2d(zeros(1, 5, 5, 3), zeros(4, 4, 8, 3)),
      ShapeError,
      /I must be 5 \(input \[1, 5, 5, 3\]\); with layout 'channels-last' they would meet$/,
    ],
    [
      'mistake: no layout but a format',
      () => conv2d(x, w, wrong({ layout: 'NHWC' })),
      OptionError,
      /'channels-last', PyTorch's NCHW and TensorFlow's NHWC$/,
    ],
  ];
  resident.dispose();
  return rows;
}
