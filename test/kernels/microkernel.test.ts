/** A·I = A and I·A = A to the bit: the micro-kernel at every edge of its tile, and the tiles for few rows or columns. */
import { describe, expect, it } from 'vitest';
import { builds, firstOther, Machine } from './machine.js';
import { floats } from './random.js';

const identity = (n: number): Float32Array => Float32Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));

const transposed = (a: Float32Array, m: number, n: number): Float32Array => a.map((_, i) => a[(i % m) * n + Math.floor(i / m)] as number);

/** The lines of a matrix, `depth` long, in micropanels of `width`; NaN where the last has none. */
const panelsOf = (a: Float32Array, depth: number, width: number): Float32Array =>
  Float32Array.from({ length: Math.ceil(a.length / depth / width) * width * depth }, (_, i) => {
    const line = Math.floor(i / (width * depth)) * width + (i % width);
    return a[line * depth + (Math.floor(i / width) % depth)] ?? Number.NaN;
  });

describe.each(builds())('identities, %s', (_, module) => {
  const machine = new Machine(module);
  const { kernels, workspace } = machine;
  const [mr, nr] = [kernels.MR.value, kernels.NR.value];

  it.each([false, true])('A·I by panels, accumulate: %s, and nothing between the rows is written', (accumulate) => {
    for (let m = 1; m <= 2 * mr + 1; m++) {
      for (let n = 1; n <= 2 * nr + 1; n++) {
        for (const stride of [n, n + 3]) {
          const [a, before] = [floats(m * n, 1), floats(m * stride, 2)];
          const got = machine.run(`${m} × ${n}`, before, (c) => {
            const [ap, bp] = [machine.put(panelsOf(a, n, mr)), machine.put(panelsOf(identity(n), n, nr))];
            kernels.multiplyPanels(m, n, n, ap, bp, c, stride, 1, accumulate, machine.scratch(mr * nr * 4));
          });
          const want = before.map((value, i) => {
            const [row, column] = [Math.floor(i / stride), i % stride];
            return column < n ? (accumulate ? value : 0) + (a[row * n + column] as number) : value;
          });
          expect(firstOther(got, want), `${m} × ${n}, rows ${stride} apart`).toBe(-1);
        }
      }
    }
  });

  const gemm = (
    m: number,
    n: number,
    k: number,
    a: Float32Array,
    aTransposed: boolean,
    b: Float32Array,
    bTransposed: boolean,
  ): Float32Array =>
    machine.run(`${m} × ${n}`, m * n, (c) => {
      const [aRow, aColumn] = aTransposed ? [1, m] : [k, 1];
      const [bRow, bColumn] = bTransposed ? [1, k] : [n, 1];
      kernels.gemm(m, n, k, machine.put(a), aRow, aColumn, machine.put(b), bRow, bColumn, c, n, 0, 0, 0, 0, 0, workspace);
    });

  it.each([false, true])('A·I and I·A by gemm, few rows and few columns, A transposed: %s', (transpose) => {
    for (let few = 1; few <= 9; few++) {
      for (let many = 1; many <= 2 * nr + 1; many++) {
        for (const [m, n] of [
          [few, many],
          [many, few],
        ] as const) {
          // biome-ignore format: one line
          const a = floats(m * n, 3);
          const stored = transpose ? transposed(a, m, n) : a;
          for (const other of [false, true]) {
            expect(firstOther(gemm(m, n, n, stored, transpose, identity(n), other), a), `A·I, ${m} × ${n}`).toBe(-1);
            expect(firstOther(gemm(m, n, m, identity(m), other, stored, transpose), a), `I·A, ${m} × ${n}`).toBe(-1);
          }
        }
      }
    }
  });
});
