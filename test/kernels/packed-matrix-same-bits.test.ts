/** `Engine.packGemm` on every build: one packed b for all products of its key, to the bit what the call gives. */
import { describe, expect, it } from 'vitest';
import { type Engine, type Epilogue, type GemmGeometry, type Job, NO_EPILOGUE } from '../../src/engine.js';
import { matmulGeometry, sizeOf } from '../../src/geometry/index.js';
import { OutOfMemoryError } from '../../src/index.js';
import * as data from '../suite/data.js';
import { STAGES } from './engines.js';
import { firstOther } from './machine.js';

const JOB: Job = { op: 'matmul', algorithm: 'gemm' };
const ROWS = [1, 2, 3, 4, 6, 7, 8, 13, 24, 25, 33, 70];
/** Of b, [..., k, n]; the last two are batches, of which the first is met by a's. */
const MATRICES = [
  [5, 3],
  [19, 10],
  [300, 16],
  [20, 17],
  [37, 70],
  [2, 9, 33],
  [3, 1, 12, 20],
] as const;

const random = data.seeded(31);
const floats = (length: number): Float32Array => data.floats(random, [length]).data;

/** The products of a b, of some rows, with and without a row of bias and one of each element. */
function products(b: readonly number[], transposeB: boolean) {
  const shape = transposeB ? [...b.slice(0, -2), ...b.slice(-2).reverse()] : b;
  const [k, n] = b.slice(-2) as [number, number];
  const batch = b.length === 4 ? [3, 2] : b.slice(0, -2);
  const of = (rows: number, transposeA: boolean, bias?: number[]) =>
    matmulGeometry('matmul', [...batch, ...(transposeA ? [k, rows] : [rows, k])], shape, transposeA, transposeB, bias).geometry;
  return ROWS.flatMap((rows): [GemmGeometry, number, Epilogue][] => [
    [of(rows, false), sizeOf(batch) * rows, NO_EPILOGUE],
    [of(rows, true), sizeOf(batch) * rows, { bias: floats(n), activation: 'leakyRelu', slope: 0.25 }],
    [of(rows, false, [rows, n]), sizeOf(batch) * rows, { bias: floats(rows * n), activation: 'relu', slope: 0 }],
  ]);
}

describe.each(STAGES)('%s', (_, make) => {
  it.each(MATRICES.flatMap((b) => [false, true].map((transposeB) => [b.join('x'), transposeB, b] as const)))(
    'b of %s, transposed: %s: one of a key serves all rows, biases and activations',
    (_name, transposeB, b) => {
      const { engine } = make();
      const [k, n] = b.slice(-2) as [number, number];
      const w = floats(sizeOf(b));
      const packed = new Map<string, ReturnType<Engine['packGemm']>>();
      for (const [g, rows, epilogue] of products(b, transposeB)) {
        const packing = engine.gemmPacking(g);
        const weight = packed.get(packing.key) ?? engine.packGemm(g, w, JOB);
        packed.set(packing.key, weight);
        expect([weight.key, weight.bytes]).toEqual([packing.key, packing.bytes]);
        const a = floats(rows * k);
        const [want, got, planned] = [0, 1, 2].map(() => new Float32Array(rows * n)) as [Float32Array, Float32Array, Float32Array];
        engine.gemm(g, a, w, want, epilogue, JOB);
        weight.multiply(packing, a, got, epilogue, JOB.op);
        expect(firstOther(got, want)).toBe(-1);
        const plan = engine.planGemm(g, w, epilogue, JOB);
        plan.run(a, planned);
        plan.free();
        expect(firstOther(planned, want)).toBe(-1);
      }
      // For one row, and for more; of few columns, for no more rows than these, and for more.
      expect(packed.size).toBeLessThanOrEqual(engine.variant === 'reference' ? 1 : 2);
      expect(engine.liveBytes).toBe([...packed.values()].reduce((sum, { bytes }) => sum + bytes, 0));
      for (const each of packed.values()) each.free();
      for (const each of packed.values()) each.free();
      expect(engine.liveBytes).toBe(0);
      engine.dispose();
    },
  );

  it('what is packed for another product, or is gone, is refused', () => {
    const { engine } = make();
    if (engine.variant === 'reference') return;
    const of = (k: number, n: number, transposeB: boolean): GemmGeometry =>
      matmulGeometry('matmul', [5, k], transposeB ? [n, k] : [k, n], false, transposeB).geometry;
    const [a, w, c] = [floats(5 * 20), floats(20 * 24), new Float32Array(5 * 24)];
    const packed = engine.packGemm(of(20, 24, false), w, JOB);
    for (const other of [of(20, 24, true), of(20, 23, false), of(19, 24, false)]) {
      expect(() => packed.multiply(engine.gemmPacking(other), a, c, NO_EPILOGUE, JOB.op)).toThrow(/another product/);
    }
    packed.free();
    expect(() => packed.multiply(engine.gemmPacking(of(20, 24, false)), a, c, NO_EPILOGUE, JOB.op)).toThrow(/is gone/);
  });

  it('one for which there is no room changes nothing', () => {
    const { engine } = make();
    const [live, w] = [engine.liveBytes, new Float32Array(2049 * 2048)];
    const large = matmulGeometry('matmul', [5, 2048], [2048, 2049], false, false).geometry;
    expect(() => engine.packGemm(large, w, JOB)).toThrow(OutOfMemoryError);
    expect(engine.liveBytes).toBe(live);
    const small = matmulGeometry('matmul', [1, 2], [2, 3], false, false).geometry;
    const c = new Float32Array(3);
    engine.packGemm(small, floats(6).fill(1), JOB).multiply(engine.gemmPacking(small), Float32Array.of(1, 2), c, NO_EPILOGUE, JOB.op);
    expect([...c]).toEqual([3, 3, 3]);
  });
});
