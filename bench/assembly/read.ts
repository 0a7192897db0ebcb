/** Reads memory once and does next to nothing with it: the most that a product of one row can reach. Eight sums hide the latency of an addition. */
export function read(from: usize, bytes: usize): f32 {
  const zero = f32x4.splat(0);
  let a = zero;
  let b = zero;
  let c = zero;
  let d = zero;
  let e = zero;
  let f = zero;
  let g = zero;
  let h = zero;
  for (const end = from + bytes; from < end; from += 128) {
    a = f32x4.add(a, v128.load(from));
    b = f32x4.add(b, v128.load(from, 16));
    c = f32x4.add(c, v128.load(from, 32));
    d = f32x4.add(d, v128.load(from, 48));
    e = f32x4.add(e, v128.load(from, 64));
    f = f32x4.add(f, v128.load(from, 80));
    g = f32x4.add(g, v128.load(from, 96));
    h = f32x4.add(h, v128.load(from, 112));
  }
  const first = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
  const second = f32x4.add(f32x4.add(e, f), f32x4.add(g, h));
  return f32x4.extract_lane(f32x4.add(first, second), 0);
}
