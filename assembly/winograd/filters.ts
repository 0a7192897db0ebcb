/**
 * Packing of filters: U = G w Gᵀ, the transformed weight, in A panels.
 *
 *   U [group][point][slice of the kernel][block of taps][channel of y / MR][channel of x][MR]
 *
 * By blocks of taps, and channels of y within them, is 1.08 to 1.3 times as fast as the other way round: a point's panels are one run.
 */
import { MR } from '../base/config';
import { Geometry } from '../base/geometry';
import { copyFour } from '../base/lanes';
import { bytes } from '../base/runs';
import { wholeTiles } from '../pack/operand';
import { Axis, endOf, firstOf, layAxis, pointsOf, sizeOf, TapBlock } from './axis';
import { largestOfLanes, magnitude } from './magnitude';
import { layTaps, tapBlocks } from './tap-blocks';
import { transformTaps } from './transforms';
import { ACROSS, COLUMNS, DOWN, PANELS, ROWS } from './workspace';

/**
 * Channels of x whose filters are copied at a time, and the bytes of a tap of them and of a half of a panel's (its first four rows, or its last). Of 4 to 64, 64 are the
 * fastest, and twice as fast as 16 where x's channels lie 1 KiB apart (256→256, channels-last): long runs are fetched ahead.
 */
const FILTERS: i32 = 64;
const TAP: usize = FILTERS << 4;
const HALF: usize = 9 * TAP;

/** One step from a point of U to the next, in bytes: 64 more than its panels, for a power of two would map every point to the same cache set. */
export function pointBytes(g: Geometry): usize {
  return <usize>tapBlocks(g) * blockBytes(g) + 64;
}

/** Of a point of a block of taps. */
export function blockBytes(g: Geometry): usize {
  return bytes(wholeTiles(g.packedChannels, MR) * g.xGroup);
}

/**
 * The largest |w| of each sixteenth of a group's channels, for parts of them may be packed apart: in the gap after the group's last point. A part has a sixteenth at least, or is
 * the last.
 */
const SIXTEENTHS: i32 = 16;
const LARGEST: usize = bytes(SIXTEENTHS);

function sixteenth(g: Geometry, channel: i32): i32 {
  return (channel * SIXTEENTHS) / g.packedChannels;
}

export function groupBytes(g: Geometry, size: i32): usize {
  return <usize>(pointsOf(sizeOf(g.kernelHeight, size)) * pointsOf(sizeOf(g.kernelWidth, size))) * pointBytes(g);
}

export function packedBytes(g: Geometry, size: i32): usize {
  return <usize>g.groups * groupBytes(g, size);
}

/** In runs of x's channels; where y's are nearer in memory, all of y's to a run, for its cache lines hold several panels: 1.3 times as fast at 256→256, channels-last. */
export function pack(g: Geometry, size: i32, w: usize, to: usize, workspace: usize): void {
  const point = pointBytes(g);
  const outputs = g.yGroup;
  const inputs = g.xGroup;
  const run = g.wX > g.wY ? FILTERS : inputs;
  const rows = changetype<Axis>(workspace + ROWS);
  const columns = changetype<Axis>(workspace + COLUMNS);
  layAxis(rows, size, g.kernelHeight, g.strideHeight, g.dilationHeight, 0, 0, 0);
  layAxis(columns, size, g.kernelWidth, g.strideWidth, g.dilationWidth, 0, 0, 0);
  const down = changetype<TapBlock>(workspace + DOWN);
  const across = changetype<TapBlock>(workspace + ACROSS);
  const blocks = tapBlocks(g);
  const filters = workspace + PANELS;
  const between = filters + 2 * HALF;
  for (let group = 0; group < g.groups; group++, to += groupBytes(g, size)) {
    const from = w + bytes(group * g.wGroup);
    let largest = i32x4.splat(0);
    for (let block = 0, panels = to; block < blocks; block++, panels += blockBytes(g)) {
      const slice = from + bytes(layTaps(g, rows, columns, down, across, block) * g.wTapDepth);
      for (let first = 0; first < inputs; first += run) {
        for (let o = 0; o < outputs; o += MR) {
          for (let c = first, end = min(first + run, inputs); c < end; c += FILTERS) {
            const count = min(FILTERS, end - c);
            const u = panels + bytes((g.packedFirst + o) * inputs + c * MR);
            copyFilters(g, slice, rows, columns, down, across, o, c, count, filters);
            largest = i32x4.max_s(largest, transformFilters(rows, columns, down.points, across.points, filters, count, between, u, point));
            if (MR > 4)
              largest = i32x4.max_s(
                largest,
                transformFilters(rows, columns, down.points, across.points, filters + HALF, count, between, u + bytes(MR - 4), point),
              );
          }
        }
      }
    }
    const slots = to + groupBytes(g, size) - LARGEST;
    const bits = largestOfLanes(largest);
    const end = g.packedFirst + outputs;
    for (let slot = sixteenth(g, g.packedFirst), stop = sixteenth(g, end); slot < stop; slot++) store<u32>(slots + bytes(slot), bits);
  }
}

/**
 * A block's taps to [2][places of its window][FILTERS channels of x][4 channels of y], zeros at places without one. Channels past the last of y repeat it: their products are
 * never stored.
 */
function copyFilters(
  g: Geometry,
  w: usize,
  rows: Axis,
  columns: Axis,
  down: TapBlock,
  across: TapBlock,
  o: i32,
  c: i32,
  count: i32,
  to: usize,
): void {
  const o2 = min(o + MR - 4, g.yGroup - 1);
  const next = bytes((o2 - o) * g.wY);
  const first = w + bytes(o * g.wY + c * g.wX + down.origin * g.wTapHeight + across.origin * g.wTapWidth);
  for (let i = 0; i < rows.places; i++) {
    for (let j = 0; j < columns.places; j++, to += TAP) {
      if (i >= down.first && i < down.end && j >= across.first && j < across.end) {
        const tap = first + bytes(i * rows.tapStep * g.wTapHeight + j * columns.tapStep * g.wTapWidth);
        copyFour(to, tap, count, min(4, g.yGroup - o), g.wY, g.wX);
        if (MR > 4) copyFour(to + HALF, tap + next, count, min(4, g.yGroup - o2), g.wY, g.wX);
      } else {
        memory.fill(to, 0, TAP);
        if (MR > 4) memory.fill(to + HALF, 0, TAP);
      }
    }
  }
}

/**
 * U = G w Gᵀ at the points of a block of taps, row by row of them: 36 streams of writes at once are more than a processor fetches ahead. Returns the largest magnitudes of w.
 */
function transformFilters(
  rows: Axis,
  columns: Axis,
  down: i32,
  across: i32,
  filters: usize,
  count: i32,
  between: usize,
  to: usize,
  toStep: usize,
): v128 {
  const run = (<usize>count) << 4;
  const line = <usize>columns.places * TAP;
  let largest = i32x4.splat(0);
  for (let column: usize = 0; column < line; column += TAP) {
    for (let at = filters + column, to = between + column, end = at + run; at < end; at += 16, to += 16) {
      for (let tap = at, stop = at + <usize>rows.places * line; tap < stop; tap += line) {
        largest = i32x4.max_s(largest, magnitude(v128.load(tap)));
      }
      transformTaps(rows.size, down, at, line, to, line);
    }
  }
  const rowStep = <usize>columns.points * toStep;
  for (let row = <usize>firstOf(down), end = <usize>endOf(down); row < end; row++) {
    for (let at = between + row * line, stop = at + run, u = to + row * rowStep; at < stop; at += 16, u += bytes(MR)) {
      transformTaps(columns.size, across, at, TAP, u, toStep);
    }
  }
  return largest;
}

/** The largest |w| of a group, from its U. */
export function largestWeight(g: Geometry, size: i32, u: usize): f32 {
  const slots = u + groupBytes(g, size) - LARGEST;
  const halves = i32x4.max_s(v128.load(slots), v128.load(slots, 16));
  return reinterpret<f32>(largestOfLanes(i32x4.max_s(halves, i32x4.max_s(v128.load(slots, 32), v128.load(slots, 48)))));
}
