import type { Kernels, MatmulOptions, Tensor } from '../../src/index.js';
import type { Backend, Define } from './backend.js';
import { at, sameBits } from './check.js';
import { asView, filled, floats, guarded, permute, seeded } from './data.js';

/**
 * Products of few rows or columns read the other operand where it lies, in one of many ways: each element has the bits that it has as one of the many rows of a
 * product that packs, on every build.
 */
export function matmulFew(define: Define, { kernels }: Backend): void {
  const [, NR = 8] = kernels.info.tile;
  const [, NC = 16, KC = 8] = kernels.info.blocks;
  const depths = [1, 3, 4, 7, 16, KC - 1, KC, KC + 1, 2 * KC + 19];
  for (const few of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 16, 17, 24, 25]) {
    define(`few rows and columns: ${few} have the bits of many`, () => {
      for (const [index, k] of depths.entries()) {
        // Around a tile, around the lines and panels that are read side by side, and one of the last two.
        const others = [1, 2, NR - 1, NR, NR + 1, 2 * NR - 1, 2 * NR, 2 * NR + 3, 4 * NR + 5];
        for (const wide of index % 3 === 0 ? others : [NR + 3, 2 * NR + 9]) checkFew(kernels, few, wide, k);
      }
    });
  }
  define('few rows and columns: more than a block of them', () => {
    checkFew(kernels, 1, 25 * NC + 3, KC + 2);
    checkFew(kernels, 3, 9 * NC + 5, KC + 2);
    checkFew(kernels, 2, NR + 1, 60 * KC + 5);
  });
}

/** `few` rows by b, and a by `few` columns, in every layout: against the first and the last rows (columns) of products of more. */
function checkFew(kernels: Kernels, few: number, wide: number, k: number): void {
  const random = seeded(few * 1009 + wide * 31 + k);
  const side = floats(random, [few, k]);
  const other = floats(random, [k, wide]);
  // In the middle of so many more rows that the product packs both.
  const many = Math.max(64, 2 * few);
  const whole = filled([many, k], (i) => (i < few * k ? at(side.data, i) : 1));
  const packed = kernels.matmul(whole, pad(other, 64));
  const want = filled([few, wide], (i) => at(packed.data, Math.floor(i / wide) * Math.max(wide, 64) + (i % wide)));
  for (const transposeA of [false, true]) {
    for (const transposeB of [false, true]) {
      const what = `[${few}, ${wide}, ${k}]${transposeA ? ' transposeA' : ''}${transposeB ? ' transposeB' : ''}`;
      run(kernels, side, other, want, { transposeA, transposeB }, what);
      run(kernels, flip(other), flip(side), flip(want), { transposeA, transposeB }, `columns of ${what}`);
    }
  }
}

function run(kernels: Kernels, a: Tensor, b: Tensor, want: Tensor, options: MatmulOptions, what: string): void {
  const { out, check } = guarded(want.shape);
  const [left, right] = [options.transposeA ? flip(a) : a, options.transposeB ? flip(b) : b];
  kernels.matmul(asView(left), asView(right), { ...options, out });
  sameBits(out, want, what);
  check(what);
  out.data.fill(Number.NaN);
  const plan = kernels.matmul.plan({ ...options, a: left.shape, b: asView(right) });
  plan.run(asView(left), out);
  plan.dispose();
  sameBits(out, want, `plan of ${what}`);
  check(`plan of ${what}`);
}

/** More columns, at least `columns`. */
function pad(t: Tensor, columns: number): Tensor {
  const [k, n] = t.shape as [number, number];
  if (n >= columns) return t;
  return filled([k, columns], (i) => (i % columns < n ? at(t.data, Math.floor(i / columns) * n + (i % columns)) : 1));
}

const flip = (t: Tensor): Tensor => permute(t, [1, 0]);
