/**
 * The workspace of `winograd` and `winogradPack`, which copies filters to where a product has its panels:
 *
 *   block, image, epilogue, part, geometry | states of a row of tiles | tiles | scratch of a panel of tiles | bias | line buffer | V, M of a block
 */
import { NR, WINOGRAD_INPUTS, WINOGRAD_OUTPUTS, WINOGRAD_TILES } from '../base/config';
import { EPILOGUE_BYTES } from '../base/epilogue';
import { Geometry } from '../base/geometry';
import { bytes } from '../base/runs';
import { TILE_BYTES } from './input-tiles';

export const IMAGE: usize = 64;
export const EPILOGUE: usize = 128;
export const PART: usize = EPILOGUE + EPILOGUE_BYTES;
export const GEOMETRY: usize = PART + 64;
export const STATES: usize = GEOMETRY + ((offsetof<Geometry>() + 15) & -16);
export const TILES: usize = STATES + bytes(WINOGRAD_TILES);
export const SCRATCH: usize = TILES + <usize>WINOGRAD_TILES * TILE_BYTES;
export const BIAS: usize = SCRATCH + (1 + NR) * 36 * 16;
export const STRIP: usize = BIAS + bytes(WINOGRAD_OUTPUTS + 4);
/** The largest line buffer is of a block that touches three rows of almost WINOGRAD_TILES tiles each. */
export const PANELS: usize = (STRIP + bytes(3 * 6 * (4 * WINOGRAD_TILES + 2) * 4) + 15) & -16;
/** Room for a panel of tiles of the most channels on both sides. */
export const PANEL_BYTES: usize = bytes(36 * NR * 2 * WINOGRAD_INPUTS) + 36 * 64;
export const WINOGRAD_WORKSPACE: usize = PANELS + PANEL_BYTES;
