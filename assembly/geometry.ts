/**
 * The geometry of a convolution matrix, as src/geometry derives it: i32 fields in the order in which src/wasm/descriptor.ts writes them.
 * Axes are depth, height, width; strides are in elements.
 */
@unmanaged
export class Geometry {
  batch: i32;
  groups: i32;
  xChannels: i32;
  yChannels: i32;
  xDepth: i32;
  xHeight: i32;
  xWidth: i32;
  yDepth: i32;
  yHeight: i32;
  yWidth: i32;
  kernelDepth: i32;
  kernelHeight: i32;
  kernelWidth: i32;
  strideDepth: i32;
  strideHeight: i32;
  strideWidth: i32;
  dilationDepth: i32;
  dilationHeight: i32;
  dilationWidth: i32;
  padDepth: i32;
  padHeight: i32;
  padWidth: i32;
  xBatch: i32;
  xChannel: i32;
  xSpace: i32;
  yBatch: i32;
  yChannel: i32;
  ySpace: i32;
  wY: i32;
  wX: i32;
  wTap: i32;
  channelsLast: i32;

  /** Channels of one group. */
  get xGroup(): i32 {
    return this.xChannels / this.groups;
  }
  get yGroup(): i32 {
    return this.yChannels / this.groups;
  }
  get taps(): i32 {
    return this.kernelDepth * this.kernelHeight * this.kernelWidth;
  }
  /** Rows of one group's column matrix. */
  get rows(): i32 {
    return this.xGroup * this.taps;
  }
  /** Columns of the column matrix: positions of y. */
  get positions(): i32 {
    return this.yDepth * this.yHeight * this.yWidth;
  }
  /** Step between neighbouring rows of the column matrix within the weight: the rows are in the weight's own order. */
  get wRow(): i32 {
    return this.channelsLast ? this.wX : this.wTap;
  }
  /** A 1×1 kernel that meets every position of x once: the column matrix is x itself. */
  get pointwise(): bool {
    return (
      this.taps == 1 &&
      this.positions == this.xDepth * this.xHeight * this.xWidth &&
      (this.strideDepth | this.strideHeight | this.strideWidth) == 1 &&
      (this.padDepth | this.padHeight | this.padWidth) == 0
    );
  }
}
