import { DisposedError, type Kernels, OptionError, OutOfMemoryError, ShapeError, type Tensor } from '../../src/index.js';
import { dy, type ErrorClass, type Row, w, withPlan, wrong, x, zeros } from './error-rows.js';
import { mistakeRows } from './errors-mistakes.js';

export interface ErrorCase {
  readonly name: string;
  readonly run: () => unknown;
  readonly error: ErrorClass;
  readonly message: RegExp;
}

/** Calls that every backend refuses, and how. They leave the kernels as they were. */
export function errorCases(kernels: Kernels): ErrorCase[] {
  const rows = [
    ...tensorRows(kernels),
    ...optionRows(kernels),
    ...convRows(kernels),
    ...gradientRows(kernels),
    ...outRows(kernels),
    ...planRows(kernels),
    ...foldRows(kernels),
    ...matmulRows(kernels),
    ...residentRows(kernels),
    ...mistakeRows(kernels),
  ];
  return rows.map(([name, run, error, message]) => ({ name, run, error, message }));
}

/** A tensor of this shape whose data is not even looked at. */
const shaped = (shape: unknown): Tensor => wrong({ data: new Float32Array(4), shape });

function tensorRows({ conv2d, tensor }: Kernels): Row[] {
  const bad: readonly [string, unknown, RegExp][] = [
    ['undefined', undefined, /^conv2d: input is undefined; expected a tensor/],
    ['null', null, /input is null; expected a tensor/],
    ['a number', 3, /input is 3; expected a tensor/],
    ['a bare array', [1, 2], /input is \[1, 2\]; expected a tensor/],
    ['a bare Float32Array', new Float32Array(4), /input is a Float32Array; expected a tensor/],
    ['a function', () => x, /input is a function; expected a tensor/],
    ['no data', { shape: [1, 3, 5, 5] }, /input\.data is undefined; expected a Float32Array/],
    ['an array as data', { data: [1], shape: [1] }, /input\.data is \[1\]; expected a Float32Array/],
    ['float64 data', { data: new Float64Array(75), shape: x.shape }, /input\.data is a Float64Array; expected a Float32Array/],
    ['int32 data', { data: new Int32Array(75), shape: x.shape }, /input\.data is an Int32Array; expected a Float32Array/],
    ['bytes as data', { data: new ArrayBuffer(300), shape: x.shape }, /input\.data is an ArrayBuffer; expected a Float32Array/],
    ['a DataView as data', { data: new DataView(new ArrayBuffer(300)), shape: x.shape }, /a DataView; expected a Float32Array/],
    ['a forged tag', { data: { [Symbol.toStringTag]: 'Float32Array', length: 75 }, shape: x.shape }, /expected a Float32Array/],
  ];
  const badShapes: readonly [string, unknown, RegExp][] = [
    ['no shape', undefined, /input\.shape is undefined; expected an array of sizes/],
    ['a number as shape', 75, /input\.shape is 75; expected an array of sizes/],
    ['a string as shape', '1,3,5,5', /input\.shape is "1,3,5,5"; expected an array of sizes/],
    ['a NaN size', [1, 3, Number.NaN, 5], /input\.shape is \[1, 3, NaN, 5\]; every size must be a whole number/],
    ['a fractional size', [1, 3, 2.5, 5], /every size must be a whole number/],
    ['a negative size', [1, 3, -5, 5], /every size must be a whole number/],
    ['an infinite size', [1, 3, Number.POSITIVE_INFINITY, 5], /every size must be a whole number/],
    ['a string size', [1, 3, '5', 5], /\[1, 3, "5", 5\]; every size must be a whole number/],
    ['a bigint size', [1, 3, 5n, 5], /\[1, 3, 5n, 5\]; every size must be a whole number/],
    ['a symbol size', [Symbol('s')], /every size must be a whole number/],
    ['an object without prototype', [Object.create(null)], /every size must be a whole number/],
    ['a sparse shape', new Array(4), /every size must be a whole number/],
    ['a very long sparse shape', new Array(2 ** 32 - 1), /input\.shape has 4294967295 axes; at most 32/],
    ['data as shape', new Float32Array(75), /input\.shape has 75 axes; at most 32/],
    ['a size past i32', [1, 1, 1, 2 ** 31], /at most 1073741823/],
    ['a product past 4 GiB', [2 ** 15, 1, 2 ** 15, 1], /= 1073741824 elements; at most 1073741823/],
    ['a product past a double', [1e308, 1e308, 1, 1], /= Infinity elements/],
    ['an empty axis beside a huge one', [0, 2 ** 40, 5, 5], /at most 1073741823/],
    ['more shape than data', [1, 1, 5, 5], /^conv2d: input\.data has 4 elements; its shape \[1, 1, 5, 5\] holds 25$/],
    ['less shape than data', [1, 1, 1, 3], /input\.data has 4 elements; its shape \[1, 1, 1, 3\] holds 3/],
  ];
  const cycle: unknown[] = [];
  cycle.push(cycle);
  return [
    ...bad.map(([name, value, message]): Row => [`tensor: ${name}`, () => conv2d(wrong(value), w), OptionError, message]),
    ...badShapes.map(([name, shape, message]): Row => [`tensor: ${name}`, () => conv2d(shaped(shape), w), ShapeError, message]),
    ['tensor: a shape within itself', () => conv2d(shaped(cycle), w), ShapeError, /every size must be a whole number/],
    ['tensor: weight is checked as input is', () => conv2d(x, wrong({ data: [], shape: [] })), OptionError, /weight\.data is \[\]/],
    [
      'tensor: data that was transferred',
      () => {
        const data = new Float32Array(75);
        structuredClone(data.buffer, { transfer: [data.buffer] });
        return conv2d({ data, shape: x.shape }, w);
      },
      ShapeError,
      /^conv2d: input\.data is detached: its buffer was transferred \(postMessage, structuredClone\)/,
    ],
    ['tensor(): no shape', () => tensor(wrong(undefined)), ShapeError, /^tensor: shape is undefined; expected an array of sizes/],
    ['tensor(): a NaN size', () => tensor([Number.NaN]), ShapeError, /^tensor: shape is \[NaN\]/],
    [
      'tensor(): a tensor as shape',
      () => tensor(wrong(x)),
      ShapeError,
      /^tensor: shape is a tensor \[1, 3, 5, 5\]; expected an array of sizes; pass its shape$/,
    ],
    ['tensor(): past 4 GiB', () => tensor([2 ** 30]), ShapeError, /^tensor: shape is \[1073741824\] = 1073741824 elements/],
    ['tensor(): short data', () => tensor([2, 3], new Float32Array(5)), ShapeError, /^tensor: data has 5 elements; .*\[2, 3\] holds 6/],
    ['tensor(): an array as data', () => tensor([2], wrong([1, 2])), OptionError, /^tensor: data is \[1, 2\]; expected a Float32Array/],
    ['tensor(): null data', () => tensor([2], wrong(null)), OptionError, /^tensor: data is null; expected a Float32Array/],
  ];
}

function optionRows({ conv2d, convTranspose2d }: Kernels): Row[] {
  const bad: readonly [string, unknown, RegExp][] = [
    ['null', null, /options is null; expected an object/],
    ['an array', [1], /options is \[1\]; expected an object/],
    ['a number', 2, /options is 2; expected an object/],
    ['a function', () => 1, /options is a function; expected an object/],
    ['a tensor', x, /unknown option 'data'; known: stride, padding/],
    [
      'an unknown name',
      { strides: 2 },
      /^conv2d: unknown option 'strides'; known: stride, padding, padMode, dilation, groups, layout, bias/,
    ],
    ['an unknown name without value', { pads: undefined }, /unknown option 'pads'/],
    ['outputPadding of a direct conv', { outputPadding: 1 }, /unknown option 'outputPadding'/],
    ['stride 0', { stride: 0 }, /stride is 0; expected a whole number from 1 to 2147483647/],
    ['stride null', { stride: null }, /stride is null; leave it out/],
    ['stride -1', { stride: -1 }, /stride is -1; expected a whole number/],
    ['stride 1.5', { stride: 1.5 }, /stride is 1.5; expected a whole number/],
    ['stride NaN', { stride: Number.NaN }, /stride is NaN; expected a whole number/],
    ['stride 2^31', { stride: 2 ** 31 }, /stride is 2147483648; expected a whole number from 1 to 2147483647/],
    ['stride as text', { stride: '2' }, /stride is "2"; expected a number or an array of 2/],
    ['stride as bigint', { stride: 2n }, /stride is 2n; expected a number or an array of 2/],
    ['stride for three axes', { stride: [1, 1, 1] }, /stride is \[1, 1, 1\]; expected a number or an array of 2/],
    ['stride with a hole', { stride: new Array(2) }, /stride is undefined; expected a whole number/],
    ['dilation 0', { dilation: 0 }, /dilation is 0; expected a whole number from 1/],
    ['dilation [1, Infinity]', { dilation: [1, Number.POSITIVE_INFINITY] }, /dilation is Infinity; expected a whole number/],
    ['groups 0', { groups: 0 }, /groups is 0; expected a whole number from 1/],
    ['groups 1.5', { groups: 1.5 }, /groups is 1.5; expected a whole number from 1/],
    ['groups per axis', { groups: [1, 1] }, /groups is \[1, 1\]; expected a whole number from 1/],
    ['padding -2^31', { padding: -(2 ** 31) }, /padding is -2147483648; expected a whole number from -2147483647 to 2147483647/],
    ['padding NaN', { padding: [Number.NaN, 0] }, /padding is NaN; expected a whole number from -2147483647/],
    ['an unknown padding word', { padding: 'full' }, /padding is "full"; the words are 'valid', 'same', 'same-lower' and 'causal'/],
    [
      'an unknown padding word of an axis',
      { padding: [0, 'sane'] },
      /padding is \[0, "sane"\]; the words are 'valid', 'same', 'same-lower'/,
    ],
    ['a padding word as a pair', { padding: [['causal'], 0] }, /padding is \[\["causal"\], 0\]; a pair has two numbers/],
    ['a padding word in a pair', { padding: [['same', 0], 0] }, /padding is "same"; expected a whole number/],
    ['an unknown padMode', { padMode: 'constant' }, /padMode is "constant"; expected one of 'zeros', 'reflect', 'replicate', 'circular'$/],
    ['a padMode per axis', { padMode: ['reflect', 'zeros'] }, /padMode is \["reflect", "zeros"\]; expected one of/],
    ['padding as a flat list', { padding: [1, 1, 1, 1] }, /padding is \[1, 1, 1, 1\]; expected a number, a word, or an array of 2/],
    ['a pad of three', { padding: [[1, 1, 1], 0] }, /padding is \[\[1, 1, 1\], 0\]; a pair has two numbers/],
    ['padding as an object', { padding: { top: 1 } }, /padding is an Object; expected/],
    ['an unknown layout', { layout: 'NHWC' }, /layout is "NHWC"; expected 'channels-first' or 'channels-last'/],
    [
      'an unknown algorithm',
      { algorithm: 'fourier' },
      /algorithm is "fourier"; expected one of 'auto', 'gemm', 'direct', 'winograd', 'fft', 'phases'/,
    ],
    ['an unknown activation', { activation: 'gelu' }, /activation is "gelu"; expected 'relu', 'relu6' or \{ leakyRelu: slope \}/],
    ['an activation of another form', { activation: { relu: 1 } }, /activation is an Object; expected 'relu'/],
    ['two activations', { activation: { leakyRelu: 1, relu: true } }, /activation is an Object; expected 'relu'/],
    ['a NaN slope', { activation: { leakyRelu: Number.NaN } }, /activation\.leakyRelu is NaN; expected a finite number/],
    ['a slope past float32', { activation: { leakyRelu: 1e39 } }, /activation\.leakyRelu is 1e\+39; expected a finite number/],
    ['a slope as text', { activation: { leakyRelu: '0.1' } }, /activation\.leakyRelu is "0.1"/],
    ['a bare array as bias', { bias: new Float32Array(2) }, /bias is a Float32Array; expected a tensor/],
    ['null bias', { bias: null }, /bias is null; leave it out/],
  ];
  const y = zeros(1, 2, 3, 3);
  const transposed: readonly [string, unknown, RegExp][] = [
    [
      'outputPadding as large as stride',
      { stride: 2, outputPadding: 2 },
      /^convTranspose2d: outputPadding is 2 on axis 0; .* stride 2 or dilation 1, for it picks .* a negative padding after adds more/,
    ],
    ['outputPadding -1', { outputPadding: -1 }, /outputPadding is -1; expected a whole number from 0/],
    ['outputPadding and outputSize', { outputPadding: 0, outputSize: 5 }, /outputPadding and outputSize are both given/],
    ['an unreachable outputSize', { stride: 2, outputSize: 9 }, /outputSize is 9 on axis 0; it can be 7 to 8/],
    ['outputSize 0', { outputSize: 0 }, /outputSize is 0; expected a whole number from 1/],
    [
      'padMode of a transposed conv',
      { padMode: 'reflect' },
      /^convTranspose2d: padMode is 'reflect'; a transposed convolution's padding crops/,
    ],
    ['outputPadding with same', { padding: 'same', outputPadding: 1 }, /padding "same" fixes the output size there at input · stride = 3/],
    [
      'outputPadding with causal',
      { padding: [1, 'causal'], stride: 3, outputPadding: 2 },
      /outputPadding is 2 on axis 1; padding "causal"/,
    ],
    ['outputSize with same', { padding: 'same', outputSize: 5 }, /outputSize is 5 on axis 0; with padding "same" it can be 3 to 3/],
    [
      'outputSize with causal',
      { padding: [0, 'causal'], stride: [1, 2], outputSize: [5, 4] },
      /outputSize is 4 on axis 1; with padding "causal" it can be 5 to 6, what its forward convolution takes to 3 \(stride 2\)/,
    ],
  ];
  return [
    ...bad.map(([name, options, message]): Row => [`option: ${name}`, () => conv2d(x, w, wrong(options)), OptionError, message]),
    ...transposed.map(
      ([name, options, message]): Row => [`option: ${name}`, () => convTranspose2d(y, w, wrong(options)), OptionError, message],
    ),
    ['bias: of another size', () => conv2d(x, w, { bias: zeros(3) }), ShapeError, /^conv2d: bias is \[3\]; expected \[O\] = \[2\]/],
    ['bias: of rank 2', () => conv2d(x, w, { bias: zeros(1, 2) }), ShapeError, /bias is \[1, 2\]; expected \[O\] = \[2\]/],
  ];
}

function convRows({ conv1d, conv2d, conv3d, convTranspose2d, convTranspose3d }: Kernels): Row[] {
  return [
    [
      'conv: channels that do not meet',
      () => conv2d(x, zeros(2, 4, 3, 3)),
      ShapeError,
      /^conv2d: weight is \[O, I\/groups, kH, kW\] = \[2, 4, 3, 3\]; I\/groups must be 3 \(input \[1, 3, 5, 5\], groups 1\)$/,
    ],
    [
      'conv: channels that do not meet, channels-last',
      () => conv2d(zeros(1, 5, 5, 3), zeros(3, 3, 4, 2), { layout: 'channels-last' }),
      ShapeError,
      /^conv2d: weight is \[kH, kW, I\/groups, O\] = \[3, 3, 4, 2\]; I\/groups must be 3/,
    ],
    ['conv: groups that do not divide I', () => conv2d(x, w, { groups: 2 }), ShapeError, /groups must divide the 3 input channels/],
    [
      'conv: groups that do not divide O',
      () => conv2d(x, zeros(2, 1, 3, 3), { groups: 3 }),
      ShapeError,
      /O must be a multiple of groups 3/,
    ],
    [
      'conv: rank',
      () => conv2d(zeros(5, 5), w),
      ShapeError,
      /input is \[5, 5\], rank 2; expected \[N, C, H, W\] or, unbatched, \[C, H, W\]/,
    ],
    ['conv: rank of the weight', () => conv2d(x, zeros(3, 3)), ShapeError, /weight is \[3, 3\], rank 2; expected \[O, I\/groups, kH, kW\]/],
    ['conv: an empty channel axis', () => conv2d(zeros(1, 0, 5, 5), w), ShapeError, /only the batch may be empty/],
    ['conv: an empty kernel', () => conv2d(x, zeros(2, 3, 0, 3)), ShapeError, /every size must be at least 1/],
    [
      'conv: a kernel that does not fit',
      () => conv2d(x, zeros(2, 3, 6, 6)),
      ShapeError,
      /kernel \[6, 6\] .* reaches 6 on axis 0; .* 0 \+ 5 \+ 0/,
    ],
    ['conv: a dilated kernel that does not fit', () => conv2d(x, w, { dilation: [1, 3] }), ShapeError, /reaches 7 on axis 1/],
    [
      'conv: padding past i32',
      () => conv2d(x, w, { padding: 2 ** 31 - 1, stride: 2 ** 30 }),
      ShapeError,
      /at most 2147483647 can be counted/,
    ],
    [
      'conv: reflected by its size',
      () => conv2d(x, w, { padding: [1, [2, 5]], padMode: 'reflect' }),
      ShapeError,
      /^conv2d: padding is \[2, 5\] on axis 1, where the input has 5: padMode 'reflect' can continue it by at most 4$/,
    ],
    ['conv: around more than once', () => conv2d(x, w, { padding: 6, padMode: 'circular' }), ShapeError, /'circular' .* at most 5$/],
    [
      'conv: reflected by more than the crop leaves',
      () => conv2d(x, w, { padding: [[-3, 2], 0], padMode: 'reflect' }),
      ShapeError,
      /padding is \[-3, 2\] on axis 0, where the crop leaves 2 of the input's 5: padMode 'reflect' can continue it by at most 1$/,
    ],
    [
      'conv: a padded input past 4 GiB',
      () => conv2d(x, w, { padding: 2 ** 15, padMode: 'replicate', stride: 2 ** 16 }),
      ShapeError,
      /^conv2d: the padded input is \[1, 3, 65541, 65541\] = /,
    ],
    [
      'conv: a crop of everything',
      () => conv2d(x, w, { padding: [0, [-3, -2]] }),
      ShapeError,
      /^conv2d: padding \[-3, -2\] on axis 1 crops 5 of the input's 5 positions there; at least one must be left$/,
    ],
    ['conv: a crop of more, and as much padding', () => conv2d(x, w, { padding: [[9, -7], 0] }), ShapeError, /crops 7 of the input's 5/],
    ['conv: a crop past i32', () => conv2d(x, w, { padding: -(2 ** 31 - 1) }), ShapeError, /crops 4294967294 of the input's 5/],
    [
      'conv: a crop that leaves less than the kernel',
      () => conv2d(x, w, { padding: [-1, [-3, 0]] }),
      ShapeError,
      /reaches 3 on axis 1; the padded input there is only -3 \+ 5 \+ 0/,
    ],
    ['conv: an output past 4 GiB', () => conv2d(x, w, { padding: 2 ** 20 }), ShapeError, /^conv2d: the output is .* at most 1073741823/],
    [
      'conv1d names its axes',
      () => conv1d(zeros(2, 3, 5), zeros(4, 2, 3)),
      ShapeError,
      /^conv1d: weight is \[O, I\/groups, kW\] = \[4, 2, 3\]/,
    ],
    ['conv3d names its axes', () => conv3d(x, w), ShapeError, /^conv3d: weight is .* expected \[O, I\/groups, kD, kH, kW\]/],
    [
      'convTranspose: channels that do not meet',
      () => convTranspose2d(x, zeros(2, 4, 3, 3)),
      ShapeError,
      /^convTranspose2d: weight is \[I, O\/groups, kH, kW\] = \[2, 4, 3, 3\]; I must be 3/,
    ],
    ['convTranspose: groups', () => convTranspose2d(x, zeros(3, 4, 3, 3), { groups: 2 }), ShapeError, /I must be a multiple of groups 2/],
    [
      'convTranspose: nothing left',
      () => convTranspose2d(x, zeros(3, 2, 1, 1), { padding: 3 }),
      ShapeError,
      /output has size -1 on axis 0/,
    ],
    [
      'convTranspose: a negative crop past 4 GiB',
      () => convTranspose2d(x, zeros(3, 2, 1, 1), { padding: -(2 ** 31 - 1) }),
      ShapeError,
      /^convTranspose2d: the output is \[1, 2, 4294967299, 4294967299\] = /,
    ],
    [
      'convTranspose: an output past 4 GiB',
      () => convTranspose3d(zeros(1, 1, 4, 4, 4), zeros(1, 1, 1, 1, 1), { stride: 1000 }),
      ShapeError,
      /^convTranspose3d: the output is \[1, 1, 3001, 3001, 3001\]/,
    ],
    ['outputShape: checked alike', () => conv2d.outputShape([1, 3, 5, 5], [2, 4, 3, 3]), ShapeError, /^conv2d\.outputShape: weight is/],
    [
      'outputShape: no shape',
      () => conv2d.outputShape(wrong(x), [2, 4, 3, 3]),
      ShapeError,
      /^conv2d\.outputShape: inputShape is a tensor .*; pass its shape/,
    ],
  ];
}

function gradientRows({ conv2d, convTranspose2d }: Kernels): Row[] {
  const linear = /activation is not an option of gradients, which are of the linear op; multiply gradOutput by the activation's derivative/;
  const relu = { activation: 'relu' } as const;
  return [
    [
      'gradInput: gradOutput of another shape',
      () => conv2d.gradInput(zeros(1, 2, 4, 4), w, [1, 3, 5, 5]),
      ShapeError,
      /^conv2d\.gradInput: gradOutput is \[1, 2, 4, 4\]; expected the forward output's shape \[1, 2, 3, 3\]$/,
    ],
    ['gradInput: batched gradOutput, unbatched input', () => conv2d.gradInput(dy, w, [3, 5, 5]), ShapeError, /shape \[2, 3, 3\]$/],
    [
      'gradInput: no inputShape',
      () => conv2d.gradInput(dy, w, wrong(undefined)),
      ShapeError,
      /gradInput: inputShape is undefined; expected an array/,
    ],
    ['gradInput: impossible inputShape', () => conv2d.gradInput(dy, w, [1, 3, 2, 2]), ShapeError, /the kernel \[3, 3\]/],
    ['gradInput: activation', () => conv2d.gradInput(dy, w, x.shape, relu), OptionError, linear],
    ['gradInput: bias', () => conv2d.gradInput(dy, w, x.shape, { bias: zeros(3) }), ShapeError, /bias is \[3\]; expected \[O\] = \[2\]/],
    [
      'gradInput: options',
      () => conv2d.gradInput(dy, w, x.shape, wrong({ pad: 1 })),
      OptionError,
      /^conv2d\.gradInput: unknown option 'pad'/,
    ],
    ['gradWeight: weightShape', () => conv2d.gradWeight(dy, x, [2, 4, 3, 3]), ShapeError, /^conv2d\.gradWeight: weight is .* must be 3/],
    [
      'gradWeight: gradOutput',
      () => conv2d.gradWeight(x, x, [2, 3, 3, 3]),
      ShapeError,
      /gradOutput is \[1, 3, 5, 5\]; expected .* \[1, 2, 3, 3\]/,
    ],
    ['gradWeight: activation', () => conv2d.gradWeight(dy, x, w.shape, relu), OptionError, linear],
    ['gradWeight: input', () => conv2d.gradWeight(dy, wrong(x.data), w.shape), OptionError, /input is a Float32Array; expected a tensor/],
    [
      'convTranspose gradWeight: gradOutput',
      () => convTranspose2d.gradWeight(zeros(1, 3, 5, 5), zeros(1, 2, 3, 3), [2, 3, 2, 2]),
      ShapeError,
      /^convTranspose2d\.gradWeight: gradOutput is \[1, 3, 5, 5\]; expected the forward output's shape \[1, 3, 4, 4\]$/,
    ],
    ['gradBias: rank', () => conv2d.gradBias(zeros(3, 3)), ShapeError, /^conv2d\.gradBias: gradOutput is \[3, 3\], rank 2/],
    ['gradBias: activation', () => conv2d.gradBias(dy, relu), OptionError, linear],
    ['gradBias: out', () => conv2d.gradBias(dy, { out: zeros(3) }), ShapeError, /out is \[3\]; expected the result's shape \[2\]/],
    ['gradBias: bias', () => conv2d.gradBias(dy, { bias: zeros(5) }), ShapeError, /bias is \[5\]; expected \[O\] = \[2\]/],
    ['backward: out', () => conv2d.backward(dy, x, w, wrong({ out: zeros(1) })), OptionError, /^conv2d\.backward: unknown option 'out'/],
    ['backward: activation', () => conv2d.backward(dy, x, w, relu), OptionError, linear],
    ['backward: gradOutput', () => conv2d.backward(x, x, w), ShapeError, /^conv2d\.backward: gradOutput is \[1, 3, 5, 5\]; expected/],
  ];
}

function outRows({ conv2d, matmul, unfold }: Kernels): Row[] {
  const block = new Float32Array(75 + 18);
  const input = { data: block.subarray(0, 75), shape: x.shape };
  return [
    [
      'out: of another shape',
      () => conv2d(x, w, { out: zeros(1, 2, 9) }),
      ShapeError,
      /out is \[1, 2, 9\]; expected the result's shape \[1, 2, 3, 3\]/,
    ],
    ['out: an array', () => conv2d(x, w, { out: wrong(new Float32Array(18)) }), OptionError, /out is a Float32Array; expected a tensor/],
    [
      'out: short data',
      () => conv2d(x, w, { out: { data: new Float32Array(17), shape: dy.shape } }),
      ShapeError,
      /out\.data has 17 elements/,
    ],
    [
      'out: overlaps the input by one element',
      () => conv2d(input, w, { out: { data: block.subarray(74, 92), shape: dy.shape } }),
      OptionError,
      /out overlaps the memory of input/,
    ],
    [
      'out: is the weight',
      () => conv2d.gradWeight(dy, x, w.shape, { out: { data: x.data.subarray(0, 54), shape: w.shape } }),
      OptionError,
      /of input/,
    ],
    ['out: is a', () => matmulInto(matmul), OptionError, /^matmul: out overlaps the memory of a;/],
    [
      'out: unfold',
      () => unfold(x, 1, { out: { data: x.data, shape: [1, 3, 25] } }),
      OptionError,
      /^unfold: out overlaps the memory of input/,
    ],
  ];
}

function matmulInto(matmul: Kernels['matmul']): Tensor {
  const a = zeros(2, 2);
  return matmul(a, zeros(2, 2), { out: a });
}

function planRows({ conv2d }: Kernels): Row[] {
  const options = { input: x.shape, weight: w };
  return [
    ['plan: no options', () => conv2d.plan(wrong(undefined)), OptionError, /^conv2d\.plan: weight is undefined; expected a tensor/],
    ['plan: null', () => conv2d.plan(wrong(null)), OptionError, /^conv2d\.plan: options is null/],
    [
      'plan: a tensor as input',
      () => conv2d.plan(wrong({ input: x, weight: w })),
      ShapeError,
      /input is a tensor \[1, 3, 5, 5\]; expected an array of sizes; pass its shape/,
    ],
    [
      'plan: out',
      () => conv2d.plan(wrong({ ...options, out: dy })),
      OptionError,
      /^conv2d\.plan: unknown option 'out'; known: input, weight/,
    ],
    [
      'plan: channels',
      () => conv2d.plan({ input: [1, 4, 5, 5], weight: w }),
      ShapeError,
      /^conv2d\.plan: weight is .* I\/groups must be 4/,
    ],
    ['plan: bias', () => conv2d.plan({ ...options, bias: zeros(3) }), ShapeError, /^conv2d\.plan: bias is \[3\]/],
    [
      'plan: run with another shape',
      () => withPlan(conv2d, (plan) => plan.run(zeros(1, 3, 6, 5))),
      ShapeError,
      /^conv2d\.plan\.run: input is \[1, 3, 6, 5\]; expected the plan's input \[1, 3, 5, 5\]$/,
    ],
    [
      'plan: run with another out',
      () => withPlan(conv2d, (plan) => plan.run(x, zeros(2))),
      ShapeError,
      /out is \[2\]; expected the result's shape/,
    ],
    ['plan: run without input', () => withPlan(conv2d, (plan) => plan.run(wrong(undefined))), OptionError, /input is undefined/],
    [
      'plan: run after dispose',
      () =>
        withPlan(conv2d, (plan) => {
          plan.dispose();
          return plan.run(x);
        }),
      DisposedError,
      /^conv2d\.plan\.run: the plan was disposed/,
    ],
  ];
}

function foldRows(kernels: Kernels): Row[] {
  const { unfold, fold } = kernels;
  const columns = zeros(1, 27, 9);
  return [
    ['unfold: no kernelSize', () => unfold(x, wrong(undefined)), OptionError, /^unfold: kernelSize is undefined; expected a number/],
    ['unfold: kernelSize 0', () => unfold(x, 0), OptionError, /kernelSize is 0; expected a whole number from 1/],
    ['unfold: kernelSize [3, NaN]', () => unfold(x, [3, Number.NaN]), OptionError, /kernelSize is NaN/],
    ['unfold: four axes', () => unfold(x, [1, 1, 1, 1]), ShapeError, /images have one to three spatial axes, not 4/],
    ['unfold: rank', () => unfold(zeros(5), 3), ShapeError, /^unfold: /],
    ['unfold: too large a kernel', () => unfold(x, 6), ShapeError, /the kernel \[6, 6\]/],
    ['unfold: a kernel past 4 GiB', () => unfold(x, 2 ** 20), ShapeError, /^unfold: a column .* is \[3, 1048576, 1048576\] = /],
    [
      'unfold: columns past 4 GiB',
      () => unfold(zeros(1, 1, 300, 300), 200, { padding: 100 }),
      ShapeError,
      /the columns matrix is \[1, 40000, 90601\]/,
    ],
    ...ambiguousRows(kernels),
    ['unfold: groups', () => unfold(x, 3, wrong({ groups: 1 })), OptionError, /^unfold: unknown option 'groups'/],
    ['unfold: padMode', () => unfold(x, 3, wrong({ padMode: 'reflect' })), OptionError, /^unfold: unknown option 'padMode'/],
    ['unfold: stride', () => unfold(x, 3, { stride: 0 }), OptionError, /stride is 0/],
    ['fold: rank', () => fold(zeros(27), 5, 3), ShapeError, /^fold: columns is \[27\]; expected \[N, C·Πk, L\]/],
    [
      'fold: rows',
      () => fold(zeros(1, 26, 9), 5, 3),
      ShapeError,
      /its 26 rows must be a positive multiple of the kernel's 9 taps \(kernelSize \[3, 3\]\)/,
    ],
    [
      'fold: rows of a line',
      () => fold(zeros(1, 26, 3), [5], 3),
      ShapeError,
      /its 26 rows must be a positive multiple of the kernel's 3 taps/,
    ],
    ['fold: L', () => fold(zeros(1, 27, 8), 5, 3), ShapeError, /L must be 9 for outputSize \[5, 5\] and kernelSize \[3, 3\]/],
    ['fold: no outputSize', () => fold(columns, wrong(undefined), 3), OptionError, /^fold: outputSize is undefined/],
    ['fold: outputSize as a shape', () => fold(columns, [1, 3, 5, 5], [3, 3]), OptionError, /^fold: outputSize is \[1, 3, 5, 5\]/],
    ['fold: outputSize of other axes', () => fold(columns, [5, 5, 5], [3, 3]), OptionError, /^fold: outputSize is \[5, 5, 5\]; expected/],
    ['fold: options', () => fold(columns, 5, 3, wrong({ bias: zeros(1) })), OptionError, /^fold: unknown option 'bias'/],
  ];
}

/** Bare numbers where neither they nor the rank say how many axes are spatial. */
function ambiguousRows({ unfold, fold }: Kernels): Row[] {
  const last = { layout: 'channels-last' } as const;
  return [
    [
      'unfold: rank 3 and a number',
      () => unfold(zeros(8, 16, 100), 3),
      ShapeError,
      /^unfold: input is \[8, 16, 100\], rank 3, and kernelSize is 3: a number does not say whether that is \[N, C, W\] or \[C, H, W\]; write kernelSize \[3\] for a batch of 1-D images, \[3, 3\] for an unbatched 2-D one$/,
    ],
    [
      'unfold: rank 3 and a number, channels-last',
      () => unfold(zeros(8, 16, 9), 3, last),
      ShapeError,
      /is \[N, W, C\] or \[H, W, C\]; write/,
    ],
    ['unfold: rank 3 and numbers', () => unfold(zeros(8, 16, 9), 3, { stride: 2, padding: 1 }), ShapeError, /write kernelSize \[3\] for/],
    [
      'unfold: rank 2 and a number',
      () => unfold(zeros(5, 5), 3),
      ShapeError,
      /write kernelSize \[3\] for an .* \[C, W\]; a 2-D image is \[C, H, W\]$/,
    ],
    [
      'unfold: rank 1',
      () => unfold(zeros(5), 3),
      ShapeError,
      /rank 1, .*: expected rank 4, \[N, C, H, W\], or 5, .*, or an array for kernelSize$/,
    ],
    ['unfold: rank 6', () => unfold(zeros(1, 1, 1, 1, 1, 1), 1), ShapeError, /rank 6, and kernelSize is 1: expected rank 4/],
    ['unfold: four axes in padding', () => unfold(x, 3, wrong({ padding: [1, 1, 1, 1] })), ShapeError, /^unfold: padding is .* not 4/],
    [
      'fold: numbers that fit every rank',
      () => fold(zeros(1, 27, 1), 3, 3),
      ShapeError,
      /^fold: columns is \[1, 27, 1\], which outputSize 3 and kernelSize 3 fit in 1 and 2 and 3 dimensions; write outputSize \[3\] or \[3, 3\] or \[3, 3, 3\]$/,
    ],
    [
      'fold: a shape as outputSize',
      () => fold(zeros(1, 12, 8), [1, 3, 4, 8], 2),
      ShapeError,
      /^fold: outputSize is \[1, 3, 4, 8\]; images have one to three spatial axes, not 4; the batch and the channels are those of columns$/,
    ],
  ];
}

function matmulRows({ matmul }: Kernels): Row[] {
  return [
    [
      'matmul: k',
      () => matmul(zeros(2, 3), zeros(4, 5)),
      ShapeError,
      /^matmul: b is \[\.\.\., k, n\] = \[4, 5\]; k must be 3 \(a \[\.\.\., m, k\] = \[2, 3\]\)$/,
    ],
    [
      'matmul: k of transposes',
      () => matmul(zeros(2, 3), zeros(5, 3), { transposeA: true, transposeB: true }),
      ShapeError,
      /b is \[\.\.\., n, k\] = \[5, 3\]; k must be 2 \(a \[\.\.\., k, m\] = \[2, 3\]\)/,
    ],
    ['matmul: a vector', () => matmul(zeros(3), zeros(3, 2)), ShapeError, /a is \[3\], rank 1; expected a matrix/],
    ['matmul: a scalar', () => matmul(zeros(3, 2), zeros()), ShapeError, /b is \[\], rank 0; expected a matrix/],
    [
      'matmul: batches',
      () => matmul(zeros(2, 1, 3), zeros(3, 3, 1)),
      ShapeError,
      /batch axes of a \[2, 1, 3\] and b \[3, 3, 1\] do not broadcast: 2 and 3/,
    ],
    [
      'matmul: an output past 4 GiB',
      () => matmul(zeros(2 ** 15, 1), zeros(1, 2 ** 15)),
      ShapeError,
      /^matmul: the output is \[32768, 32768\]/,
    ],
    ['matmul: bias', () => matmul(zeros(2, 3), zeros(3, 4), { bias: zeros(2) }), ShapeError, /bias is \[2\]; expected \[n\] = \[4\]/],
    [
      'matmul: transposeA',
      () => matmul(zeros(2, 2), zeros(2, 2), wrong({ transposeA: 1 })),
      OptionError,
      /transposeA is 1; expected a boolean/,
    ],
    [
      'matmul: options',
      () => matmul(zeros(2, 2), zeros(2, 2), wrong({ transpose: true })),
      OptionError,
      /^matmul: unknown option 'transpose'; known/,
    ],
    ['matmul: activation', () => matmul(zeros(2, 2), zeros(2, 2), wrong({ activation: 'tanh' })), OptionError, /activation is "tanh"/],
    ['matmul: no b', () => matmul(zeros(2, 2), wrong(undefined)), OptionError, /^matmul: b is undefined; expected a tensor/],
  ];
}

function residentRows(kernels: Kernels): Row[] {
  const disposed = () => {
    const tensor = kernels.tensor(x.shape);
    tensor.dispose();
    return tensor;
  };
  const room = Math.floor((kernels.info.memory.maxBytes - kernels.info.memory.liveBytes) / 4) + 1;
  return [
    ['resident: data after dispose', () => disposed().data, DisposedError, /^tensor\.data: the tensor \[1, 3, 5, 5\] was disposed/],
    ['resident: passed after dispose', () => kernels.conv2d(disposed(), w), DisposedError, /^conv2d: input was disposed/],
    ['resident: out after dispose', () => kernels.unfold(dy, 1, { out: disposed() }), DisposedError, /^unfold: out was disposed/],
    room < 2 ** 30
      ? ['resident: past maxBytes', () => kernels.tensor([room]), OutOfMemoryError, /^tensor: /]
      : ['resident: past what can be addressed', () => kernels.tensor([room]), ShapeError, /^tensor: /],
  ];
}
