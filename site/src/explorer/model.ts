/**
 * Everything that the explorer shows, asked of the library. An operation is seen as its matrix C, y = C x: a transposed convolution and a gradient
 * have the x, w and y of the convolution that they belong to, of which one is the result.
 */
import type { ConvOp, ConvShapeOptions, Kernels, Tensor } from 'simdconv';
import { type ConvMatrix, convMatrix } from 'simdconv/arithmetic';
import type { Op, State } from './state.js';
import { filled } from './values.js';

export type Key = 'x' | 'w' | 'y';
export type Colour = 'input' | 'kernel' | 'output' | 'gradient';

/** One of the three tensors of C, as this operation knows it. */
export interface Shown {
  readonly key: Key;
  /** x, w, y, dx, dw or dy. */
  readonly name: string;
  readonly title: string;
  readonly colour: Colour;
  readonly tensor: Tensor;
  readonly space: readonly number[];
  /** The channel axes: none where there is one channel. */
  readonly lead: readonly number[];
}

/** The pairs of an output and a tap that meet inside the input: entry e of C stands at (rows[e], columns[e]) and is w[taps[e]]. */
export interface Meetings {
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  readonly taps: Int32Array;
}

export interface Model {
  readonly state: State;
  readonly x: Shown;
  readonly w: Shown;
  readonly y: Shown;
  /** What C holds: w, also where its gradient is the result. */
  readonly kernel: Shown;
  readonly result: Key;
  readonly matrix: ConvMatrix;
  readonly meetings: Meetings;
  /** Of the convolution that C is: what stands before and after x on each axis. */
  readonly pads: readonly (readonly [before: number, after: number])[];
  /** The same meetings on the padded x, where every tap meets something; and its sizes. */
  readonly padded: { readonly meetings: Meetings; readonly space: readonly number[] };
  /** The output of the forward convolution, which is not the upstream gradient. */
  readonly forward: Tensor;
}

/** What the library calls the op of so many axes. */
export function opsOf(kernels: Kernels, axes: 1 | 2): { readonly conv: ConvOp; readonly transposed: ConvOp } {
  return axes === 1
    ? { conv: kernels.conv1d, transposed: kernels.convTranspose1d }
    : { conv: kernels.conv2d, transposed: kernels.convTranspose2d };
}

/** As the library takes them; outputPadding of a transposed convolution alone. */
export function optionsOf(state: State): ConvShapeOptions {
  const { stride, dilation, groups, before, after, outputPadding, op } = state;
  const padding = before.map((pad, axis): [number, number] => [pad, after[axis] ?? 0]);
  return { stride, dilation, groups, padding, ...(op === 'transposed' && { outputPadding }) };
}

/** The most positions of an axis, and entries of C, that can be drawn so that they can be read. */
const MOST = { positions: 24, entries: 5000 };

/** @throws ShapeError or OptionError of the library; RangeError for what is too large to be seen */
export function compute(kernels: Kernels, state: State): Model {
  const { op, axes, channels, groups, kernel, input } = state;
  const { conv, transposed } = opsOf(kernels, axes);
  const options = optionsOf(state);
  const perGroup = channels / groups;
  const weight = tensor(filled(state.w, kernel, channels * perGroup, 'kernel'), [channels, perGroup, ...kernel]);
  const source = tensor(filled(state.x, input, channels, 'input'), [1, channels, ...input]);

  if (op === 'transposed') {
    const result = transposed(source, weight, options);
    return assemble(state, { x: result, w: weight, y: source }, convMatrix(weight, source.shape, { ...options, transposed: true }), {
      weight,
      forward: source,
    });
  }
  const forward = conv(source, weight, options);
  const gradOutput = tensor(filled(state.dy, forward.shape.slice(2), channels, 'gradient'), forward.shape);
  const matrix = convMatrix(weight, source.shape, options);
  const of: Readonly<Record<Exclude<Op, 'transposed'>, () => Triple>> = {
    conv: () => ({ x: source, w: weight, y: forward }),
    gradInput: () => ({ x: conv.gradInput(gradOutput, weight, source.shape, options), w: weight, y: gradOutput }),
    gradWeight: () => ({ x: source, w: conv.gradWeight(gradOutput, source, weight.shape, options), y: gradOutput }),
  };
  return assemble(state, of[op](), matrix, { weight, forward });
}

type Triple = Readonly<Record<Key, Tensor>>;

const NAMES: Readonly<
  Record<Op, { readonly result: Key } & Readonly<Record<Key, readonly [name: string, title: string, colour: Colour]>>>
> = {
  conv: { result: 'y', x: ['x', 'input', 'input'], w: ['w', 'kernel', 'kernel'], y: ['y', 'output', 'output'] },
  transposed: { result: 'x', x: ['y', 'output', 'output'], w: ['w', 'kernel', 'kernel'], y: ['x', 'input', 'input'] },
  gradInput: {
    result: 'x',
    x: ['dx', 'gradient of the input', 'output'],
    w: ['w', 'kernel', 'kernel'],
    y: ['dy', 'upstream gradient', 'gradient'],
  },
  gradWeight: {
    result: 'w',
    x: ['x', 'input', 'input'],
    w: ['dw', 'gradient of the kernel', 'output'],
    y: ['dy', 'upstream gradient', 'gradient'],
  },
};

function assemble(
  state: State,
  tensors: Triple,
  matrix: ConvMatrix,
  { weight, forward }: { readonly weight: Tensor; readonly forward: Tensor },
): Model {
  const names = NAMES[state.op];
  const shown = (key: Key): Shown => {
    const { [key]: each } = tensors;
    const [name, title, colour] = names[key];
    const lead = (key === 'w' ? each.shape.slice(0, 2) : each.shape.slice(1, 2)).filter((size) => size > 1);
    return { key, name, title, colour, tensor: each, space: each.shape.slice(2), lead };
  };
  const [x, w, y] = [shown('x'), shown('w'), shown('y')];
  for (const size of [...x.space, ...y.space]) {
    if (size > MOST.positions) throw new RangeError(`An axis has ${size} positions. This page draws at most ${MOST.positions}.`);
  }
  if (matrix.nnz > MOST.entries) throw new RangeError(`The matrix has ${matrix.nnz} entries. This page draws at most ${MOST.entries}.`);

  const { stride, dilation, groups, before, after, op } = state;
  // Rows that output padding adds are a crop of what the convolution back pads at the end.
  const pads = before.map((pad, axis): [number, number] => [
    pad,
    (after[axis] ?? 0) - (op === 'transposed' ? (state.outputPadding[axis] ?? 0) : 0),
  ]);
  const indices = tensor(
    w.tensor.data.map((_, index) => index),
    w.tensor.shape,
  );
  const inside = op === 'transposed' ? { ...optionsOf(state), transposed: true } : optionsOf(state);
  const paddedSpace = x.space.map((size, axis) => size + (pads[axis]?.[0] ?? 0) + (pads[axis]?.[1] ?? 0));
  return {
    state,
    x,
    w,
    y,
    kernel: names.result === 'w' ? { ...w, name: 'w', title: 'kernel', colour: 'kernel', tensor: weight } : w,
    result: names.result,
    matrix,
    meetings: meetingsOf(convMatrix(indices, (op === 'transposed' ? y : x).tensor.shape, inside)),
    pads,
    padded: {
      meetings: meetingsOf(convMatrix(conventional(indices, state), [state.channels, ...paddedSpace], { stride, dilation, groups })),
      space: paddedSpace,
    },
    forward,
  };
}

/** A transposed weight [I, O/g, ...k] is the weight [O', I'/g, ...k] of the convolution that it transposes, as it is. */
const conventional = (weight: Tensor, { channels, groups, kernel }: State): Tensor =>
  tensor(weight.data, [channels, channels / groups, ...kernel]);

/** Entries of a matrix whose weight was the numbers of its own taps. */
export function meetingsOf(matrix: ConvMatrix): Meetings {
  const { rowPointers, columns, values } = matrix.toCsr();
  const rows = new Int32Array(columns.length);
  for (let row = 0; row < matrix.rows; row++) rows.fill(row, rowPointers[row], rowPointers[row + 1]);
  return { rows, columns, taps: Int32Array.from(values) };
}

export const tensor = (data: Float32Array, shape: readonly number[]): Tensor => ({ data, shape });

export const volume = (sizes: readonly number[]): number => sizes.reduce((product, size) => product * size, 1);

/** Coordinates of an element: its channels, where there are several, then its place. */
export function coordinates({ lead, space }: Pick<Shown, 'lead' | 'space'>, index: number): number[] {
  const sizes = [...lead, ...space];
  let rest = index;
  const at = sizes.map(() => 0);
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    const size = sizes[axis] ?? 1;
    at[axis] = rest % size;
    rest = Math.floor(rest / size);
  }
  return at;
}

export const nameAt = (shown: Shown, index: number): string => `${shown.name}[${coordinates(shown, index).join(', ')}]`;

/** A number as it is written everywhere on the page. */
export const written = (value: number | undefined): string =>
  value === undefined ? '' : String(Number(value.toPrecision(6))).replace('-', '−');

/** The largest difference between two tensors of one size. */
export const largestDifference = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, index) => Math.max(most, Math.abs(value - (b[index] ?? Number.NaN))), 0);
