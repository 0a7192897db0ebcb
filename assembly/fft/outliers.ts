/**
 * Which outputs Fourier transforms may compute. They add all that a tile and its neighbour see: so an output's error grows with the largest magnitude there, not with what the output
 * itself meets. Outputs are left to direct sums where
 *
 *   the largest magnitude of the pair > FFT_RATIO · the largest of an output's window
 *
 * or where the pair sees NaN, infinity or what is out of range, as is nothing but zeros. Both are judged by blocks, so that it costs little: with blocks of at most half the taps,
 * what a block of outputs sees in common is the next block at least. In a window of zeros that is 0: such an output is a direct sum, exactly the bias.
 *
 *   outputs   │ block │
 *   see these │ block │ block │ rest │
 *    .. to these      │ block │ block │ rest │       and all of them
 *                     │ block │
 */
import { largestOfLanes, magnitude } from '../winograd/magnitude';
import { FOUR } from './transform';

const RATIO: f32 = 32;

/** The bits of 2^-40 and of 2^36: of smaller or larger magnitudes of x and of the weight, sums and products might lose digits or overflow. */
const LEAST: u32 = 0x2b800000;
const LIMIT: u32 = 0x51800000;

/** Whether transforms may have a largest magnitude. */
export function isInRange(most: u32): bool {
  return most - LEAST < LIMIT - LEAST;
}

/** log₂ of a block's size along an axis; 2^least at least. */
export function blockOf(taps: i32, least: i32): i32 {
  return 31 - clz((taps >> 1) | (1 << least));
}

/** A tile's lines to the real or the imaginary parts of a plane, and the largest magnitudes of each block, of four lanes, to `blocks`, which are zero before. Returns the largest of all. */
export function weave(lines: usize, to: usize, rows: i32, width: i32, blocks: usize, down: i32, across: i32): u32 {
  let most = i32x4.splat(0);
  for (let row = 0; row < rows; row++) {
    const line = blocks + <usize>((row >> down) * (width >> across)) * FOUR;
    for (let column = 0; column < width; column += 4, lines += 16, to += FOUR) {
      const v = v128.load(lines);
      v128.store(to, v);
      const block = line + <usize>(column >> across) * FOUR;
      const largest = i32x4.max_s(v128.load(block), magnitude(v));
      v128.store(block, largest);
      most = i32x4.max_s(most, largest);
    }
  }
  return largestOfLanes(most);
}

/** Whether transforms may compute the outputs that see a block in common. `most` is the largest magnitude of the pair. */
export function isEven(block: usize, most: u32): bool {
  return reinterpret<f32>(largestOfLanes(v128.load(block))) * RATIO >= reinterpret<f32>(most);
}
