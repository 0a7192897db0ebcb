/**
 * Convolution by Fourier transforms, where a group has one channel of x: of stride and dilation 1, one slice deep, with 8 taps or more along the width. It pays from a hundred taps on.
 *
 * Overlap-save: a tile of n points, a power of two along each axis, has n - taps + 1 outputs, those that do not go round its end.
 *
 *   x ──▶ two tiles (tiles.ts) ──▶ a plane (planes.ts), judged on the way (outliers.ts) ──▶ its spectrum · that of the kernel ──▶ two tiles of y
 *                                                                                      outputs that transforms may not compute, by direct sums
 *
 * With `height` 1 the kernel is one row, and a plane is four pairs of tiles.
 *
 *   packed [channel of y][spectrum of the kernel | its taps | their largest magnitude]
 */
import { biasSplat, prepareEpilogue } from '../base/epilogue';
import { Geometry } from '../base/geometry';
import { bytes } from '../base/runs';
import { gather } from '../direct/line-buffer';
import { blockAcross, blockOf, isInRange, sumOthers, weave } from './outliers';
import { multiply, transformBoth, VALUE } from './planes';
import { gatherTile, pairsOf, placeTile, storeTile, TILE_BYTES, Tile } from './tiles';
import { layRoots } from './transform';
import { BLOCKS, PART, ROOTS, TILES } from './workspace';

/** Bytes of a plane. */
function planeBytes(height: i32, width: i32): usize {
  return <usize>((height == 1 ? 4 : height) * width) * VALUE;
}

/** Where the packed weight of y's o-th channel is, in a packed weight. */
function packedOf(g: Geometry, o: i32, plane: usize): usize {
  const index = (o / g.yGroup) * g.packedChannels + g.packedFirst + (o % g.yGroup);
  return <usize>index * (plane + ((bytes(g.taps + 1) + 15) & -16));
}

/** w points to the first tap; its steps may be negative. */
export function pack(g: Geometry, height: i32, width: i32, w: usize, to: usize, workspace: usize): void {
  const size = planeBytes(height, width);
  const blocks = workspace + BLOCKS;
  const lines = blocks + size;
  const plane = lines + size;
  const roots = workspace + ROOTS;
  const scale = f32x4.splat(1 / <f32>(height * width));
  layRoots(roots, max(height, width));
  for (let o = 0; o < g.yChannels; o++) {
    const from = w + bytes((o / g.yGroup) * g.wGroup + (o % g.yGroup) * g.wY);
    const step = bytes(g.wTapHeight);
    let packed = to + packedOf(g, o, size);
    const taps = packed + size;
    gather(taps, bytes(g.kernelWidth), from, step, g.wTapWidth, g.kernelHeight, g.kernelWidth);
    memory.fill(blocks, 0, 3 * size);
    // The same in each row, for signals.
    const same = height == 1;
    gather(lines, bytes(width), from, same ? 0 : step, g.wTapWidth, same ? 4 : g.kernelHeight, g.kernelWidth);
    const rows = same ? 4 : height;
    store<u32>(taps + bytes(g.taps), weave(lines, plane, rows, width, blocks, 0, 2));
    let spectrum = transformBoth(plane, lines, rows, width, height, width, roots, max(height, width));
    for (; packed < taps; packed += 16, spectrum += 16) v128.store(packed, f32x4.mul(v128.load(spectrum), scale));
  }
}

export function fft(
  g: Geometry,
  height: i32,
  width: i32,
  x: usize,
  packed: usize,
  y: usize,
  bias: usize,
  activation: i32,
  slope: f32,
  workspace: usize,
): void {
  const size = planeBytes(height, width);
  const e = prepareEpilogue(workspace, bias, activation, slope);
  const blocks = workspace + BLOCKS;
  const lines = blocks + size;
  const plane = lines + size;
  const roots = workspace + ROOTS;
  const count = max(height, width);
  layRoots(roots, count);
  const rows = height == 1 ? 4 : height;
  const tiles = 2 * (rows / height);
  const half = size / <usize>tiles;
  const down = blockOf(g.kernelHeight);
  const across = blockAcross(g.kernelWidth);
  const high = height - g.kernelHeight + 1;
  const wide = width - g.kernelWidth + 1;
  const pairs = pairsOf(g, high, wide);
  const part = changetype<Geometry>(workspace + PART);
  memory.copy(workspace + PART, changetype<usize>(g), offsetof<Geometry>());
  part.batch = 1;
  part.groups = 1;
  part.xChannels = 1;
  part.yChannels = 1;
  part.wTapHeight = g.kernelWidth;
  part.wTapWidth = 1;
  for (let o = 0; o < g.yChannels; o++) {
    const spectrum = packed + packedOf(g, o, size);
    const taps = spectrum + size;
    const serves = isInRange(load<u32>(taps + bytes(g.taps)));
    const own = bias ? bias + bytes(o) : 0;
    const add = biasSplat(bias, o);
    const from = x + bytes((o / g.yGroup) * g.xChannel);
    const to = y + bytes(o * g.yChannel);
    for (let pair = 0; pair < pairs; pair += tiles >> 1) {
      memory.fill(blocks, 0, 2 * size);
      for (let i = 0; i < tiles; i++) {
        const tile = tileAt(workspace, i);
        placeTile(g, tile, 2 * pair + i, high, wide, from, to);
        // Real and imaginary parts of a pair.
        const place = <usize>(i & -2) * half + <usize>((i & 1) << 4);
        tile.blocks = blocks + place;
        gatherTile(g, tile, lines + <usize>i * half, bytes(width));
        tile.most = weave(lines + <usize>i * half, plane + place, height, width, blocks + place, down, across);
      }
      let result = transformBoth(plane, lines, rows, width, height, width, roots, count);
      multiply(result, spectrum, result + size);
      result = transformBoth(result, plane + lines - result, width, rows, width, height, roots, count);
      for (let i = 0; i < tiles; i++) {
        // Real and imaginary parts have changed places.
        storeTile(g, tileAt(workspace, i), result + <usize>(i & -2) * half + <usize>(~i & 1) * 16, <usize>width * VALUE, add, e);
      }
      for (let i = 0; i < tiles; i++) {
        const tile = tileAt(workspace, i);
        const most = max(tile.most, tileAt(workspace, i ^ 1).most);
        sumOthers(g, tile, most, serves, down, across, <usize>(width >> across), taps, own, e, part, lines);
      }
    }
  }
}

function tileAt(workspace: usize, index: i32): Tile {
  return changetype<Tile>(workspace + TILES + <usize>index * TILE_BYTES);
}
