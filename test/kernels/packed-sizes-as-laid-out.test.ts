/** Bytes of packed weights: what the kernels themselves say of sizes that they can count, and what they cannot. */
import { describe, expect, it } from 'vitest';
import { convGeometry, convTransposeGeometry } from '../../src/geometry/index.js';
import { type ConvShapeOptions, type Layout, loadSync, type Tensor } from '../../src/index.js';
import { directView, phaseViews, type View } from '../../src/wasm/conv-view.js';
import { Instance } from '../../src/wasm/instance.js';
import { OwnMemory } from '../../src/wasm/memory/own.js';
import { packedWeightBytes, winogradPackedBytes } from '../../src/wasm/sizes.js';
import { winogradFits } from '../../src/wasm/work.js';
import { LAYOUTS } from './directions.js';
import { builds } from './machine.js';

const MiB = 2 ** 20;

function weightShape(layout: Layout, outer: number, inner: number, kernel: readonly number[]): number[] {
  return layout === 'channels-first' ? [outer, inner, ...kernel] : [...kernel, inner, outer];
}

/** The views of a convolution and of its transpose. */
function viewsOf(outer: number, inner: number, kernel: readonly number[], options: ConvShapeOptions = {}): View[] {
  const space = kernel.map((size) => 3 * size + 8);
  const image = (channels: number) => (options.layout === 'channels-last' ? [2, ...space, channels] : [2, channels, ...space]);
  const weight = weightShape(options.layout ?? 'channels-first', outer, inner, kernel);
  const groups = options.groups ?? 1;
  const forward = convGeometry('conv', kernel.length, image(inner * groups), weight, options).geometry;
  const transposed = convTransposeGeometry('conv', kernel.length, image(outer), weight, options).geometry;
  return [directView(forward), ...phaseViews(forward), directView(transposed), ...phaseViews(transposed)];
}

const viewOf = (input: readonly number[], weight: readonly number[], options: ConvShapeOptions = {}): View =>
  directView(convGeometry('conv', weight.length - 2, input, weight, options).geometry);

const SMALL: readonly View[] = LAYOUTS.flatMap((layout) => [
  ...[1, 3, 4, 5, 6, 7, 8, 9, 12, 13, 31].flatMap((channels) => viewsOf(channels, 3, [3, 3], { layout })),
  ...[1, 2, 5, 256, 257].flatMap((channels) => viewsOf(2, channels, [3, 3], { layout })),
  ...viewsOf(6, 5, [4], { layout, stride: 3 }),
  ...viewsOf(12, 5, [5, 4], { layout, groups: 3 }),
  ...viewsOf(12, 2, [7, 6], { layout, stride: 2, groups: 2, dilation: 3 }),
  ...viewsOf(10, 3, [2, 3, 5], { layout, stride: [1, 2, 3] }),
  ...viewsOf(3, 5, [8, 3], { layout, stride: 16 }), // phases without taps
]);

describe.each(builds())('packed sizes of the %s build', (_, module) => {
  const instance = new Instance(module, new OwnMemory(16 * MiB));
  const { kernels } = instance;
  const [mr, nr] = [kernels.MR.value, kernels.NR.value];

  it('are what the kernels lay out', () => {
    for (const view of SMALL) {
      const g = instance.write(view);
      expect(packedWeightBytes(view, mr, nr)).toBe(kernels.packedWeightBytes(g) >>> 0);
      for (const size of [2, 4] as const) {
        if (winogradFits([view])) {
          expect(winogradPackedBytes(view, size, mr)).toBe(kernels.winogradPackedBytes(g, size) >>> 0);
        }
      }
    }
  });

  it('do not wrap', () => {
    const length = 2 ** 27 + 8;
    const one = viewOf([1, 1, length], [1, length, 1], { layout: 'channels-last' });
    expect(packedWeightBytes(one, mr, nr)).toBe(2 ** 32 + 256);
    expect(kernels.packedWeightBytes(instance.write(one)) >>> 0).toBe(256);
    const nine = viewOf([1, 8192, 3, 3], [4096, 8192, 3, 3]);
    const rows = Math.ceil(4096 / mr) * mr;
    expect(winogradPackedBytes(nine, 4, mr)).toBe(36 * (rows * 8192 * 4 + 64));
    expect(winogradPackedBytes(nine, 2, mr)).toBe(16 * (rows * 8192 * 4 + 64));
    const grouped = viewOf([1, 2 ** 29, 1], [2 ** 29, 1, 1], { groups: 2 ** 29 });
    expect(packedWeightBytes(grouped, mr, nr)).toBe(2 ** 31 * mr);
  });
});

describe('blocks of taps', () => {
  it('are counted for kernels so long that the square of their length passes 2^31', () => {
    const kernels = loadSync({ variant: 'simd', maxBytes: 256 * MiB });
    const taps = 90_000;
    const w: Tensor = { data: new Float32Array(3 * taps), shape: [1, 1, 3, taps] };
    for (let i = 0; i < w.data.length; i++) w.data[i] = (i % 1009) - 500;
    const x: Tensor = { data: new Float32Array(3 * (taps + 3)), shape: [1, 1, 3, taps + 3] };
    for (const at of [5, 40_000, 71_111, 89_990, 2 * (taps + 3) + 85_000]) x.data[at] = 1;
    const want = kernels.conv2d(x, w, { algorithm: 'gemm' }).data;
    const got = kernels.conv2d(x, w, { algorithm: 'winograd' }).data;
    // Every element that is summed is a weight or 0; a block taken for another would be off by some hundred.
    for (const [i, value] of got.entries()) expect(Math.abs(value - (want[i] as number))).toBeLessThan(1);
    kernels.dispose();
  });
});
