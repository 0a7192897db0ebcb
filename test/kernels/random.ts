import fc from 'fast-check';
import { imageShape } from '../../src/geometry/index.js';
import type { ConvShapeOptions, Layout } from '../../src/types.js';
import * as data from '../suite/data.js';

/** The shapes and options of a valid call, with every option at once: small, so that hundreds run in a second. */
export interface Call {
  readonly axes: number;
  readonly inputShape: number[];
  readonly weightShape: number[];
  readonly options: ConvShapeOptions;
}

const axis = fc.record({
  k: fc.integer({ min: 1, max: 4 }),
  s: fc.integer({ min: 1, max: 3 }),
  d: fc.integer({ min: 1, max: 3 }),
  before: fc.integer({ min: -2, max: 3 }),
  after: fc.integer({ min: -2, max: 3 }),
  extra: fc.integer({ min: 0, max: 4 }),
});
const call = fc
  .record({
    // One batch in eight is empty, one image in eight has no batch axis.
    batch: fc.constantFrom(0, 1, 1, 1, 2, 2, 3, undefined),
    groups: fc.integer({ min: 1, max: 3 }),
    outer: fc.integer({ min: 1, max: 3 }),
    inner: fc.integer({ min: 1, max: 3 }),
    layout: fc.constantFrom<Layout>('channels-first', 'channels-last'),
    each: fc.oneof(
      { weight: 2, arbitrary: fc.array(axis, { minLength: 1, maxLength: 2 }) },
      fc.array(
        axis.filter(({ k, extra }) => k <= 3 && extra <= 2),
        { minLength: 3, maxLength: 3 },
      ),
    ),
  })
  .map(({ each, ...rest }) => ({
    ...rest,
    axes: each.length,
    each: each.map((one) => ({ ...one, reach: one.d * (one.k - 1) + 1 })),
    options: {
      stride: each.map(({ s }) => s),
      dilation: each.map(({ d }) => d),
      padding: each.map(({ before, after }) => [before, after] as const),
      groups: rest.groups,
      layout: rest.layout,
    },
  }));

const crop = (before: number, after: number): number => Math.max(0, -before) + Math.max(0, -after);

const image = (batch: number | undefined, channels: number, space: number[], layout: Layout) =>
  imageShape({ batched: batch !== undefined, batch: batch ?? 1, channels, space }, layout);
const weight = (outer: number, inner: number, kernel: number[], layout: Layout) =>
  layout === 'channels-first' ? [outer, inner, ...kernel] : [...kernel, inner, outer];

export const convCalls: fc.Arbitrary<Call> = call.map(({ axes, batch, groups, outer, inner, layout, each, options }) => ({
  axes,
  inputShape: image(
    batch,
    groups * inner,
    each.map(({ reach, before, after, extra }) => Math.max(1 + crop(before, after), reach - before - after) + extra),
    layout,
  ),
  weightShape: weight(
    groups * outer,
    inner,
    each.map(({ k }) => k),
    layout,
  ),
  options,
}));

export const convTransposeCalls: fc.Arbitrary<Call> = call.map(({ axes, batch, groups, outer, inner, layout, each, options }) => ({
  axes,
  // Large enough that cropping leaves a position.
  inputShape: image(
    batch,
    groups * outer,
    each.map(({ s, reach, before, after, extra }) => Math.max(1, Math.ceil((1 + before + after - reach) / s) + 1) + (extra >> 1)),
    layout,
  ),
  weightShape: weight(
    groups * outer,
    inner,
    each.map(({ k }) => k),
    layout,
  ),
  options: { ...options, outputPadding: each.map(({ s, d, extra }) => extra % Math.max(s, d)) },
}));

/** Small whole numbers, never zero: sums of their products are exact in float32, and none hides a wrong factor. */
export function integers(length: number, seed: number): Float32Array {
  const next = data.seeded(seed);
  return Float32Array.from({ length }, () => Math.ceil(next() * 4) * (next() < 0.5 ? -1 : 1));
}

/** Float32 values in [-1, 1). */
export function floats(length: number, seed: number): Float32Array {
  return data.floats(data.seeded(seed), [length]).data;
}
