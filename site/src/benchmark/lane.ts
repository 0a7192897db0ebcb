/** What was measured of a layer. */
import type { Layout } from 'simdconv';

export const OURS = 'simdconv';

export interface Lane {
  readonly name: string;
  readonly layout: Layout;
  /** Why it did not run, or is not timed. */
  readonly refused?: string;
  /** Largest difference from ours in the same layout, as a part of the largest element; of ours the largest error that float64 shows. */
  readonly difference?: number;
  /** Of one call. */
  readonly milliseconds?: number;
  /** Median distance from the median, as a part of it. */
  readonly spread?: number;
  readonly gflops?: number;
}

export interface Result {
  readonly name: string;
  readonly macs: number;
  readonly lanes: readonly Lane[];
}

/** A layer's name in words. */
export const titleOf = (name: string): string =>
  name
    .replace(/(\d)x(?=\d)/g, '$1×')
    .replace(/(\d)-(\d)/, '$1→$2')
    .replace(/ s(\d)/, ', stride $1')
    .replace(/ op1/, ', output padding 1')
    .replace(/ d(\d)/, ', dilation $1')
    .replace(/dilated 2/, 'dilated by 2')
    .replace(/@(\d+)/, (_, size: string) => `at ${size}`)
    .replace(/gradInput/, '(gradient of the input)')
    .replace(/gradWeight/, '(gradient of the weight)');
