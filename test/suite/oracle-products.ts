import type { Tensor } from '../../src/index.js';
import type { Backend, Define } from './backend.js';
import { at, close, sameBits, sameShape } from './check.js';
import { absolute, asView, filled, floats, guarded, seeded, sizeOf } from './data.js';
import { tolerances } from './truth.js';

/** Seeded floats through matmul, unfold and fold. */
export function oracleProducts(define: Define, backend: Backend): void {
  products(define, backend);
  unrolling(define, backend);
  documentedOrder(define, backend);
}

function products(define: Define, { kernels, oracle: reference }: Backend): void {
  const [MR = 4, NR = 8] = kernels.info.tile;
  const [MC = 8, NC = 16, KC = 8] = kernels.info.blocks;
  for (const [m, n, k] of [
    [MR + 1, NR + 3, 1],
    [2 * MR + 1, 3 * NR - 1, 2 * KC + 3],
    [3, NC + 1, KC - 1],
    [MC + 3, NR, KC + 1],
    [1, 1, 4 * KC],
  ] as const) {
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        define(`oracle matmul: [m, n, k] = [${[m, n, k]}]${transposeA ? ', transposeA' : ''}${transposeB ? ', transposeB' : ''}`, () => {
          const random = seeded(m + n + k);
          const a = floats(random, transposeA ? [k, m] : [m, k]);
          const b = floats(random, transposeB ? [n, k] : [k, n]);
          const bias = floats(random, [n]);
          const linear = { transposeA, transposeB };
          const magnitude = reference.matmul(absolute(a), absolute(b), { ...linear, bias: absolute(bias) });
          const want = doubleProduct(a, b, bias, [m, n, k], linear);
          close(kernels.matmul(a, b, { ...linear, bias }), want, tolerances(k, magnitude.data), 'product');
        });
      }
    }
  }
}

/** In float64, by the definition: good for the reference too. */
function doubleProduct(
  a: Tensor,
  b: Tensor,
  bias: Tensor,
  [m, n, k]: readonly [number, number, number],
  { transposeA, transposeB }: { transposeA: boolean; transposeB: boolean },
): { data: Float64Array; shape: readonly number[] } {
  const [aRow, aColumn] = transposeA ? [1, m] : [k, 1];
  const [bRow, bColumn] = transposeB ? [1, k] : [n, 1];
  const data = new Float64Array(m * n);
  for (let i = 0; i < m * n; i++) {
    const [row, column] = [Math.floor(i / n), i % n];
    let sum = bias.data[column] as number;
    for (let j = 0; j < k; j++) sum += (a.data[row * aRow + j * aColumn] as number) * (b.data[j * bRow + column * bColumn] as number);
    data[i] = sum;
  }
  return { data, shape: [m, n] };
}

function unrolling(define: Define, { kernels, oracle: reference, name }: Backend): void {
  if (name === 'reference') return; // its unfold and fold have no second opinion here but the golden vectors and the algebra
  for (const [space, kernel, options] of [
    [[11], [3], { stride: 2, padding: [[1, 2]] }],
    [[6, 7], [3, 2], {}],
    [[6, 7], [3, 2], { stride: [2, 3], padding: [1, 2], dilation: [2, 1] }],
    [[9, 8], [2, 3], { padding: 'same', stride: 2 }],
    [[4, 5, 6], [2, 3, 2], { stride: [1, 2, 2], padding: [[0, 1], 1, 0] }],
    [[11], [3], { stride: 2, padding: [[-2, 1]] }],
    [[8, 9], [2, 3], { stride: [2, 1], padding: [[-1, -2], [1, -3]], dilation: [1, 2] }], // biome-ignore format: one line a case
    [[5, 4, 7], [2, 1, 3], { stride: [1, 2, 2], padding: [[-2, 1], -1, [0, -2]] }],
  ] as const) {
    for (const layout of ['channels-first', 'channels-last'] as const) {
      define(`oracle unfold and fold ${layout}: [${space}] by [${kernel}] ${JSON.stringify(options)}`, () => {
        const random = seeded(sizeOf(space));
        const given = { ...options, layout };
        const x = floats(random, layout === 'channels-first' ? [2, 3, ...space] : [2, ...space, 3]);
        const columns = reference.unfold(x, kernel, given);
        sameBits(kernels.unfold(asView(x), kernel, given), columns, 'unfold');
        const y = floats(random, columns.shape);
        const want = reference.fold(y, space, kernel, given);
        const magnitude = reference.fold(absolute(y), space, kernel, given);
        const { out, check } = guarded(want.shape);
        kernels.fold(asView(y), space, kernel, { ...given, out });
        close(out, want, tolerances(sizeOf(kernel), magnitude.data), 'fold');
        check('fold');
        sameShape(
          kernels.unfold(filled([0, ...x.shape.slice(1)], Number), kernel, given).shape,
          [0, ...columns.shape.slice(1)],
          'empty batch',
        );
      });
    }
  }
}

/** k in blocks of KC, each summed from zero in order, the blocks added in order: the same bits on every runtime. `relaxed` may fuse. */
function documentedOrder(define: Define, { kernels, name }: Backend): void {
  const [, , KC] = kernels.info.blocks;
  if (KC === undefined || name === 'relaxed') return;
  define(`oracle matmul: the bits are those of the documented order, KC = ${KC}`, () => {
    const [m, n, k] = [3, 10, 3 * KC + 5];
    const random = seeded(KC);
    const [a, b, bias] = [floats(random, [m, k]), floats(random, [k, n]), floats(random, [n])];
    const want = filled([m, n], (i) => {
      const [row, column] = [Math.floor(i / n), i % n];
      let sum = 0;
      for (let start = 0; start < k; start += KC) {
        let block = 0;
        for (let j = start; j < Math.min(start + KC, k); j++) {
          block = Math.fround(block + Math.fround(at(a.data, row * k + j) * at(b.data, j * n + column)));
        }
        sum = start === 0 ? block : Math.fround(sum + block);
      }
      return sum + at(bias.data, column);
    });
    sameBits(kernels.matmul(a, b, { bias }), want, 'product');
  });
}
