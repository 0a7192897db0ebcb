import { OptionError, ShapeError } from '../errors.js';
import {
  type ConvGeometry,
  checkNames,
  convGeometry,
  convTransposeGeometry,
  describe,
  show,
  volume,
  xLength,
  yLength,
} from '../geometry/index.js';
import type { ConvShapeOptions, FreshData, Tensor } from '../types.js';
import { checkTensor, weightAxes } from './tensor.js';

/** Most that a matrix may take, sparse or dense. Past it the picture is not the tool. */
const MAX_BYTES = 2 ** 30;

export interface ConvMatrixOptions extends ConvShapeOptions {
  /**
   * The shapes and options are a transposed conv's, and the matrix is of the convolution that it transposes: its rows are
   * the transposed conv's input elements, its columns the output elements, convTranspose(y) = C.multiplyTransposed(y).
   * Default false.
   */
  readonly transposed?: boolean;
}

type FreshIndices = ReturnType<Int32ArrayConstructor['of']>;

export type Vector = Float32Array | Float64Array;

/** The matrix C of a convolution of one image, y = C x, held as compressed sparse rows with ascending columns. */
export interface ConvMatrix {
  readonly rows: number;
  readonly cols: number;
  /** Structural entries: the pairs of an output element and a tap that falls inside the input, whatever the weight's value. */
  readonly nnz: number;
  /** What `multiply` takes, one column for each element in memory order. */
  readonly inputShape: readonly number[];
  /** What `multiply` gives, one row for each element in memory order. */
  readonly outputShape: readonly number[];
  /** C x: the convolution. Sums are float64, rounded when they are stored; pass a Float64Array to keep them whole. */
  multiply(x: Tensor | Vector): FreshData;
  multiply<V extends Vector>(x: Tensor | Vector, out: V): V;
  /** Cᵀ y: the gradient of the input for the upstream gradient y, and the transposed convolution of y. */
  multiplyTransposed(y: Tensor | Vector): FreshData;
  multiplyTransposed<V extends Vector>(y: Tensor | Vector, out: V): V;
  /** @throws ShapeError when rows · cols floats would take more than 1 GiB. */
  toDense(): { data: FreshData; shape: [number, number] };
  /** Row r has the entries rowPointers[r] to rowPointers[r + 1]. Copies. */
  toCsr(): { rowPointers: FreshIndices; columns: FreshIndices; values: FreshData };
}

/**
 * The matrix C of a convolution, the guide's section 4.1 (arXiv 1603.07285) for every stride, padding, dilation, group count,
 * layout and one to three axes: the forward pass is C x, and the backward pass is Cᵀ times the upstream gradient.
 *
 * @param weight [O, I/g, ...k], or [...k, I/g, O] with layout 'channels-last'; its rank says how many axes there are.
 * @param inputShape One image: [C, ...space], or [1, C, ...space], or channels-last.
 * @param options As the conv's, and with `transposed: true` as the transposed conv's, weight [I, O/g, ...k].
 * @throws ShapeError or OptionError where the conv would; ShapeError for more than one image or a matrix past 1 GiB.
 * @example convMatrix({ data: new Float32Array(9).fill(1), shape: [1, 1, 3, 3] }, [1, 4, 4]) // 4 x 16, nnz 36
 */
export function convMatrix(weight: Tensor, inputShape: readonly number[], options: ConvMatrixOptions = {}): ConvMatrix {
  const op = 'convMatrix';
  checkNames(op, options, ['stride', 'padding', 'dilation', 'groups', 'outputPadding', 'outputSize', 'layout', 'transposed']);
  const { transposed = false, ...shapeOptions } = options;
  if (typeof transposed !== 'boolean') throw new OptionError(op, `transposed is ${describe(transposed)}; expected true or false`);
  const weightShape = checkTensor(op, 'weight', weight);
  const geometryOf = transposed ? convTransposeGeometry : convGeometry;
  const problem = geometryOf(op, weightAxes(op, weightShape), inputShape, weightShape, shapeOptions);
  if (problem.geometry.batch !== 1) {
    throw new ShapeError(op, `input is ${show(problem.inputShape)}; the matrix is of one image, every image has the same`);
  }
  const [x, y] = transposed ? [problem.outputShape, problem.inputShape] : [problem.inputShape, problem.outputShape];
  return new SparseMatrix(x, y, compress(op, problem.geometry, weight.data));
}

interface Csr {
  readonly rowPointers: FreshIndices;
  readonly columns: FreshIndices;
  readonly values: FreshData;
  readonly cols: number;
}

function compress(op: string, g: ConvGeometry, weight: Float32Array): Csr {
  const [rows, cols, outputs] = [yLength(g), xLength(g), volume(g.ySize)];
  const [I, O] = [g.xChannels / g.groups, g.yChannels / g.groups];
  const nnz = g.yChannels * I * insidePairs(g, 0) * insidePairs(g, 1) * insidePairs(g, 2);
  const bytes = 4 * (rows + 1) + 8 * nnz;
  if (bytes > MAX_BYTES)
    throw new ShapeError(op, `the matrix is ${rows} x ${cols} with ${nnz} entries, ${bytes} bytes; at most ${MAX_BYTES}`);

  const rowPointers = new Int32Array(rows + 1);
  const [tapList, positionList] = [new Int32Array(volume(g.kernel)), new Int32Array(volume(g.kernel))];
  for (let o = 0; o < outputs; o++) {
    const length = I * tapsInside(g, o, tapList, positionList);
    for (let m = 0; m < g.yChannels; m++) rowPointers[m * g.y.channel + o * g.y.space + 1] = length;
  }
  for (let row = 0; row < rows; row++) rowPointers[row + 1] = (rowPointers[row + 1] as number) + (rowPointers[row] as number);

  const columns = new Int32Array(nnz);
  const values = new Float32Array(nnz);
  const channelsFirst = g.layout === 'channels-first';
  for (let o = 0; o < outputs; o++) {
    const inside = tapsInside(g, o, tapList, positionList);
    // The slower axis of x's memory is the outer loop, so that the columns of a row ascend.
    const [outer, inner] = channelsFirst ? [I, inside] : [inside, I];
    for (let m = 0; m < g.yChannels; m++) {
      const firstX = Math.floor(m / O) * I;
      let entry = rowPointers[m * g.y.channel + o * g.y.space] as number;
      for (let u = 0; u < outer; u++) {
        for (let v = 0; v < inner; v++) {
          const [c, j] = channelsFirst ? [u, v] : [v, u];
          columns[entry] = (firstX + c) * g.x.channel + (positionList[j] as number) * g.x.space;
          values[entry++] = weight[m * g.w.y + c * g.w.x + (tapList[j] as number) * g.w.tap] as number;
        }
      }
    }
  }
  return { rowPointers, columns, values, cols };
}

type Axis = 0 | 1 | 2;

/** How many pairs of an output position and a tap meet inside the input on one axis: the sum over taps of a range of outputs. */
function insidePairs(g: ConvGeometry, axis: Axis): number {
  const [s, d, pad, xSize, ySize] = [g.stride[axis], g.dilation[axis], g.padBefore[axis], g.xSize[axis], g.ySize[axis]];
  let pairs = 0;
  for (let t = 0; t < g.kernel[axis]; t++) {
    // 0 <= o·s + t·d - pad < xSize
    const first = Math.ceil(Math.max(0, pad - t * d) / s);
    const last = Math.min(ySize - 1, Math.floor((xSize - 1 + pad - t * d) / s));
    pairs += Math.max(0, last - first + 1);
  }
  return pairs;
}

/** The taps of output position `o` that fall inside the input, in raster order, and where; returns how many. */
function tapsInside(g: ConvGeometry, o: number, taps: Int32Array, positions: Int32Array): number {
  const [, yHeight, yWidth] = g.ySize;
  const [, kHeight, kWidth] = g.kernel;
  const [, xHeight, xWidth] = g.xSize;
  const [firstD, endD, d] = tapRange(g, 0, Math.floor(o / (yHeight * yWidth)));
  const [firstH, endH, h] = tapRange(g, 1, Math.floor(o / yWidth) % yHeight);
  const [firstW, endW, w] = tapRange(g, 2, o % yWidth);
  let count = 0;
  for (let td = firstD; td < endD; td++) {
    for (let th = firstH; th < endH; th++) {
      for (let tw = firstW; tw < endW; tw++) {
        taps[count] = (td * kHeight + th) * kWidth + tw;
        positions[count++] = ((d + td * g.dilation[0]) * xHeight + h + th * g.dilation[1]) * xWidth + w + tw * g.dilation[2];
      }
    }
  }
  return count;
}

/** [first, end) of the taps of coordinate `o` that fall inside one axis, and the coordinate that tap 0 has. */
function tapRange(g: ConvGeometry, axis: Axis, o: number): [number, number, number] {
  const start = o * g.stride[axis] - g.padBefore[axis];
  const first = Math.ceil(Math.max(0, -start) / g.dilation[axis]);
  const end = Math.min(g.kernel[axis], Math.ceil((g.xSize[axis] - start) / g.dilation[axis]));
  return [first, end, start];
}

class SparseMatrix implements ConvMatrix {
  readonly rows: number;
  readonly cols: number;
  readonly nnz: number;
  readonly #csr: Csr;

  constructor(
    readonly inputShape: readonly number[],
    readonly outputShape: readonly number[],
    csr: Csr,
  ) {
    this.rows = csr.rowPointers.length - 1;
    this.cols = csr.cols;
    this.nnz = csr.values.length;
    this.#csr = csr;
  }

  multiply(x: Tensor | Vector): FreshData;
  multiply<V extends Vector>(x: Tensor | Vector, out: V): V;
  multiply(x: Tensor | Vector, out: Vector = new Float32Array(this.rows)): Vector {
    const { rowPointers, columns, values } = this.#csr;
    const input = vector('convMatrix.multiply', 'x', x, this.cols);
    vector('convMatrix.multiply', 'out', out, this.rows);
    for (let row = 0; row < this.rows; row++) {
      const end = rowPointers[row + 1] as number;
      let sum = 0;
      for (let entry = rowPointers[row] as number; entry < end; entry++) {
        sum += (values[entry] as number) * (input[columns[entry] as number] as number);
      }
      out[row] = sum;
    }
    return out;
  }

  multiplyTransposed(y: Tensor | Vector): FreshData;
  multiplyTransposed<V extends Vector>(y: Tensor | Vector, out: V): V;
  multiplyTransposed(y: Tensor | Vector, out: Vector = new Float32Array(this.cols)): Vector {
    const { rowPointers, columns, values } = this.#csr;
    const input = vector('convMatrix.multiplyTransposed', 'y', y, this.rows);
    vector('convMatrix.multiplyTransposed', 'out', out, this.cols);
    const sums = new Float64Array(this.cols);
    for (let row = 0; row < this.rows; row++) {
      const end = rowPointers[row + 1] as number;
      const value = input[row] as number;
      for (let entry = rowPointers[row] as number; entry < end; entry++) {
        const column = columns[entry] as number;
        sums[column] = (sums[column] as number) + (values[entry] as number) * value;
      }
    }
    out.set(sums);
    return out;
  }

  toDense(): { data: FreshData; shape: [number, number] } {
    const { rows, cols } = this;
    const { rowPointers, columns, values } = this.#csr;
    if (4 * rows * cols > MAX_BYTES) {
      throw new ShapeError('convMatrix.toDense', `the matrix is ${rows} x ${cols}, ${4 * rows * cols} bytes; at most ${MAX_BYTES}`);
    }
    const data = new Float32Array(rows * cols);
    for (let row = 0; row < rows; row++) {
      const end = rowPointers[row + 1] as number;
      for (let entry = rowPointers[row] as number; entry < end; entry++) {
        data[row * cols + (columns[entry] as number)] = values[entry] as number;
      }
    }
    return { data, shape: [rows, cols] };
  }

  toCsr(): { rowPointers: FreshIndices; columns: FreshIndices; values: FreshData } {
    const { rowPointers, columns, values } = this.#csr;
    return { rowPointers: rowPointers.slice(), columns: columns.slice(), values: values.slice() };
  }
}

function vector(op: string, name: string, value: Tensor | Vector, length: number): Vector {
  const data = value instanceof Float32Array || value instanceof Float64Array ? value : value?.data;
  if (!(data instanceof Float32Array || data instanceof Float64Array)) {
    throw new OptionError(op, `${name} is ${describe(value)}; expected a Float32Array, a Float64Array or a Tensor`);
  }
  if (data.length !== length) throw new ShapeError(op, `${name} has ${data.length} elements; expected ${length}`);
  return data;
}
