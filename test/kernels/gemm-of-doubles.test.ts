/**
 * Up to gemm the type of an element is one line, assembly/base/element.ts. Compiled for doubles, A·I = A and I·A = A to the bit, and products of small integers are exact:
 * packed and blocked, of few rows and columns, by a packed b, whichever operand is transposed.
 */
import { readFile } from 'node:fs/promises';
import { instantiateSync } from '@assemblyscript/loader';
import asc from 'assemblyscript/asc';
import { describe, expect, it } from 'vitest';
import { align } from '../../src/wasm/memory/memory.js';
import * as data from '../suite/data.js';

const ENTRY = `
export { gemm, gemmPack, gemmPacked } from './gemm/gemm';
import { NR as columns, WORKSPACE as room } from './base/config';
export const NR: i32 = columns;
export const WORKSPACE: usize = room;
export const HEAP_BASE: usize = __heap_base;
`;

interface Kernels {
  readonly NR: { readonly value: number };
  readonly WORKSPACE: { readonly value: number };
  readonly HEAP_BASE: { readonly value: number };
  gemm(...numbers: number[]): void;
  gemmPack(...numbers: number[]): void;
  gemmPacked(...numbers: number[]): void;
}

async function compile(rows: number): Promise<WebAssembly.Module> {
  let binary: BufferSource | undefined;
  const { error, stderr } = await asc.main(
    [
      ...[
        'doubles.ts',
        '--outFile',
        'doubles.wasm',
        '--baseDir',
        'assembly',
        '--runtime',
        'stub',
        '--importMemory',
        '--disableWarning',
        '--enable',
        'simd',
      ],
      ...[`TILE_MR=${rows}`, 'BLOCK_KC=8', 'BLOCK_MC=12', 'BLOCK_NC=16'].flatMap((use) => ['--use', use]),
    ],
    {
      readFile: async (name, base) => {
        if (name === 'doubles.ts') return ENTRY;
        const source = await readFile(`${base}/${name}`, 'utf8').catch(() => null);
        return name === 'base/element.ts' && source ? source.replace('type Element = f32;', 'type Element = f64;') : source;
      },
      writeFile: (name, contents: unknown) => {
        if (name.endsWith('.wasm')) binary = contents as BufferSource;
      },
    },
  );
  if (error || !binary) throw new Error(`asc could not compile a build of doubles\n${stderr}`);
  return new WebAssembly.Module(binary);
}

const product = (m: number, n: number, k: number, a: Float64Array, b: Float64Array): Float64Array =>
  Float64Array.from({ length: m * n }, (_, at) => {
    let sum = 0;
    for (let i = 0; i < k; i++) sum += (a[Math.floor(at / n) * k + i] as number) * (b[i * n + (at % n)] as number);
    return sum;
  });

const identity = (n: number): Float64Array => Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));

const transposed = (a: Float64Array, rows: number, columns: number): Float64Array =>
  a.map((_, i) => a[(i % rows) * columns + Math.floor(i / rows)] as number);

describe.each([4, 6])('doubles, tiles of %d rows', async (rows) => {
  const memory = new WebAssembly.Memory({ initial: 8 });
  const kernels = instantiateSync<Record<string, unknown>>(await compile(rows), { env: { memory } }).instance.exports as unknown as Kernels;
  const nr = kernels.NR.value;
  const workspace = align(kernels.HEAP_BASE.value);
  const start = align(workspace + kernels.WORKSPACE.value);

  /** relu(a · b + bias), the bias one for each column. */
  function gemm(m: number, n: number, k: number, a: Float64Array, b: Float64Array, bias: Float64Array, turned: boolean, packed: boolean) {
    let top = start;
    const room = (length: number) => {
      const values = new Float64Array(memory.buffer, top, length).fill(Number.NaN);
      top += (length + 3) * 8;
      return values;
    };
    const put = (values: Float64Array) => {
      const held = room(values.length);
      held.set(values);
      return held.byteOffset;
    };
    const [at, by, added] = [put(turned ? transposed(a, m, k) : a), put(turned ? transposed(b, k, n) : b), put(bias)];
    const left = [at, ...(turned ? [1, m] : [k, 1])];
    const right = [by, ...(turned ? [1, k] : [n, 1])];
    const end = [added, 0, 1, 1, 0, workspace];
    const to = room(Math.ceil(n / nr) * nr * k).byteOffset;
    const c = room(m * n);
    if (packed) {
      kernels.gemmPack(m, n, k, ...right, to, workspace);
      kernels.gemmPacked(m, n, k, ...left, to, n, 0, c.byteOffset, n, ...end);
    } else kernels.gemm(m, n, k, ...left, ...right, c.byteOffset, n, ...end);
    return c;
  }

  it('a panel is two vectors wide', () => expect(nr).toBe(4));

  it.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])('transposed: %s, packed: %s', (turned, packed) => {
    const next = data.seeded(1);
    for (const m of [1, 2, 3, 4, 5, 6, 7, 9, 25, 40]) {
      for (const n of [1, 2, 3, 4, 5, 8, 9, 16, 17, 35]) {
        // Not negative, for relu; of more digits than a float has.
        const a = Float64Array.from({ length: m * n }, () => next());
        const none = new Float64Array(n);
        expect(gemm(m, n, n, a, identity(n), none, turned, packed), `A·I, ${m} × ${n}`).toEqual(a);
        expect(gemm(m, n, m, identity(m), a, none, turned, packed), `I·A, ${m} × ${n}`).toEqual(a);
        const k = 19;
        const [p, q, bias] = [m * k, k * n, n].map((length) => Float64Array.from({ length }, () => Math.floor(next() * 9) - 4)) as [
          Float64Array,
          Float64Array,
          Float64Array,
        ];
        const want = product(m, n, k, p, q).map((value, i) => Math.max(0, value + (bias[i % n] as number)));
        // -0 is 0 here.
        expect(
          gemm(m, n, k, p, q, bias, turned, packed).map((value) => value + 0),
          `${m} × ${n} × ${k}`,
        ).toEqual(want.map((value) => value + 0));
      }
    }
  });

  it('an assertion that fails is told with its file and line, by the loader', () => {
    const [a, b, c] = [start, start + 2 ** 14, start + 2 ** 15];
    const call = (): void => kernels.gemm(32, 32, 8, a, 8, 1, b, 32, 1, c, 32, 0, 0, 0, 0, 0, workspace + 4);
    expect(call).toThrow(/gemm\/blocked\.ts:\d+:\d+/);
  });
});
