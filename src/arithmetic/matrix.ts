import { OptionError, ShapeError } from '../errors.js';
import { checkNames, convGeometry, convTransposeGeometry, describe, show, sizeOf } from '../geometry/index.js';
import type { ConvShapeOptions, FreshData, Tensor } from '../types.js';
import { type Csr, compress, MAX_BYTES, timesBorder } from './csr.js';
import type { FreshIndices } from './indices.js';
import { checkTensor, weightAxes } from './tensor.js';

/** Options of `convMatrix`: those of the convolution, and which it is. */
export interface ConvMatrixOptions extends ConvShapeOptions {
  /**
   * The shapes and options are a transposed conv's, and the matrix is of the convolution that it transposes: its rows are
   * the transposed conv's input elements, its columns the output elements, convTranspose(y) = C.multiplyTransposed(y).
   * Default false.
   */
  readonly transposed?: boolean;
}

/** The elements of x or y. */
export type Vector = Float32Array | Float64Array;

/**
 * The matrix C of a convolution of one image, y = C x, held as compressed sparse rows with ascending columns. With a `padMode` other than zeros a column stands as often in a
 * row as taps meet repetitions of its element.
 */
export interface ConvMatrix {
  /** Elements of y. */
  readonly rows: number;
  /** Elements of x. */
  readonly cols: number;
  /** Structural entries: the pairs of an output element and a tap that falls inside the input or what continues it, whatever the weight's value. */
  readonly nnz: number;
  /** What `multiply` takes, one column for each element in memory order. */
  readonly inputShape: readonly number[];
  /** What `multiply` gives, one row for each element in memory order. */
  readonly outputShape: readonly number[];
  /**
   * C x: the convolution. Sums are float64, rounded when they are stored.
   *
   * @throws ShapeError for another length; OptionError for what is neither a tensor nor a vector.
   */
  multiply(x: Tensor | Vector): FreshData;
  /** Into `out`: a Float64Array keeps the sums whole. */
  multiply<V extends Vector>(x: Tensor | Vector, out: V): V;
  /** Cᵀ y: the gradient of the input for the upstream gradient y, and the transposed convolution of y. Throws as `multiply`. */
  multiplyTransposed(y: Tensor | Vector): FreshData;
  /** Into `out`: a Float64Array keeps the sums whole. */
  multiplyTransposed<V extends Vector>(y: Tensor | Vector, out: V): V;
  /**
   * All of it, with the zeros.
   *
   * @throws ShapeError when rows · cols floats would take more than 1 GiB.
   */
  toDense(): {
    /** Row by row. */
    data: FreshData;
    /** [rows, cols]. */
    shape: [number, number];
  };
  /** The entries, as copies: those of row r are rowPointers[r] up to rowPointers[r + 1], without the latter. */
  toCsr(): {
    /** rows + 1 positions in `columns` and `values`. */
    rowPointers: FreshIndices;
    /** The column of each entry; in a row they ascend. */
    columns: FreshIndices;
    /** The weight's value of each entry. */
    values: FreshData;
  };
}

/**
 * The matrix C of a convolution, the guide's section 4.1 (arXiv 1603.07285) for every stride, padding, dilation, group count,
 * layout and one to three axes: the forward pass is C x, and the backward pass is Cᵀ times the upstream gradient.
 *
 * @param weight [O, I/g, ...k], or [...k, I/g, O] with layout 'channels-last'; its rank says how many axes there are.
 * @param inputShape One image: [C, ...space], or [1, C, ...space], or channels-last.
 * @param options As the conv's, and with `transposed: true` as the transposed conv's, weight [I, O/g, ...k].
 * @throws ShapeError or OptionError where the conv would; ShapeError for more than one image or a matrix past 1 GiB.
 * @example
 * ```js
 * const C = convMatrix({ data: Float32Array.of(1, 2), shape: [1, 1, 2] }, [1, 3]);
 * C.toDense().data; // [1, 2, 0, 0, 1, 2]
 * C.multiply(Float32Array.of(3, 4, 5)); // [11, 14]
 * C.multiplyTransposed(Float32Array.of(1, 1)); // [1, 3, 2]
 * ```
 */
export function convMatrix(weight: Tensor, inputShape: readonly number[], options: ConvMatrixOptions = {}): ConvMatrix {
  const op = 'convMatrix';
  checkNames(op, options, ['stride', 'padding', 'padMode', 'dilation', 'groups', 'outputPadding', 'outputSize', 'layout', 'transposed']);
  const { transposed = false, ...shapeOptions } = options;
  if (typeof transposed !== 'boolean') throw new OptionError(op, `transposed is ${describe(transposed)}; expected true or false`);
  const weightShape = checkTensor(op, 'weight', weight);
  const geometryOf = transposed ? convTransposeGeometry : convGeometry;
  const problem = geometryOf(op, weightAxes(op, weightShape), inputShape, weightShape, shapeOptions);
  if (problem.geometry.batch !== 1) {
    throw new ShapeError(op, `input is ${show(problem.inputShape)}; the matrix is of one image, every image has the same`);
  }
  const [x, y] = transposed ? [problem.outputShape, problem.inputShape] : [problem.inputShape, problem.outputShape];
  const { border } = problem.geometry;
  const matrix = compress(op, problem.geometry, weight.data);
  return new SparseMatrix(x, y, border ? timesBorder(matrix, border, sizeOf(x)) : matrix);
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
        const at = row * cols + (columns[entry] as number);
        data[at] = (data[at] as number) + (values[entry] as number);
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
