/** Runs of floats. */

/** Bytes of so many elements. */
export function bytes(elements: i32): usize {
  return (<usize>elements) << 2;
}

/** a·b + c. Relaxed: fused where the machine can. The flag is static, so each build holds one of the two. */
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  else return f32x4.add(f32x4.mul(a, b), c);
}

/** Runs are short (a row of an image): a SIMD loop beats the call that memory.copy makes. The last vector overlaps the one before. */
export function copyRun(to: usize, from: usize, count: i32): void {
  const end = to + bytes(count);
  if (count >= 4) {
    const last = from + bytes(count) - 16;
    for (; to + 16 < end; to += 16, from += 16) v128.store(to, v128.load(from));
    v128.store(end - 16, v128.load(last));
    return;
  }
  for (; to < end; to += 4, from += 4) store<f32>(to, load<f32>(from));
}

export function addRun(to: usize, from: usize, count: i32): void {
  const end = to + bytes(count);
  while (to + 16 <= end) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
    to += 16;
    from += 16;
  }
  while (to < end) {
    store<f32>(to, load<f32>(to) + load<f32>(from));
    to += 4;
    from += 4;
  }
}

export function zeroRun(to: usize, count: i32): void {
  const end = to + bytes(count);
  const zero = f32x4.splat(0);
  if (count >= 4) {
    for (; to + 16 < end; to += 16) v128.store(to, zero);
    v128.store(end - 16, zero);
    return;
  }
  for (; to < end; to += 4) store<f32>(to, 0);
}

/** Whether no element is NaN or infinite: v · 0 is 0 for all others, and NaN survives a sum. Four sums: one would wait for each addition. */
export function allFinite(from: usize, count: i32): bool {
  const end = from + bytes(count);
  const zero = f32x4.splat(0);
  let a = zero;
  let b = zero;
  let c = zero;
  let d = zero;
  for (; from + 64 <= end; from += 64) {
    a = f32x4.add(a, f32x4.mul(v128.load(from), zero));
    b = f32x4.add(b, f32x4.mul(v128.load(from, 16), zero));
    c = f32x4.add(c, f32x4.mul(v128.load(from, 32), zero));
    d = f32x4.add(d, f32x4.mul(v128.load(from, 48), zero));
  }
  for (; from < end; from += 4) a = f32x4.add(a, f32x4.mul(v128.load32_splat(from), zero));
  const sum = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
  return !v128.any_true(f32x4.ne(sum, sum));
}
