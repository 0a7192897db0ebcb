/**
 * Packing: a matrix becomes micropanels, the order in which the micro-kernel reads it.
 *
 *   rows ↓ (m of A, n of B), depth → (k)          in memory, tile = 4
 *   panel 0   a00 a01 a02 ..                       a00 a10 a20 a30  a01 a11 a21 a31  ..
 *             a10 a11 a12 ..
 *             a20 a21 a22 ..                       panel p starts at p · depth · tile;
 *             a30 a31 a32 ..                       rows past the matrix's end are zeros
 *   panel 1   a40 ..
 */
import { Element } from '../base/element';
import { bytes, zeroRun } from '../base/runs';

/**
 * Packs `rows` × `depth` from a strided matrix (strides in elements) into panels of `tile` (4, 6 or 8) rows. `panelDepth` is the depth of the whole
 * panels, of which this may be a part.
 */
export function pack(to: usize, from: usize, tile: i32, rows: i32, depth: i32, rowStride: i32, depthStride: i32, panelDepth: i32): void {
  for (let row = 0; row < rows; row += tile) {
    const width = min(tile, rows - row);
    if (width == tile && rowStride == 1) packContiguous(to, from, tile, depth, depthStride);
    else if (width == tile && depthStride == 1) packTransposed(to, from, tile, depth, rowStride, tile);
    else if (width == tile && depthStride == -1) {
      // Backwards from the last: a rotated kernel.
      const last = bytes(depth - 1);
      packTransposed(to + <usize>tile * last, from - last, tile, depth, rowStride, -tile);
    } else packEdge(to, from, tile, width, depth, rowStride, depthStride);
    to += bytes(panelDepth * tile);
    from += bytes(tile * rowStride);
  }
}

/** Spreads one line of `rows` values, the panels' depth index `k`, over the panels. The line is padded with zeros to a whole tile. */
export function packLine(to: usize, line: usize, tile: i32, rows: i32, depth: i32, k: i32): void {
  const whole = ((rows + tile - 1) / tile) * tile;
  zeroRun(line + bytes(rows), whole - rows);
  to += bytes(k * tile);
  const panel = bytes(depth * tile);
  const width = bytes(tile);
  for (const end = line + bytes(whole); line < end; line += width, to += panel) copyTile(to, line, width);
}

function packContiguous(to: usize, from: usize, tile: i32, depth: i32, depthStride: i32): void {
  const step = bytes(depthStride);
  const width = bytes(tile);
  for (let k = 0; k < depth; k++, from += step, to += width) copyTile(to, from, width);
}

/** Of floats 16, 24 or 32 bytes; of doubles 32 or 48. */
function copyTile(to: usize, from: usize, width: usize): void {
  v128.store(to, v128.load(from));
  if (width == 32 || (sizeof<Element>() == 8 && width == 48)) v128.store(to, v128.load(from, 16), 16);
  else if (width == 24) store<u64>(to, load<u64>(from, 16), 16);
  if (sizeof<Element>() == 8 && width == 48) v128.store(to, v128.load(from, 32), 32);
}

/** Rows in fours, and the two that a tile of 6 has left; `next` elements from one step of the depth to the next in the panel. */
function packTransposed(to: usize, from: usize, tile: i32, depth: i32, rowStride: i32, next: i32): void {
  const step = bytes(rowStride);
  const out = bytes(next);
  const width = bytes(tile);
  const four = 4 * sizeof<Element>();
  let lane: usize = 0;
  for (; lane + four <= width; lane += four, from += 4 * step) {
    packFour(to + lane, out, from, from + step, from + 2 * step, from + 3 * step, depth);
  }
  if (lane < width) packTwo(to + lane, out, from, from + step, depth);
}

/** Four rows, four columns at a time: a 4×4 transpose in registers. A step of the depth is `step` bytes in the panel. */
export function packFour(out: usize, step: usize, p0: usize, p1: usize, p2: usize, p3: usize, depth: i32): void {
  const next = sizeof<Element>();
  let k = 0;
  for (; sizeof<Element>() == 4 && k + 4 <= depth; k += 4, p0 += 16, p1 += 16, p2 += 16, p3 += 16) {
    const r0 = v128.load(p0);
    const r1 = v128.load(p1);
    const r2 = v128.load(p2);
    const r3 = v128.load(p3);
    const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    v128.store(out, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
    out += step;
    v128.store(out, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7));
    out += step;
    v128.store(out, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5));
    out += step;
    v128.store(out, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7));
    out += step;
  }
  for (; k < depth; k++, p0 += next, p1 += next, p2 += next, p3 += next, out += step) {
    store<Element>(out, load<Element>(p0));
    store<Element>(out, load<Element>(p1), next);
    store<Element>(out, load<Element>(p2), 2 * next);
    store<Element>(out, load<Element>(p3), 3 * next);
  }
}

export function packTwo(out: usize, step: usize, p0: usize, p1: usize, depth: i32): void {
  const next = sizeof<Element>();
  let k = 0;
  for (; sizeof<Element>() == 4 && k + 4 <= depth; k += 4, p0 += 16, p1 += 16) {
    const r0 = v128.load(p0);
    const r1 = v128.load(p1);
    const low = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const high = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    v128.store64_lane(out, low, 0);
    out += step;
    v128.store64_lane(out, low, 1);
    out += step;
    v128.store64_lane(out, high, 0);
    out += step;
    v128.store64_lane(out, high, 1);
    out += step;
  }
  for (; k < depth; k++, p0 += next, p1 += next, out += step) {
    store<Element>(out, load<Element>(p0));
    store<Element>(out, load<Element>(p1), next);
  }
}

/** A last panel, or strides neither of which is one. */
function packEdge(to: usize, from: usize, tile: i32, width: i32, depth: i32, rowStride: i32, depthStride: i32): void {
  const step = bytes(rowStride);
  for (let k = 0; k < depth; k++, from += bytes(depthStride)) {
    let element = from;
    for (let row = 0; row < width; row++, element += step, to += sizeof<Element>()) store<Element>(to, load<Element>(element));
    for (let row = width; row < tile; row++, to += sizeof<Element>()) store<Element>(to, 0);
  }
}
