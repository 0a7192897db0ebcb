/**
 * The inner loop of slim convolution along the width: eight accumulators are four pairs of (channel, eight outputs of a row), so that one loop's
 * loads serve as many products as can be:
 *
 *   3 or 4 channels   four channels of one run of eight outputs     2 loads and 4 broadcasts to 8 products
 *   2 channels        two channels of two runs                      4 loads and 2 broadcasts
 *   1 channel         four runs                                     8 loads and 1 broadcast
 */
import { finishFour } from './finish';
import { storeFirst } from './row';
import { madd } from './simd';
import { Block } from './slim-table';

export function sumRowTiles(block: Block): void {
  const tiles = (block.columns + 7) >> 3;
  const runs = block.rows * tiles;
  if (block.channels > 2) for (let run = 0; run < runs; run++) sumFourChannels(block, run, tiles);
  else if (block.channels == 2) for (let run = 0; run < runs; run += 2) sumTwoChannels(block, run, min(run + 1, runs - 1), tiles);
  else for (let run = 0; run < runs; run += 4) sumChannel(block, run, runs - 1, tiles);
}

function runAt(block: Block, run: i32, tiles: i32): usize {
  return block.at + <usize>(run / tiles) * block.rowStep + ((<usize>(run % tiles)) << 5);
}

function sumFourChannels(block: Block, run: i32, tiles: i32): void {
  const zero = f32x4.splat(0);
  let a0 = zero;
  let b0 = zero;
  let a1 = zero;
  let b1 = zero;
  let a2 = zero;
  let b2 = zero;
  let a3 = zero;
  let b3 = zero;
  const at = runAt(block, run, tiles);
  const end = block.end;
  let w = block.weights;
  for (let offset = block.offsets; offset < end; offset += 4, w += 16) {
    const p = at + load<usize>(offset);
    const x0 = v128.load(p);
    const x1 = v128.load(p, 16);
    let weight = v128.load32_splat(w);
    a0 = madd(x0, weight, a0);
    b0 = madd(x1, weight, b0);
    weight = v128.load32_splat(w, 4);
    a1 = madd(x0, weight, a1);
    b1 = madd(x1, weight, b1);
    weight = v128.load32_splat(w, 8);
    a2 = madd(x0, weight, a2);
    b2 = madd(x1, weight, b2);
    weight = v128.load32_splat(w, 12);
    a3 = madd(x0, weight, a3);
    b3 = madd(x1, weight, b3);
  }
  storeRun(block, 0, run, tiles, a0, b0);
  storeRun(block, 1, run, tiles, a1, b1);
  storeRun(block, 2, run, tiles, a2, b2);
  if (block.channels > 3) storeRun(block, 3, run, tiles, a3, b3);
}

function sumTwoChannels(block: Block, run: i32, second: i32, tiles: i32): void {
  const zero = f32x4.splat(0);
  let a0 = zero;
  let b0 = zero;
  let a1 = zero;
  let b1 = zero;
  let c0 = zero;
  let d0 = zero;
  let c1 = zero;
  let d1 = zero;
  const at = runAt(block, run, tiles);
  const next = runAt(block, second, tiles);
  const end = block.end;
  let w = block.weights;
  for (let offset = block.offsets; offset < end; offset += 4, w += 16) {
    const step = load<usize>(offset);
    const w0 = v128.load32_splat(w);
    const w1 = v128.load32_splat(w, 4);
    let x = v128.load(at + step);
    a0 = madd(x, w0, a0);
    a1 = madd(x, w1, a1);
    x = v128.load(at + step, 16);
    b0 = madd(x, w0, b0);
    b1 = madd(x, w1, b1);
    x = v128.load(next + step);
    c0 = madd(x, w0, c0);
    c1 = madd(x, w1, c1);
    x = v128.load(next + step, 16);
    d0 = madd(x, w0, d0);
    d1 = madd(x, w1, d1);
  }
  storeRun(block, 0, run, tiles, a0, b0);
  storeRun(block, 1, run, tiles, a1, b1);
  storeRun(block, 0, second, tiles, c0, d0);
  storeRun(block, 1, second, tiles, c1, d1);
}

/** Runs past the last one are the last again. */
function sumChannel(block: Block, run: i32, last: i32, tiles: i32): void {
  const zero = f32x4.splat(0);
  let a0 = zero;
  let b0 = zero;
  let a1 = zero;
  let b1 = zero;
  let a2 = zero;
  let b2 = zero;
  let a3 = zero;
  let b3 = zero;
  const p0 = runAt(block, run, tiles);
  const p1 = runAt(block, min(run + 1, last), tiles);
  const p2 = runAt(block, min(run + 2, last), tiles);
  const p3 = runAt(block, min(run + 3, last), tiles);
  const end = block.end;
  let w = block.weights;
  for (let offset = block.offsets; offset < end; offset += 4, w += 16) {
    const step = load<usize>(offset);
    const weight = v128.load32_splat(w);
    a0 = madd(v128.load(p0 + step), weight, a0);
    b0 = madd(v128.load(p0 + step, 16), weight, b0);
    a1 = madd(v128.load(p1 + step), weight, a1);
    b1 = madd(v128.load(p1 + step, 16), weight, b1);
    a2 = madd(v128.load(p2 + step), weight, a2);
    b2 = madd(v128.load(p2 + step, 16), weight, b2);
    a3 = madd(v128.load(p3 + step), weight, a3);
    b3 = madd(v128.load(p3 + step, 16), weight, b3);
  }
  storeRun(block, 0, run, tiles, a0, b0);
  if (run + 1 <= last) storeRun(block, 0, run + 1, tiles, a1, b1);
  if (run + 2 <= last) storeRun(block, 0, run + 2, tiles, a2, b2);
  if (run + 3 <= last) storeRun(block, 0, run + 3, tiles, a3, b3);
}

/** Eight sums, or as many as are left of the row. */
function storeRun(block: Block, channel: i32, run: i32, tiles: i32, a: v128, b: v128): void {
  const column = (run % tiles) << 3;
  const step = block.outColumn;
  const out = block.out + <usize>channel * block.outChannel + <usize>(run / tiles) * block.outRow + <usize>column * step;
  const bias = v128.load32_splat(block.bias + ((<usize>channel) << 2));
  const count = block.columns - column;
  storeSpaced(out, step, finishFour(block.finish, a, bias), count);
  if (count > 4) storeSpaced(out + 4 * step, step, finishFour(block.finish, b, bias), count - 4);
}

/** The first `count` lanes, at most four, `step` bytes apart. */
function storeSpaced(to: usize, step: usize, v: v128, count: i32): void {
  if (step == 4) {
    storeFirst(to, v, count);
    return;
  }
  store<f32>(to, f32x4.extract_lane(v, 0));
  if (count > 1) store<f32>(to + step, f32x4.extract_lane(v, 1));
  if (count > 2) store<f32>(to + 2 * step, f32x4.extract_lane(v, 2));
  if (count > 3) store<f32>(to + 3 * step, f32x4.extract_lane(v, 3));
}
