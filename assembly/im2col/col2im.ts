/** The adjoint of im2col: every entry of the columns is added to the element of x that it was read from. */
import { Geometry } from '../base/geometry';
import { bytes } from '../base/runs';
import { walkChannels, walkPositions } from './column-lines';

/** x[n] = Σ of columns[n][channel · taps + tap][position]; x is written in full. */
export function col2im(g: Geometry, columns: usize, x: usize): void {
  const taps = g.taps;
  const positions = g.positions;
  const rowBytes = bytes(positions);
  for (let n = 0; n < g.batch; n++, x += bytes(g.xBatch)) {
    memory.fill(x, 0, bytes(g.xBatch));
    for (let channel = 0; channel < g.xChannels; channel++) {
      const plane = x + bytes(channel * g.xChannel);
      for (let tap = 0; tap < taps; tap++, columns += rowBytes) walkPositions(g, plane, tap, 0, positions, columns, true);
    }
  }
}

/**
 * Adds a block of a group's column matrix into x: rows [row, row + rows), positions [position, position + positions), each line of the block (a row
 * in channels-first, a position in channels-last) `stride` elements from the next.
 *
 * Called with the blocks of positions from last to first, it adds to each element of x in the order of the taps, whatever the block sizes: a later tap
 * meets an element from an earlier position.
 */
export function scatterBlock(g: Geometry, columns: usize, stride: i32, row: i32, rows: i32, position: i32, positions: i32, x: usize): void {
  const step = bytes(stride);
  if (g.channelsLast) {
    for (let p = positions - 1; p >= 0; p--) walkChannels(g, x, position + p, row, row + rows, columns + <usize>p * step, true);
  } else {
    const taps = g.taps;
    for (let r = row; r < row + rows; r++, columns += step) {
      walkPositions(g, x + bytes((r / taps) * g.xChannel), r % taps, position, position + positions, columns, true);
    }
  }
}
