/**
 * A kernel larger than 3×3 as a sum of convolutions by 3×3 taps, each over x shifted by where its taps begin. Along an axis ⌈taps / 3⌉ blocks share the taps, two
 * or three each; one of two is read through a window of three, with a zero tap before or after them:
 *
 *   taps     0 1 2 3      0 1 2 3 4      0 1 2 3 4 5      0 1 2 3 4 5 6
 *   blocks   a a 0        a a a          a a a            a a a
 *              0 b b          0 b b            b b b            b b 0
 *                                                                 0 c c
 *
 * No window reaches past the kernel, so no tile of y reads of x what its outputs do not see. A zero first tap makes point 0 of the transformed filter zero, a zero
 * last one point ∞: those products are left out, which leaves 121 of 144 for 5×5, 100 for 4×4, 256 of 324 for 7×7.
 */
export function tapBlocks(taps: i32): i32 {
  return (taps + 2) / 3;
}

/** The block of a tap, one of `taps` along an axis. The product of two counts of taps may pass 2^31. */
export function blockOf(tap: i32, taps: i32): i32 {
  return <i32>((<i64>tap * tapBlocks(taps)) / taps);
}

/** The first tap of a block. */
function firstTap(block: i32, taps: i32): i32 {
  const blocks = tapBlocks(taps);
  return <i32>((<i64>block * taps + blocks - 1) / blocks);
}

/** Where a block's window begins. */
export function windowOf(block: i32, taps: i32): i32 {
  return max(0, min(firstTap(block, taps), taps - 3));
}

/** Whether a block's filters may be other than zero at a point of F(size, 3) along an axis. */
export function hasPoint(block: i32, taps: i32, point: i32, size: i32): bool {
  if (point == 0) return firstTap(block, taps) == windowOf(block, taps);
  return point <= size || firstTap(block + 1, taps) == windowOf(block, taps) + 3;
}

/** Whether no block has the point: ∞ for two taps, which are one block. */
export function lacksPoint(taps: i32, point: i32, size: i32): bool {
  return taps == 2 && point > size;
}

/** Whether it is the first block that has the point. */
export function beginsPoint(block: i32, taps: i32, point: i32, size: i32): bool {
  return block == 0 || !hasPoint(0, taps, point, size);
}
