/**
 * The inner loop of convolution to few channels along the width: eight accumulators are four pairs of (channel, eight outputs of a row), so that one loop's
 * loads serve as many products as can be:
 *
 *   3 or 4 channels   four channels of one run of eight outputs     2 loads and 4 broadcasts to 8 products
 *   2 channels        two channels of two runs                      4 loads and 2 broadcasts
 *   1 channel         four runs                                     8 loads and 1 broadcast
 *
 * Where a run begins goes through memory to the loop: V8 would sink its computation into it (in Node 20 a division, at a sixth of the speed).
 */

import { finishFour } from '../../base/epilogue';
import { madd } from '../../base/runs';
import { storeFirst } from '../depthwise/nchw';
import { bytes } from '../depthwise/scalar';
import { Block, Run, runAt } from './weights';

export function sumRowTiles(block: Block): void {
  const channels = block.channels > 2 ? 4 : block.channels;
  const runs = 4 / channels;
  block.row = 0;
  block.column = 0;
  while (block.row < block.rows) {
    for (let i = 0; i < runs; i++) nextRun(block, runAt(block, i), i > 0);
    if (channels == 4) sumFourChannels(block);
    else if (channels == 2) sumTwoChannels(block);
    else sumChannel(block);
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

function sumFourChannels(block: Block): void {
  const zero = f32x4.splat(0);
  let a0 = zero;
  let b0 = zero;
  let a1 = zero;
  let b1 = zero;
  let a2 = zero;
  let b2 = zero;
  let a3 = zero;
  let b3 = zero;
  const at = runAt(block, 0).at;
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

function sumTwoChannels(block: Block): void {
  const zero = f32x4.splat(0);
  let a0 = zero;
  let b0 = zero;
  let a1 = zero;
  let b1 = zero;
  let c0 = zero;
  let d0 = zero;
  let c1 = zero;
  let d1 = zero;
  const at = runAt(block, 0).at;
  const next = runAt(block, 1).at;
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
  const sums = block.sums;
  v128.store(sums, a0);
  v128.store(sums, b0, 16);
  v128.store(sums, a1, 32);
  v128.store(sums, b1, 48);
  v128.store(sums, c0, 64);
  v128.store(sums, d0, 80);
  v128.store(sums, c1, 96);
  v128.store(sums, d1, 112);
}

function sumChannel(block: Block): void {
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
  const p1 = runAt(block, 1).at;
  const p2 = runAt(block, 2).at;
  const p3 = runAt(block, 3).at;
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
