import { describe, expect, it } from 'vitest';
import { type Case, casesOf, geometryOf, isConv, LAYERS } from '../../bench/cases.js';
import type { Job } from '../../src/engine.js';
import { convGeometry, convTransposeGeometry, sizeOf } from '../../src/geometry/index.js';
import { type ConvShapeOptions, type Layout, loadSync, OptionError } from '../../src/index.js';
import { columns, gemm, winograd2, winograd4 } from '../../src/wasm/methods.js';
import { dgradProgram, fpropProgram, type Program, wgradProgram } from '../../src/wasm/program.js';

const job = (algorithm: Job['algorithm'] = 'auto'): Job => ({ op: 'conv2d', algorithm });
const geometry = (input: readonly number[], weight: readonly number[], options: ConvShapeOptions = {}) =>
  convGeometry('conv2d', weight.length - 2, input, weight, options).geometry;

/** The algorithm of each layer of the benchmark: forward by a plan and in one call, gradInput. In channels-last the same, where not given. */
const CHOSEN: Record<string, readonly [plan: string, call: string, gradInput: string]> = {
  'toy 3x3 1-1 @4': ['direct', 'direct', 'direct'],
  'LeNet 5x5 1-6 @28': ['direct', 'direct', 'direct'],
  'LeNet 5x5 6-16 @14': ['direct', 'direct', 'gemm'],
  'LeNet 5x5 6-16 @14 channels-last': ['gemm', 'gemm', 'gemm'],
  '3x3 64-64 @56': ['winograd', 'winograd', 'winograd'],
  '3x3 128-128 @28': ['winograd', 'winograd', 'winograd'],
  '3x3 256-256 @14': ['winograd', 'winograd', 'winograd'],
  '3x3 512-512 @7': ['winograd', 'gemm', 'phases'],
  'batch 8 3x3 64-64 @28': ['winograd', 'winograd', 'winograd'],
  'stem 7x7 s2 3-64 @224': ['gemm', 'gemm', 'direct'],
  'stem 7x7 s2 3-64 @224 channels-last': ['direct', 'direct', 'direct'],
  '1x1 256-64 @56': ['gemm', 'gemm', 'phases'],
  '1x1 64-256 @56': ['gemm', 'gemm', 'phases'],
  '1x1 1024-256 @14': ['gemm', 'gemm', 'phases'],
  '1x1 512-2048 @7': ['gemm', 'gemm', 'phases'],
  '3x3 s2 128-128 @56': ['gemm', 'gemm', 'phases'],
  '3x3 s2 256-256 @28': ['gemm', 'gemm', 'phases'],
  '3x3 s2 512-512 @14': ['gemm', 'gemm', 'phases'],
  'depthwise 3x3 192-192 @56': ['direct', 'direct', 'direct'],
  'depthwise 3x3 s2 192-192 @56': ['direct', 'direct', 'direct'],
  'depthwise 3x3 512-512 @14': ['direct', 'direct', 'direct'],
  'depthwise 5x5 240-240 @14': ['direct', 'direct', 'direct'],
  'grouped 32 3x3 128-128 @56': ['direct', 'direct', 'direct'],
  '5x5 32-64 @28': ['winograd', 'winograd', 'winograd'],
  'dilated 2 3x3 128-128 @28': ['gemm', 'gemm', 'phases'],
  'transposed 4x4 s2 512-256 @8': ['phases', 'phases', 'gemm'],
  'transposed 4x4 s2 256-128 @16': ['phases', 'phases', 'gemm'],
  'transposed 4x4 s2 128-64 @32': ['phases', 'phases', 'gemm'],
  'transposed 2x2 s2 128-64 @28': ['phases', 'phases', 'gemm'],
  'transposed 3x3 s2 op1 128-64 @28': ['phases', 'phases', 'gemm'],
  'transposed 3x3 128-128 @28': ['winograd', 'winograd', 'winograd'],
  'transposed 5x5 s2 128-64 @16': ['phases', 'phases', 'gemm'],
  'transposed 16x16 s8 21-21 @28': ['phases', 'phases', 'gemm'],
  'audio k7 64-64 @8192': ['gemm', 'gemm', 'phases'],
  'audio k7 d4 64-64 @8192': ['gemm', 'gemm', 'phases'],
  'transposed audio k16 s8 256-128 @512': ['phases', 'phases', 'gemm'],
  'volume 3x3x3 16-32 @8x28x28': ['direct', 'direct', 'direct'],
  'volume 3x3x3 16-32 @8x28x28 channels-last': ['gemm', 'gemm', 'phases'],
};

function program(c: Case, direction: 'forward' | 'gradInput', algorithm: Job['algorithm'], planned: boolean): Program {
  if (!isConv(c)) throw new Error(`${c.name} is no convolution`);
  const byC = c.op.startsWith('convTranspose') === (direction === 'gradInput');
  return (byC ? fpropProgram : dgradProgram)(geometryOf(c), job(algorithm), planned);
}

const layers = LAYERS.flatMap((layer) => casesOf({ ...layer, directions: ['forward'], layouts: ['channels-first', 'channels-last'] }));

describe('the selector', () => {
  it.each(layers)('$name: what is chosen', (c) => {
    const chosen = [program(c, 'forward', 'auto', true), program(c, 'forward', 'auto', false), program(c, 'gradInput', 'auto', false)];
    expect(chosen.map(({ algorithm }) => algorithm)).toEqual(CHOSEN[c.name] ?? CHOSEN[c.name.replace(' channels-last', '')]);
  });

  it.each(layers)("$name: deterministic kernels and 'gemm' keep to the documented order", (c) => {
    for (const planned of [true, false]) {
      for (const direction of ['forward', 'gradInput'] as const) {
        expect(program(c, direction, 'ordered', planned).algorithm).toMatch(/^(gemm|direct)$/);
        const { algorithm, method, unlessFinite } = program(c, direction, 'gemm', planned);
        expect(algorithm).toBe('gemm');
        expect([gemm, columns]).toContain(method);
        expect(unlessFinite).toBeUndefined();
      }
    }
  });

  it('takes Winograd from 8 channels of a group on both sides, and 128 pairs of them', () => {
    const chosen = (from: number, to: number, groups = 1) =>
      fpropProgram(geometry([1, from, 30, 30], [to, from / groups, 3, 3], { groups, padding: 1 }), job(), true).algorithm;
    expect([chosen(16, 8), chosen(7, 64), chosen(64, 7), chosen(8, 16), chosen(11, 11)]).toEqual([
      'winograd',
      'gemm',
      'direct',
      'winograd',
      'direct',
    ]);
    expect([chosen(32, 32, 2), chosen(14, 68, 2), chosen(64, 14, 2)]).toEqual(['winograd', 'gemm', 'direct']);
  });

  it('takes Winograd where its products, transforms and filters are less than the GEMM', () => {
    /** The smallest map from which on all are by Winograd. */
    const from = (channels: number, kernel: number, planned: boolean, layout: Layout) => {
      const taken = (size: number): boolean => {
        const image = layout === 'channels-last' ? [1, size, size, channels] : [1, channels, size, size];
        const weight = layout === 'channels-last' ? [kernel, kernel, channels, channels] : [channels, channels, kernel, kernel];
        return fpropProgram(geometry(image, weight, { padding: 'same', layout }), job(), planned).algorithm === 'winograd';
      };
      return 1 + [...Array(40).keys()].findLastIndex((size) => !taken(size + 1)) + 1;
    };
    const last = (channels: number, kernel: number) => [true, false].map((planned) => from(channels, kernel, planned, 'channels-last'));
    expect([last(64, 3), last(64, 4), last(64, 5), last(64, 7)]).toEqual([
      [7, 12],
      [10, 15],
      [7, 13],
      [7, 14],
    ]);
    expect([last(16, 3), last(16, 5), last(256, 3), last(256, 5)]).toEqual([
      [12, 13],
      [12, 18],
      [6, 7],
      [7, 18],
    ]);
    // Short rows of the column matrix are dear.
    expect([from(64, 3, true, 'channels-first'), from(64, 5, false, 'channels-first')]).toEqual([3, 12]);
  });

  it('takes Winograd in one call for the positions of all images', () => {
    const of = (batch: number) =>
      fpropProgram(geometry([batch, 7, 7, 64], [3, 3, 64, 64], { padding: 1, layout: 'channels-last' }), job(), false);
    expect([1, 2, 8].map((batch) => of(batch).algorithm)).toEqual(['gemm', 'winograd', 'winograd']);
  });

  it('takes Winograd for a gradient of the weight where positions outnumber tiles and filters', () => {
    const of = (batch: number, channels: number, height: number, width: number, algorithm: Job['algorithm'] = 'auto') =>
      wgradProgram(geometry([batch, channels, height, width], [channels, channels, 3, 3], { padding: 1 }), job(algorithm)).kernel;
    expect([of(1, 8, 8, 8), of(1, 7, 8, 8), of(1, 512, 7, 7), of(2, 512, 7, 7)]).toEqual([
      'winogradWgrad',
      'slimWgrad',
      'wgrad',
      'winogradWgrad',
    ]);
    expect([of(2, 64, 1, 50), of(2, 64, 2, 50), of(1, 64, 1, 1)]).toEqual(['wgrad', 'winogradWgrad', 'wgrad']);
    expect([of(1, 64, 1, 1, 'winograd'), of(1, 64, 56, 56, 'gemm'), of(1, 64, 56, 56, 'ordered')]).toEqual([
      'winogradWgrad',
      'wgrad',
      'wgrad',
    ]);
    const grouped = geometry([1, 32, 30, 30], [32, 8, 3, 3], { groups: 4 });
    const depthwise = geometry([1, 32, 30, 30], [32, 1, 3, 3], { groups: 32 });
    expect([wgradProgram(grouped, job()).kernel, wgradProgram(depthwise, job()).kernel]).toEqual(['winogradWgrad', 'depthwiseWgrad']);
    expect(wgradProgram(depthwise, job('winograd')).kernel).toBe('winogradWgrad');
  });

  it.each([
    [{ stride: [1, 2] }, [3, 3]],
    [{ stride: [2, 1] }, [3, 3]],
    [{ dilation: [2, 1] }, [3, 3]],
    [{ dilation: [1, 3] }, [3, 3]],
    [{}, [3, 2]],
    [{}, [5, 2]],
    [{}, [1, 1]],
  ] as const)('takes no Winograd for %j and a kernel of %j', (options, kernel) => {
    const g = geometry([1, 40, 40, 40], [40, 40, ...kernel], options);
    expect(fpropProgram(g, job(), true).algorithm).toBe('gemm');
    expect(dgradProgram(g, job(), true).algorithm).toBe('phases');
    expect(wgradProgram(g, job()).kernel).toBe('wgrad');
    expect(() => wgradProgram(g, job('winograd'))).toThrow(OptionError);
    expect(() => fpropProgram(g, job('winograd'), true)).toThrow(OptionError);
    expect(() => dgradProgram(g, job('winograd'), true)).toThrow(OptionError);
  });

  it('takes the tiles that need fewer products', () => {
    const method = (height: number, width: number) =>
      fpropProgram(geometry([1, 16, height, width], [16, 16, 3, 3], { padding: 1 }), job('winograd'), true).method;
    // 36 products for each tile of 4×4 outputs, 16 for one of 2×2; tiles are multiplied eight at a time.
    const small = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((height) => [[height, height] as const, [height, 8] as const]);
    for (const [height, width] of [...small, [1, 9], [6, 2]] as const) expect(method(height, width)).toBe(winograd2);
    // Of 5×5 taps 121 and 49.
    const larger = (size: number) =>
      fpropProgram(geometry([1, 16, size, size], [16, 16, 5, 5], { padding: 2 }), job('winograd'), true).method;
    expect([larger(8), larger(10), larger(11), larger(12)]).toEqual([winograd2, winograd2, winograd4, winograd4]);
    for (const [height, width] of [
      [12, 12],
      [12, 8],
      [14, 14],
      [9, 16],
      [56, 56],
    ] as const) {
      expect(method(height, width)).toBe(winograd4);
    }
  });

  it('takes the same tiles at every batch size', () => {
    for (const size of [7, 8, 9, 14]) {
      const method = (batch: number) =>
        fpropProgram(geometry([batch, 16, size, size], [16, 16, 3, 3], { padding: 1 }), job('winograd'), true).method;
      for (const batch of [2, 3, 8, 32]) expect(method(batch)).toBe(method(1));
    }
  });

  it('takes phases up to 256 of them, and one convolution for stride 1', () => {
    const of = (stride: number, size: number) =>
      dgradProgram(convGeometry('conv1d', 1, [1, 40, size], [4, 40, 3], { stride }).geometry, job(), false);
    expect(of(256, 600)).toMatchObject({ algorithm: 'phases', views: { length: 256 } });
    expect(of(257, 600)).toMatchObject({ algorithm: 'gemm', method: columns });
    expect(of(1000, 5)).toMatchObject({ algorithm: 'phases', views: { length: 5 } });
    expect(of(1, 600)).toMatchObject({ algorithm: 'phases', views: { length: 1 } });
    const planar = (stride: number) =>
      dgradProgram(convTransposeGeometry('convTranspose2d', 2, [1, 4, 40, 40], [4, 40, 3, 3], { stride }).geometry, job(), true);
    expect([planar(16).algorithm, planar(17).algorithm]).toEqual(['phases', 'gemm']);
    expect(planar(2).unlessFinite).toMatchObject({ algorithm: 'gemm', method: columns });
  });

  it('takes columns where phases would multiply mostly padding', () => {
    const chosen = (channels: number, size: number, kernel: number, padding = 0) =>
      dgradProgram(geometry([1, channels, size, size], [40, channels, kernel, kernel], { padding }), job(), true).algorithm;
    expect([chosen(7, 14, 5), chosen(5, 14, 5), chosen(40, 9, 7), chosen(40, 4, 4)]).toEqual(Array(4).fill('gemm'));
    expect([chosen(7, 28, 5), chosen(7, 14, 5, 2), chosen(4, 14, 5)]).toEqual(Array(3).fill('direct'));
    // By Winograd padding costs less.
    expect([chosen(40, 14, 5), chosen(40, 14, 5, 2)]).toEqual(Array(2).fill('winograd'));
  });

  it('takes the direct kernels for depthwise and for few output channels of a group', () => {
    const chosen = (channels: number, outputs: number, groups: number) =>
      fpropProgram(geometry([1, channels, 9, 9], [outputs, channels / groups, 2, 3], { groups }), job(), false).algorithm;
    expect([chosen(64, 64, 64), chosen(64, 128, 64), chosen(2, 2, 2), chosen(64, 64, 32)]).toEqual(Array(4).fill('direct'));
    expect([chosen(64, 16, 1), chosen(64, 32, 1), chosen(64, 64, 2)]).toEqual(Array(3).fill('direct'));
    expect([chosen(64, 33, 1), chosen(64, 66, 2), chosen(8, 17, 1)]).toEqual(Array(3).fill('gemm'));
    expect(chosen(8, 16, 1)).toBe('direct');
  });
});

describe('plan.algorithm', () => {
  const [auto, ordered] = [loadSync({ variant: 'simd' }), loadSync({ deterministic: true })];

  it.each(layers.filter((c) => sizeOf(c.weight) < 1e6))('$name: is what the selector says', (c) => {
    if (!isConv(c)) throw new Error(`${c.name} is no convolution`);
    const weight = { data: new Float32Array(sizeOf(c.weight)), shape: c.weight };
    for (const [kernels, asked] of [
      [auto, 'auto'],
      [ordered, 'ordered'],
    ] as const) {
      const plan = kernels[c.op].plan({ ...c.options, input: c.input, weight });
      expect(plan.algorithm).toBe(program(c, 'forward', asked, true).algorithm);
      plan.dispose();
      const gemm = kernels[c.op].plan({ ...c.options, input: c.input, weight, algorithm: 'gemm' });
      expect(gemm.algorithm).toBe('gemm');
      gemm.dispose();
    }
  });
});
