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
  yDepthStep: i32;
  yHeightStep: i32;
  yWidthStep: i32;
  wY: i32;
  wX: i32;
  wTapDepth: i32;
  wTapHeight: i32;
  wTapWidth: i32;
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
  /** Step from a position of y to the next in raster order, where that is one number. */
  get ySpace(): i32 {
    return this.yWidthStep;
  }
  /**
   * Step between neighbouring rows of the column matrix within the weight, where that is one number: channel-major rows in
   * channels-first, tap-major ones in channels-last, as the weight lies in memory.
   */
  get wRow(): i32 {
    return this.channelsLast ? this.wX : this.wTapWidth;
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
