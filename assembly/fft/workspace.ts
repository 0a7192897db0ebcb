/**
 * The workspace of `fft` and `fftPack`:
 *
 *   epilogue | tiles | geometry of a part | roots | largest magnitudes of blocks | two planes, or the workspace of direct sums
 */
import { WORKSPACE } from '../base/config';
import { EPILOGUE_BYTES } from '../base/epilogue';
import { Geometry } from '../base/geometry';
import { VALUE } from './planes';
import { TILE_BYTES } from './tiles';

/** Most values of a plane: src/wasm/fft.ts. */
const VALUES: usize = 1 << 16;

export const TILES: usize = EPILOGUE_BYTES;
export const PART: usize = TILES + 8 * TILE_BYTES;
export const ROOTS: usize = PART + ((offsetof<Geometry>() + 15) & -16);
export const BLOCKS: usize = ROOTS + (VALUES >> 2) * VALUE;
export const FFT_WORKSPACE: usize = BLOCKS + VALUES * VALUE + max(WORKSPACE, 2 * VALUES * VALUE);
