/**
 * The workspace of `winograd` and `winogradPack`, which copies filters to where a product has its panels:
 *
 *   block, image, axes, blocks of taps, epilogue, part, geometry | states of a row of tiles | tiles | scratch of a panel of tiles | bias | line buffer | V, M of a block
 */
import { NR, WINOGRAD_INPUTS, WINOGRAD_OUTPUTS, WINOGRAD_TILES } from '../base/config';
import { EPILOGUE_BYTES } from '../base/epilogue';
import { Geometry } from '../base/geometry';
import { bytes } from '../base/runs';
import { TILE_BYTES } from './tiles';

export const IMAGE: usize = 96;
export const ROWS: usize = IMAGE + 80;
export const COLUMNS: usize = ROWS + 48;
export const DOWN: usize = COLUMNS + 48;
export const ACROSS: usize = DOWN + 16;
export const EPILOGUE: usize = ACROSS + 16;
export const PART: usize = EPILOGUE + EPILOGUE_BYTES;
export const GEOMETRY: usize = PART + 96;
export const STATES: usize = GEOMETRY + ((offsetof<Geometry>() + 15) & -16);
export const TILES: usize = STATES + bytes(WINOGRAD_TILES);
export const SCRATCH: usize = TILES + <usize>WINOGRAD_TILES * TILE_BYTES;
export const BIAS: usize = SCRATCH + (1 + NR) * 36 * 16;
export const STRIP: usize = BIAS + bytes(WINOGRAD_OUTPUTS + 4);
/**
 * Vectors of a line buffer, at most: a block that touches three rows of almost WINOGRAD_TILES tiles each, of at most 16 lattices of columns (src/wasm/work.ts), of which a
 * count of all blocks found no larger one.
 */
export const LINES: i32 = 3 * 6 * (4 * WINOGRAD_TILES + 22);
export const PANELS: usize = (STRIP + bytes(4 * LINES) + 15) & -16;
/** Room for a panel of tiles of the most channels on both sides. */
export const PANEL_BYTES: usize = bytes(36 * NR * 2 * WINOGRAD_INPUTS) + 36 * 64;
export const WINOGRAD_WORKSPACE: usize = PANELS + PANEL_BYTES;
