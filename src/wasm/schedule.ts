/**
 * How a product is shared between threads: cut along the axis of which the slowest thread would be done first, at the prices of cost-model.ts, or not at all where that
 * is no sooner. Parts are a few for each thread: one that was held up leaves the rest to the others.
 */
import { volume } from '../geometry/index.js';
import { MOST_ITEMS } from '../threads/limits.js';
import { columns, depthwise, fewChannels, gemmPacked, type Method, WGRADS, winograd2, winograd4 } from './algorithms.js';
import type { View } from './conv-view.js';
import { costOf } from './cost-model.js';
import { fftWork, grainsOf } from './fft.js';
import { OVERHEAD } from './overhead.js';
import type { MethodName } from './prices.js';
import type { Program } from './select.js';
import { packedWeightBytes, winogradPackedBytes } from './sizes.js';
import { type Cut, cutAlong, type Part, whole, withOwnWeight } from './split.js';
import { type TileSize, tileAxis } from './tiles.js';
import {
  columnsWork,
  fewChannelsWgradWork,
  fewChannelsWork,
  gemmWork,
  type Shape,
  type Work,
  wgradWork,
  winogradWgradWork,
  winogradWork,
} from './work.js';

/** Parts of each view of a program, and the picoseconds that they are done sooner. */
export interface Schedule {
  readonly parts: readonly (readonly Part[])[];
  readonly saved: number;
}

/** How a program is run: with its weight packed beforehand, by instructions that multiply and add, on so many threads. */
export interface Circumstances {
  readonly planned: boolean;
  readonly fused: boolean;
  /** Rows and columns of the register tile. */
  readonly tile: readonly [mr: number, nr: number];
  readonly threads: number;
}

/** Parts of a thread that are tried, the fewest first. */
const PARTS_EACH = [1, 2, 3];
const MOST_PARTS = MOST_ITEMS;
/** Of a part's time, what a thread may be held up. */
const UNEVEN = 0.1;

/** Parts for the threads; undefined where one thread is as fast. */
export function scheduleOf({ method, views }: Program, given: Circumstances): Schedule | undefined {
  // A weight that must be packed is, before the parts are run.
  const circumstances = { ...given, planned: given.planned || !method.plain };
  const { threads } = circumstances;
  const costs = views.map((view) => costOfView(method, view, circumstances));
  const all = costs.reduce((sum, cost) => sum + cost, 0);
  if (threads === 1 || all < OVERHEAD.small || views.length > MOST_PARTS) return undefined;
  let best: Schedule | undefined;
  const foreign = given.planned || method.plain ? 0 : views.reduce((sum, view) => sum + costOfForeign(method, view, circumstances), 0);
  const offer = (parts: Schedule['parts'], cut?: Cut): void => {
    const own = cut === undefined || cut === 'channels' || cut === 'groups';
    const cost = OVERHEAD.job + (own ? 0 : foreign) + slowest(parts.flat(), threads, (part) => costOfView(method, part, circumstances));
    if (all - cost > (best?.saved ?? 0)) best = { parts, saved: all - cost };
  };
  // Views are parts already, about as large as each other.
  if (views.length >= threads) offer(views.map((view) => [whole(view)]));
  for (const cut of cutsOf(method, views[0], threads)) {
    for (const each of PARTS_EACH) {
      const parts = Math.ceil((each * threads) / views.length);
      if (parts > 1 && parts * views.length <= MOST_PARTS)
        offer(
          views.map((view) => partsOf(view, cut, parts, method, circumstances)),
          cut,
        );
    }
  }
  return best;
}

/**
 * What threads write lies apart: channels of a depthwise convolution in channels-first, rows in channels-last. 192 of 56×56, 3×3, on two threads against one: 1.75 and 1.5 times as
 * fast, the other way round 0.9 and 0.6 (AMD EPYC, Zen 5).
 */
function cutsOf(method: Method, view: View | undefined, threads: number): readonly Cut[] {
  if (method !== depthwise || view === undefined) return method.cuts;
  if (view.channelsLast) return ['batch', 'rows', 'columns'];
  return view.groups >= threads ? ['batch', 'groups'] : method.cuts;
}

function partsOf(view: View, cut: Cut, parts: number, method: Method, { planned, tile }: Circumstances): readonly Part[] {
  const pieces = cutAlong(view, cut, parts, grainOf(view, cut, method, tile));
  const shared = !method.plain || (planned && method.packing !== '');
  return shared ? pieces : pieces.map((part) => ({ ...part, view: withOwnWeight(part.view) }));
}

/** Winograd's tiles and those of a packed weight are not cut through; of direct sums whole vectors and lines of a cache are better. */
export function grainOf(view: View, cut: Cut, method: Method, [mr, nr]: Circumstances['tile']): number {
  const { channelsLast } = view;
  const size = sizeOf(method);
  const tile = (axis: 1 | 2): number | undefined => {
    if (method.points) return grainsOf(view, method.points)[axis - 1];
    if (size === undefined) return undefined;
    const along = tileAxis(view, axis, size);
    return along.size * along.outputStep;
  };
  switch (cut) {
    case 'rows':
      return tile(1) ?? 1;
    case 'columns':
      return tile(2) ?? 16;
    case 'channels':
      if (!channelsLast) return mr;
      // The spare method of Winograd's has a tile of its own.
      return size === undefined ? nr : leastCommonMultiple(mr, nr);
    // Of a tap, the channels of x are a product of their own in channels-last.
    case 'inputs':
      return channelsLast ? 64 : 1;
    default:
      return 1;
  }
}

/** Of Winograd's. */
const sizeOf = (method: Method): TileSize | undefined => (method === winograd4 ? 4 : method === winograd2 ? 2 : undefined);

function leastCommonMultiple(a: number, b: number): number {
  let multiple = a;
  while (multiple % b > 0) multiple += a;
  return multiple;
}

/** Until the last of the threads is done, each with a run of parts. */
function slowest(parts: readonly Part[], threads: number, costOf: (view: View) => number): number {
  const costs = parts.map(({ view }) => costOf(view) + OVERHEAD.part);
  let most = 0;
  for (let thread = 0; thread < threads; thread++) {
    const run = costs.slice(Math.floor((thread * parts.length) / threads), Math.floor(((thread + 1) * parts.length) / threads));
    most = Math.max(
      most,
      run.reduce((sum, cost) => sum + cost, 0),
    );
  }
  return most + UNEVEN * Math.max(...costs);
}

/** Picoseconds of a method for a view, the packing of a weight among them where it is read as it lies. */
function costOfView(method: Method, view: View, { planned, fused }: Circumstances): number {
  const price = (name: MethodName, work: Work): number => costOf({ method: name, work }, fused, view.channelsLast);
  const size = sizeOf(method);
  if (size !== undefined) return price('winograd', winogradWork(view, fused, planned, size));
  if (method.points) return price('fft', fftWork(view, method.points));
  if (method === gemmPacked) return price('phases', gemmWork(view, fused, planned ? 'before' : 'once'));
  if (method === columns) return price('columns', columnsWork(shapeOf(view), fused));
  if (method === fewChannels) {
    const work = fewChannelsWork(view);
    if (work) return price('fewChannels', work);
  }
  if (method === depthwise || method === fewChannels) return costOfTaps(view);
  return price('gemm', gemmWork(view, fused, planned ? 'before' : 'again'));
}

/**
 * A weight that was just packed lies in the caches of the threads that packed it, a run of y's channels each. Parts of all channels read the rest from there: 256→256 @14
 * by Winograd takes 2.3 ms so, in parts of the channels 1.6 (AMD EPYC, Zen 5).
 */
function costOfForeign(method: Method, view: View, { tile: [mr, nr], threads }: Circumstances): number {
  const size = sizeOf(method);
  const bytes = size === undefined ? packedWeightBytes(view, mr, nr) : winogradPackedBytes(view, size, mr);
  return (FOREIGN * (bytes / 4) * (threads - 1)) / threads;
}
/** Picoseconds of a value. */
const FOREIGN = 400;

/** Sums over the taps, with a channel of x to each of y: picoseconds for a result, and for each of its taps (AMD EPYC, Zen 5, Node 20; `npm run bench -- --filter depthwise`). */
const costOfTaps = ({ batch, yChannels, groups, xChannels, ySize, kernel }: View): number =>
  batch * yChannels * volume(ySize) * (400 + (130 * volume(kernel) * xChannels) / groups);

const shapeOf = (view: View): Shape => ({ ...view, layout: view.channelsLast ? 'channels-last' : 'channels-first' });

/**
 * Values of a weight that are worth packing on several threads, and most parts of one: each has a sixteenth of the channels at least (assembly/winograd/filters.ts). From 2^15 on, and not from
 * 2^17, a call of 5×5 32→64 @28 is 1.15 to 1.25 times as fast, of 3×3 64→64 @56 1.1 times; from 2^13 on none is faster (AMD EPYC, Zen 5, two threads, Node 20 and 26).
 */
const PACKED = { least: 2 ** 15, parts: 8 };

/** Parts of a view's weight that are packed apart. */
export function packingOfView(method: Method, view: View, views: number, { tile, threads }: Circumstances): readonly Part[] {
  const { groups, xChannels, yChannels, kernel } = view;
  const values = (yChannels * xChannels * volume(kernel)) / groups;
  const parts = Math.min(PACKED.parts, Math.ceil((2 * threads) / views));
  if (OVERHEAD.small > 0 && values < PACKED.least) return [whole(view)];
  const cut = groups > 1 ? 'groups' : 'channels';
  return cutAlong(view, cut, parts, grainOf(view, cut, method, tile));
}

/** The same for a gradient of the weight by one of the kernels: its own, or what does it where that does not serve. */
export function wgradScheduleOf(kernel: keyof typeof WGRADS, view: View, circumstances: Circumstances): Schedule | undefined {
  const { threads } = circumstances;
  const all = costOfWgrad(kernel, view, circumstances);
  if (all < OVERHEAD.small) return undefined;
  let best: Schedule | undefined;
  for (const cut of cutsOfWgrad(kernel, view)) {
    for (const each of PARTS_EACH) {
      const parts = cutAlong(view, cut, each * threads, wgradGrain(kernel, view, cut));
      const cost = OVERHEAD.job + slowest(parts, threads, (part) => costOfWgrad(kernel, part, circumstances));
      const better = all - cost > (best?.saved ?? 0);
      if (parts.length > 1 && better && fits(kernel, parts)) best = { parts: [parts], saved: all - cost };
    }
  }
  return best;
}

/** Fewer than four channels of a depthwise one are summed along rows, in another order. */
const fits = (kernel: keyof typeof WGRADS, parts: readonly Part[]): boolean =>
  kernel !== 'depthwiseWgrad' || parts.every(({ view }) => !view.channelsLast || view.groups >= 4);

/** Whole panels of channels; groups that lie together in a line of a cache. */
function wgradGrain(kernel: keyof typeof WGRADS, { channelsLast }: View, cut: Cut): number {
  if (cut === 'kernel') return 1;
  if (cut !== 'groups') return 8;
  return kernel === 'depthwiseWgrad' && channelsLast ? 16 : 1;
}

/** By GEMM also along the rows of the column matrix, which are not packed again for each part: a run of x's channels in channels-first, of taps in channels-last. */
export const cutsOfWgrad = (kernel: keyof typeof WGRADS, { channelsLast }: View): readonly Cut[] =>
  kernel === 'wgrad' ? [...WGRADS[kernel].cuts, channelsLast ? 'kernel' : 'inputs'] : WGRADS[kernel].cuts;

function costOfWgrad(kernel: keyof typeof WGRADS, view: View, { fused }: Circumstances): number {
  const price = (name: MethodName, work: Work): number => costOf({ method: name, work }, fused, view.channelsLast);
  if (kernel === 'winogradWgrad') return price('winogradWgrad', winogradWgradWork(view));
  if (kernel === 'wgrad') return price('wgrad', wgradWork(shapeOf(view), fused));
  const work = kernel === 'fewChannelsWgrad' ? fewChannelsWgradWork(view) : undefined;
  return work ? price('fewChannelsWgrad', work) : costOfTaps(view);
}

/** What was made for a program on so many threads, for as long as that lives. */
export class Schedules<P extends object> {
  readonly #make: (program: P, circumstances: Circumstances) => Schedule | undefined;
  readonly #made = new WeakMap<P, { readonly threads: number; readonly schedule: Schedule | undefined }>();

  constructor(make: (program: P, circumstances: Circumstances) => Schedule | undefined) {
    this.#make = make;
  }

  /** `circumstances` are asked for only where nothing was made yet: a small product takes a microsecond. */
  of(program: P, threads: number, circumstances: () => Circumstances): Schedule | undefined {
    const made = this.#made.get(program);
    if (made?.threads === threads) return made.schedule;
    const schedule = this.#make(program, circumstances());
    this.#made.set(program, { threads, schedule });
    return schedule;
  }
}
