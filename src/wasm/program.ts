import type { Job } from '../engine.js';
import { OptionError } from '../errors.js';
import { type ConvGeometry, volume } from '../geometry/index.js';
import type { Exports } from './generated/exports.js';
import { columns, depthwise, depthwiseDgrad, gemm, gemmPacked, type Method, slim, winograd2, winograd4 } from './methods.js';
import { directView, phaseCount, phaseViews, type View } from './view.js';

/**
 * How a product is computed: by one method over one or more views. The selectors below are the only place that chooses, from the geometry alone.
 *
 *   algorithm    direction      applies to                         method
 *   gemm         fprop, dgrad   everything                         GEMM with the column matrix; dgrad adds columns into x
 *   phases       dgrad          everything                         for each phase of the stride a dense convolution by GEMM
 *   direct       all            depthwise                          sums over the taps
 *                all            everything, best for few channels  sums over the channels and taps, of a dgrad in each phase; wgrad:
 *                               of the result in a group           dot products along the rows
 *   winograd     all            3×3, stride 1, dilation 1, 2-D;    Winograd's F(4×4) or F(2×2) tiles, of each block of 3×3 taps;
 *                               fprop, dgrad: also larger kernels  wgrad: the adjoint of F(4×4)
 */
export interface Program {
  readonly algorithm: string;
  readonly method: Method;
  readonly views: readonly View[];
  /** What to run instead when the weight is not finite: this program multiplies zeros that C does not have, and 0·∞ would be NaN. */
  readonly unlessFinite?: Program;
}

export function fpropProgram(g: ConvGeometry, job: Job, planned: boolean): Program {
  const { algorithm } = job;
  const view = directView(g);
  if (takesDepthwise(g, job)) return { algorithm: 'direct', method: depthwise, views: [view] };
  if (algorithm === 'winograd' || (algorithm === 'auto' && winogradPays(view, planned, g))) return winogradProgram(view, job);
  if (takesSlim([view], job)) return { algorithm: 'direct', method: slim, views: [view] };
  if (algorithm === 'phases') throw new OptionError(job.op, "algorithm 'phases' is for gradients of the input and transposed convolutions");
  return { algorithm: 'gemm', method: gemm, views: [view] };
}

export function dgradProgram(g: ConvGeometry, job: Job, planned: boolean): Program {
  const { algorithm } = job;
  if (takesDepthwise(g, job)) return { algorithm: 'direct', method: depthwiseDgrad, views: [directView(g)] };
  const byColumns: Program = { algorithm: 'gemm', method: columns, views: [directView(g)] };
  if (algorithm === 'gemm' || (phaseCount(g) > MOST_PHASES && (algorithm === 'auto' || algorithm === 'ordered'))) return byColumns;
  const views = phaseViews(g);
  const [first] = views;
  if (first && views.length === 1) {
    if (algorithm === 'winograd' || (algorithm === 'auto' && winogradPays(first, planned, g))) {
      return { ...winogradProgram(first, job), unlessFinite: byColumns };
    }
  }
  if (algorithm === 'winograd') throw notForWinograd(job);
  if ((algorithm === 'auto' || algorithm === 'ordered') && meetsMostlyPadding(g, views)) return byColumns;
  if (takesSlim(views, job)) return { algorithm: 'direct', method: slim, views, unlessFinite: byColumns };
  if (algorithm === 'ordered') return byColumns;
  const method = views.some(packsAgain) ? gemmPacked : gemm;
  return { algorithm: 'phases', method, views, unlessFinite: byColumns };
}

/** How a gradient of the weight is computed. Winograd's gives way to the GEMM's by itself, for operands that its transforms would blur. */
export interface WgradProgram {
  readonly kernel: 'depthwiseWgrad' | 'winogradWgrad' | 'slimWgrad' | 'wgrad';
  readonly views: readonly [View];
}

export function wgradProgram(g: ConvGeometry, job: Job): WgradProgram {
  const { algorithm } = job;
  const views = [directView(g)] as const;
  if (takesDepthwise(g, job)) return { kernel: 'depthwiseWgrad', views };
  if (algorithm === 'winograd' || (algorithm === 'auto' && winogradWgradPays(g))) {
    if (!winogradWgradFits(g)) throw notForWinograd(job);
    return { kernel: 'winogradWgrad', views };
  }
  const slimmer = algorithm === 'direct' || ((algorithm === 'auto' || algorithm === 'ordered') && slimWgradPays(g));
  return { kernel: slimmer ? 'slimWgrad' : 'wgrad', views };
}

/** Whether a product is summed over the taps alone. */
function takesDepthwise(g: ConvGeometry, { algorithm }: Job): boolean {
  const fits = g.groups > 1 && g.groups === g.xChannels;
  return fits && (algorithm === 'auto' || algorithm === 'ordered' || algorithm === 'direct');
}

function takesSlim(views: readonly View[], { algorithm }: Job): boolean {
  return algorithm === 'direct' || ((algorithm === 'auto' || algorithm === 'ordered') && slimPays(views));
}

/**
 * A GEMM builds a column matrix for the few channels of y, a slim convolution copies x once: it gains 2 to 9 times up to four channels, and less beyond;
 * with few rows of the column matrix (above all with one tap) that copy is most of its work. In channels-last it gains 1.1 to 1.4 times up to
 * twelve channels, beyond where columns are dear (groups), and with few channels of x, as a first layer has them, 1.1 to 2.1 times for any number.
 */
const SLIM_CHANNELS = 16;
const SLIM_TAPS = 2;
const SLIM_ROWS_PER_CHANNEL = 2;
const SLIM_ANY = 6;
const SLIM_LAST = 12;
const SLIM_LAST_X = 4;
/** With many rows of the column matrix, in channels-first: 1.03 to 1.18 times as fast up to this many channels, slower beyond. */
const SLIM_MORE_CHANNELS = 32;
const SLIM_MANY_ROWS = 128;

function slimPays(views: readonly View[]): boolean {
  const [view] = views;
  if (!view || !views.every(slimFits)) return false;
  const channels = view.yChannels / view.groups;
  const taps = views.reduce((sum, each) => sum + volume(each.kernel), 0) / views.length;
  const xGroup = view.xChannels / view.groups;
  if (taps < SLIM_TAPS) return false;
  if (channels <= SLIM_ANY) return true;
  if (view.channelsLast) return channels <= SLIM_LAST || xGroup <= SLIM_LAST_X || (channels <= SLIM_CHANNELS && view.groups > 1);
  if (channels > SLIM_MORE_CHANNELS) return false;
  return taps * xGroup >= (channels <= SLIM_CHANNELS ? SLIM_ROWS_PER_CHANNEL * channels : SLIM_MANY_ROWS);
}

/** Without columns a gradient of the weight gains 1.2 to 3 times (channels-last 5 and more) where either side of a group has few channels. */
const SLIM_WGRAD_Y = 8;
const SLIM_WGRAD_X = 4;
const SLIM_WGRAD_WEIGHTS = 4096;

function slimWgradPays({ groups, xChannels, yChannels, kernel, layout }: ConvGeometry): boolean {
  const [xGroup, yGroup, taps] = [xChannels / groups, yChannels / groups, volume(kernel)];
  const few = yGroup <= SLIM_WGRAD_Y || xGroup <= SLIM_WGRAD_X;
  const vectors = layout === 'channels-first' || yGroup % 4 === 0;
  return taps >= SLIM_TAPS && few && vectors && xGroup * yGroup * taps <= SLIM_WGRAD_WEIGHTS;
}

/** What its strip and table must stay below, in floats: together they fit the workspace. */
const SLIM_STRIP = 2 ** 17;
const SLIM_TABLE = 2 ** 16;

/** A phase without taps has nothing to sum, which the GEMM does faster. */
function slimFits({ groups, xChannels, yChannels, kernel, stride, dilation }: View): boolean {
  const [depth, height, width] = kernel;
  const rows = (volume(kernel) * xChannels) / groups;
  const line = 32 * stride[2] + (width - 1) * dilation[2];
  const strip = (xChannels / groups) * depth * ((height - 1) * dilation[1] + 1) * line;
  return volume(kernel) > 0 && strip <= SLIM_STRIP && rows * (yChannels / groups + 4) <= SLIM_TABLE;
}

/** The program for a weight: `program`, or what replaces it for one that is not finite. */
export function fitting(program: Program, k: Exports, w: number, length: number): Program {
  return program.unlessFinite && !k.allFinite(w, length) ? program.unlessFinite : program;
}

/** The same for one of which that is known. */
export const fit = (program: Program, finite: boolean): Program => (finite ? program : (program.unlessFinite ?? program));

/**
 * Around a small y a phase multiplies mostly padding: columns need fewer products. The gradient of LeNet's second layer 1.2 to 2.2 times as fast, a transposed 7×7
 * from 3×3 to 9×9 3.8 to 5.3 times, 4×4 from 1×1 to 4×4 1.2 to 2.5 times (in a channels-first plan 0.8 to 0.9). For very few channels a slim convolution is
 * quicker even so.
 */
function meetsMostlyPadding(g: ConvGeometry, views: readonly View[]): boolean {
  const products = views.reduce((sum, { ySize, kernel }) => sum + volume(ySize) * volume(kernel), 0);
  return g.xChannels / g.groups > PADDING_CHANNELS && products >= PADDING_PRODUCTS * volume(g.ySize) * volume(g.kernel);
}
const PADDING_CHANNELS = 4;
const PADDING_PRODUCTS = 1.8;

/** In channels-first every block of positions packs the weight, in a phase element by element: packed before, it is 1.05 times as fast. */
const packsAgain = ({ channelsLast, ySize }: View): boolean => !channelsLast && volume(ySize) > POSITIONS_OF_BLOCK;
const POSITIONS_OF_BLOCK = 256;

/** A stride of so many phases has few positions in each: there the columns are quicker. */
const MOST_PHASES = 256;

/**
 * Fewest channels on either side for Winograd, fewest pairs of them, and what it costs beside its products, in multiply-adds: a transformed value of a tile of x (in
 * each block of taps) and of y, and of a filter: in a plan it is read from memory, for the other layers of a net have driven it from the caches; in one call it is
 * made, at twice the price where there are more than the caches hold. A value of the column matrix costs in channels-first, for its rows are short copies. Over 300
 * layers (8 to 512 channels, 3×3 to 7×7, maps of 1×1 to 56×56, both layouts, plans and calls, Node 20 and 26) what is chosen so takes 1 to 2 % longer than the faster
 * one would.
 */
const WINOGRAD_CHANNELS = 8;
const WINOGRAD_PAIRS = 128;
const WINOGRAD_INPUT = 6;
const WINOGRAD_OUTPUT = 8;
const WINOGRAD_FILTER_READ = 2;
const WINOGRAD_FILTER = 12;
const WINOGRAD_FILTER_AFAR = 24;
const WINOGRAD_NEAR_FILTERS = 2 ** 22;
const COLUMN_RUN = 160;
/** A product by columns, which few positions of y make cheaper than a phase, in products of a phase. */
const COLUMN_PRODUCT = 1.2;

/**
 * Tiles that are multiplied together: fewer take as long. So F(2×2) is taken up to 8×8 (512→512 @7 a third faster, with half the weight). The batch does not
 * matter, so that an image has the same bits in any batch.
 */
const WINOGRAD_PANEL = 8;

/** Whether Winograd is quicker than the GEMM, in a dgrad of the phase or of the columns. */
function winogradPays(view: View, planned: boolean, g: ConvGeometry): boolean {
  const { groups, batch, kernel, ySize, channelsLast } = view;
  const [from, to] = [view.xChannels / groups, view.yChannels / groups];
  if (!winogradFits(view) || Math.min(from, to) < WINOGRAD_CHANNELS || from * to < WINOGRAD_PAIRS) return false;
  const [, height, width] = ySize;
  const size = tileSize(view);
  const tiles = whole(batch * Math.ceil(height / size) * Math.ceil(width / size), WINOGRAD_PANEL);
  const values = (size + 2) ** 2;
  const inputs = tapBlocks(kernel[1]) * tapBlocks(kernel[2]) * from;
  const filters = values * inputs * to;
  const made = filters < WINOGRAD_NEAR_FILTERS ? WINOGRAD_FILTER : WINOGRAD_FILTER_AFAR;
  const transforms = values * (WINOGRAD_INPUT * inputs + WINOGRAD_OUTPUT * to);
  const positions = whole(batch * Math.min(height * width, COLUMN_PRODUCT * volume(g.ySize)), 4);
  const gemm = positions * volume(kernel) * from * (to + (channelsLast ? 0 : COLUMN_RUN / width));
  return tiles * (products(view, size) * from * to + transforms) + filters * (planned ? WINOGRAD_FILTER_READ : made) < gemm;
}

/**
 * Beyond so many channels on both sides, a gradient of the weight by Winograd gains 1.4 times over the others with 8 channels, 2.8 to 3.2 with 16 and more on images
 * of 28×28. In positions of the GEMM (all images), a tile costs 5 and what each filter takes 32: 2.1 to 2.5 times as fast at 14×14, 1.2 at 8×8, 0.8 at 7×7.
 */
const WINOGRAD_WGRAD_CHANNELS = 8;
const WINOGRAD_WGRAD_TILE = 5;
const WINOGRAD_WGRAD_FILTERS = 32;

function winogradWgradPays(g: ConvGeometry): boolean {
  const { groups, xChannels, yChannels, batch, ySize } = g;
  const [, height, width] = ySize;
  const tiles = batch * Math.ceil(height / 4) * Math.ceil(width / 4);
  const gains = batch * height * width > WINOGRAD_WGRAD_TILE * tiles + WINOGRAD_WGRAD_FILTERS;
  return winogradWgradFits(g) && Math.min(xChannels, yChannels) / groups >= WINOGRAD_WGRAD_CHANNELS && gains;
}

function winogradWgradFits(g: ConvGeometry): boolean {
  return winogradFits(g) && g.kernel[1] === 3 && g.kernel[2] === 3;
}

function winogradFits({ kernel, stride, dilation, xSize, ySize }: View | ConvGeometry): boolean {
  const flat = kernel[0] === 1 && xSize[0] === 1 && ySize[0] === 1;
  return flat && kernel[1] >= 3 && kernel[2] >= 3 && stride[1] === 1 && stride[2] === 1 && dilation[1] === 1 && dilation[2] === 1;
}

function winogradProgram(view: View, job: Job): Program {
  if (!winogradFits(view)) throw notForWinograd(job);
  return { algorithm: 'winograd', method: tileSize(view) === 2 ? winograd2 : winograd4, views: [view] };
}

/** Outputs of a tile along an axis: the size that needs fewer products. */
function tileSize(view: View): 2 | 4 {
  const [, height, width] = view.ySize;
  const all = (size: 2 | 4): number => products(view, size) * whole(Math.ceil(height / size) * Math.ceil(width / size), WINOGRAD_PANEL);
  return all(2) < all(4) ? 2 : 4;
}

/** Products of a tile for a pair of channels: points at which the filters of assembly/tap-blocks.ts may be other than zero, along both axes. */
function products({ kernel: [, height, width] }: View, size: number): number {
  return (height + (size - 1) * tapBlocks(height)) * (width + (size - 1) * tapBlocks(width));
}

const tapBlocks = (taps: number): number => Math.ceil(taps / 3);
const whole = (count: number, of: number): number => Math.ceil(count / of) * of;

function notForWinograd({ op }: Job): OptionError {
  return new OptionError(
    op,
    "algorithm 'winograd' is for kernels of 3x3 and more with stride 1 and dilation 1, its gradient of the weight for 3x3; 'auto' takes what fits",
  );
}
