/**
 * What each method does for a view, counted: multiply-adds of whole tiles, values that are copied into panels or line buffers, lines and blocks that are begun. The names
 * of what is counted, and the price of each, are in prices.ts.
 */
import { type ConvGeometry, volume } from '../geometry/index.js';
import type { View } from './conv-view.js';
import { latticesAlong, type TileSize, tileAxis, WINOGRAD_LATTICES } from './tiles.js';

export type Work = readonly number[];

/** What is counted of a geometry, or of a part of one. */
export type Shape = Pick<
  ConvGeometry,
  'layout' | 'batch' | 'groups' | 'xChannels' | 'yChannels' | 'xSize' | 'ySize' | 'kernel' | 'stride' | 'dilation'
>;

/** The cache blocks of assembly/base/config.ts, and the rows of the register tile: 6 where products are fused. */
const [MC, NC, KC, NR] = [128, 256, 256, 8];
const RC = 4 * MC;
const SKINNY_ROWS = 24;
/** Floats from one line to the next that share the sets of a cache. */
const PAGE = 1024;
const HALF_PAGE = 512;
/** So many multiply-adds hide half of what storing a sum there takes. */
const HIDDEN = 8;
const rowsOfTile = (fused: boolean): number => (fused ? 6 : 4);

const whole = (count: number, of: number): number => Math.ceil(count / of) * of;
const blocks = (count: number, of: number): number => Math.ceil(count / of);

/** When the weight is packed: before the call, once in it, or for every image and block of positions. */
export type Packs = 'before' | 'once' | 'again';

/** Taps that are one run of x in channels-last: as assembly/base/geometry.ts says. A phase may have none. */
const tapsAcross = ({ kernel, dilation, groups }: Pick<ConvGeometry, 'kernel' | 'dilation' | 'groups'>): number =>
  groups === 1 && dilation[2] === 1 ? Math.max(1, kernel[2]) : 1;

/** GEMM with the column matrix: in channels-first A is the weight and B the columns, in channels-last A the columns and B the weight. */
export function gemmWork(v: View, fused: boolean, packs: Packs): Work {
  const last = v.channelsLast;
  const [channels, positions] = [v.yChannels / v.groups, volume(v.ySize)];
  const depth = (volume(v.kernel) * v.xChannels) / v.groups;
  const [m, n] = last ? [positions, channels] : [channels, positions];
  const times = v.groups * v.batch;
  const again = last ? blocks(n, NC) : 1; // A's panels are made for each block of B
  const weightTimes = packs === 'before' ? 0 : packs === 'once' || last ? 1 : blocks(n, NC);
  const dense = volume(v.kernel) === 1 && v.stride.every((stride) => stride === 1) && v.pad.every((pad) => pad === 0);
  const row = v.ySize[2] * v.y.steps[2];
  const raster = (v.ySize[1] === 1 || v.y.steps[1] === row) && (v.ySize[0] === 1 || v.y.steps[0] === v.ySize[1] * row);
  const lines = last ? (positions * volume(v.kernel)) / tapsAcross(v) : depth * v.ySize[0] * v.ySize[1];
  const stored = times * m * n * blocks(depth, KC);
  // So few positions of one tap meet the weight where it lies (assembly/conv/implicit-gemm.ts).
  const few = dense && raster && positions <= SKINNY_ROWS && positions <= channels && (last || packs !== 'before');
  if (few) return [times * m * n * depth, 0, 0, 0, 0, stored, 0, 0, 0, 1];
  return [
    times * whole(m, rowsOfTile(fused)) * whole(n, NR) * depth,
    dense ? 0 : times * depth * positions * again,
    dense ? times * depth * positions * again : 0,
    times * (dense ? 0 : lines * again),
    (packs === 'once' ? v.groups : times) * depth * channels * weightTimes,
    stored,
    (last ? v.y.steps[2] % HALF_PAGE : v.y.channel % PAGE) > 0 ? 0 : (stored * HIDDEN) / (HIDDEN + depth),
    times * (raster ? 0 : m * n),
    times * blocks(n, NC) * blocks(depth, KC) * blocks(m, MC),
    1,
  ];
}

/** GEMM into columns, which are added into x: the weight and y are packed for every block of it. */
export function columnsWork(g: Shape, fused: boolean): Work {
  const last = g.layout === 'channels-last';
  const [inputs, depth, positions] = [g.xChannels / g.groups, g.yChannels / g.groups, volume(g.ySize)];
  const rows = volume(g.kernel) * inputs;
  const times = g.groups * g.batch;
  const [m, n] = last ? [positions, rows] : [rows, positions];
  const lines = last ? (positions * volume(g.kernel)) / tapsAcross(g) : rows * g.ySize[0] * g.ySize[1];
  const parts = blocks(positions, NC) * blocks(rows, RC);
  return [
    times * whole(m, rowsOfTile(fused)) * whole(n, NR) * depth,
    times * depth * positions * blocks(rows, RC),
    times * depth * rows * blocks(positions, NC),
    times * rows * positions * blocks(depth, KC),
    times * lines,
    times * parts * blocks(depth, KC),
    g.batch * g.xChannels * volume(g.xSize),
    1,
  ];
}

/** A gradient of the weight by GEMM: y times the columns, over the positions. */
export function wgradWork(g: Shape, fused: boolean): Work {
  const last = g.layout === 'channels-last';
  const [inputs, channels, depth] = [g.xChannels / g.groups, g.yChannels / g.groups, volume(g.ySize)];
  const rows = volume(g.kernel) * inputs;
  const times = g.groups * g.batch;
  const [m, n] = last ? [rows, channels] : [channels, rows];
  const lines = last ? (depth * volume(g.kernel)) / tapsAcross(g) : rows * g.ySize[0] * g.ySize[1];
  const dense = volume(g.kernel) === 1 && g.stride.every((stride) => stride === 1);
  return [
    times * whole(m, rowsOfTile(fused)) * whole(n, NR) * depth,
    dense ? 0 : times * depth * rows * (last ? blocks(n, NC) : 1),
    dense ? times * depth * rows * (last ? blocks(n, NC) : 1) : 0,
    times * (dense ? 0 : lines * (last ? blocks(n, NC) : 1)),
    times * depth * channels * (last ? 1 : blocks(n, NC)),
    times * m * n * blocks(depth, KC),
    times * blocks(n, NC) * blocks(depth, KC) * blocks(m, MC),
    1,
  ];
}

/** Floats of the workspace, and of a line buffer that is kept in L1: assembly/base/config.ts and assembly/direct/line-buffer.ts. */
const WORKSPACE = 225_000;
const CACHED = 8192;

interface LineBuffers {
  /** LineBuffers of an image and group, output rows and columns of each, and its floats and lines. */
  readonly count: number;
  readonly rows: number;
  readonly columns: number;
  readonly floats: number;
  readonly lines: number;
}

/** As assembly/direct/line-buffer.ts lays them out; undefined where not even a row of 16 columns fits. */
function lineBuffersOf(v: View, slices: number, phases: number, reach: number, used: number): LineBuffers | undefined {
  const [depth, height, width] = v.ySize;
  const window = (v.kernel[1] - 1) * v.dilation[1] + 1;
  const rowsIn = (room: number, line: number): number => {
    const rows = Math.floor(room / line) - window;
    return rows < 0 ? 0 : Math.floor(rows / v.stride[1]) + 1;
  };
  for (let columns = width; ; columns = whole(columns >> 1, 16)) {
    const line = whole(columns + reach + 3, 4) * phases * slices;
    let fit = rowsIn(Math.min(CACHED, WORKSPACE - used), line);
    if (fit < Math.min(height, window)) fit = rowsIn(WORKSPACE - used, line);
    if (fit >= 1) {
      const rows = Math.min(fit, height);
      const high = (rows - 1) * v.stride[1] + window;
      return { count: depth * blocks(height, rows) * blocks(width, columns), rows, columns, floats: high * line, lines: high * slices };
    }
    if (columns <= 16) return undefined;
  }
}

/** Of rows of a channel each, or of pixels with all channels of a group. */
function lineBuffersFor(v: View, rows: boolean, used: number): LineBuffers | undefined {
  const [depth, , width] = v.kernel;
  const reach = Math.floor(((width - 1) * v.dilation[2]) / v.stride[2]);
  const inputs = v.xChannels / v.groups;
  return rows
    ? lineBuffersOf(v, inputs * depth, v.stride[2], reach + 4, used)
    : lineBuffersOf(v, depth, v.stride[2] * inputs, reach + 9, used);
}

/** Along rows of x where they are contiguous, in channels-last those of a single channel: but to more than four channels of y along these. */
const byRows = ({ x, yChannels, groups, channelsLast }: View): boolean => x.space === 1 && !(channelsLast && yChannels / groups > 4);

/** Sums over the channels and taps, from line buffers; undefined where an element at a time would be summed. */
export function fewChannelsWork(v: View): Work | undefined {
  const [channels, taps] = [v.yChannels / v.groups, volume(v.kernel)];
  const rows = (taps * v.xChannels) / v.groups;
  const buffers = taps > 0 ? lineBuffersFor(v, byRows(v), rows + whole(channels, 4) * (rows + 1)) : undefined;
  if (!buffers) return undefined;
  const times = v.groups * v.batch;
  const lines = times * v.ySize[0] * v.ySize[1] * blocks(v.ySize[2], buffers.columns);
  const width = Math.min(buffers.columns, v.ySize[2]);
  // A whole tile is four channels by eight positions along rows, eight by four along pixels; what is left has tiles of its own.
  const [across, along] = byRows(v) ? [4, blocks(width, 8)] : [8, blocks(width, 4)];
  const rest = channels % across;
  const part = rest > 0 && rest <= across / 2;
  const tiles = lines * along * (Math.floor(channels / across) + (rest > 0 && !part ? 1 : 0));
  const partTiles = part ? lines * (byRows(v) && rest === 1 ? along / 4 : along / 2) : 0;
  const results = v.batch * v.yChannels * volume(v.ySize);
  const far = byRows(v) && v.y.steps[2] !== 1;
  return [
    tiles * rows,
    buffers.floats > CACHED ? (tiles + partTiles) * rows : 0,
    byRows(v) && rest === 1 ? 0 : partTiles * rows,
    byRows(v) && rest === 1 ? partTiles * rows : 0,
    times * buffers.count * buffers.floats,
    times * buffers.count * buffers.lines,
    far ? 0 : results,
    far ? results : 0,
    v.groups * rows * whole(channels, 4),
    tiles + partTiles,
    1,
  ];
}

/** A gradient of the weight from line buffers; undefined where it is left to the GEMM. */
export function fewChannelsWgradWork(v: View): Work | undefined {
  const [channels, taps] = [v.yChannels / v.groups, volume(v.kernel)];
  const rows = (taps * v.xChannels) / v.groups;
  const pixels = v.x.space !== 1 || v.y.steps[2] !== 1;
  if (pixels && (!v.channelsLast || channels % 4 !== 0)) return undefined;
  const sums = whole(channels, 4) * (pixels ? whole(rows, 8) : 4 * rows + 4);
  const buffers = lineBuffersFor(v, !pixels, rows + sums);
  if (!buffers) return undefined;
  const times = v.groups * v.batch;
  const fours = blocks(channels, 4) * blocks(rows, pixels ? 8 : 2);
  const width = Math.min(buffers.columns, v.ySize[2]);
  const lines = times * v.ySize[0] * v.ySize[1] * blocks(v.ySize[2], buffers.columns);
  return [
    lines * (pixels ? width : blocks(width, 4)) * fours,
    lines * fours,
    times * buffers.count * fours,
    times * buffers.count * buffers.floats,
    times * buffers.count * buffers.lines,
    times * sums,
    1,
  ];
}

/** Values of filters, or sums, that the caches hold. */
const NEAR_FILTERS = 2 ** 22;
/** Tiles that are multiplied together: fewer take as long. */
const PANEL = 8;

/** Outputs of a tile of Winograd's along an axis: the size that needs fewer products. The batch does not matter, so that an image has the same bits in any. */
export function tileSize(views: readonly View[]): TileSize {
  const all = (size: TileSize): number => views.reduce((sum, view) => sum + productsOf(view, size), 0);
  return all(2) < all(4) ? 2 : 4;
}

/** Products of an image for a pair of channels. */
function productsOf(view: View, size: TileSize): number {
  const [rows, columns] = [tileAxis(view, 1, size), tileAxis(view, 2, size)];
  return view.kernel[0] * rows.points * columns.points * whole(view.ySize[0] * rows.tiles * columns.tiles, PANEL);
}

/** Fewest pairs of channels of a group, and multiply-adds: with fewer it gains little, and what small layers compute is exact for small whole numbers. */
const WINOGRAD_PAIRS = 8;
const WINOGRAD_WORK = 2 ** 15;
/** The largest kernel along an axis that it was measured for. */
const WINOGRAD_TAPS = 31;

/** Whether 'auto' considers it for views of a product. */
export function winogradServes(views: readonly View[]): boolean {
  const [first] = views;
  if (!first || !winogradFits(views)) return false;
  const pairs = (first.xChannels / first.groups) * (first.yChannels / first.groups);
  const products = views.reduce((sum, { kernel, ySize }) => sum + volume(kernel) * volume(ySize), 0);
  return pairs >= WINOGRAD_PAIRS && pairs * products >= WINOGRAD_WORK && views.every(({ kernel }) => Math.max(...kernel) <= WINOGRAD_TAPS);
}

/** Of a product's views, of which each has a tap, one has two along its height or width: an axis with one tap is not transformed, and the depth never is. */
export const winogradFits = (views: readonly View[]): boolean =>
  views.some(({ kernel }) => kernel[1] > 1 || kernel[2] > 1) && views.every(fitsView);

function fitsView({ kernel, stride, dilation }: View): boolean {
  return volume(kernel) > 0 && latticesAlong(kernel, stride, dilation, 2) <= WINOGRAD_LATTICES;
}

/** The adjoint of F(4×4): of every kernel with two taps along its height or width. */
export function winogradWgradFits({ kernel, stride, dilation }: View): boolean {
  return (kernel[1] > 1 || kernel[2] > 1) && latticesAlong(kernel, stride, dilation, 2) <= WINOGRAD_LATTICES;
}

export function winogradWgradServes(v: View): boolean {
  const pairs = (v.xChannels / v.groups) * (v.yChannels / v.groups);
  const worth = pairs >= WINOGRAD_PAIRS && pairs * volume(v.kernel) * volume(v.ySize) >= WINOGRAD_WORK;
  return winogradWgradFits(v) && worth && Math.max(...v.kernel) <= WINOGRAD_TAPS;
}

export function winogradWork(v: View, fused: boolean, planned: boolean, size: TileSize): Work {
  const [from, to] = [v.xChannels / v.groups, v.yChannels / v.groups];
  const [rows, columns] = [tileAxis(v, 1, size), tileAxis(v, 2, size)];
  const tiles = v.groups * whole(v.batch * v.ySize[0] * rows.tiles * columns.tiles, PANEL);
  const products = v.kernel[0] * rows.points * columns.points;
  const outputs = whole(to, rowsOfTile(fused));
  const filters = v.groups * products * whole(from, 4) * outputs;
  const far = filters >= NEAR_FILTERS;
  return [
    tiles * products * from * outputs,
    tiles * products * outputs * blocks(from, KC),
    tiles * products * whole(from, 4),
    tiles * rows.values * columns.values * outputs,
    planned ? filters : 0,
    planned || far ? 0 : filters,
    !planned && far ? filters : 0,
    v.groups * blocks(tiles / v.groups, 32),
    1,
  ];
}

/** Its gradient of the weight. y is transformed once for as many blocks of taps as there is room for the sums of, or where all tiles are one block. */
export function winogradWgradWork(v: View): Work {
  const [from, to] = [v.xChannels / v.groups, v.yChannels / v.groups];
  const [rows, columns] = [tileAxis(v, 1, 4), tileAxis(v, 2, 4)];
  const tiles = v.batch * v.ySize[0] * rows.tiles * columns.tiles;
  const values = v.groups * rows.values * columns.values;
  const products = v.groups * v.kernel[0] * rows.points * columns.points;
  const tapBlocks = v.kernel[0] * rows.blocks * columns.blocks;
  const [inputs, outputs] = v.channelsLast ? [whole(from, 4), whole(to, 8)] : [whole(from, 8), whole(to, 4)];
  const sums = products * inputs * outputs;
  return [
    products * tiles * inputs * outputs,
    products * tiles * inputs * blocks(to, MC),
    values * tiles * outputs * blocks(from, MC) * (tiles > MC ? blocks(tapBlocks, tapsTogether(from, to, values / v.groups)) : 1),
    sums,
    sums >= NEAR_FILTERS ? sums : 0,
    sums * (tiles > MC ? blocks(tiles, MC) : 0),
    1,
  ];
}

/** Blocks of taps whose sums there is room for beside the panels: assembly/winograd/wgrad.ts. */
function tapsTogether(from: number, to: number, points: number): number {
  const [inputs, outputs] = [from, to].map((channels) => Math.min(MC, whole(channels, NR))) as [number, number];
  return Math.max(1, Math.floor(((WGRAD_ROOM * 36) / points - MC * (inputs + outputs)) / (inputs * outputs)));
}
/** Values of a point. */
const WGRAD_ROOM = 24_576;
