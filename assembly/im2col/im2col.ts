/** Unrolling: x → columns, whole for `unfold`, or a line at a time for the packing of a product's operand. */

import { Geometry } from '../base/geometry';
import { bytes } from '../base/runs';
import { walkChannels, walkPositions } from './column-lines';

/** columns[n][channel · taps + tap][position] for every image, dense, whatever the layout of x. */
export function im2col(g: Geometry, x: usize, columns: usize): void {
  const taps = g.taps;
  const positions = g.positions;
  const rowBytes = bytes(positions);
  for (let n = 0; n < g.batch; n++, x += bytes(g.xBatch)) {
    for (let channel = 0; channel < g.xChannels; channel++) {
      const plane = x + bytes(channel * g.xChannel);
      for (let tap = 0; tap < taps; tap++, columns += rowBytes) walkPositions(g, plane, tap, 0, positions, columns, false);
    }
  }
}

/**
 * Entries [from, to) of one line of the column matrix of a group: in channels-first row `at` along positions,
 * in channels-last position `at` along rows.
 */
export function columnLine(g: Geometry, x: usize, at: i32, from: i32, to: i32, line: usize): void {
  if (g.channelsLast) {
    walkChannels(g, x, at, from, to, line, false);
  } else {
    const taps = g.taps;
    walkPositions(g, x + bytes((at / taps) * g.xChannel), at % taps, from, to, line, false);
  }
}
