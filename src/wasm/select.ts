import type { Chosen, Job } from '../engine.js';
import { OptionError } from '../errors.js';
import { type ConvGeometry, volume } from '../geometry/index.js';
import { columns, depthwise, fewChannels, fftOf, gemm, gemmPacked, type Method, type WGRADS, winograd2, winograd4 } from './algorithms.js';
import { adjointView, directView, phaseCount, phaseViews, type View } from './conv-view.js';
import {
  cheapest,
  choose,
  dgradOffers,
  fftPays,
  fpropOffers,
  type Offered,
  type Offers,
  packsAgain,
  type Use,
  wgradOffers,
} from './cost-model.js';
import { flattened, isPointwise, merged } from './dense.js';
import { pointsOf } from './fft.js';
import { folded } from './folded.js';
import { tileSize, winogradFits, winogradWgradFits } from './work.js';

/**
 * How a product is computed: by one method over one or more views. The selectors below are the only place that chooses, from the geometry alone.
 *
 *   algorithm    direction      applies to                         method
 *   gemm         fprop, dgrad   everything                         GEMM with the column matrix; dgrad adds columns into x, where x is more than a product
 *   phases       dgrad          everything                         for each phase of the stride a dense convolution by GEMM
 *   direct       all            depthwise; one channel to one, two  sums over the taps
 *                all            everything, best for few channels  sums over the channels and taps, of a dgrad in each phase; wgrad:
 *                               of the result in a group           dot products along the rows
 *   winograd     fprop, dgrad   two taps along height or width     Winograd's F(4×4) or F(2×2) tiles, of each block of 3×3 taps, of a
 *                               (dgrad: in one of the phases)      dgrad in each phase of the stride
 *                wgrad          the same                           the adjoint of F(4×4)
 *   fft          fprop, dgrad   depthwise with stride 1            Fourier transforms of tiles and of the kernel
 */
export interface Program {
  readonly algorithm: Chosen;
  readonly method: Method;
  readonly views: readonly View[];
  /** What to run instead when the weight is not finite: this program multiplies zeros that C does not have, and 0·∞ would be NaN. */
  readonly unlessFinite?: Program;
}

export function fpropProgram(g: ConvGeometry, job: Job, use: Use): Program {
  const view = directView(g);
  if (job.algorithm === 'fft') return fftProgram([view], job);
  if (takesDepthwise(g, job)) {
    if (job.algorithm === 'auto' && fftPays(view, use.fused)) return fftProgram([view], job);
    return { algorithm: 'direct', method: depthwise, views: [view] };
  }
  const flat = asProduct(job) ? flattened(g) : g;
  const taken = take(job, g, use, (each) => fpropOffers(flat === g ? view : directView(flat), each));
  if (taken === 'winograd') return winogradProgram([view], job);
  if (taken === 'fft') return fftProgram([view], job);
  if (taken === 'direct') return { algorithm: 'direct', method: fewChannels, views: [view] };
  if (taken === 'phases')
    throw new OptionError(job.op, "algorithm 'phases' is for products by Cᵀ: gradInput of a convolution, and a transposed convolution");
  const product = merged(flat, 'channels-last');
  return { algorithm: 'gemm', method: gemm, views: [product === g ? view : directView(product)] };
}

export function dgradProgram(g: ConvGeometry, job: Job, use: Use): Program {
  if (takesDepthwise(g, job) && !(chooses(job) && mostlyPadding(g))) {
    const direct: Program = { algorithm: 'direct', method: depthwise, views: [adjointView(g)] };
    const views = job.algorithm === 'auto' && phaseCount(g) === 1 ? phaseViews(g) : [];
    return views.some((view) => fftPays(view, use.fused)) ? { ...fftProgram(views, job), unlessFinite: direct } : direct;
  }
  const flat = asProduct(job) && !use.biased ? flattened(g) : g;
  const pointwise = isPointwise(flat);
  const views = phasesFor(flat, job, pointwise);
  const taken = take(job, g, use, (each) => dgradOffers(flat, views, each));
  if (pointwise && (taken === 'gemm' || taken === 'phases')) {
    const product = merged(flat, 'channels-last');
    return { algorithm: taken, ...byGemm(product === flat ? views : phaseViews(product)) };
  }
  const byColumns: Program = { algorithm: 'gemm', method: columns, views: [directView(g)] };
  if (taken === 'gemm') return byColumns;
  const spare = pointwise ? {} : { unlessFinite: byColumns };
  if (taken === 'direct') return { algorithm: 'direct', method: fewChannels, views, ...spare };
  if (taken === 'fft') return { ...fftProgram(views, job), ...spare };
  if (taken === 'phases') return { algorithm: 'phases', ...byGemm(views), ...spare };
  return { ...winogradProgram(views, job), ...spare };
}

/** Whether it may become a product of two matrices: some algorithms, where asked for, take a convolution as it is. */
const asProduct = ({ algorithm }: Job): boolean => algorithm !== 'winograd' && algorithm !== 'fft' && algorithm !== 'direct';

const byGemm = (views: readonly View[]): { method: Method; views: readonly View[] } => ({
  method: views.some(packsAgain) ? gemmPacked : gemm,
  views,
});

/** The phases of the stride, where they may be taken: a choice does without more than FEW_PHASES of them, of which each has few positions. */
function phasesFor(g: ConvGeometry, job: Job, pointwise: boolean): View[] {
  const { op, algorithm } = job;
  const count = phaseCount(g);
  if ((algorithm === 'gemm' && !pointwise) || ((chooses(job) || algorithm === 'winograd' || algorithm === 'fft') && count > FEW_PHASES))
    return [];
  if (count > MOST_PHASES) {
    const axes = g.stride.map((stride, axis) => Math.min(stride, g.xSize[axis] as number)).filter((phases) => phases > 1);
    throw new OptionError(
      op,
      `algorithm '${algorithm}' would compute ${axes.join(' x ')} = ${count} phases of the stride one by one, at most ${MOST_PHASES}; 'auto' or 'gemm' does without them`,
    );
  }
  return phaseViews(g);
}
/** Most phases that 'auto' considers: with more, each has few positions. */
export const FEW_PHASES = 256;
/** Most phases at all: each takes a view of about 1 kB. FCN-32s has 1024. */
const MOST_PHASES = 4096;

/** How a gradient of the weight is computed. */
export interface WgradProgram {
  readonly algorithm: Chosen;
  readonly kernel: keyof typeof WGRADS;
  readonly views: readonly [View];
}

export function wgradProgram(g: ConvGeometry, wanted: Job, use: Use): WgradProgram {
  const job: Job = wanted.algorithm === 'fft' ? { ...wanted, algorithm: 'direct' } : wanted;
  if (takesDepthwise(g, job)) return { algorithm: 'direct', kernel: 'depthwiseWgrad', views: [directView(g)] };
  const product = asProduct(job) ? merged(flattened(g), g.layout) : g;
  const view = directView(product);
  const views = [view] as const;
  const taken = take(job, g, use, (each) => wgradOffers(product, view, each));
  if (taken === 'winograd') {
    const line = folded(view);
    if (!winogradWgradFits(line)) throw notForWinograd(job);
    return { algorithm: 'winograd', kernel: 'winogradWgrad', views: [line] };
  }
  return taken === 'direct' ? { algorithm: 'direct', kernel: 'fewChannelsWgrad', views } : { algorithm: 'gemm', kernel: 'wgrad', views };
}

/** What was asked for, or what costs least. */
function take({ algorithm }: Job, g: ConvGeometry, use: Use, offersTo: (use: Use) => Offers): Offered {
  if (algorithm === 'auto') return choose(g, use, offersTo);
  if (algorithm !== 'ordered') return algorithm;
  return cheapest(offersTo({ ...use, planned: false }), ['gemm', 'direct'], use.fused, g.layout === 'channels-last');
}

function takesDepthwise(g: ConvGeometry, job: Job): boolean {
  return isDepthwise(g) && (chooses(job) || job.algorithm === 'direct');
}

/** Whether a product is summed over the taps alone, by a kernel of its own. */
export const isDepthwise = (g: ConvGeometry): boolean => g.groups === g.xChannels && (g.groups > 1 || isOneChannel(g));

/**
 * Whether the only channel is depthwise too: of a filter of a signal or an image. To one or two channels of y that is 1.1 to 7 times as fast as by what there is for any number, gradients as
 * much and more (AMD Zen 4, Node 20; `npm run bench:selector -- --filter 'one channel'`); not of a kernel about as large as the image, or with phases of few positions each.
 */
const isOneChannel = ({ yChannels, stride, kernel, ySize }: ConvGeometry): boolean =>
  yChannels <= 2 && Math.max(...stride) <= MOST_STEPS && volume(kernel) <= Math.min(MOST_TAPS, volume(ySize));
/** The stride up to which it was measured, and the taps whose table fits beside the line buffers. */
const [MOST_STEPS, MOST_TAPS] = [4, 8192];

const chooses = ({ algorithm }: Job): boolean => algorithm === 'auto' || algorithm === 'ordered';

/**
 * Whether a depthwise dgrad, which sums the taps that are congruent to each position of x, would meet y's padding with nearly all of them: of a kernel about as large as
 * the image. The GEMM multiplies what there is, at a tenth of the speed or, in channels-last, a hundredth: 8→16 of 64×1 taps on 64×128 (EEGNet) is 12 times as fast in channels-first, half
 * as fast in channels-last (AMD Zen 5, `npm run bench:selector -- --filter EEGNet`).
 */
function mostlyPadding({ xSize, ySize, stride, layout }: ConvGeometry): boolean {
  return volume(xSize) > (layout === 'channels-last' ? 128 : 8) * volume(ySize) * volume(stride);
}

/** The program for a weight: `program`, or what replaces it for one that is not finite. */
export const fit = (program: Program, finite: boolean): Program => (finite ? program : (program.unlessFinite ?? program));

function winogradProgram(all: readonly View[], job: Job): Program {
  const views = all.map(folded);
  if (!winogradFits(views)) throw notForWinograd(job);
  return { algorithm: 'winograd', method: tileSize(views) === 2 ? winograd2 : winograd4, views };
}

function fftProgram(views: readonly View[], { op }: Job): Program {
  const [view] = views;
  const points = view && views.length === 1 ? pointsOf(view) : undefined;
  if (points) return { algorithm: 'fft', method: fftOf(points), views };
  throw new OptionError(
    op,
    "algorithm 'fft' is for one channel of the operand and one of the result in a group, stride and dilation 1, 8 taps or more along the width, at most 16384, in one or two dimensions; 'auto' takes what fits",
  );
}

function notForWinograd({ op }: Job): OptionError {
  return new OptionError(
    op,
    "algorithm 'winograd' is for kernels with two taps or more along their height or width, at most 16 apart along the width, and products by Cᵀ of which each phase of the stride has a tap; 'auto' takes what fits",
  );
}
