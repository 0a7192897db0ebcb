/** From the sums of a gradient of the weight to dw = Gᵀ S G. */
import { NR } from '../base/config';
import { Geometry } from '../base/geometry';
import { transposeFour } from '../base/lanes';
import { bytes } from '../base/runs';
import { endOf, firstOf, TapBlock } from './axis';
import { storeRun } from './output-tiles';
import { Block } from './tiles';
import { transformSums } from './transforms';
import { CHUNK, LANES, POINTS, Side, sumsBytes } from './wgrad-sides';

/** dw = Gᵀ S G; `to` is the weight of the block's first channels, in a slice of the kernel. */
export function storeWeights(
  b: Block,
  g: Geometry,
  rows: Side,
  columns: Side,
  down: TapBlock,
  across: TapBlock,
  sums: usize,
  to: usize,
): void {
  const pointBytes = sumsBytes(rows, columns);
  const rowStep = bytes(g.channelsLast ? g.wX : g.wY);
  const laneStep = bytes(g.channelsLast ? g.wY : g.wX);
  const m = rows.count;
  const n = columns.count;
  to += <usize>rows.begin * rowStep + <usize>columns.begin * laneStep;
  to += bytes(down.origin * g.wTapHeight + across.origin * g.wTapWidth);
  for (let j = 0; j < n; j += NR) {
    for (let i = 0; i < m; i += LANES, sums += CHUNK) {
      for (let row = i, end = min(i + LANES, m), from = sums; row < end; row++, from += bytes(NR)) {
        for (let lane = 0, lanes = min(NR, n - j); lane < lanes; lane += 4) {
          transformFilters(b, down, across, from + bytes(lane), pointBytes);
          storeTaps(b, g, down, across, to + <usize>row * rowStep + <usize>(j + lane) * laneStep, laneStep, min(4, lanes - lane));
        }
      }
    }
  }
}

/** To [places of the window][4 lanes] in the scratch. */
function transformFilters(b: Block, down: TapBlock, across: TapBlock, from: usize, fromStep: usize): void {
  const scratch = b.scratch;
  if (b.points < POINTS) {
    transformSums(from, fromStep, scratch, 16);
    return;
  }
  const half = scratch + 144;
  for (let column = <usize>firstOf(across.points), end = <usize>endOf(across.points); column < end; column++) {
    transformSums(from + column * fromStep, 6 * fromStep, half + (column << 4), 96);
  }
  for (let row = <usize>down.first; row < <usize>down.end; row++) transformSums(half + row * 96, 16, scratch + row * 48, 16);
}

/** The block's taps of `lanes` filters; where a filter's are nine neighbours, they are transposed in fours. */
function storeTaps(b: Block, g: Geometry, down: TapBlock, across: TapBlock, to: usize, laneStep: usize, lanes: i32): void {
  const below = bytes(b.rows.tapStep * g.wTapHeight);
  const beside = bytes(b.columns.tapStep * g.wTapWidth);
  const line = (<usize>b.columns.places) << 4;
  let taps = b.scratch;
  if (lanes == 4 && beside == 4 && below == 12 && down.end - down.first + across.end - across.first == 6) {
    for (const last = taps + 128; taps < last; taps += 64, to += 16) transposeFour(taps, taps + 16, taps + 32, taps + 48, to, laneStep);
    storeRun(to, laneStep, v128.load(taps), 4);
    return;
  }
  to += <usize>down.first * below;
  taps += <usize>down.first * line;
  for (let row = down.first; row < down.end; row++, to += below, taps += line) {
    for (let tap = across.first; tap < across.end; tap++) {
      storeRun(to + <usize>tap * beside, laneStep, v128.load(taps + ((<usize>tap) << 4)), lanes);
    }
  }
}
