/** Runs of elements. */
import { Element } from './element';

/** Bytes of so many elements. */
export function bytes(elements: i32): usize {
  return (<usize>elements) << alignof<Element>();
}

/** a·b + c. Relaxed: fused where the machine can. The flag is static, so each build holds one of the two. */
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<Element>(a, b, c);
  else return v128.add<Element>(v128.mul<Element>(a, b), c);
}

/** c - a·b, likewise. */
export function nmadd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_nmadd<Element>(a, b, c);
  else return v128.sub<Element>(c, v128.mul<Element>(a, b));
}

/** Runs are short (a row of an image): a SIMD loop beats the call that memory.copy makes. The last vector overlaps the one before. */
export function copyRun(to: usize, from: usize, count: i32): void {
  const lanes: i32 = 16 / sizeof<Element>();
  const end = to + bytes(count);
  if (count >= lanes) {
    const last = from + bytes(count) - 16;
    for (; to + 16 < end; to += 16, from += 16) v128.store(to, v128.load(from));
    v128.store(end - 16, v128.load(last));
    return;
  }
  for (; to < end; to += sizeof<Element>(), from += sizeof<Element>()) store<Element>(to, load<Element>(from));
}

export function addRun(to: usize, from: usize, count: i32): void {
  const end = to + bytes(count);
  while (to + 16 <= end) {
    v128.store(to, v128.add<Element>(v128.load(to), v128.load(from)));
    to += 16;
    from += 16;
  }
  while (to < end) {
    store<Element>(to, load<Element>(to) + load<Element>(from));
    to += sizeof<Element>();
    from += sizeof<Element>();
  }
}

export function zeroRun(to: usize, count: i32): void {
  const lanes: i32 = 16 / sizeof<Element>();
  const end = to + bytes(count);
  const zero = v128.splat<Element>(0);
  if (count >= lanes) {
    for (; to + 16 < end; to += 16) v128.store(to, zero);
    v128.store(end - 16, zero);
    return;
  }
  for (; to < end; to += sizeof<Element>()) store<Element>(to, 0);
}

/** Whether no element is NaN or infinite: v · 0 is 0 for all others, and NaN survives a sum. Four sums: one would wait for each addition. */
export function allFinite(from: usize, count: i32): bool {
  const end = from + bytes(count);
  const zero = v128.splat<Element>(0);
  let a = zero;
  let b = zero;
  let c = zero;
  let d = zero;
  for (; from + 64 <= end; from += 64) {
    a = v128.add<Element>(a, v128.mul<Element>(v128.load(from), zero));
    b = v128.add<Element>(b, v128.mul<Element>(v128.load(from, 16), zero));
    c = v128.add<Element>(c, v128.mul<Element>(v128.load(from, 32), zero));
    d = v128.add<Element>(d, v128.mul<Element>(v128.load(from, 48), zero));
  }
  for (; from < end; from += sizeof<Element>()) a = v128.add<Element>(a, v128.mul<Element>(v128.load_splat<Element>(from), zero));
  const sum = v128.add<Element>(v128.add<Element>(a, b), v128.add<Element>(c, d));
  return !v128.any_true(v128.ne<Element>(sum, sum));
}
