/**
 * Convolution by Fourier transforms, where a group has one channel of x: of stride and dilation 1, one slice deep, with 8 taps or more along the width. It pays from a hundred taps on.
 *
 * Overlap-save: a tile of n outputs and taps, a power of two along each axis, whose outputs that would meet its end again are dropped.
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
import { blockAcross, blockOf, isInRange, sumOthers, weave } from './outliers';
import { multiply, transformBoth, VALUE } from './planes';
import { gatherTile, pairsOf, placeTile, storeTile, Tile, TILE_BYTES } from './tiles';
import { FOUR, layRoots } from './transform';
import { LARGEST, PART, PLANES, ROOTS, TILES } from './workspace';

/** Bytes of a channel's packed weight. */
function packedBytes(g: Geometry, rows: i32, width: i32): usize {
  return <usize>(rows * width) * VALUE + ((bytes(g.taps + 1) + 15) & -16);
}

/** Where the packed weight of y's o-th channel is. */
function packedAt(g: Geometry, o: i32, each: usize): usize {
  return <usize>((o / g.yGroup) * g.packedChannels + g.packedFirst + (o % g.yGroup)) * each;
}

/** Rows of a plane. */
function rowsOf(height: i32): i32 {
  return height == 1 ? 4 : height;
}

/** w points to the first tap; its steps may be negative. */
export function pack(g: Geometry, height: i32, width: i32, w: usize, to: usize, workspace: usize): void {
  const rows = rowsOf(height);
  const count = max(height, width);
  const plane = workspace + PLANES;
  const size = <usize>(rows * width) * VALUE;
  const scale: f32 = 1 / <f32>(height * width);
  layRoots(workspace + ROOTS, count);
  for (let o = 0; o < g.yChannels; o++) {
    const packed = to + packedAt(g, o, packedBytes(g, rows, width));
    const from = w + bytes((o / g.yGroup) * g.wGroup + (o % g.yGroup) * g.wY);
    const lines = plane + size;
    memory.fill(lines, 0, size);
    let tap = packed + size;
    let most: u32 = 0;
    for (let r = 0; r < g.kernelHeight; r++) {
      for (let c = 0; c < g.kernelWidth; c++, tap += 4) {
        const value = load<f32>(from + bytes(r * g.wTapHeight + c * g.wTapWidth));
        store<f32>(tap, value);
        most = max(most, reinterpret<u32>(value) & 0x7fffffff);
        // Backwards, for products of spectra turn the kernel round.
        const place = ((height - r) % height) * width + ((width - c) % width);
        for (let copy = 0; copy < rows; copy += height) store<f32>(lines + bytes(copy * width + place), value * scale);
      }
    }
    store<u32>(tap, most);
    weave(lines, lines + (size >> 1), plane, rows, width, workspace + LARGEST, 0, 2);
    const spectrum = transformBoth(plane, lines, rows, width, height, width, workspace + ROOTS, count);
    memory.copy(packed, spectrum, size);
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
  const rows = rowsOf(height);
  const count = max(height, width);
  const each = rows / height; // pairs of a plane
  const e = prepareEpilogue(workspace, bias, activation, slope);
  const down = blockOf(g.kernelHeight);
  const across = blockAcross(g.kernelWidth);
  const high = height - g.kernelHeight + 1;
  const wide = width - g.kernelWidth + 1;
  const pitch = <usize>(width >> across) * FOUR;
  const size = <usize>(rows * width) * VALUE;
  const plane = workspace + PLANES;
  const other = plane + size;
  const pairs = pairsOf(g, high, wide);
  const part = changetype<Geometry>(workspace + PART);
  memory.copy(changetype<usize>(part), changetype<usize>(g), offsetof<Geometry>());
  part.batch = 1;
  part.groups = 1;
  part.xChannels = 1;
  part.yChannels = 1;
  part.wTapHeight = g.kernelWidth;
  part.wTapWidth = 1;
  const one = size / <usize>each;
  const roots = workspace + ROOTS;
  layRoots(roots, count);
  for (let o = 0; o < g.yChannels; o++) {
    const spectrum = packed + packedAt(g, o, packedBytes(g, rows, width));
    const taps = spectrum + size;
    const own = bias ? bias + bytes(o) : 0;
    const serves = isInRange(load<u32>(taps + bytes(g.taps)));
    for (let pair = 0; pair < pairs; pair += each) {
      memory.fill(other, 0, size);
      for (let i = 0; i < each; i++) {
        const offset = <usize>i * one;
        const first = tileAt(workspace, 2 * i);
        const second = tileAt(workspace, 2 * i + 1);
        placeTile(g, first, pair + i, 0, high, wide, x, y, o);
        placeTile(g, second, pair + i, 1, high, wide, x, y, o);
        const lines = other + offset;
        gatherTile(g, first, lines, bytes(width));
        gatherTile(g, second, lines + (one >> 1), bytes(width));
        first.blocks = workspace + LARGEST + offset;
        second.blocks = first.blocks + 16;
        first.most = second.most = weave(lines, lines + (one >> 1), plane + offset, height, width, first.blocks, down, across);
      }
      let result = transformBoth(plane, other, rows, width, height, width, roots, count);
      multiply(result, spectrum, result + size);
      result = transformBoth(result, plane + other - result, width, rows, width, height, roots, count);
      // Their real parts are in the imaginary ones' places.
      for (let i = 0; i < 2 * each; i++) {
        storeTile(g, tileAt(workspace, i), result + <usize>(i >> 1) * one + (i & 1 ? 0 : 16), <usize>width * VALUE, biasSplat(own, 0), e);
      }
      for (let i = 0; i < 2 * each; i++) {
        sumOthers(g, tileAt(workspace, i), serves, down, across, pitch, taps, own, e, part, plane);
      }
    }
  }
}

function tileAt(workspace: usize, index: i32): Tile {
  return changetype<Tile>(workspace + TILES + <usize>index * TILE_BYTES);
}
