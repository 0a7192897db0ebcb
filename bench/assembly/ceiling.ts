/**
 * Multiply-adds that never leave the registers: the most that a kernel can reach here. Twelve sums hide the latency (two units of four or five
 * cycles each) and fit with their operands in 16 registers. Fused, the sum is the addend, as the engines allocate it without moves; apart, it is
 * a factor, so that no product is the same in the next turn and none can be taken out of the loop. Both stay finite: |x| < 1.
 */
function step(sum: v128, x: v128, y: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(x, y, sum);
  else return f32x4.add(f32x4.mul(sum, x), y);
}

/** Operations of one turn: 12 vectors of 4, a multiplication and an addition each. */
export const FLOPS: i32 = 12 * 4 * 2;

/** Short runs, called often: one endless call would stay in the engine's baseline compiler. */
export function run(turns: i32, from: f32, to: f32): f32 {
  const x = f32x4.splat(from);
  const y = f32x4.splat(to);
  let a = x;
  let b = y;
  let c = x;
  let d = y;
  let e = x;
  let f = y;
  let g = x;
  let h = y;
  let i = x;
  let j = y;
  let k = x;
  let l = y;
  for (; turns > 0; turns--) {
    a = step(a, x, y);
    b = step(b, x, y);
    c = step(c, x, y);
    d = step(d, x, y);
    e = step(e, x, y);
    f = step(f, x, y);
    g = step(g, x, y);
    h = step(h, x, y);
    i = step(i, x, y);
    j = step(j, x, y);
    k = step(k, x, y);
    l = step(l, x, y);
  }
  const first = f32x4.add(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), f32x4.add(e, f));
  const second = f32x4.add(f32x4.add(f32x4.add(g, h), f32x4.add(i, j)), f32x4.add(k, l));
  return f32x4.extract_lane(f32x4.add(first, second), 0);
}
