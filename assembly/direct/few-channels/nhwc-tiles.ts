/**
 * The inner loops of convolution to few channels along the channels of y: a tile's sums are eight vectors, of x the runs of a window are read where they lie.
 *
 *   5 to 8 channels   four positions of two vectors     2 loads and 4 broadcasts to 8 products
 *   1 to 4 channels   eight positions of one            1 load and 8 broadcasts
 *
 * Where product and addition are one instruction a tile of eight channels has six positions, as that of config.ts: 1.07 times as fast (AMD Zen 5).
 */

import { MR } from '../../base/config';
import { Four, Six } from '../../base/counts';
import { clamp, finishRun } from '../../base/epilogue';
import { bytes, copyRun, madd } from '../../base/runs';
import { Block } from './weights';

/**
 * A row of the block's channels, of a window at `at`; a block has `width` channels, 4 or 8. Tiles follow each other in one call: 1.08 times as fast. The last
 * overlaps the one before.
 */
export function sumPixelRow(block: Block, at: usize, width: i32): void {
  const columns = block.columns;
  const tile = 32 / width;
  let done = 0;
  if (block.channels == width && columns >= tile) {
    if (MR == 6 && width == 8) {
      // What sixes leave over is no worse than one position short of fours or of a six: 1.1 times as fast at 32 columns, 1.03 to 1.06 at 55 and 56 (AMD Zen 5).
      const rest = columns % 6;
      done = sumTiles(block, at, 0, columns / 6 - i32(rest == 1 || rest == 2), 6, width);
      if (rest == 5 && done > 0) done = sumTiles(block, at, columns - 6, 1, 6, width);
    }
    done = sumTiles(block, at, done, (columns - done) / tile, tile, width);
    if (done < columns) done = sumTiles(block, at, columns - tile, 1, tile, width);
  }
  // What there is of channels and positions is copied.
  const out = block.out;
  for (; done < columns; done += tile) {
    block.at = at + <usize>done * block.columnStep;
    sum(block, block.sums, bytes(width), 1, tile, width);
    const count = min(tile, columns - done);
    for (let p = 0; p < count; p++) copyRun(out + <usize>(done + p) * block.outColumn, block.sums + bytes(p * width), block.channels);
  }
}

/** So many tiles from a position on; returns the position behind them. */
function sumTiles(block: Block, at: usize, first: i32, tiles: i32, tile: i32, width: i32): i32 {
  block.at = at + <usize>first * block.columnStep;
  sum(block, block.out + <usize>first * block.outColumn, block.outColumn, tiles, tile, width);
  return first + tiles * tile;
}

function sum(block: Block, out: usize, step: usize, tiles: i32, tile: i32, width: i32): void {
  if (width == 4) sumEightByFour(block, out, step, tiles);
  else if (MR == 6 && tile == 6) sumByEight<Six>(block, out, step, tiles);
  else sumByEight<Four>(block, out, step, tiles);
  if (block.epilogue.leaks) for (let p = tiles * tile; p > 0; p--, out += step) finishRun(block.epilogue, out, width, block.bias);
}

/** Four or six positions by eight channels. */
function sumByEight<Positions>(block: Block, out: usize, step: usize, tiles: i32): void {
  const six = offsetof<Positions>() == 6;
  const next = block.columnStep;
  for (let at = block.at; tiles > 0; tiles--, at += offsetof<Positions>() * next) {
    let a0 = f32x4.splat(0);
    let b0 = a0;
    let a1 = a0;
    let b1 = a0;
    let a2 = a0;
    let b2 = a0;
    let a3 = a0;
    let b3 = a0;
    let a4 = a0;
    let b4 = a0;
    let a5 = a0;
    let b5 = a0;
    const end = block.end;
    const run = bytes(block.run);
    let w = block.weights;
    for (let offset = block.offsets; offset < end; offset += 4) {
      let p0 = at + load<usize>(offset);
      let p1 = p0 + next;
      let p2 = p1 + next;
      let p3 = p2 + next;
      let p4 = p3 + next;
      let p5 = p4 + next;
      for (const stop = p0 + run; p0 < stop; p0 += 4, p1 += 4, p2 += 4, p3 += 4, w += 32) {
        const u = v128.load(w);
        const v = v128.load(w, 16);
        let x = v128.load32_splat(p0);
        a0 = madd(x, u, a0);
        b0 = madd(x, v, b0);
        x = v128.load32_splat(p1);
        a1 = madd(x, u, a1);
        b1 = madd(x, v, b1);
        x = v128.load32_splat(p2);
        a2 = madd(x, u, a2);
        b2 = madd(x, v, b2);
        x = v128.load32_splat(p3);
        a3 = madd(x, u, a3);
        b3 = madd(x, v, b3);
        if (six) {
          x = v128.load32_splat(p4);
          a4 = madd(x, u, a4);
          b4 = madd(x, v, b4);
          x = v128.load32_splat(p5);
          a5 = madd(x, u, a5);
          b5 = madd(x, v, b5);
          p4 += 4;
          p5 += 4;
        }
      }
    }
    if (block.epilogue.clamps) {
      const low = block.epilogue.low;
      const high = block.epilogue.high;
      const u = v128.load(block.bias);
      const v = v128.load(block.bias, 16);
      a0 = clamp(a0, u, low, high);
      b0 = clamp(b0, v, low, high);
      a1 = clamp(a1, u, low, high);
      b1 = clamp(b1, v, low, high);
      a2 = clamp(a2, u, low, high);
      b2 = clamp(b2, v, low, high);
      a3 = clamp(a3, u, low, high);
      b3 = clamp(b3, v, low, high);
      if (six) {
        a4 = clamp(a4, u, low, high);
        b4 = clamp(b4, v, low, high);
        a5 = clamp(a5, u, low, high);
        b5 = clamp(b5, v, low, high);
      }
    }
    out = storeTwo(out, step, a0, b0);
    out = storeTwo(out, step, a1, b1);
    out = storeTwo(out, step, a2, b2);
    out = storeTwo(out, step, a3, b3);
    if (six) {
      out = storeTwo(out, step, a4, b4);
      out = storeTwo(out, step, a5, b5);
    }
  }
}

/** Returns where the next position lies. */
function storeTwo(out: usize, step: usize, left: v128, right: v128): usize {
  v128.store(out, left);
  v128.store(out, right, 16);
  return out + step;
}

function sumEightByFour(block: Block, out: usize, step: usize, tiles: i32): void {
  const next = block.columnStep;
  for (let at = block.at; tiles > 0; tiles--, at += next << 3) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let s4 = s0;
    let s5 = s0;
    let s6 = s0;
    let s7 = s0;
    const end = block.end;
    const run = bytes(block.run);
    let w = block.weights;
    for (let offset = block.offsets; offset < end; offset += 4) {
      let p = at + load<usize>(offset);
      for (const stop = p + run; p < stop; p += 4, w += 16) {
        const weight = v128.load(w);
        let q = p + next;
        s0 = madd(v128.load32_splat(p), weight, s0);
        s1 = madd(v128.load32_splat(q), weight, s1);
        q += next;
        s2 = madd(v128.load32_splat(q), weight, s2);
        q += next;
        s3 = madd(v128.load32_splat(q), weight, s3);
        q += next;
        s4 = madd(v128.load32_splat(q), weight, s4);
        q += next;
        s5 = madd(v128.load32_splat(q), weight, s5);
        q += next;
        s6 = madd(v128.load32_splat(q), weight, s6);
        q += next;
        s7 = madd(v128.load32_splat(q), weight, s7);
      }
    }
    if (block.epilogue.clamps) {
      const low = block.epilogue.low;
      const high = block.epilogue.high;
      const bias = v128.load(block.bias);
      s0 = clamp(s0, bias, low, high);
      s1 = clamp(s1, bias, low, high);
      s2 = clamp(s2, bias, low, high);
      s3 = clamp(s3, bias, low, high);
      s4 = clamp(s4, bias, low, high);
      s5 = clamp(s5, bias, low, high);
      s6 = clamp(s6, bias, low, high);
      s7 = clamp(s7, bias, low, high);
    }
    v128.store(out, s0);
    out += step;
    v128.store(out, s1);
    out += step;
    v128.store(out, s2);
    out += step;
    v128.store(out, s3);
    out += step;
    v128.store(out, s4);
    out += step;
    v128.store(out, s5);
    out += step;
    v128.store(out, s6);
    out += step;
    v128.store(out, s7);
    out += step;
  }
}
