import { describe, expect, it } from 'vitest';
import { convGeometry, convTransposeGeometry } from '../../src/geometry/index.js';
import type { ConvShapeOptions, Layout } from '../../src/index.js';
import { directView, phaseViews } from '../../src/wasm/conv-view.js';
import { cheapest, costOf, dgradOffers, fpropOffers, type Offers, type Use, wgradOffers } from '../../src/wasm/cost-model.js';
import { PRICES } from '../../src/wasm/prices.js';

const LAYOUTS: readonly Layout[] = ['channels-first', 'channels-last'];
const USES: readonly Use[] = [false, true].flatMap((planned) => [false, true].map((fused) => ({ planned, fused })));

interface Layer {
  readonly batch?: number;
  readonly from?: number;
  readonly to?: number;
  readonly size?: number;
  readonly kernel?: number;
  readonly options?: ConvShapeOptions;
}

/** Of a square 2-D layer, in every direction. */
function offersOf({ batch = 1, from = 16, to = 24, size = 28, kernel = 3, options = {} }: Layer, layout: Layout, use: Use): Offers[] {
  const last = layout === 'channels-last';
  const inner = from / (options.groups ?? 1);
  const input = last ? [batch, size, size, from] : [batch, from, size, size];
  const weight = last ? [kernel, kernel, inner, to] : [to, inner, kernel, kernel];
  const g = convGeometry('conv2d', 2, input, weight, { ...options, layout }).geometry;
  const view = directView(g);
  return [fpropOffers(view, use), dgradOffers(g, phaseViews(g), use), wgradOffers(g, view, use)];
}

describe('prices', () => {
  it('has one for each amount of work, none below zero, and what dear work costs is not free', () => {
    for (const layout of LAYOUTS) {
      for (const use of USES) {
        for (const offers of offersOf({}, layout, use)) {
          for (const { method, work } of Object.values(offers)) expect(work).toHaveLength(PRICES[method].length);
        }
      }
    }
    for (const [method, prices] of Object.entries(PRICES)) {
      for (const [what, ...numbers] of prices)
        expect(
          numbers.every((price) => price >= 0 && Number.isFinite(price)),
          `${method}: ${what}`,
        ).toBe(true);
      const [[, ...first]] = prices as [(typeof prices)[number]];
      expect(
        first.every((price) => price > 0),
        method,
      ).toBe(true);
    }
  });

  it('a call by GEMM costs about what its multiply-adds do', () => {
    // 16 to 60 GFLOP/s: 2 operations in 33 to 125 ps.
    for (const layout of LAYOUTS) {
      for (const fused of [false, true]) {
        const [forward] = offersOf({ from: 256, to: 256, size: 30 }, layout, { planned: true, fused });
        const cost = forward?.gemm ? costOf(forward.gemm, fused, layout === 'channels-last') : 0;
        expect(cost / (256 * 256 * 9 * 28 * 28)).toBeGreaterThan(33);
        expect(cost / (256 * 256 * 9 * 28 * 28)).toBeLessThan(125);
      }
    }
  });
});

describe('offers', () => {
  const total = (layer: Layer, layout: Layout, use: Use): number[] =>
    offersOf(layer, layout, use).flatMap((offers) =>
      Object.values(offers).map((offer) => costOf(offer, use.fused, layout === 'channels-last')),
    );

  it('grow with every size', () => {
    for (const layout of LAYOUTS) {
      for (const use of USES) {
        const least = total({}, layout, use);
        for (const more of [{ from: 48 }, { to: 72 }, { size: 56 }] as const) {
          const grown = total(more, layout, use);
          for (const [index, cost] of least.entries()) expect(grown[index]).toBeGreaterThan(cost);
        }
      }
    }
  });

  it('are of one image, but for a gradient of the weight', () => {
    for (const layout of LAYOUTS) {
      const [one, eight] = [1, 8].map((batch) => offersOf({ batch }, layout, { planned: false, fused: false })) as [Offers[], Offers[]];
      expect(eight.slice(0, 2)).toEqual(one.slice(0, 2));
      expect(eight[2]?.gemm?.work[0]).toBe(8 * (one[2]?.gemm?.work[0] as number));
    }
  });

  it('ask nothing for a weight that is packed before', () => {
    for (const layout of LAYOUTS) {
      const [call, plan] = [false, true].map((planned) => total({ size: 5 }, layout, { planned, fused: false })) as [number[], number[]];
      for (const [index, cost] of plan.entries()) expect(cost).toBeLessThanOrEqual(call[index] as number);
    }
  });

  it('have Winograd and the direct kernels where they fit', () => {
    const names = (layer: Layer, layout: Layout) =>
      offersOf(layer, layout, { planned: false, fused: false }).map((offers) => Object.keys(offers).sort());
    expect(names({}, 'channels-first')).toEqual([
      ['direct', 'gemm', 'winograd'],
      ['direct', 'gemm', 'phases', 'winograd'],
      ['direct', 'gemm', 'winograd'],
    ]);
    expect(names({ options: { stride: 2 } }, 'channels-last')).toEqual([
      ['direct', 'gemm', 'winograd'],
      ['direct', 'gemm', 'phases', 'winograd'],
      ['direct', 'gemm', 'winograd'],
    ]);
    // Channels of y that are no vectors, phases without taps, strips larger than the workspace.
    expect(names({ to: 26, options: { stride: 2 } }, 'channels-last')[2]).toEqual(['gemm', 'winograd']);
    expect(names({ kernel: 1, options: { stride: 2 } }, 'channels-first')[1]).toEqual(['gemm', 'phases']);
    expect(names({ from: 2048, to: 64, options: { dilation: 6 } }, 'channels-first')[0]).toEqual(['gemm', 'winograd']);
  });

  it('are by columns alone without phases', () => {
    const g = convTransposeGeometry('convTranspose1d', 1, [1, 8, 20], [8, 4, 600], { stride: 300 }).geometry;
    expect(Object.keys(dgradOffers(g, [], { planned: true, fused: false }))).toEqual(['gemm']);
  });

  it('go to the cheapest of those allowed', () => {
    const prices = PRICES.gemm.length;
    const work = (amount: number) => Array.from({ length: prices }, () => amount);
    const offers: Offers = { gemm: { method: 'gemm', work: work(2) }, direct: { method: 'gemm', work: work(1) } };
    expect(cheapest(offers, ['gemm', 'direct', 'phases'], false, false)).toBe('direct');
    expect(cheapest(offers, ['gemm', 'winograd'], false, false)).toBe('gemm');
    expect(cheapest({ ...offers, direct: { method: 'gemm', work: work(1), handicap: 3 } }, ['gemm', 'direct'], false, false)).toBe('gemm');
  });
});
