/**
 * Register tile and cache blocks, in elements. The order of every sum depends on KC only.
 *
 * A target of asconfig.json may set smaller blocks ("use": ["BLOCK_KC=8"]), so that small tests reach every path of several blocks.
 */

import { LANES } from './element';
import { EPILOGUE_BYTES } from './epilogue';
import { bytes } from './runs';

/**
 * Register tile: MR rows by NR columns of C. 4 rows are 8 sums, 2 vectors of B and a broadcast of A: 11 of the 16 registers. More rows gain nothing where a
 * product and its addition are two instructions.
 *
 * Fused, 8 sums are just what two units of four cycles need. 6 rows, 15 registers, are 17 % faster (V8 14 on Sapphire Rapids, 46 for 39 GFLOP/s of a ceiling of 47).
 */
export const MR: i32 = isDefined(TILE_MR) ? TILE_MR : ASC_FEATURE_RELAXED_SIMD ? 6 : 4;
export const NR: i32 = 2 * LANES;

/** Depth of a block: one B micropanel (KC·NR elements, 8 KiB) stays in L1 under the loop over A's micropanels. */
export const KC: i32 = isDefined(BLOCK_KC) ? BLOCK_KC : 256;

/** Rows of a packed A block (MC·KC floats, 128 KiB or little more): stays in L2 under the loop over B's micropanels. A multiple of MR. */
export const MC: i32 = isDefined(BLOCK_MC) ? BLOCK_MC : MR == 6 ? 132 : 128;

/** Columns of a packed B block (KC·NC floats, 256 KiB): packed once, read for every A block. A multiple of NR. */
export const NC: i32 = isDefined(BLOCK_NC) ? BLOCK_NC : 256;

/** Rows of the column block (times NC positions: 512 KiB) that dgrad multiplies into and scatters from. A multiple of MR and NR. */
export const RC: i32 = 4 * MC;

/** Most rows of a product that reads B where it lies; most columns of one that reads A where it lies; floats of the sums of its block, 24 KiB in L1. */
export const SKINNY_ROWS: i32 = min(24, KC);
export const SKINNY_COLUMNS: i32 = min(16, KC);
export const SKINNY_SUMS: i32 = isDefined(BLOCK_KC) ? 8 * KC : 24 * NC;

const TILE: i32 = MR > NR ? MR : NR;
const LONGEST: i32 = max(max(MC, NC), KC);

/**
 * The workspace that every kernel is given, one fixed size for any layer:
 *
 *   A panels | B panels | lines | lanes | tile | operands, epilogue | columns
 */
export const A_PANELS: usize = 0;
export const B_PANELS: usize = A_PANELS + bytes(MC * KC);
export const LINES: usize = B_PANELS + bytes(KC * NC);
export const LINE_BYTES: usize = bytes(TILE * LONGEST);
export const TILE_BUFFER: usize = LINES + LINE_BYTES + <usize>(TILE * 8);
export const DESCRIPTORS: usize = TILE_BUFFER + bytes(MR * NR);
export const COLUMN_BLOCK: usize = DESCRIPTORS + 64 + EPILOGUE_BYTES;
export const WORKSPACE: usize = COLUMN_BLOCK + bytes(RC * NC);

/**
 * Interpolation points of Winograd's F(4×4, 3×3): 0, ±a, ±b and infinity. Symmetric points halve the transforms; a = 1/√2, b = √2 makes a²b² = 1, and all of the
 * input transform's constants but a and b exact. Largest error over largest |output|, float32 against float64, inputs and weights uniform in [-1, 1]:
 *
 *   (a, b)          64 channels   512 channels
 *   (1, 2)             6.1e-6        8.6e-6      the textbook's
 *   (1, 1/2)           4.6e-6        6.8e-6
 *   (1/2, 3/2)         3.4e-6        3.2e-6
 *   (5/8, 5/4)         1.5e-6        3.7e-6
 *   (2/3, 4/3)         1.3e-6        2.4e-6
 *   (3/4, 3/2)         1.3e-6        2.3e-6
 *   (1/√2, √2)         1.1e-6        2.0e-6
 *
 * These kernels (14×14 image, the larger of both layouts), for 64, 256 and 512 channels: F(4×4) 1.2e-6, 2.0e-6, 2.8e-6, relaxed alike; F(2×2), whose points
 * 0, ±1, ∞ need no constants, 2.8e-7, 6.3e-7, 5.0e-7; the gradient of the weight by F(4×4) 6.6e-7, 8.0e-7, 7.5e-7.
 */
export const WINOGRAD_A: f64 = Math.SQRT1_2;
export const WINOGRAD_B: f64 = Math.SQRT2;

/**
 * Most tiles of a Winograd block, a multiple of NR. Bounds the strip of x that is unrolled at a time, and keeps V and M of 64 channels near L2: on 512 KiB of it
 * 32 tiles are 5 to 9 % faster than 128.
 */
export const WINOGRAD_TILES: i32 = isDefined(BLOCK_KC) ? 16 : 32;

/** A tile's largest magnitude over the smallest that is the largest in an output's window, up to which Winograd computes it. */
export const WINOGRAD_RATIO: f32 = 32;

/** Most channels of a Winograd block: of x (a multiple of KC) and of y (one of MR). */
export const WINOGRAD_INPUTS: i32 = 4 * KC;
export const WINOGRAD_OUTPUTS: i32 = (WINOGRAD_INPUTS / MR) * MR;

/** Of a block of Winograd's gradient of the weight: most channels of either side, a multiple of NR, and most tiles. Its workspace is 3.4 MiB. */
export const WGRAD_CHANNELS: i32 = isDefined(BLOCK_KC) ? 16 : 128;
export const WGRAD_TILES: i32 = isDefined(BLOCK_KC) ? 24 : 128;
/** Channels of either side, a multiple of NR, whose sums are made at a time where all tiles are in one block: against 128, 1.25 times as fast at 256→256 @14. */
export const WGRAD_SUMS: i32 = isDefined(BLOCK_KC) ? 8 : 32;
