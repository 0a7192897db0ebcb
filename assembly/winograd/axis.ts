/**
 * An axis as Winograd sees it: one tile's outputs, taps and inputs are neighbours on a lattice. With stride s, dilation d and g their greatest common divisor
 *
 *   outputs of a tile   d / g apart     so d / g lattices of outputs share the axis, each with tiles of its own
 *   its taps            s / g apart     so the kernel is s / g sets of taps, whose products are summed
 *   its inputs          s · d / g apart
 *
 * and the position of x that an output meets through the first place of a block of taps is output · s - pad + tap · d.
 *
 * A set of more than three taps is a sum of convolutions by three taps, each over x shifted by where its taps begin. ⌈taps / 3⌉ blocks share the taps, two or three each; one of
 * two is read through a window of three, with a zero tap before or after them; a single tap stands in the middle:
 *
 *   taps     0        0 1      0 1 2 3      0 1 2 3 4      0 1 2 3 4 5      0 1 2 3 4 5 6
 *   blocks 0 a 0      a a 0    a a 0        a a a          a a a            a a a
 *                                0 b b          0 b b            b b b            b b 0
 *                                                                                     0 c c
 *
 * No window reaches past the taps but at places where it has none, so no tile of y reads of x what its outputs do not see, or it is multiplied by nothing: a zero first tap makes point 0 of the
 * transformed filter zero, a zero last one point ∞, and those products are left out. That leaves 121 of 144 for 5×5, 100 for 4×4, 256 of 324 for 7×7, 25 of 36 for 2×2, 81 of 144
 * for 3×3 with stride 2. An axis with one tap in all is not transformed: its tiles have one output.
 */

@unmanaged
export class Axis {
  /** Outputs of a tile: 4 or 2, or 1 of an axis with one tap. */
  size: i32;
  taps: i32;
  stride: i32;
  dilation: i32;
  pad: i32;
  /** From one output of a tile to the next, and from one of its taps to the next. */
  outputStep: i32;
  tapStep: i32;
  /** Outputs of all lattices, and positions of x. */
  outputs: i32;
  xSize: i32;

  /** Points of the transforms, which are as many as a tile has inputs. */
  get points(): i32 {
    return pointsOf(this.size);
  }
  /** Inputs of a tile beyond its outputs. */
  get reach(): i32 {
    return this.size > 1 ? 2 : 0;
  }
  /** Places of a window of taps. */
  get places(): i32 {
    return this.reach + 1;
  }
  /** Tiles of one lattice, of the largest. */
  get tiles(): i32 {
    return ceilOf(ceilOf(this.outputs, this.outputStep), this.size);
  }
  tapsOf(set: i32): i32 {
    return ceilOf(this.taps - set, this.tapStep);
  }
  /** Outputs of a lattice. */
  outputsOf(lattice: i32): i32 {
    return ceilOf(this.outputs - lattice, this.outputStep);
  }
}

export function pointsOf(size: i32): i32 {
  return size > 1 ? size + 2 : 1;
}

/** Outputs of a tile along an axis with so many taps. */
export function sizeOf(taps: i32, size: i32): i32 {
  return taps == 1 ? 1 : size;
}

/** Blocks of taps of an axis. */
export function blocksOf(taps: i32, stride: i32, dilation: i32): i32 {
  const sets = min(taps, stride / divisorOf(stride, dilation));
  let blocks = 0;
  for (let set = 0; set < sets; set++) blocks += ceilOf(ceilOf(taps - set, sets), 3);
  return blocks;
}

/** A block of taps along an axis. */
@unmanaged
export class TapBlock {
  /** The tap at the first place of its window, which may lie before the kernel. */
  origin: i32;
  /** The places [first, end) have taps; the others count as zero. */
  first: i32;
  end: i32;
  /** Points at which its filters may be other than zero, a bit each: all but the first, the last, or both. */
  points: i32;
}

export function firstOf(points: i32): i32 {
  return ctz(points);
}
export function endOf(points: i32): i32 {
  return 32 - clz(points);
}

/** `size` outputs to a tile where there is more than one tap. */
export function layAxis(axis: Axis, size: i32, taps: i32, stride: i32, dilation: i32, pad: i32, outputs: i32, xSize: i32): void {
  // A single tap is not dilated.
  const apart = taps == 1 ? 1 : dilation;
  const common = divisorOf(stride, apart);
  axis.size = sizeOf(taps, size);
  axis.taps = taps;
  axis.stride = stride;
  axis.dilation = apart;
  axis.pad = pad;
  axis.outputStep = apart / common;
  axis.tapStep = stride / common;
  axis.outputs = outputs;
  axis.xSize = xSize;
}

/** The index-th block of an axis. */
export function layBlock(block: TapBlock, axis: Axis, index: i32): void {
  if (axis.size == 1) {
    block.origin = 0;
    block.first = 0;
    block.end = 1;
    block.points = 1;
    return;
  }
  let set = 0;
  let taps = axis.taps;
  for (; ; set++) {
    taps = axis.tapsOf(set);
    const blocks = ceilOf(taps, 3);
    if (index < blocks) break;
    index -= blocks;
  }
  const first = firstTap(index, taps);
  const window = taps == 1 ? -1 : max(0, min(first, taps - 3));
  block.origin = set + window * axis.tapStep;
  block.first = first - window;
  block.end = firstTap(index + 1, taps) - window;
  block.points = (((1 << axis.size) - 1) << 1) | (block.first == 0 ? 1 : 0) | (block.end == 3 ? 2 << axis.size : 0);
}

/** The first tap of a block, of `taps` in a set. The product of two counts of taps may pass 2^31. */
function firstTap(block: i32, taps: i32): i32 {
  const blocks = ceilOf(taps, 3);
  return <i32>((<i64>block * taps + blocks - 1) / blocks);
}

export function ceilOf(count: i32, unit: i32): i32 {
  return (count + unit - 1) / unit;
}

/** The largest whole number that is not above count / unit, which may be negative. */
export function floorOf(count: i32, unit: i32): i32 {
  return count >= 0 ? count / unit : -ceilOf(-count, unit);
}

function divisorOf(a: i32, b: i32): i32 {
  while (b != 0) {
    const rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}
