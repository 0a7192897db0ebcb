import type { Job } from '../engine.js';
import { OptionError } from '../errors.js';
import { type ConvGeometry, volume } from '../geometry/index.js';
import type { Exports } from './generated/exports.js';
import { columns, depthwise, depthwiseDgrad, gemm, type Method, winograd2, winograd4 } from './methods.js';
import { directView, phaseCount, phaseViews, type View } from './view.js';

/**
 * How a product is computed: by one method over one or more views. The selectors below are the only place that chooses, from the geometry alone.
 *
 *   algorithm    direction      applies to                         method
 *   gemm         fprop, dgrad   everything                         GEMM with the column matrix; dgrad adds columns into x
 *   phases       dgrad          everything                         for each phase of the stride a dense convolution by GEMM
 *   direct       all            depthwise                          sums over the taps
 *   winograd     fprop, dgrad   3×3, stride 1, dilation 1, 2-D     Winograd's F(4×4) or F(2×2) tiles
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
  if (takesDirect(g, job)) return { algorithm: 'direct', method: depthwise, views: [view] };
  if (algorithm === 'winograd' || (algorithm === 'auto' && winogradPays(view, planned))) return winogradProgram(view, job);
  if (algorithm === 'phases') throw new OptionError(job.op, "algorithm 'phases' is for gradients of the input and transposed convolutions");
  return { algorithm: 'gemm', method: gemm, views: [view] };
}

export function dgradProgram(g: ConvGeometry, job: Job, planned: boolean): Program {
  const { algorithm } = job;
  if (takesDirect(g, job)) return { algorithm: 'direct', method: depthwiseDgrad, views: [directView(g)] };
  const byColumns: Program = { algorithm: 'gemm', method: columns, views: [directView(g)] };
  const ordered = algorithm === 'gemm' || algorithm === 'ordered';
  if (ordered || (algorithm === 'auto' && phaseCount(g) > MOST_PHASES)) return byColumns;
  const views = phaseViews(g);
  const [first] = views;
  if (first && views.length === 1) {
    if (algorithm === 'winograd' || (algorithm === 'auto' && winogradPays(first, planned))) {
      return { ...winogradProgram(first, job), unlessFinite: byColumns };
    }
  }
  if (algorithm === 'winograd') throw notForWinograd(job);
  return { algorithm: 'phases', method: gemm, views, unlessFinite: byColumns };
}

/** Whether a product is summed directly over the taps, in any direction. */
export function takesDirect(g: ConvGeometry, { op, algorithm }: Job): boolean {
  const fits = g.groups > 1 && g.groups === g.xChannels;
  if (algorithm === 'direct' && !fits) {
    throw new OptionError(op, "algorithm 'direct' is for depthwise convolutions: as many groups, of at least 2, as channels");
  }
  return fits && (algorithm === 'auto' || algorithm === 'ordered' || algorithm === 'direct');
}

/** The program for a weight: `program`, or what replaces it for one that is not finite. */
export function fitting(program: Program, k: Exports, w: number, length: number): Program {
  return program.unlessFinite && !k.allFinite(w, length) ? program.unlessFinite : program;
}

/** A stride of so many phases has few positions in each: there the columns are quicker. */
const MOST_PHASES = 256;

/**
 * Fewest channels on both sides, and positions (of all images) for which transforming the weight in the same call pays: a filter takes as long as the GEMM loses
 * to Winograd over some 140 to 190 positions.
 */
const WINOGRAD_CHANNELS = 16;
const WINOGRAD_POSITIONS = 192;

function winogradPays(view: View, planned: boolean): boolean {
  const { groups, xChannels, yChannels, batch, ySize } = view;
  const channels = Math.min(xChannels, yChannels) / groups;
  return winogradFits(view) && channels >= WINOGRAD_CHANNELS && (planned || batch * volume(ySize) >= WINOGRAD_POSITIONS);
}

function winogradFits({ kernel, stride, dilation, xSize, ySize }: View): boolean {
  const flat = kernel[0] === 1 && xSize[0] === 1 && ySize[0] === 1;
  return flat && kernel[1] === 3 && kernel[2] === 3 && stride[1] === 1 && stride[2] === 1 && dilation[1] === 1 && dilation[2] === 1;
}

function winogradProgram(view: View, job: Job): Program {
  if (!winogradFits(view)) throw notForWinograd(job);
  const [, height, width] = view.ySize;
  const products = (size: number): number => (size + 2) ** 2 * Math.ceil(height / size) * Math.ceil(width / size);
  return { algorithm: 'winograd', method: products(2) < products(4) ? winograd2 : winograd4, views: [view] };
}

function notForWinograd({ op }: Job): OptionError {
  return new OptionError(op, "algorithm 'winograd' is for kernels of 3x3 with stride 1 and dilation 1; 'auto' takes what fits");
}
