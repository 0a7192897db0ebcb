/** What is done to the windows of an image without a weight, on the threads where that pays. */
import { volume } from '../geometry/index.js';
import { type View, viewWith } from './conv-view.js';
import type { Instance } from './instance.js';
import type { Place } from './memory/memory.js';
import { OVERHEAD } from './overhead.js';

/** A run of channels of an image. */
interface UnrollPart {
  readonly view: View;
  /** Elements from where x begins, and from where the columns do. */
  readonly x: number;
  readonly columns: number;
}

/** Picoseconds of an element of the columns (AMD EPYC, Zen 5; unfold of 64 channels @56, 3×3). */
const ELEMENT = 350;
const PARTS_EACH = 2;

/** Unrolls x into columns, or adds columns into x, on the threads where that pays. `places`: the arrays, which may lie elsewhere. */
export function unroll(
  instance: Instance,
  kernel: 'im2col' | 'col2im',
  view: View,
  from: number,
  to: number,
  places: readonly Place[],
): void {
  const { kernels, pool, threads } = instance;
  const saved = view.batch * view.xChannels * volume(view.kernel) * volume(view.ySize) * ELEMENT * (1 - 1 / threads);
  const parts = pool && threads > 1 && instance.worthSharing(saved, ...places) ? partsOf(view, kernel, threads) : [];
  if (pool === undefined || parts.length < 2) {
    kernels[kernel](instance.write(view), from, to);
    return;
  }
  const gathers = kernel === 'im2col';
  parts.forEach((part, item) => {
    const [x, columns] = [part.x * 4, part.columns * 4];
    const g = instance.writeItem(item, part.view);
    pool.record[kernel](g, from + (gathers ? x : columns), to + (gathers ? columns : x));
  });
  pool.run();
}

/** Images, and in channels-first channels of them: only there is what a run of channels writes of x one piece. None where a thread alone is as fast. */
function partsOf(view: View, kernel: 'im2col' | 'col2im', threads: number): UnrollPart[] {
  const { batch, xChannels, x, kernel: taps, ySize, channelsLast } = view;
  const perChannel = volume(taps) * volume(ySize);
  if (batch * xChannels * perChannel * ELEMENT < OVERHEAD.small) return [];
  const wanted = PARTS_EACH * threads;
  const images = Math.min(batch, wanted);
  const runs = channelsLast && kernel === 'col2im' ? 1 : Math.min(xChannels, Math.ceil(wanted / images));
  const parts: UnrollPart[] = [];
  for (let image = 0; image < images; image++) {
    const [first, end] = [Math.floor((image * batch) / images), Math.floor(((image + 1) * batch) / images)];
    // Of several images a part has all channels, for the columns of an image are one piece.
    const several = end - first > 1;
    for (let run = 0; run < (several ? 1 : runs); run++) {
      const [channel, last] = several ? [0, xChannels] : [Math.floor((run * xChannels) / runs), Math.floor(((run + 1) * xChannels) / runs)];
      const whole = last - channel === xChannels;
      const part = viewWith(view, {
        batch: end - first,
        xChannels: last - channel,
        x: whole ? x : { ...x, batch: (last - channel) * x.channel },
      });
      parts.push({ view: part, x: first * x.batch + channel * x.channel, columns: (first * xChannels + channel) * perChannel });
    }
  }
  return parts;
}

/** Picoseconds of an element of dy and each of its taps. */
const TAP = 500;

/** The gradient of max pooling, some images of a batch on each thread. `places`: the arrays, which may lie elsewhere. */
export function maxPoolGrad(instance: Instance, view: View, x: number, dy: number, dx: number, places: readonly Place[]): void {
  const { kernels, pool, sharing, threads } = instance;
  const cost = view.batch * view.xChannels * volume(view.ySize) * volume(view.kernel) * TAP;
  const shared = threads > 1 && cost > OVERHEAD.small && instance.worthSharing(cost * (1 - 1 / threads), ...places);
  const parts = shared && sharing ? sharing.cutAlong(view, 'batch', PARTS_EACH * threads) : [];
  if (pool === undefined || parts.length < 2) {
    kernels.maxPoolGrad(instance.write(view), x, dy, dx);
    return;
  }
  parts.forEach((part, item) => {
    const at = part.xOffset * 4;
    pool.record.maxPoolGrad(instance.writeItem(item, part.view), x + at, dy + part.view.yOffset * 4, dx + at);
  });
  pool.run();
}
