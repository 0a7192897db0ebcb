import { describe, expect, it } from 'vitest';
import { type Case, casesOf, geometryOf, isConv, LAYERS } from '../../bench/cases.js';
import { NET_LAYERS } from '../../bench/selector-layers.js';
import type { Job } from '../../src/engine.js';
import { convGeometry, convTransposeGeometry, sizeOf } from '../../src/geometry/index.js';
import { type ConvShapeOptions, type Layout, loadSync, OptionError } from '../../src/index.js';
import { columns, gemm, gemmPacked, winograd2, winograd4 } from '../../src/wasm/algorithms.js';
import { HEAVY, type Use } from '../../src/wasm/cost-model.js';
import { dgradProgram, fpropProgram, type Program, wgradProgram } from '../../src/wasm/select.js';

const job = (algorithm: Job['algorithm'] = 'auto'): Job => ({ op: 'conv2d', algorithm });
const geometry = (input: readonly number[], weight: readonly number[], options: ConvShapeOptions = {}) =>
  convGeometry('conv2d', weight.length - 2, input, weight, options).geometry;

const CALL: Use = { planned: false, fused: false };
const PLAN: Use = { planned: true, fused: false };
const USES: readonly Use[] = [CALL, PLAN, { planned: false, fused: true }, { planned: true, fused: true }];

/** Where one algorithm is clearly the fastest, whoever asks: forward and gradInput, in both layouts. */
const CHOSEN: Record<string, readonly [forward: string, gradInput: string]> = {
  'LeNet 5x5 1-6 @28': ['direct', 'direct'],
  '3x3 64-64 @56': ['winograd', 'winograd'],
  '3x3 128-128 @28': ['winograd', 'winograd'],
  'batch 8 3x3 64-64 @28': ['winograd', 'winograd'],
  '5x5 32-64 @28': ['winograd', 'winograd'],
  'transposed 3x3 128-128 @28': ['winograd', 'winograd'],
  'depthwise 3x3 192-192 @56': ['direct', 'direct'],
  'depthwise 3x3 s2 192-192 @56': ['direct', 'direct'],
  'depthwise 3x3 512-512 @14': ['direct', 'direct'],
  'depthwise 5x5 240-240 @14': ['direct', 'direct'],
};

function program(c: Case, direction: 'forward' | 'gradInput', algorithm: Job['algorithm'], use: Use): Program {
  if (!isConv(c)) throw new Error(`${c.name} is no convolution`);
  const byC = c.op.startsWith('convTranspose') === (direction === 'gradInput');
  return (byC ? fpropProgram : dgradProgram)(geometryOf(c), job(algorithm), use);
}

const layers = LAYERS.flatMap((layer) => casesOf({ ...layer, directions: ['forward'], layouts: ['channels-first', 'channels-last'] }));

type Pair = [number, number];

describe('the selector', () => {
  it.each(layers.filter(({ name }) => name.replace(' channels-last', '') in CHOSEN))('$name: what is chosen', (c) => {
    for (const use of USES) {
      const chosen = [program(c, 'forward', 'auto', use), program(c, 'gradInput', 'auto', use)];
      expect(chosen.map(({ algorithm }) => algorithm)).toEqual(CHOSEN[c.name.replace(' channels-last', '')]);
    }
  });

  it.each([
    ['ISTFT T1d 1026-1@224k1024s256', 'forward', 'gemm'],
    ['ISTFT T1d 512-1@1999k16s8', 'forward', 'gemm'],
    ['DCGAN T2d 64-3@32k4s2p1', 'forward', 'gemm'],
    ['autoencoder T2d 32-1@14k2s2', 'forward', 'gemm'],
    ['U-Net T3d 32-1@12k2s2', 'forward', 'gemm'],
    ['STFT 1d 1-514@8192k512s256p0', 'gradInput', 'gemm'],
    ['STFT 1d 1-512@16000k16s8p0', 'gradInput', 'gemm'],
    ['ViT 2d 3-768@224k16s16p0', 'gradInput', 'gemm'],
  ] as const)('takes no 2 to 16 times as slow algorithm for %s, %s', (name, direction, algorithm) => {
    const layer = NET_LAYERS.find((each) => each.name === name);
    if (!layer) throw new Error(`no layer is called ${name}`);
    for (const c of casesOf({ ...layer, layouts: ['channels-first', 'channels-last'] })) {
      expect(USES.map((use) => program(c, direction, 'auto', use).algorithm)).toEqual(USES.map(() => algorithm));
    }
  });

  it.each(NET_LAYERS.flatMap((layer, index) => (index % 7 === 0 ? [layer] : [])))(
    '$name: an image has its algorithm in any batch',
    (layer) => {
      for (const layout of ['channels-first', 'channels-last'] as const) {
        const chosen = [1, 2, 8].map((batch) => {
          const [c] = casesOf({ ...layer, input: [batch, ...layer.input.slice(1)], layouts: [layout] });
          return (['auto', 'ordered'] as const).flatMap((algorithm) =>
            USES.flatMap((use) => (['forward', 'gradInput'] as const).map((way) => program(c as Case, way, algorithm, use).algorithm)),
          );
        });
        expect(chosen[1]).toEqual(chosen[0]);
        expect(chosen[2]).toEqual(chosen[0]);
      }
    },
  );

  it.each(layers)('$name: a plan has the algorithm of a call, or Winograd, but with a heavy weight', (c) => {
    for (const direction of ['forward', 'gradInput'] as const) {
      for (const fused of [false, true]) {
        const [call, plan] = [false, true].map((planned) => program(c, direction, 'auto', { planned, fused }).algorithm);
        if (plan !== 'winograd' && sizeOf(c.weight) < HEAVY) expect(plan).toBe(call);
      }
      expect(program(c, direction, 'ordered', PLAN).algorithm).toBe(program(c, direction, 'ordered', CALL).algorithm);
    }
  });

  it.each(layers)("$name: deterministic kernels and 'gemm' keep to the documented order", (c) => {
    for (const use of USES) {
      for (const direction of ['forward', 'gradInput'] as const) {
        expect(program(c, direction, 'ordered', use).algorithm).toMatch(/^(gemm|direct)$/);
        const { algorithm, method, unlessFinite } = program(c, direction, 'gemm', use);
        expect(algorithm).toBe('gemm');
        expect([gemm, gemmPacked, columns]).toContain(method);
        expect(unlessFinite).toBeUndefined();
      }
    }
  });

  it('takes the GEMM for a depthwise gradient of the input that would mostly meet padding', () => {
    for (const how of ['auto', 'ordered'] as const) {
      for (const use of USES) {
        const dgrad = (size: number[]) => dgradProgram(geometry([1, 8, ...size], [16, 1, 64, 1], { groups: 8 }), job(how), use).algorithm;
        expect([dgrad([64, 128]), dgrad([640, 128])]).toEqual(['gemm', 'direct']);
      }
    }
  });

  it('takes Winograd for what is large enough', () => {
    const chosen = (from: number, to: number, size: number, groups = 1) =>
      USES.map(
        (use) => fpropProgram(geometry([1, from, size, size], [to, from / groups, 3, 3], { groups, padding: 1 }), job(), use).algorithm,
      );
    const winograd = USES.map(() => 'winograd');
    expect([chosen(32, 32, 30), chosen(64, 64, 14), chosen(64, 64, 30, 2)]).toEqual([winograd, winograd, winograd]);
    // Small layers are exact for small whole numbers.
    expect([chosen(7, 1, 200), chosen(2, 3, 200), chosen(29, 3, 5), chosen(90, 90, 1)].flat()).not.toContain('winograd');
  });

  it('takes Winograd in a plan from smaller maps on than in a call, which has to transform the weight', () => {
    /** The smallest map from which on all are by Winograd. */
    const from = (channels: number, planned: boolean, layout: Layout) => {
      const taken = (size: number): boolean => {
        const image = layout === 'channels-last' ? [1, size, size, channels] : [1, channels, size, size];
        const weight = layout === 'channels-last' ? [3, 3, channels, channels] : [channels, channels, 3, 3];
        return fpropProgram(geometry(image, weight, { padding: 'same', layout }), job(), { ...CALL, planned }).algorithm === 'winograd';
      };
      return 1 + [...Array(40).keys()].findLastIndex((size) => !taken(size + 1)) + 1;
    };
    for (const layout of ['channels-first', 'channels-last'] as const) {
      const [plans, calls] = [true, false].map((planned) => [64, 256].map((channels) => from(channels, planned, layout))) as [Pair, Pair];
      expect(Math.max(...plans)).toBeLessThanOrEqual(8);
      expect(Math.max(...calls)).toBeLessThanOrEqual(16);
      expect(plans[0]).toBeLessThanOrEqual(calls[0]);
      expect(plans[1]).toBeLessThan(calls[1]);
    }
  });

  it('takes Winograd for a gradient of the weight where positions outnumber tiles and filters', () => {
    const of = (batch: number, channels: number, height: number, width: number, algorithm: Job['algorithm'] = 'auto') =>
      wgradProgram(geometry([batch, channels, height, width], [channels, channels, 3, 3], { padding: 1 }), job(algorithm), CALL).kernel;
    expect([of(1, 64, 56, 56), of(8, 64, 14, 14), of(4, 512, 7, 7)]).toEqual(Array(3).fill('winogradWgrad'));
    expect([of(2, 64, 1, 50), of(1, 64, 1, 1), of(1, 2, 56, 56)]).not.toContain('winogradWgrad');
    expect([of(1, 64, 1, 1, 'winograd'), of(1, 64, 56, 56, 'gemm'), of(1, 256, 14, 14, 'ordered')]).toEqual([
      'winogradWgrad',
      'wgrad',
      'wgrad',
    ]);
    const grouped = geometry([1, 64, 56, 56], [64, 32, 3, 3], { groups: 2 });
    const depthwise = geometry([1, 32, 30, 30], [32, 1, 3, 3], { groups: 32 });
    expect([wgradProgram(grouped, job(), CALL).kernel, wgradProgram(depthwise, job(), CALL).kernel]).toEqual([
      'winogradWgrad',
      'depthwiseWgrad',
    ]);
    expect(wgradProgram(depthwise, job('winograd'), CALL).kernel).toBe('winogradWgrad');
  });

  it.each([
    [{}, [1, 1], [fpropProgram, dgradProgram, wgradProgram]],
    [{ dilation: [1, 17] }, [3, 3], [fpropProgram, dgradProgram, wgradProgram]],
    [{ stride: 2 }, [2, 2], [dgradProgram]],
    [{ stride: [4, 2] }, [3, 3], [dgradProgram]],
  ] as const)('takes no Winograd for %j and a kernel of %j', (options, kernel, programs) => {
    const g = geometry([1, 40, 40, 40], [40, 40, ...kernel], options);
    for (const make of programs) {
      expect(make(g, job(), PLAN).algorithm).not.toBe('winograd');
      expect(() => make(g, job('winograd'), PLAN)).toThrow(OptionError);
    }
  });

  it.each([
    [{}, [1, 3]],
    [{}, [7, 1]],
    [{ dilation: 2 }, [3, 3]],
    [{ dilation: [1, 16] }, [3, 3]],
    [{ stride: 2 }, [3, 3]],
    [{ stride: [2, 1] }, [4, 4]],
    [{}, [5, 2]],
  ] as const)('has Winograd for %j and a kernel of %j', (options, kernel) => {
    const g = geometry([1, 64, 40, 40], [64, 64, ...kernel], { ...options, padding: 'same' });
    for (const make of [fpropProgram, dgradProgram, wgradProgram]) expect(make(g, job('winograd'), PLAN).algorithm).toBe('winograd');
  });

  it('takes the tiles that need fewer products', () => {
    const method = (height: number, width: number) =>
      fpropProgram(geometry([1, 16, height, width], [16, 16, 3, 3], { padding: 1 }), job('winograd'), PLAN).method;
    // 36 products for each tile of 4×4 outputs, 16 for one of 2×2; tiles are multiplied eight at a time.
    const small = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((height) => [[height, height] as const, [height, 8] as const]);
    for (const [height, width] of [...small, [1, 9], [6, 2]] as const) expect(method(height, width)).toBe(winograd2);
    // Of 5×5 taps 121 and 49.
    const larger = (size: number) =>
      fpropProgram(geometry([1, 16, size, size], [16, 16, 5, 5], { padding: 2 }), job('winograd'), PLAN).method;
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
        fpropProgram(geometry([batch, 16, size, size], [16, 16, 3, 3], { padding: 1 }), job('winograd'), PLAN).method;
      for (const batch of [2, 3, 8, 32]) expect(method(batch)).toBe(method(1));
    }
  });

  it('considers phases up to 256 of them, and makes one convolution of stride 1', () => {
    const of = (stride: number, size: number, algorithm: Job['algorithm'] = 'auto') =>
      dgradProgram(
        convGeometry('conv1d', 1, [1, 40, size], [90, 40, 3], { stride, layout: 'channels-first' }).geometry,
        job(algorithm),
        CALL,
      );
    expect(of(257, 600)).toMatchObject({ algorithm: 'gemm', method: columns });
    expect(of(257, 600, 'ordered')).toMatchObject({ algorithm: 'gemm', method: columns });
    expect(of(256, 600, 'phases')).toMatchObject({ algorithm: 'phases', views: { length: 256 } });
    expect(of(1000, 5, 'phases')).toMatchObject({ algorithm: 'phases', views: { length: 5 } });
    expect(of(1, 600, 'phases')).toMatchObject({ algorithm: 'phases', views: { length: 1 } });
    expect(of(2, 600, 'phases').unlessFinite).toMatchObject({ algorithm: 'gemm', method: columns });
  });

  it.each(['phases', 'direct'] as const)("refuses '%s' for more than 4096 phases, and says what does", (algorithm) => {
    const of = (stride: readonly number[], size: number) =>
      dgradProgram(
        convTransposeGeometry('convTranspose2d', 2, [1, 2, size, size], [2, 3, 3, 3], { stride }).geometry,
        job(algorithm),
        CALL,
      );
    expect(of([64, 64], 3).views).toHaveLength(4096);
    expect(() => of([200, 200], 3)).toThrow(
      new OptionError(
        'conv2d',
        `algorithm '${algorithm}' would compute 200 x 200 = 40000 phases of the stride one by one, at most 4096; 'auto' or 'gemm' does without them`,
      ),
    );
    expect(() => of([65, 64], 3)).toThrow('65 x 64 = 4160');
    // What x has no positions for is no phase.
    expect(of([200, 200], 1).views).toHaveLength(algorithm === 'direct' ? 9 : 1);
    const depthwise = convGeometry('conv2d', 2, [1, 3, 900, 900], [3, 1, 3, 3], { stride: 300, groups: 3 }).geometry;
    expect(dgradProgram(depthwise, job('direct'), CALL)).toMatchObject({ algorithm: 'direct', views: { length: 1 } });
  });

  it('makes one product of a batch where the channels of a position lie together', () => {
    const views = (batch: number, pixels: number, layout: Layout, kernel = 1) => {
      const [input, weight] =
        layout === 'channels-first'
          ? [[batch, 8, pixels, pixels], [16, 8, kernel, kernel]] // biome-ignore format: one line
          : [[batch, pixels, pixels, 8], [kernel, kernel, 8, 16]]; // biome-ignore format: one line
      const g = geometry(input, weight, { layout });
      return [fpropProgram(g, job('gemm'), CALL), dgradProgram(g, job('gemm'), CALL), wgradProgram(g, job('gemm'), CALL)].map((each) =>
        each.views.map((view) => [view.batch, view.xChannels, view.yChannels, sizeOf(view.ySize)]),
      );
    };
    const one = (...[inputs, outputs, positions]: number[]) => [
      [[1, inputs, outputs, positions]],
      [[1, outputs, inputs, positions]],
      [[1, inputs, outputs, positions]],
    ];
    for (const layout of ['channels-first', 'channels-last'] as const) {
      expect(views(6, 1, layout)).toEqual(one(8, 16, 6));
      expect(views(6, 5, layout, 5)).toEqual(one(200, 16, 6));
    }
    expect(views(6, 5, 'channels-last')).toEqual(one(8, 16, 150));
    expect(views(6, 5, 'channels-first').map(([view]) => view?.[0])).toEqual([6, 6, 6]);
  });

  it('takes columns where phases would multiply mostly padding', () => {
    const chosen = (channels: number, size: number, kernel: number) =>
      USES.map((use) => dgradProgram(geometry([1, channels, size, size], [40, channels, kernel, kernel]), job(), use).algorithm);
    expect([chosen(40, 9, 7), chosen(40, 4, 4)].flat()).toEqual(Array(8).fill('gemm'));
  });

  it('takes the direct kernels for depthwise and for few channels of a group', () => {
    const chosen = (channels: number, outputs: number, groups: number) =>
      USES.map(
        (use) => fpropProgram(geometry([1, channels, 40, 40], [outputs, channels / groups, 2, 3], { groups }), job(), use).algorithm,
      );
    expect([chosen(64, 64, 64), chosen(64, 128, 64), chosen(2, 2, 2), chosen(64, 64, 32)].flat()).toEqual(Array(16).fill('direct'));
    expect([chosen(64, 2, 1), chosen(64, 4, 1)].flat()).toEqual(Array(8).fill('direct'));
    expect([chosen(256, 256, 1), chosen(512, 128, 1)].flat()).not.toContain('direct');
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
      expect(plan.algorithm).toBe(program(c, 'forward', asked, PLAN).algorithm);
      plan.dispose();
      const gemm = kernels[c.op].plan({ ...c.options, input: c.input, weight, algorithm: 'gemm' });
      expect(gemm.algorithm).toBe('gemm');
      gemm.dispose();
    }
  });
});
