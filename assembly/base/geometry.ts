/**
 * What the kernels see of a convolution: x is read through the window of the kernel, y has a value for every position of the window. scripts/layout.ts
 * hands its fields to src/wasm/conv-view.ts, which writes them. Axes are depth, height, width; strides and steps are in elements; steps of taps and pads may be negative. For depthwise
 * kernels those of x and y too, which then begins at the last element, and dilations.
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
  /** How far apart elements of x stand for the window, with none between them: 1, or the strides of the convolution whose adjoint this is. */
  spreadDepth: i32;
  spreadHeight: i32;
  spreadWidth: i32;
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
  wGroup: i32;
  wY: i32;
  wX: i32;
  wTapDepth: i32;
  wTapHeight: i32;
  wTapWidth: i32;
  channelsLast: i32;
  /** Whether this is x = Cᵀ y as it stands, which multiplies no padding. */
  adjoint: i32;
  /** Of a packed weight: channels of y in a group that it has, and the first of them that this part of a view computes, which begins a tile. */
  packedChannels: i32;
  packedFirst: i32;

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
  /** Whether one step leads from each position of y to the next. */
  get yRaster(): bool {
    const row = this.yWidth * this.yWidthStep;
    return (this.yHeight == 1 || this.yHeightStep == row) && (this.yDepth == 1 || this.yDepthStep == this.yHeight * row);
  }
  /** Where the weight of a row of the column matrix lies: (channel, tap) rows in channels-first, (tap, channel) rows in channels-last. */
  wRowOffset(row: i32): i32 {
    const channel = this.channelsLast ? row % this.xGroup : row / this.taps;
    const tap = this.channelsLast ? row / this.xGroup : row % this.taps;
    const width = tap % this.kernelWidth;
    const height = (tap / this.kernelWidth) % this.kernelHeight;
    const depth = tap / (this.kernelWidth * this.kernelHeight);
    return channel * this.wX + depth * this.wTapDepth + height * this.wTapHeight + width * this.wTapWidth;
  }
  /** Step from a row's weight to the next, within a run of `wRowRun` rows. */
  get wRowStep(): i32 {
    return this.channelsLast || this.taps == 1 ? this.wX : this.wTapWidth;
  }
  /** How many rows lie one step apart: all of them for a weight as it lies in memory, else the taps of a channel, a row of the kernel, or the channels of a tap. */
  get wRowRun(): i32 {
    if (this.taps == 1) return this.rows;
    const raster =
      (this.kernelHeight == 1 || this.wTapHeight == this.kernelWidth * this.wTapWidth) &&
      (this.kernelDepth == 1 || this.wTapDepth == this.kernelHeight * this.kernelWidth * this.wTapWidth);
    if (this.channelsLast) return raster && this.wTapWidth == this.xGroup * this.wX ? this.rows : this.xGroup;
    if (!raster) return this.kernelWidth;
    return this.wX == this.taps * this.wTapWidth ? this.rows : this.taps;
  }
  /** Taps of a kernel row that are one run of x in channels-last: all of them, channels and all, without dilation and groups. */
  get tapsAcross(): i32 {
    return this.dilationWidth == 1 && this.xSpace == this.xGroup ? this.kernelWidth : 1;
  }
  /** A 1×1 kernel that meets every position of x once: the column matrix is x itself. */
  get pointwise(): bool {
    return (
      this.taps == 1 &&
      this.yDepth == this.xDepth &&
      this.yHeight == this.xHeight &&
      this.yWidth == this.xWidth &&
      (this.strideDepth | this.strideHeight | this.strideWidth) == 1 &&
      (this.padDepth | this.padHeight | this.padWidth) == 0
    );
  }
}
