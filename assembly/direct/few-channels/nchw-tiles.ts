/**
 * The inner loop of convolution to few channels along the width: eight accumulators are four pairs of (channel, eight outputs of a row), so that one loop's
 * loads serve as many products as can be:
 *
 *   3 or 4 channels   four channels of one run of eight outputs     2 loads and 4 broadcasts to 8 products
 *   2 channels        two channels of two runs                      4 loads and 2 broadcasts
 *   1 channel         four runs                                     8 loads and 1 broadcast
 *
 * The start of a run is stored, and loaded before the loop. Otherwise V8 moves its computation into the loop: on Node 20 a division, at a sixth of the speed.
 */

import { Four, One, Two } from '../../base/counts';
import { finishFour } from '../../base/epilogue';
import { storeFirst } from '../../base/lanes';
import { bytes, madd } from '../../base/runs';
import { Block, Run, runAt } from './weights';

export function sumRowTiles(block: Block): void {
  const channels = block.channels > 2 ? 4 : block.channels;
  const runs = 4 / channels;
  block.row = 0;
  block.column = 0;
  while (block.row < block.rows) {
    for (let i = 0; i < runs; i++) nextRun(block, runAt(block, i), i > 0);
    if (channels == 4) sumTile<Four>(block);
    else if (channels == 2) sumTile<Two>(block);
    else sumTile<One>(block);
    let sums = block.sums;
    for (let i = 0; i < runs; i++) {
      for (let channel = 0; channel < channels; channel++, sums += 32) {
        if (channel < block.channels) storeRun(block, sums, channel, runAt(block, i));
      }
    }
  }
}

/** Behind the last run its neighbour is summed again, and not stored. */
function nextRun(block: Block, run: Run, more: bool): void {
  if (more && block.row >= block.rows) {
    run.at = runAt(block, 0).at;
    run.count = 0;
    return;
  }
  run.at = block.at + <usize>block.row * block.rowStep + bytes(block.column);
  run.out = block.out + <usize>block.row * block.outRow + <usize>block.column * block.outColumn;
  run.count = min(8, block.columns - block.column);
  block.column += 8;
  if (block.column < block.columns) return;
  block.column = 0;
  block.row++;
}

/** Pairs 0 to 3 of sums: the channels of a run, then those of the next one. */
function sumTile<Channels>(block: Block): void {
  const one = offsetof<Channels>() == 1;
  const four = offsetof<Channels>() == 4;
  const zero = f32x4.splat(0);
  let a0 = zero;
  let b0 = zero;
  let a1 = zero;
  let b1 = zero;
  let a2 = zero;
  let b2 = zero;
  let a3 = zero;
  let b3 = zero;
  const p0 = runAt(block, 0).at;
  const p1 = four ? p0 : runAt(block, 1).at;
  const p2 = one ? runAt(block, 2).at : p1;
  const p3 = one ? runAt(block, 3).at : p1;
  const end = block.end;
  let w = block.weights;
  for (let offset = block.offsets; offset < end; offset += 4, w += 16) {
    const step = load<usize>(offset);
    const w0 = v128.load32_splat(w);
    const w1 = one ? w0 : v128.load32_splat(w, 4);
    const w2 = four ? v128.load32_splat(w, 8) : w0;
    const w3 = four ? v128.load32_splat(w, 12) : w1;
    let x = v128.load(p0 + step);
    let y = v128.load(p0 + step, 16);
    a0 = madd(x, w0, a0);
    b0 = madd(y, w0, b0);
    if (one) {
      x = v128.load(p1 + step);
      y = v128.load(p1 + step, 16);
    }
    a1 = madd(x, w1, a1);
    b1 = madd(y, w1, b1);
    if (!four) {
      x = v128.load(p2 + step);
      y = v128.load(p2 + step, 16);
    }
    a2 = madd(x, w2, a2);
    b2 = madd(y, w2, b2);
    if (one) {
      x = v128.load(p3 + step);
      y = v128.load(p3 + step, 16);
    }
    a3 = madd(x, w3, a3);
    b3 = madd(y, w3, b3);
  }
  const sums = block.sums;
  v128.store(sums, a0);
  v128.store(sums, b0, 16);
  v128.store(sums, a1, 32);
  v128.store(sums, b1, 48);
  v128.store(sums, a2, 64);
  v128.store(sums, b2, 80);
  v128.store(sums, a3, 96);
  v128.store(sums, b3, 112);
}

/** Eight sums, or as many as the run has. */
function storeRun(block: Block, sums: usize, channel: i32, run: Run): void {
  const step = block.outColumn;
  const out = run.out + <usize>channel * block.outChannel;
  const bias = v128.load32_splat(block.bias + bytes(channel));
  const count = run.count;
  if (count > 0) storeSpaced(out, step, finishFour(block.epilogue, v128.load(sums), bias), count);
  if (count > 4) storeSpaced(out + 4 * step, step, finishFour(block.epilogue, v128.load(sums, 16), bias), count - 4);
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
