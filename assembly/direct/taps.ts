/**
 * A table of taps: all that the inner loop of a direct kernel needs to know of the kernel window. With it one loop serves every kernel size,
 * dilation, stride and direction, without a branch for bounds. Entries stand in the order in which they are summed.
 */
@unmanaged
export class Tap {
  /** Four lanes: the splatted weight (rows forward and dgrad), or sums (rows wgrad). */
  low: u64;
  high: u64;
  /** Where in the line buffer stands what it meets at the first output, or its address. */
  at: usize;
  /** Bytes from a channel's first weight to this one. */
  weight: usize;
  spare: u64;
}

export const TAP_BYTES: usize = 32;

export function tapAt(address: usize): Tap {
  return changetype<Tap>(address);
}

/** Splats the weights of a channel into its entries. */
export function setWeights(taps: usize, end: usize, w: usize): void {
  for (; taps < end; taps += TAP_BYTES) v128.store(taps, v128.load32_splat(w + tapAt(taps).weight));
}
