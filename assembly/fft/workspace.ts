/**
 * The workspace of `fft`:
 *
 *   epilogue | tiles | largest magnitude of each pair | geometry of a part | roots | spectrum of a kernel | largest magnitudes of blocks | two planes | the workspace of direct sums
 */
import { WORKSPACE } from '../base/config';
import { EPILOGUE_BYTES } from '../base/epilogue';
import { Geometry } from '../base/geometry';
import { VALUE } from './planes';

/** Most bytes of a plane; of one that is four signals there are a fourth as many roots: src/wasm/fft.ts. */
const PLANE: usize = (1 << 16) * VALUE;

export const TILES: usize = EPILOGUE_BYTES;
/** Tiles, and behind them the largest magnitudes of four pairs. */
export const PART: usize = TILES + 64;
export const ROOTS: usize = PART + ((offsetof<Geometry>() + 15) & -16);
export const SPECTRUM: usize = ROOTS + (PLANE >> 2);
export const FFT_WORKSPACE: usize = SPECTRUM + 4 * PLANE + WORKSPACE;
