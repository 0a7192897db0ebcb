/**
 * What each algorithm would cost: the work of its method (work.ts) at the prices of prices.ts. 'auto' takes the cheapest (select.ts).
 *
 * y = C x and x = Cᵀ y are chosen for one image, so that it has the same bits in any batch; a gradient of the weight is a sum over all images.
 */
import { type ConvGeometry, volume, wLength } from '../geometry/index.js';
import type { View } from './conv-view.js';
import { isPointwise } from './dense.js';
import { fftWork, pointsOf } from './fft.js';
import { folded } from './folded.js';
import { type MethodName, PRICES } from './prices.js';
import {
  columnsWork,
  fewChannelsWgradWork,
  fewChannelsWork,
  gemmWork,
  tileSize,
  type Work,
  wgradWork,
  winogradServes,
  winogradWgradServes,
  winogradWgradWork,
  winogradWork,
} from './work.js';

/** For whom it is chosen: a plan packs the weight beforehand; fused is a multiply and add in one instruction; a bias has one value for each channel. */
export interface Use {
  readonly planned: boolean;
  readonly fused: boolean;
  readonly biased?: boolean;
}

/** An algorithm's work for a problem, before it has a price. */
export interface Offer {
  readonly method: MethodName;
  readonly work: Work;
  /** What its cost is multiplied by where another is better when both cost the same. */
  readonly handicap?: number;
}

export type Offered = 'gemm' | 'direct' | 'winograd' | 'fft' | 'phases';
export type Offers = Readonly<Partial<Record<Offered, Offer>>>;

export function fpropOffers(batch: View, { planned, fused }: Use): Offers {
  const view = ofOneImage(batch);
  const fewChannels = isOnePixel(view) ? undefined : fewChannelsWork(view);
  return {
    gemm: { method: 'gemm', work: gemmWork(view, fused, planned ? 'before' : 'again') },
    ...(fewChannels && { direct: { method: 'fewChannels', work: fewChannels, handicap: handicapOf(view) } }),
    ...winogradOffer([view], fused, planned),
    ...fftOffer(view),
  };
}

/** Without views, of which there may be too many, by columns alone. */
export function dgradOffers(g: ConvGeometry, phases: readonly View[], { planned, fused }: Use): Offers {
  const views = phases.map(ofOneImage);
  const [first] = views;
  const packs = planned ? 'before' : views.some(packsAgain) ? 'once' : 'again';
  const dense: Offer = { method: 'phases', work: total(views.map((view) => gemmWork(view, fused, packs))) };
  if (first && isPointwise(g) && isOnePixel(first)) return { gemm: dense };
  const columns: Offer = { method: 'columns', work: columnsWork(ofOneImage(g), fused) };
  if (!first) return { gemm: columns };
  const fewChannels = views.map(fewChannelsWork);
  return {
    ...(isPointwise(g) ? { gemm: dense } : { gemm: columns, phases: dense }),
    ...(fewChannels.every((work) => work !== undefined) && {
      direct: { method: 'fewChannels', work: total(fewChannels), handicap: handicapOf(first) },
    }),
    ...winogradOffer(views, fused, planned),
    ...(views.length === 1 && fftOffer(first)),
  };
}

function winogradOffer(all: readonly View[], fused: boolean, planned: boolean): Offers {
  const views = all.map(folded);
  if (!winogradServes(views)) return {};
  const size = tileSize(views);
  return { winograd: { method: 'winograd', work: total(views.map((view) => winogradWork(view, fused, planned, size))) } };
}

/** A share of the time that it must win, for what it rounds more than sums do. */
const FFT_HANDICAP = 1.05;

function fftOffer(view: View): Offers {
  const points = pointsOf(view);
  return points === undefined ? {} : { fft: { method: 'fft', work: fftWork(view, points), handicap: FFT_HANDICAP } };
}

/** Whether it costs less than direct sums with a channel of x to each of y. */
export function fftPays(batch: View, fused: boolean): boolean {
  const view = ofOneImage(batch);
  const { fft } = fftOffer(view);
  const [results, taps] = [view.yChannels * volume(view.ySize), volume(view.kernel)];
  const pairs = view.kernel[1] > 1;
  const work = [pairs ? results * taps : 0, pairs ? 0 : results * taps, (results / view.ySize[2]) * taps, results];
  const direct: Offer = { method: 'depthwise', work };
  return fft !== undefined && FFT_HANDICAP * costOf(fft, fused, view.channelsLast) < costOf(direct, fused, view.channelsLast);
}

export function wgradOffers(g: ConvGeometry, view: View, { fused }: Use): Offers {
  const fewChannels = fewChannelsWgradWork(view);
  const line = folded(view);
  return {
    gemm: { method: 'wgrad', work: wgradWork(g, fused) },
    ...(fewChannels && { direct: { method: 'fewChannelsWgrad', work: fewChannels } }),
    ...(winogradWgradServes(line) && { winograd: { method: 'winogradWgrad', work: winogradWgradWork(line) } }),
  };
}

/**
 * With many channels direct sums must be clearly cheaper. A sum of many products in one run is rounded more than one in blocks. And direct sums were no faster than
 * the GEMM's on one machine (Sapphire Rapids), and a little faster on the other (EPYC).
 */
const handicapOf = ({ yChannels, groups }: View): number => (yChannels / groups > MANY_CHANNELS ? 1.1 : 1);
const MANY_CHANNELS = 32;

/** A product of one row for each image: those of a batch are multiplied together. */
const isOnePixel = ({ xSize, ySize, kernel }: View): boolean => volume(xSize) * volume(ySize) * volume(kernel) === 1;

const ofOneImage = <G extends View | ConvGeometry>(g: G): G => (g.batch === 1 ? g : { ...g, batch: 1 });

/**
 * What 'auto' takes. A plan takes what a call takes, which has the same bits, or Winograd.
 *
 * With a heavy weight a plan takes whatever is the cheapest: a call would pack that weight at each run, for a product of few positions.
 */
export function choose(g: ConvGeometry, use: Use, offersTo: (use: Use) => Offers): Offered {
  const last = g.layout === 'channels-last';
  if (use.planned && wLength(g) < HEAVY) {
    const called = offersTo({ ...use, planned: false });
    const taken = cheapest(called, ['gemm', 'direct', 'phases', 'fft'], use.fused, last);
    return called.winograd ? cheapest(offersTo(use), [taken, 'winograd'], use.fused, last) : taken;
  }
  return cheapest(offersTo(use), ['gemm', 'direct', 'phases', 'winograd', 'fft'], use.fused, last);
}
/** Values of a weight. */
export const HEAVY = 2 ** 16;

/** The cheapest offer of those allowed. */
export function cheapest(offers: Offers, allowed: readonly Offered[], fused: boolean, channelsLast: boolean): Offered {
  let [taken, least]: [Offered, number] = ['gemm', Number.POSITIVE_INFINITY];
  for (const name of allowed) {
    const offer = offers[name];
    const cost = offer ? (offer.handicap ?? 1) * costOf(offer, fused, channelsLast) : Number.POSITIVE_INFINITY;
    if (cost < least) [taken, least] = [name, cost];
  }
  return taken;
}

/** Picoseconds, more or less. */
export function costOf({ method, work }: Offer, fused: boolean, channelsLast: boolean): number {
  const prices = PRICES[method];
  const column = columnOf(fused, channelsLast);
  let cost = 0;
  for (let i = 0; i < work.length; i++) cost += (work[i] as number) * (prices[i]?.[column] as number);
  return cost;
}

export const columnOf = (fused: boolean, channelsLast: boolean): 1 | 2 | 3 | 4 => (fused ? (channelsLast ? 4 : 3) : channelsLast ? 2 : 1);

const total = (works: readonly Work[]): Work =>
  (works[0] ?? []).map((_, index) => works.reduce((sum, work) => sum + (work[index] as number), 0));

/** In channels-first every block of positions packs the weight, in a phase element by element: packed before, 3×3 with stride 2 is 1.04 to 1.07 times as fast (Node 20 and 26,
 * both variants), other kernels 1 to 1.03 times. */
export const packsAgain = ({ channelsLast, ySize }: View): boolean => !channelsLast && volume(ySize) > POSITIONS_OF_BLOCK;
const POSITIONS_OF_BLOCK = 256;
