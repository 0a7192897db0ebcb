import { ShapeError } from '../errors.js';
import { type Border, type ConvGeometry, forLines, volume, xLength, yLength } from '../geometry/index.js';
import type { FreshData } from '../types.js';
import type { FreshIndices } from './indices.js';

/** Most that a matrix may take, sparse or dense. Past it the picture is not the tool. */
export const MAX_BYTES = 2 ** 30;

/** Compressed sparse rows. */
export interface Csr {
  readonly rowPointers: FreshIndices;
  readonly columns: FreshIndices;
  readonly values: FreshData;
  readonly cols: number;
}

/** C of one image. */
export function compress(op: string, g: ConvGeometry, weight: Float32Array): Csr {
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

/** C P: what stands at an element of the padded input belongs to the element of x that it repeats. A row may then have a column more than once. */
export function timesBorder({ rowPointers, columns, values }: Csr, { length, inside, edges }: Border, cols: number): Csr {
  const sources = new Int32Array(length);
  forLines(inside, (from, to, count, fromStep, toStep) => {
    for (let i = 0; i < count; i++) sources[to + i * toStep] = from + i * fromStep;
  });
  for (const edge of edges) {
    forLines(edge, (from, to, count, fromStep, toStep) => {
      for (let i = 0; i < count; i++) sources[to + i * toStep] = sources[from + i * fromStep] as number;
    });
  }
  const made = { rowPointers, columns: columns.map((column) => sources[column] as number), values: values.slice(), cols };
  for (let row = 0; row + 1 < rowPointers.length; row++) {
    const [start, end] = [rowPointers[row] as number, rowPointers[row + 1] as number];
    const at = Array.from({ length: end - start }, (_, i) => start + i);
    at.sort((a, b) => (made.columns[a] as number) - (made.columns[b] as number));
    made.values.set(
      at.map((entry) => values[entry] as number),
      start,
    );
    made.columns.subarray(start, end).sort();
  }
  return made;
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
