/**
 * What happens to a finished sum before it is stored: v + bias, then the activation.
 *
 * ReLU and ReLU6 are a clamp by pmax and pmin, one instruction each on x64 where max and min are eight. Both keep a NaN that stands first.
 */
import { Element, LANES } from './element';
import { bytes } from './runs';

export enum Activation {
  none,
  relu,
  relu6,
  leakyRelu,
}

const PLAIN: i32 = 0;
const CLAMP: i32 = 1;
const LEAKY: i32 = 2;

@unmanaged
export class Epilogue {
  /** Splats: of leakyRelu, and the bounds of all others. */
  slope: v128;
  low: v128;
  high: v128;
  /** PLAIN where nothing happens, CLAMP or LEAKY. */
  mode: i32;
  /** Dummy word: what is read ahead is OR-ed into it, so that the optimizer keeps the loads. */
  kept: i32;
  activation: i32;
  /** Added as bias[row · rowStep + column · columnStep] of a block; 0 for none. */
  bias: usize;
  rowStep: i32;
  columnStep: i32;

  get active(): bool {
    return this.mode != PLAIN;
  }
  /** Whether a sum is only clamped once its bias is added. */
  get clamps(): bool {
    return this.mode == CLAMP;
  }
  get leaks(): bool {
    return this.mode == LEAKY;
  }
}

/** Rounded up, so that vectors may follow it. */
export const EPILOGUE_BYTES: usize = (offsetof<Epilogue>() + 15) & -16;

export function epilogueAt(address: usize): Epilogue {
  return changetype<Epilogue>(address);
}

/** The epilogue at `address`, 16 bytes aligned; the steps of its bias are the caller's. */
export function prepareEpilogue(address: usize, bias: usize, activation: i32, slope: Element): Epilogue {
  const e = epilogueAt(address);
  e.slope = v128.splat<Element>(slope);
  e.low = v128.splat<Element>(activation == Activation.none ? -Infinity : 0);
  e.high = v128.splat<Element>(activation == Activation.relu6 ? 6 : Infinity);
  e.mode = activation == Activation.leakyRelu ? LEAKY : bias || activation != Activation.none ? CLAMP : PLAIN;
  e.activation = activation;
  e.bias = bias;
  return e;
}

/** -0 where there is no bias: v + -0 is v, its sign included. */
export function biasSplat(bias: usize, channel: i32): v128 {
  return bias ? v128.load_splat<Element>(bias + bytes(channel)) : v128.splat<Element>(-0.0);
}

/** act(v + bias). */
export function finishFour(e: Epilogue, v: v128, bias: v128): v128 {
  if (e.mode == PLAIN) return v;
  v = v128.add<Element>(v, bias);
  if (e.mode == LEAKY) return leak(v, e.slope);
  return v128.pmin<Element>(v128.pmax<Element>(v, e.low), e.high);
}

function leak(v: v128, slope: v128): v128 {
  return v128.bitselect(v, v128.mul<Element>(v, slope), v128.gt<Element>(v, v128.splat<Element>(0)));
}

/** min(max(v + bias, low), high). */
export function clamp(v: v128, bias: v128, low: v128, high: v128): v128 {
  return v128.pmin<Element>(v128.pmax<Element>(v128.add<Element>(v, bias), low), high);
}

/** act(v + bias) of `count` sums that lie at `at`, each with a bias of its own. */
export function finishRun(e: Epilogue, at: usize, count: i32, bias: usize): void {
  if (!e.active) return;
  const own: usize = bias ? sizeof<Element>() : 0;
  if (e.clamps) {
    const low = e.low;
    const high = e.high;
    // Bounds in registers, two vectors in a turn: layers with bias and ReLU 1.1 to 1.2 times as fast.
    for (; bias && count >= 2 * LANES; count -= 2 * LANES, at += 32, bias += 32) {
      v128.store(at, clamp(v128.load(at), v128.load(bias), low, high));
      v128.store(at, clamp(v128.load(at, 16), v128.load(bias, 16), low, high), 16);
    }
  }
  for (; count >= LANES; count -= LANES, at += 16, bias += LANES * own) {
    v128.store(at, finishFour(e, v128.load(at), bias ? v128.load(bias) : v128.splat<Element>(-0.0)));
  }
  for (; count > 0; count--, at += sizeof<Element>(), bias += own) {
    v128.store_lane<Element>(at, finishFour(e, v128.load_splat<Element>(at), biasSplat(bias, 0)), 0);
  }
}

/**
 * Finishes a block of `rows` × `columns` of C in place. (row, column) is where the block stands in C, to find its bias. Constants are loaded once, before the loop, for a
 * store might have changed them: 14x14x16 by 1x1 with ReLU6 1.3 times as fast.
 */
export function finish(e: Epilogue, c: usize, rows: i32, columns: i32, rowStride: i32, columnStride: i32, row: i32, column: i32): void {
  const leaky = e.leaks;
  const slope = e.slope;
  const low = e.low;
  const high = e.high;
  const across: usize = e.bias ? bytes(e.columnStep) : 0;
  const step = bytes(columnStride);
  const whole = columnStride == 1 ? columns & -LANES : 0;
  for (let i = 0; i < rows; i++, c += bytes(rowStride)) {
    let bias = e.bias + bytes((row + i) * e.rowStep + column * e.columnStep);
    const same = e.bias ? v128.load_splat<Element>(bias) : v128.splat<Element>(-0.0);
    let at = c;
    let j = 0;
    for (; j < whole; j += LANES, at += 16, bias += LANES * across) {
      const v = v128.add<Element>(v128.load(at), across ? v128.load(bias) : same);
      v128.store(at, leaky ? leak(v, slope) : v128.pmin<Element>(v128.pmax<Element>(v, low), high));
    }
    for (; j < columns; j++, at += step, bias += across) {
      const v = v128.add<Element>(v128.load_splat<Element>(at), across ? v128.load_splat<Element>(bias) : same);
      v128.store_lane<Element>(at, leaky ? leak(v, slope) : v128.pmin<Element>(v128.pmax<Element>(v, low), high), 0);
    }
  }
}
