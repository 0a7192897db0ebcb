/** From a block of a product to places of y that are not next to each other: the positions of one phase of a transposed convolution. */
import { Element } from '../base/element';
import { Geometry } from '../base/geometry';
import { bytes, copyRun } from '../base/runs';

/** A channels × positions block (channels-first): rows of y's positions are strided runs. */
export function placeChannels(g: Geometry, block: usize, position: i32, positions: i32, channels: i32, y: usize): void {
  const width = g.yWidth;
  const step = bytes(g.yWidthStep);
  for (let channel = 0; channel < channels; channel++, y += bytes(g.yChannel)) {
    let at = position;
    const end = position + positions;
    while (at < end) {
      const column = at % width;
      const run = min(width - column, end - at);
      let to = y + bytes(placeOf(g, at));
      for (const stop = block + bytes(run); block < stop; block += sizeof<Element>(), to += step) store<Element>(to, load<Element>(block));
      at += run;
    }
  }
}

/** A positions × channels block (channels-last): every position is a contiguous run. */
export function placePositions(g: Geometry, block: usize, position: i32, positions: i32, channels: i32, y: usize): void {
  for (let at = position; at < position + positions; at++, block += bytes(channels)) {
    copyRun(y + bytes(placeOf(g, at)), block, channels);
  }
}

function placeOf(g: Geometry, position: i32): i32 {
  const row = position / g.yWidth;
  return (row / g.yHeight) * g.yDepthStep + (row % g.yHeight) * g.yHeightStep + (position % g.yWidth) * g.yWidthStep;
}
