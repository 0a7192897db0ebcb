/** Calls of TensorFlow.js's kernels, from tiny to large, as real models and their training make them. */

/** An input: what a tensor is made of. */
export interface Input {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
}

export interface KernelShape {
  readonly kernel: string;
  readonly title: string;
  readonly inputs: Readonly<Record<string, Input>>;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Multiplications, or elements where there are none: by these the cpu backend, which takes 10 ns and more for each, is given the smaller ones. */
  readonly operations: number;
  /** An input that is another tensor in each call, as the filters of a training step are. */
  readonly fresh?: string;
  /** Why the result of tfjs's wasm backend is not to be compared with. */
  readonly wrong?: string;
}

type Shape = readonly number[];
type Attributes = Readonly<Record<string, unknown>>;
type Options = Partial<Pick<KernelShape, 'fresh' | 'wrong'>>;

const NHWC = { dataFormat: 'NHWC' };
const sizeOf = (shape: Shape): number => shape.reduce((product, size) => product * size, 1);
const show = (shape: Shape): string => shape.join('x');

function call(
  kernel: string,
  title: string,
  shapes: Record<string, Shape>,
  attributes: Attributes,
  operations: number,
  more: Options = {},
): KernelShape {
  const inputs = Object.entries(shapes).map(([name, shape]) => [name, { shape, dtype: 'float32' }] as const);
  const fresh = more.fresh ? `, a new ${more.fresh} each time` : '';
  return { kernel, title: title + fresh, inputs: Object.fromEntries(inputs), attributes, operations, ...more };
}

/** The image and the filter of a convolution with pads 'same', and what else distinguishes it. */
interface Conv extends Options {
  readonly stride?: number;
  readonly dilation?: number;
  readonly activation?: string;
  readonly pad?: 'same' | 'valid';
  readonly format?: 'NHWC' | 'NCHW';
}

/** Spatial axes are those between the first and the last. */
function outputOf(x: Shape, filter: Shape, { stride = 1, pad = 'same' }: Conv): number[] {
  return x.slice(1, -1).map((size, axis) => Math.ceil((pad === 'same' ? size : size - (filter[axis] as number) + 1) / stride));
}

function attributesOf(x: Shape, { stride = 1, dilation = 1, pad = 'same', format }: Conv): Attributes {
  const each = (value: number) => x.slice(1, -1).fill(value);
  const dataFormat = format ?? (x.length === 5 ? 'NDHWC' : 'NHWC');
  return { strides: each(stride), dilations: each(dilation), pad, dataFormat, dimRoundingMode: undefined };
}

function titleOf(x: Shape, filter: Shape, { stride = 1, dilation = 1, activation, format }: Conv): string {
  const words = [`${show(x)} by ${show(filter)}`];
  if (stride > 1) words.push(`s${stride}`);
  if (dilation > 1) words.push(`d${dilation}`);
  if (activation) words.push(activation);
  if (format) words.push(format);
  return words.join(' ');
}

const channelsFirst = ([n, h, w, c]: Shape): number[] => [n, c, h, w] as number[];

/** Conv2D, Conv3D or, with an activation, FusedConv2D with a bias. The image in NHWC. */
function conv(x: Shape, filter: Shape, options: Conv = {}): KernelShape {
  const { activation, format, fresh, wrong } = options;
  const y = outputOf(x, filter, options);
  const channels = filter.at(-1) as number;
  const kernel = x.length === 5 ? 'Conv3D' : activation ? 'FusedConv2D' : 'Conv2D';
  const inputs: Record<string, Shape> = { x: format === 'NCHW' ? channelsFirst(x) : x, filter };
  if (activation) inputs.bias = [channels];
  if (activation === 'prelu') inputs.preluActivationWeights = [1, 1, channels];
  const attributes = { ...attributesOf(x, options), ...(activation && { activation, leakyreluAlpha: 0.2 }) };
  const operations = (x[0] as number) * sizeOf(y) * sizeOf(filter);
  return call(kernel, titleOf(x, filter, options), inputs, attributes, operations, { ...(fresh && { fresh }), ...(wrong && { wrong }) });
}

function depthwise(x: Shape, filter: Shape, options: Conv = {}): KernelShape {
  const { activation, fresh } = options;
  const inputs: Record<string, Shape> = { x, filter };
  if (activation) inputs.bias = [(filter[2] as number) * (filter[3] as number)];
  const kernel = activation ? 'FusedDepthwiseConv2D' : 'DepthwiseConv2dNative';
  const attributes = { ...attributesOf(x, options), ...(activation && { activation, leakyreluAlpha: 0.2 }) };
  const operations = (x[0] as number) * sizeOf(outputOf(x, filter, options)) * sizeOf(filter);
  return call(kernel, titleOf(x, filter, options), inputs, attributes, operations, { ...(fresh && { fresh }) });
}

/** The gradients of a convolution, as a step asks for them: with a filter that is new. */
function gradients(x: Shape, filter: Shape, options: Conv & { readonly each?: boolean } = {}): KernelShape[] {
  const deep = x.length === 5;
  const { each = false } = options;
  const channels = each ? (filter[2] as number) * (filter[3] as number) : (filter.at(-1) as number);
  const y = outputOf(x, filter, options);
  const dy = [x[0] as number, ...y, channels];
  const names = deep
    ? ['Conv3DBackpropInputV2', 'Conv3DBackpropFilterV2']
    : each
      ? ['DepthwiseConv2dNativeBackpropInput', 'DepthwiseConv2dNativeBackpropFilter']
      : ['Conv2DBackpropInput', 'Conv2DBackpropFilter'];
  const [ofInput, ofFilter] = names as [string, string];
  const attributes = attributesOf(x, options);
  const title = titleOf(x, filter, options);
  const operations = (x[0] as number) * sizeOf(y) * sizeOf(filter);
  return [
    call(ofInput, title, { dy, filter }, { ...attributes, inputShape: x }, operations, {
      fresh: 'filter',
      ...(deep && { wrong: 'takes other pads than the cpu backend' }),
    }),
    call(ofFilter, title, { x, dy }, { ...attributes, filterShape: filter }, operations),
  ];
}

/** A transposed convolution: the gradient of one, from `dy` to an image `stride` times as large. */
function transposed(dy: Shape, filter: Shape, stride: number): KernelShape {
  const [n, h, w] = dy as [number, number, number];
  const x = [n, h * stride, w * stride, filter[2] as number];
  const title = `transposed, ${show(dy)} by ${show(filter)}${stride > 1 ? ` s${stride}` : ''}`;
  const operations = sizeOf(dy.slice(0, 3)) * sizeOf(filter);
  return call('Conv2DBackpropInput', title, { dy, filter }, { ...attributesOf(x, { stride }), inputShape: x }, operations);
}

interface Product extends Options {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  readonly activation?: string;
}

function product(
  batch: Shape,
  [m, k, n]: [number, number, number],
  { transposeA = false, transposeB = false, activation, ...more }: Product = {},
): KernelShape {
  const inputs: Record<string, Shape> = {
    a: [...batch, ...(transposeA ? [k, m] : [m, k])],
    b: [...batch, ...(transposeB ? [n, k] : [k, n])],
  };
  if (activation) inputs.bias = [n];
  const words = [
    `${batch.map((size) => `${size}·`).join('')}${m}x${k}x${n}`,
    transposeA ? 'aᵀ' : '',
    transposeB ? 'bᵀ' : '',
    activation ?? '',
  ];
  const attributes = { transposeA, transposeB, ...(activation && { activation, leakyreluAlpha: 0.2 }) };
  const wrong = activation && (transposeA || transposeB || sizeOf(batch) > 1) ? { wrong: 'adds the bias in every block' } : {};
  const title = words.filter((word) => word !== '').join(' ');
  return call(activation ? '_FusedMatMul' : 'BatchMatMul', title, inputs, attributes, sizeOf(batch) * m * k * n, { ...more, ...wrong });
}

function maxPoolGradient(input: Shape, size: number, stride: number): KernelShape {
  const output = [input[0] as number, ...outputOf(input, [size, size], { stride, pad: 'valid' }), input[3] as number];
  const attributes = { filterSize: [size, size], strides: [stride, stride], pad: 'valid', dimRoundingMode: undefined };
  const wrong = 'gives the gradient of a window without positive values to another than its largest';
  return call(
    'MaxPoolGrad',
    `${show(input)}, ${size}x${size} s${stride}`,
    { dy: output, input, output },
    attributes,
    sizeOf(output) * size ** 4,
    { wrong },
  );
}

function pool(kernel: 'MaxPool' | 'AvgPool', x: Shape, size: number, stride: number): KernelShape {
  const attributes = { filterSize: [size, size], strides: [stride, stride], pad: 'same', dimRoundingMode: undefined };
  return call(kernel, `${show(x)}, ${size}x${size} s${stride}`, { x }, attributes, sizeOf(x));
}

const concat = (axis: number, ...shapes: Shape[]): KernelShape =>
  call(
    'Concat',
    `${shapes.map(show).join(' + ')}, axis ${axis}`,
    Object.fromEntries(shapes.entries()),
    { axis },
    shapes.reduce((sum, shape) => sum + sizeOf(shape), 0),
  );

const slice = (x: Shape, begin: Shape, size: Shape): KernelShape =>
  call('Slice', `${show(x)}, ${show(size)} from ${begin.join(',')}`, { x }, { begin, size }, sizeOf(size));

function stridedSlice(x: Shape, begin: Shape, end: Shape, strides: Shape): KernelShape {
  const masks = { beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 };
  const title = `${show(x)}, ${begin.join(',')} to ${end.join(',')} by ${strides.join(',')}`;
  return call('StridedSlice', title, { x }, { begin, end, strides, ...masks }, sizeOf(x));
}

const split = (x: Shape, parts: number, axis: number): KernelShape =>
  call('SplitV', `${show(x)} in ${parts}, axis ${axis}`, { x }, { numOrSizeSplits: parts, axis }, sizeOf(x));

const tile = (x: Shape, reps: Shape): KernelShape =>
  call('Tile', `${show(x)}, ${reps.join(',')} times`, { x }, { reps }, sizeOf(x) * sizeOf(reps));

function batchNorm(x: Shape): KernelShape {
  const vector = [x.at(-1) as number];
  const inputs = { x, scale: vector, offset: vector, mean: vector, variance: vector };
  return call('FusedBatchNorm', show(x), inputs, { varianceEpsilon: 0.001 }, sizeOf(x));
}

const pair = (kernel: string, a: Shape, b: Shape): KernelShape =>
  call(kernel, `${show(a)} and ${b.length > 0 ? show(b) : 'a number'}`, { a, b }, {}, Math.max(sizeOf(a), sizeOf(b)));

const single = (kernel: string, x: Shape, attributes: Attributes = {}): KernelShape => call(kernel, show(x), { x }, attributes, sizeOf(x));

const prelu = (x: Shape, alpha: Shape): KernelShape => call('Prelu', `${show(x)}, ${show(alpha)}`, { x, alpha }, {}, sizeOf(x));

const reduce = (kernel: 'Sum' | 'Mean', x: Shape, ...axis: number[]): KernelShape =>
  call(kernel, `${show(x)} over ${axis.join(',')}`, { x }, { axis, keepDims: false }, sizeOf(x));

function segments(rows: number, width: number, count: number): KernelShape {
  const { inputs, ...rest } = call(
    'UnsortedSegmentSum',
    `${rows}x${width} into ${count}`,
    { x: [rows, width] },
    { numSegments: count },
    rows * width,
  );
  return { ...rest, inputs: { ...inputs, segmentIds: { shape: [rows], dtype: 'int32' } } };
}

const CONVOLUTIONS: KernelShape[] = [
  conv([1, 4, 4, 2], [3, 3, 2, 2]),
  conv([1, 4, 4, 2], [3, 3, 2, 2], { fresh: 'filter' }),
  conv([1, 8, 8, 3], [3, 3, 3, 4]),
  conv([1, 8, 8, 3], [3, 3, 3, 4], { fresh: 'filter' }),
  conv([1, 1, 1, 64], [1, 1, 64, 16]),
  conv([1, 7, 7, 16], [1, 1, 16, 8]),
  conv([1, 14, 14, 16], [3, 3, 16, 16]),
  conv([16, 28, 28, 1], [5, 5, 1, 8], { pad: 'valid', fresh: 'filter' }),
  conv([16, 12, 12, 8], [5, 5, 8, 16], { pad: 'valid', fresh: 'filter' }),
  conv([16, 28, 28, 1], [3, 3, 1, 16], { stride: 2, fresh: 'filter' }),
  conv([16, 14, 14, 8], [1, 1, 8, 16], { fresh: 'filter' }),
  conv([1, 28, 28, 32], [5, 5, 32, 32]),
  conv([1, 64, 64, 3], [7, 7, 3, 32], { stride: 2 }),
  conv([1, 224, 224, 3], [7, 7, 3, 64], { stride: 2 }),
  conv([1, 224, 224, 3], [3, 3, 3, 32], { stride: 2 }),
  conv([1, 112, 112, 16], [1, 1, 16, 96]),
  conv([1, 56, 56, 144], [1, 1, 144, 24]),
  conv([1, 14, 14, 384], [1, 1, 384, 64]),
  conv([1, 7, 7, 320], [1, 1, 320, 1280]),
  conv([1, 28, 28, 64], [3, 3, 64, 64]),
  conv([1, 28, 28, 64], [3, 3, 64, 128], { stride: 2 }),
  conv([1, 14, 14, 256], [3, 3, 256, 256]),
  conv([1, 7, 7, 512], [3, 3, 512, 512]),
  conv([1, 28, 28, 64], [3, 3, 64, 64], { dilation: 2 }),
  conv([1, 28, 28, 64], [3, 3, 64, 64], { format: 'NCHW' }),
  conv([1, 8, 8, 3], [3, 3, 3, 4], { format: 'NCHW' }),
  conv([1, 1, 128, 32], [1, 3, 32, 32]),
  conv([1, 4, 4, 2], [3, 3, 2, 2], { activation: 'relu' }),
  conv([1, 8, 8, 3], [3, 3, 3, 4], { activation: 'prelu' }),
  conv([1, 14, 14, 32], [3, 3, 32, 32], { activation: 'prelu' }),
  conv([1, 14, 14, 32], [1, 1, 32, 192], { activation: 'relu6' }),
  conv([1, 28, 28, 192], [1, 1, 192, 32], { activation: 'linear' }),
  conv([1, 56, 56, 64], [3, 3, 64, 64], { activation: 'relu' }),
  conv([1, 64, 64, 64], [3, 3, 64, 4], { activation: 'linear' }),
  conv([1, 64, 64, 64], [5, 5, 64, 64], { activation: 'linear' }),
  conv([1, 28, 28, 32], [3, 3, 32, 32], { activation: 'elu' }),
  conv([1, 28, 28, 32], [3, 3, 32, 32], { activation: 'sigmoid' }),
  conv([1, 4, 4, 4, 2], [3, 3, 3, 2, 2]),
  conv([1, 16, 16, 16, 8], [3, 3, 3, 8, 8]),
  conv([1, 16, 32, 32, 16], [3, 3, 3, 16, 16], { stride: 2 }),
];

const DEPTHWISE: KernelShape[] = [
  depthwise([1, 4, 4, 2], [3, 3, 2, 1]),
  depthwise([1, 8, 8, 3], [3, 3, 3, 1]),
  depthwise([1, 8, 8, 3], [3, 3, 3, 2]),
  depthwise([1, 7, 7, 32], [3, 3, 32, 1]),
  depthwise([16, 14, 14, 8], [3, 3, 8, 1], { stride: 2, fresh: 'filter' }),
  depthwise([1, 14, 14, 384], [3, 3, 384, 1]),
  depthwise([1, 7, 7, 960], [3, 3, 960, 1]),
  depthwise([1, 56, 56, 144], [3, 3, 144, 1]),
  depthwise([1, 56, 56, 144], [3, 3, 144, 1], { stride: 2 }),
  depthwise([1, 112, 112, 32], [3, 3, 32, 1]),
  depthwise([1, 112, 112, 96], [3, 3, 96, 1], { stride: 2 }),
  depthwise([1, 28, 28, 64], [3, 3, 64, 1], { dilation: 2 }),
  depthwise([1, 14, 14, 96], [5, 5, 96, 1]),
  depthwise([1, 28, 28, 72], [5, 5, 72, 1], { stride: 2 }),
  depthwise([1, 4, 4, 2], [3, 3, 2, 1], { activation: 'relu6' }),
  depthwise([1, 14, 14, 96], [3, 3, 96, 1], { activation: 'relu6' }),
  depthwise([1, 28, 28, 192], [3, 3, 192, 1], { activation: 'relu6', stride: 2 }),
  depthwise([1, 56, 56, 24], [5, 5, 24, 1], { activation: 'relu' }),
];

const GRADIENTS: KernelShape[] = [
  transposed([1, 4, 4, 2], [3, 3, 2, 2], 1),
  transposed([1, 4, 4, 2], [3, 3, 2, 2], 2),
  transposed([1, 14, 14, 64], [4, 4, 32, 64], 2),
  transposed([1, 28, 28, 64], [2, 2, 32, 64], 2),
  transposed([1, 32, 32, 32], [3, 3, 32, 32], 1),
  transposed([1, 56, 56, 32], [3, 3, 3, 32], 2),
  ...gradients([1, 4, 4, 2], [3, 3, 2, 2]),
  ...gradients([16, 28, 28, 1], [5, 5, 1, 8], { pad: 'valid' }),
  ...gradients([16, 12, 12, 8], [5, 5, 8, 16], { pad: 'valid' }),
  ...gradients([16, 14, 14, 16], [3, 3, 16, 8], { stride: 2 }),
  ...gradients([8, 28, 28, 32], [3, 3, 32, 32]),
  ...gradients([8, 14, 14, 64], [1, 1, 64, 128]),
  ...gradients([1, 4, 4, 2], [3, 3, 2, 1], { each: true }),
  ...gradients([16, 14, 14, 8], [3, 3, 8, 1], { each: true, stride: 2 }),
  ...gradients([4, 28, 28, 64], [3, 3, 64, 1], { each: true }),
  ...gradients([1, 4, 4, 4, 2], [3, 3, 3, 2, 2]),
  ...gradients([2, 8, 16, 16, 8], [3, 3, 3, 8, 8]),
  maxPoolGradient([1, 4, 4, 2], 2, 2),
  maxPoolGradient([16, 24, 24, 8], 2, 2),
  maxPoolGradient([16, 8, 8, 16], 2, 2),
  maxPoolGradient([4, 28, 28, 32], 3, 2),
  segments(4, 8, 10),
  segments(128, 64, 1000),
];

const PRODUCTS: KernelShape[] = [
  product([1], [2, 3, 4]),
  product([1], [1, 1280, 100]),
  product([1], [1, 512, 10]),
  product([1], [1, 128, 1024]),
  product([1], [1, 1280, 1000]),
  product([1], [1, 1280, 1000], { fresh: 'b' }),
  product([1], [16, 800, 10]),
  product([1], [16, 800, 10], { fresh: 'b' }),
  product([1], [16, 128, 128]),
  product([1], [64, 64, 64]),
  product([1], [196, 256, 64]),
  product([1], [256, 256, 256]),
  product([1], [16, 10, 800], { transposeB: true, fresh: 'b' }),
  product([1], [800, 16, 10], { transposeA: true }),
  product([1], [1, 512, 10], { transposeB: true }),
  product([1], [128, 64, 128], { transposeB: true }),
  product([1], [256, 256, 256], { transposeA: true }),
  product([8], [4, 4, 4]),
  product([8], [64, 32, 64], { transposeB: true }),
  product([12], [64, 64, 32]),
  product([1], [2, 3, 4], { activation: 'relu' }),
  product([1], [1, 1280, 100], { activation: 'linear' }),
  product([1], [1, 512, 10], { activation: 'linear' }),
  product([1], [1, 128, 1024], { activation: 'relu' }),
  product([1], [1, 1280, 1000], { activation: 'linear' }),
  product([1], [16, 800, 10], { activation: 'linear' }),
  product([1], [16, 800, 10], { activation: 'linear', fresh: 'b' }),
  product([1], [32, 256, 128], { activation: 'relu' }),
  product([1], [1, 512, 10], { activation: 'linear', transposeB: true }),
  product([1], [128, 128, 128], { activation: 'elu' }),
];

/** A row and a column of zeros behind the last. */
const BORDER = [
  [0, 0],
  [0, 1],
  [0, 1],
  [0, 0],
];

const MOVES: KernelShape[] = [
  tile([1, 1, 8], [1, 4, 1]),
  tile([16, 1], [1, 10]),
  tile([1, 1, 1, 64], [1, 28, 28, 1]),
  tile([28, 28, 3], [2, 2, 1]),
  concat(0, [1, 4], [1, 4]),
  concat(3, [1, 4, 4, 2], [1, 4, 4, 3]),
  concat(3, [1, 28, 28, 64], [1, 28, 28, 64]),
  concat(3, [1, 64, 64, 64], [1, 64, 64, 4]),
  concat(1, [1, 1917, 4], [1, 600, 4], [1, 150, 4]),
  concat(1, [1, 28, 28, 64], [1, 28, 28, 64]),
  slice([8], [2], [4]),
  slice([16, 28, 28, 1], [4, 0, 0, 0], [4, 28, 28, 1]),
  slice([1, 56, 56, 64], [0, 0, 0, 0], [1, 56, 56, 32]),
  slice([1, 56, 56, 64], [0, 4, 4, 0], [1, 48, 48, 64]),
  stridedSlice([8], [0], [8], [2]),
  stridedSlice([1, 40, 40, 96], [0, 0, 0, 0], [1, 40, 40, 96], [1, 2, 2, 1]),
  stridedSlice([1, 224, 224, 3], [0, 0, 0, 0], [1, 224, 224, 3], [1, 1, 1, 2]),
  split([1, 4, 4, 4], 2, 3),
  split([1, 28, 28, 64], 4, 3),
  split([16, 512], 4, 1),
  call('DepthToSpace', '1x4x4x4 by 2', { x: [1, 4, 4, 4] }, { blockSize: 2, ...NHWC }, 64),
  call('DepthToSpace', '1x64x64x12 by 2', { x: [1, 64, 64, 12] }, { blockSize: 2, ...NHWC }, 49152),
  single('Identity', [4]),
  single('Identity', [1, 56, 56, 64]),
  single('Cast', [4], { dtype: 'float32' }),
  single('Cast', [1, 56, 56, 64], { dtype: 'float32' }),
  ...[
    [1, 4, 4, 2],
    [1, 26, 26, 128],
    [1, 224, 224, 3],
  ].map((x) => single('PadV2', x, { paddings: BORDER, constantValue: 0 })),
];

const ELEMENTWISE: KernelShape[] = [
  batchNorm([1, 4, 4, 2]),
  batchNorm([16, 7, 7, 16]),
  batchNorm([1, 14, 14, 96]),
  batchNorm([1, 56, 56, 64]),
  batchNorm([1, 112, 112, 32]),
  batchNorm([1, 7, 7, 1280]),
  batchNorm([16, 128]),
  ...['Add', 'Sub', 'Multiply', 'RealDiv', 'Maximum', 'Minimum', 'SquaredDifference'].flatMap((kernel) => [
    pair(kernel, [4], [4]),
    pair(kernel, [5, 5, 8, 16], []),
    pair(kernel, [5, 5, 8, 16], [5, 5, 8, 16]),
    pair(kernel, [16, 10], [10]),
    pair(kernel, [16, 10], [16, 1]),
    pair(kernel, [1, 28, 28, 64], [64]),
    pair(kernel, [1, 28, 28, 64], [1, 28, 28, 64]),
    pair(kernel, [1, 28, 28, 64], [1, 28, 28, 1]),
    pair(kernel, [1, 112, 112, 64], [1, 112, 112, 64]),
  ]),
  ...['Relu', 'Relu6', 'Step', 'Sigmoid', 'Tanh', 'Exp', 'Elu', 'Sqrt', 'Square', 'Neg', 'Abs', 'Rsqrt', 'Softmax'].flatMap((kernel) => [
    single(kernel, [4], kernel === 'Softmax' ? { dim: 0 } : { alpha: 0 }),
    single(kernel, [16, 10], kernel === 'Softmax' ? { dim: 1 } : { alpha: 0 }),
    single(kernel, [16, 24, 24, 8], kernel === 'Softmax' ? { dim: 3 } : { alpha: 0 }),
  ]),
  ...[[4], [16, 10], [16, 24, 24, 8]].map((x) => single('LeakyRelu', x, { alpha: 0.2 })),
  prelu([16, 10], [10]),
  prelu([16, 24, 24, 8], [24, 24, 8]),
  ...[[4], [1, 14, 14, 96], [1, 112, 112, 32]].map((x) => single('ClipByValue', x, { clipValueMin: 0, clipValueMax: 0.5 })),
  pool('MaxPool', [1, 4, 4, 2], 2, 2),
  pool('MaxPool', [16, 24, 24, 8], 2, 2),
  pool('MaxPool', [1, 112, 112, 64], 3, 2),
  pool('AvgPool', [1, 4, 4, 2], 2, 2),
  pool('AvgPool', [1, 28, 28, 64], 2, 2),
  ...(['Sum', 'Mean'] as const).flatMap((kernel) => [
    reduce(kernel, [4], 0),
    reduce(kernel, [16, 10], 0),
    reduce(kernel, [16, 10], 1),
    reduce(kernel, [16, 24, 24, 8], 0, 1, 2),
    reduce(kernel, [1, 7, 7, 1280], 1, 2),
    reduce(kernel, [1, 28, 28, 64], 3),
    reduce(kernel, [1, 28, 28, 64], 0, 1, 2, 3),
  ]),
];

export const SHAPES: readonly KernelShape[] = [...CONVOLUTIONS, ...DEPTHWISE, ...GRADIENTS, ...PRODUCTS, ...MOVES, ...ELEMENTWISE];
