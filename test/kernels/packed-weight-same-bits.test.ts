/** `Engine.pack` on every build, in a memory of its own and in a host's heap: one packed weight for all products of its key, to the bit what a plan gives. */
import { describe, expect, it } from 'vitest';
import { type Engine, type Epilogue, type Job, NO_EPILOGUE } from '../../src/engine.js';
import { convGeometry, sizeOf, volume } from '../../src/geometry/index.js';
import { type ConvShapeOptions, OutOfMemoryError } from '../../src/index.js';
import * as data from '../suite/data.js';
import { LAYOUTS } from './directions.js';
import { STAGES } from './engines.js';
import { firstOther } from './machine.js';

type Direction = 'fprop' | 'dgrad';
const DIRECTIONS: readonly Direction[] = ['fprop', 'dgrad'];

/** A weight, and the images that meet it. */
interface Layer {
  readonly weight: readonly number[];
  readonly images: readonly (readonly number[])[];
  readonly options?: ConvShapeOptions;
  readonly algorithm?: Job['algorithm'];
}
/** [N, C, ...], [O, I, ...] here; each image with every other. */
const LAYERS: Record<string, Layer> = {
  'one tap': {
    weight: [9, 5, 1, 1],
    images: [
      [1, 5, 1, 1],
      [2, 5, 4, 3],
      [1, 5, 9, 9],
    ],
  },
  'one tap of rows': { weight: [33, 20, 1, 1], images: Array.from({ length: 10 }, (_, rows) => [1, 20, 1, rows + 1]), algorithm: 'gemm' },
  '3x3 by gemm': {
    weight: [10, 7, 3, 3],
    images: [
      [1, 7, 6, 8],
      [3, 7, 5, 5],
      [1, 7, 20, 4],
    ],
    options: { padding: 1 },
    algorithm: 'gemm',
  },
  'winograd, both tiles': {
    weight: [12, 11, 3, 3],
    images: [
      [1, 11, 16, 17],
      [2, 11, 4, 4],
      [1, 11, 8, 7],
      [1, 11, 18, 6],
    ],
    options: { padding: 1 },
    algorithm: 'winograd',
  },
  'winograd, pads': {
    weight: [8, 8, 5, 4],
    images: [
      [1, 8, 9, 9],
      [1, 8, 12, 20],
    ],
    options: {
      padding: [
        [2, 1],
        [0, 3],
      ],
    },
    algorithm: 'winograd',
  },
  'auto picks': {
    weight: [24, 24, 3, 3],
    images: [
      [1, 24, 5, 5],
      [1, 24, 20, 24],
      [4, 24, 12, 3],
    ],
    options: { padding: 'same' },
  },
  strided: {
    weight: [6, 9, 4, 3],
    images: [
      [1, 9, 12, 12],
      [2, 9, 7, 9],
      [1, 9, 21, 5],
    ],
    options: { stride: [3, 2], padding: 2 },
  },
  dilated: {
    weight: [8, 6, 3, 3],
    images: [
      [1, 6, 12, 12],
      [2, 6, 7, 9],
    ],
    options: { dilation: [2, 1], stride: 2 },
  },
  grouped: {
    weight: [12, 4, 3, 2],
    images: [
      [1, 12, 12, 12],
      [2, 12, 5, 9],
    ],
    options: { groups: 3, stride: [1, 2] },
  },
  depthwise: {
    weight: [6, 1, 3, 3],
    images: [
      [1, 6, 12, 12],
      [2, 6, 5, 9],
    ],
    options: { groups: 6 },
  },
  'few channels': {
    weight: [2, 3, 3, 3],
    images: [
      [1, 3, 12, 12],
      [2, 3, 5, 9],
    ],
  },
  volume: {
    weight: [5, 6, 2, 3, 2],
    images: [
      [1, 6, 3, 5, 4],
      [2, 6, 4, 4, 6],
    ],
    options: { stride: [1, 2, 1] },
  },
};

function problems({ weight, images, options = {}, algorithm = 'auto' }: Layer, layout: (typeof LAYOUTS)[number]) {
  const last = ([n, c, ...space]: readonly number[]): number[] => [n as number, ...space, c as number];
  const filter = layout === 'channels-last' ? [...weight.slice(2), weight[1] as number, weight[0] as number] : weight;
  const geometries = images.map((image) => {
    const input = layout === 'channels-last' ? last(image) : image;
    return convGeometry('conv', weight.length - 2, input, filter, { ...options, layout }).geometry;
  });
  return { geometries, job: { op: 'conv', algorithm } as Job };
}

const random = data.seeded(29);
const floats = (length: number): Float32Array => data.floats(random, [length]).data;

describe.each(STAGES)('%s', (_, make) => {
  const cases = Object.keys(LAYERS).flatMap((name) =>
    LAYOUTS.flatMap((layout) => DIRECTIONS.map((direction) => [name, layout, direction] as const)),
  );

  it.each(cases)('%s, %s, %s: one of a key serves all, with any bias and activation', (name, layout, direction) => {
    const { engine } = make();
    const layer = LAYERS[name] as Layer;
    const { geometries, job } = problems(layer, layout);
    if (layer.algorithm === 'winograd' && engine.variant === 'reference') return;
    for (const w of [floats(sizeOf(layer.weight)), floats(sizeOf(layer.weight)).fill(Number.NaN, 3, 4)]) {
      const packed = new Map<string, ReturnType<Engine['pack']>>();
      for (const g of geometries) {
        const packing = engine.packing(direction, g, job);
        const weight = packed.get(packing.key) ?? engine.pack(direction, g, w, job);
        packed.set(packing.key, weight);
        expect(weight.key).toBe(packing.key);
        if (Number.isFinite(w[3])) expect(weight.bytes).toBe(packing.bytes);
        const [inputs, outputs] = [g.batch * g.xChannels * volume(g.xSize), g.batch * g.yChannels * volume(g.ySize)];
        const [from, to, channels] = direction === 'fprop' ? [inputs, outputs, g.yChannels] : [outputs, inputs, g.xChannels];
        const x = floats(from);
        for (const epilogue of [
          { bias: null, activation: 'none', slope: 0 },
          { bias: floats(channels), activation: 'leakyRelu', slope: 0.25 },
        ] satisfies Epilogue[]) {
          const plan = engine.plan(direction, g, w, epilogue, job);
          const [want, got] = [new Float32Array(to), new Float32Array(to)];
          plan.run(x, want);
          plan.free();
          weight.multiply(packing, x, got, epilogue, job.op);
          expect(firstOther(got, want)).toBe(-1);
        }
      }
      // In channels-first the weight of images of one pixel is that of a matrix of them, whose rows are pixels.
      const rows = name === 'one tap of rows' && layout === 'channels-first' ? 2 : 1;
      const most = engine.variant === 'reference' ? 1 : layer.algorithm === 'gemm' ? rows : 3;
      expect(packed.size).toBeLessThanOrEqual(most);
      const bytes = [...packed.values()].reduce((sum, each) => sum + each.bytes, 0);
      expect(engine.liveBytes).toBe(bytes);
      for (const each of packed.values()) each.free();
      for (const each of packed.values()) each.free();
      expect(engine.liveBytes).toBe(0);
    }
    engine.dispose();
  });

  it('what is packed for another product is refused', () => {
    const { engine } = make();
    if (engine.variant === 'reference') return;
    const { geometries, job } = problems(LAYERS['3x3 by gemm'] as Layer, 'channels-first');
    const [g] = geometries as [(typeof geometries)[0]];
    const other = convGeometry('conv', 2, [1, 7, 6, 8], [10, 7, 2, 3], {}).geometry;
    const packed = engine.pack('fprop', g, floats(10 * 7 * 9), job);
    const x = floats(7 * 48);
    expect(() => packed.multiply(engine.packing('fprop', other, job), x, new Float32Array(10 * 30), NO_EPILOGUE, 'conv')).toThrow(
      /another product/,
    );
    packed.free();
    expect(() => packed.multiply(engine.packing('fprop', g, job), x, new Float32Array(480), NO_EPILOGUE, 'conv')).toThrow(/is gone/);
  });

  it('one for which there is no room changes nothing', () => {
    const { engine } = make();
    const job: Job = { op: 'conv', algorithm: 'gemm' };
    const g = convGeometry('conv', 2, [1, 2048, 1, 1], [2049, 2048, 1, 1], {}).geometry;
    const [live, w] = [engine.liveBytes, new Float32Array(2049 * 2048)];
    expect(() => engine.pack('fprop', g, w, job)).toThrow(OutOfMemoryError);
    expect(engine.liveBytes).toBe(live);
    const small = convGeometry('conv', 2, [1, 2, 1, 1], [3, 2, 1, 1], {}).geometry;
    const y = new Float32Array(3);
    const packing = engine.packing('fprop', small, job);
    engine.pack('fprop', small, floats(6).fill(1), job).multiply(packing, Float32Array.of(1, 2), y, NO_EPILOGUE, 'conv');
    expect([...y]).toEqual([3, 3, 3]);
  });
});
