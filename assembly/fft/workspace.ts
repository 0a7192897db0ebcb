/**
 * The workspace of `fft` and `fftPack`:
 *
 *   epilogue | tiles | geometry of a part | roots | largest magnitudes | two planes, or the workspace of direct sums
 */
import { WORKSPACE } from '../base/config';
import { EPILOGUE_BYTES } from '../base/epilogue';
import { Geometry } from '../base/geometry';
import { TILE_BYTES } from './tiles';
import { ROOT } from './transform';

/** Most values of a plane, and of a signal of which it has four: src/wasm/fft.ts. */
export const VALUES: usize = 1 << 16;

export const TILES: usize = EPILOGUE_BYTES;
export const PART: usize = TILES + 8 * TILE_BYTES;
export const ROOTS: usize = PART + ((offsetof<Geometry>() + 15) & -16);
export const LARGEST: usize = ROOTS + (VALUES >> 2) * ROOT;
export const PLANES: usize = LARGEST + VALUES * 8;
export const FFT_WORKSPACE: usize = PLANES + (WORKSPACE > VALUES * 16 ? WORKSPACE : VALUES * 16);
