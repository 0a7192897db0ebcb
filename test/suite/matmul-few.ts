import type { Kernels, MatmulOptions, Tensor } from '../../src/index.js';
import type { Backend, Define } from './backend.js';
import { at, sameBits } from './check.js';
import { asView, filled, floats, guarded, imageLast, permute, seeded, weightLast } from './data.js';

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
        const others = [1, 2, NR - 1, NR, NR + 1, 2 * NR - 1, 2 * NR, 2 * NR + 3, 4 * NR + 5, 8 * NR - 1];
        for (const wide of index % 3 === 0 ? others : [NR + 3, 2 * NR + 9]) checkFew(kernels, few, wide, k);
      }
    });
  }
  fewPixels(define, kernels, KC);
  define('few rows and columns: more than a block of them', () => {
    checkFew(kernels, 1, 25 * NC + 3, KC + 2);
    checkFew(kernels, 3, 9 * NC + 5, KC + 2);
    checkFew(kernels, 2, NR + 1, 60 * KC + 5);
    checkFew(kernels, 1, 4 * NR + 1, 60 * KC + 5);
  });
}

/** A 1×1 convolution of few pixels is such a product too: in both layouts, with groups, in a plan, and as the gradient of its input. */
function fewPixels(define: Define, kernels: Kernels, KC: number): void {
  for (const pixels of [1, 2, 3, 4, 6, 9, 16, 24, 25]) {
    define(`few rows and columns: 1x1 convolutions of ${pixels} pixels have the bits of the product`, () => {
      for (const [inputs, outputs] of [
        [5, 33],
        [KC + 3, 26],
        [2 * KC + 7, 3],
      ] as const) {
        const random = seeded(pixels * 37 + inputs);
        const [x, w, bias] = [
          floats(random, [2, 2 * inputs, 1, pixels]),
          floats(random, [2 * outputs, inputs, 1, 1]),
          floats(random, [2 * outputs]),
        ];
        const want = filled([2, 2 * outputs, 1, pixels], () => Number.NaN);
        for (const image of [0, 1]) {
          for (const group of [0, 1]) {
            const part = (t: Tensor, at_: number, length: number, shape: readonly number[]): Tensor => ({
              data: t.data.subarray(at_ * length, (at_ + 1) * length),
              shape,
            });
            const columns = part(x, image * 2 + group, inputs * pixels, [inputs, pixels]);
            const rows = part(w, group, outputs * inputs, [outputs, inputs]);
            const y = kernels.matmul(rows, columns, { bias: part(bias, group, outputs, [outputs, 1]), activation: 'relu' });
            want.data.set(y.data, (image * 2 + group) * outputs * pixels);
          }
        }
        const options = { groups: 2, bias, activation: 'relu', algorithm: 'gemm' } as const;
        for (const layout of ['channels-first', 'channels-last'] as const) {
          const last = layout === 'channels-last';
          const [input, weight, result] = last ? [imageLast(x, 2), weightLast(w), imageLast(want, 2)] : [x, w, want];
          const { out, check } = guarded(result.shape);
          kernels.conv2d(asView(input), asView(weight), { ...options, layout, out });
          sameBits(out, result, layout);
          check(layout);
          const plan = kernels.conv2d.plan({ ...options, layout, input: input.shape, weight });
          sameBits(plan.run(input), result, `${layout}, plan`);
          plan.dispose();
        }
      }
    });
  }
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
