/** The panels of a side of a gradient of the weight: Bᵀ x B or A dy Aᵀ of tiles, four channels at a time, as the products want them. */
import { WINOGRAD_TILES } from '../base/config';
import { Geometry } from '../base/geometry';
import { bytes } from '../base/runs';
import { endOf, firstOf } from './axis';
import { clearLines, fillLines } from './input-tiles';
import { Block, placeTiles, TILE_BYTES, Tile } from './tiles';
import { transformGradient, transformInput } from './transforms';
import { LANES, Side } from './wgrad-sides';

/** Panels of tiles [first, first + count), placed by runs that end with a row of tiles where they can: a run's line buffer is of whole rows, or of a part of one. */
export function packTiles(b: Block, g: Geometry, side: Side, first: i32, count: i32): void {
  const width = side.width;
  const end = first + count;
  for (b.first = first; b.first < end; b.first += b.count) {
    const last = min(end, b.first + WINOGRAD_TILES);
    const inRow = last % b.across;
    b.count = last - b.first - (inRow < last - b.first ? inRow : 0);
    placeTiles(b, g);
    clearLines(b);
    const to = side.panels + bytes((b.first - first) * width);
    for (let c = 0; c < side.channels; c += LANES) {
      fillLines(b, g, side.image, side.from + bytes(c * side.image.channel), min(LANES, side.channels - c));
      transformTiles(b, side, to + <usize>(c / width) * side.panel + bytes(c % width));
    }
  }
}

/** The line buffer's tiles, four channels of each. */
function transformTiles(b: Block, side: Side, to: usize): void {
  const step = bytes(side.width);
  for (let tile = b.tiles, end = tile + <usize>b.count * TILE_BYTES; tile < end; tile += TILE_BYTES, to += step) {
    transformTile(b, side, b.buffer + changetype<Tile>(tile).buffer, to);
  }
}

/** Bᵀ x B or A dy Aᵀ at the side's points. */
function transformTile(b: Block, side: Side, from: usize, to: usize): void {
  const step = (<usize>b.columns.outputStep) << 4;
  const point = side.point;
  const down = side.down;
  const across = side.across;
  if (b.rows.size == 1) transform(side, across, from, step, to, point);
  else if (b.columns.size == 1) transform(side, down, from, b.bufferStep, to, point);
  else {
    // A loop for each, for asking at every vector which it is takes 1.1 to 1.15 times as long with 16 channels.
    const line: usize = 96;
    const scratch = b.scratch;
    const fromStep = b.bufferStep;
    const toStep = 6 * point;
    const begin = <usize>firstOf(down) * line;
    const last = scratch + <usize>endOf(down) * line;
    to += <usize>firstOf(down) * toStep;
    if (side.gradient) {
      for (let at = scratch, end = at + 64; at < end; at += 16, from += step) transformGradient(down, from, fromStep, at, line);
      for (let at = scratch + begin; at < last; at += line, to += toStep) transformGradient(across, at, 16, to, point);
    } else {
      const first = <usize>firstOf(across);
      from += first * step;
      for (let at = scratch + (first << 4), end = scratch + ((<usize>endOf(across)) << 4); at < end; at += 16, from += step) {
        transformInput(4, down, from, fromStep, at, line);
      }
      for (let at = scratch + begin; at < last; at += line, to += toStep) transformInput(4, across, at, 16, to, point);
    }
  }
}

function transform(side: Side, points: i32, from: usize, fromStep: usize, to: usize, toStep: usize): void {
  if (side.gradient) transformGradient(points, from, fromStep, to, toStep);
  else transformInput(4, points, from, fromStep, to, toStep);
}
