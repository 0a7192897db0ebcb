/**
 * The epilogue of the direct kernels, inline where four sums are stored. Its constants lie splatted at `finish`:
 *
 *   slope | low | high | mode, kept
 *
 * ReLU and ReLU6 are a clamp by pmax and pmin, one instruction each (min and max are eight on x64); both keep a NaN that stands first.
 */
import { Activation } from './epilogue';

export const FINISH_BYTES: usize = 64;

/** Where, behind the constants, stands what must be kept lest it is not read. */
export const KEPT: usize = 52;

const PLAIN: i32 = 0;
const CLAMP: i32 = 1;
const LEAKY: i32 = 2;

export function prepareFinish(finish: usize, bias: usize, activation: i32, slope: f32): void {
  v128.store(finish, f32x4.splat(slope));
  v128.store(finish, f32x4.splat(activation == Activation.none ? -Infinity : 0), 16);
  v128.store(finish, f32x4.splat(activation == Activation.relu6 ? 6 : Infinity), 32);
  store<i32>(finish, activation == Activation.leakyRelu ? LEAKY : bias || activation != Activation.none ? CLAMP : PLAIN, 48);
}

/** act(v + bias). */
export function finishFour(finish: usize, v: v128, bias: v128): v128 {
  const mode = load<i32>(finish, 48);
  if (mode == PLAIN) return v;
  v = f32x4.add(v, bias);
  if (mode == LEAKY) return v128.bitselect(v, f32x4.mul(v, v128.load(finish)), f32x4.gt(v, f32x4.splat(0)));
  return f32x4.pmin(f32x4.pmax(v, v128.load(finish, 16)), v128.load(finish, 32));
}

/** Whether a sum is but clamped once its bias is added: by the bounds at `finish` + 16 and + 32. */
export function clamps(finish: usize): bool {
  return load<i32>(finish, 48) == CLAMP;
}

export function leaks(finish: usize): bool {
  return load<i32>(finish, 48) == LEAKY;
}

/** min(max(v + bias, low), high). */
export function clamp(v: v128, bias: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(f32x4.add(v, bias), low), high);
}

/** -0 where there is no bias: v + -0 is v, its sign included. */
export function biasSplat(bias: usize, channel: i32): v128 {
  return bias ? v128.load32_splat(bias + ((<usize>channel) << 2)) : f32x4.splat(-0.0);
}

/** act(v + bias) of `count` sums that lie at `at`, each with a bias of its own. */
export function finishRun(finish: usize, at: usize, count: i32, bias: usize): void {
  const mode = load<i32>(finish, 48);
  if (mode == PLAIN) return;
  const own: usize = bias ? 4 : 0;
  if (mode == CLAMP) {
    const low = v128.load(finish, 16);
    const high = v128.load(finish, 32);
    // Bounds in registers, two vectors in a turn: layers with bias and ReLU 1.1 to 1.2 times as fast.
    for (; bias && count >= 8; count -= 8, at += 32, bias += 32) {
      v128.store(at, f32x4.pmin(f32x4.pmax(f32x4.add(v128.load(at), v128.load(bias)), low), high));
      v128.store(at, f32x4.pmin(f32x4.pmax(f32x4.add(v128.load(at, 16), v128.load(bias, 16)), low), high), 16);
    }
  }
  for (; count >= 4; count -= 4, at += 16, bias += 4 * own) {
    v128.store(at, finishFour(finish, v128.load(at), bias ? v128.load(bias) : f32x4.splat(-0.0)));
  }
  for (; count > 0; count--, at += 4, bias += own) {
    store<f32>(at, f32x4.extract_lane(finishFour(finish, v128.load32_splat(at), biasSplat(bias, 0)), 0));
  }
}
