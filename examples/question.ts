/**
 * The question that this library grew from. The guide to convolution arithmetic (arXiv 1603.07285) says that a convolution is a matrix C, that
 * "the backward pass is obtained by transposing C", and that a transposed convolution equals a direct one over a padded input. Someone tried:
 * x.grad was not Cᵀ·y, and conv_transpose2d(y, w) was not conv2d(y, w, padding=2). Why?
 */
import type { Kernels, Tensor } from 'simdconv';
import { convMatrix, equivalentConv, rotate180 } from 'simdconv/arithmetic';
import { heading, indent, matrix, paint, prose, type Style, sideBySide, table } from './terminal.js';

const image = (size: number, data: ArrayLike<number>): Tensor => ({ data: Float32Array.from(data), shape: [1, 1, size, size] });

const x = image(
  4,
  Array.from({ length: 16 }, (_, i) => i + 1),
);
const w = image(3, [2, -1, 3, 5, -4, 1, -3, 7, 6]);
const ones = image(2, [1, 1, 1, 1]);

const C = convMatrix(w, x.shape);
const y = image(2, C.multiply(x));

/** A layer of the kind that halves an image, and a gradient that comes down to it. */
const halving = { stride: 2, padding: 1 };
const dy = image(3, [3, 1, 4, 1, 5, 9, 2, 6, 5]);

interface Claim {
  readonly left: string;
  readonly right: string;
  readonly equal: boolean;
  readonly sides: (kernels: Kernels) => [ArrayLike<number>, ArrayLike<number>];
}

const claims: readonly Claim[] = [
  {
    left: 'conv2d(x, w)',
    right: 'C·x',
    equal: true,
    sides: ({ conv2d }) => [conv2d(x, w).data, C.multiply(x)],
  },
  {
    left: 'x.grad of sum(y)',
    right: 'Cᵀ·1',
    equal: true,
    sides: ({ conv2d }) => [conv2d.gradInput(ones, w, x.shape).data, C.multiplyTransposed(ones)],
  },
  {
    left: 'x.grad of sum(y)',
    right: 'Cᵀ·y',
    equal: false,
    sides: ({ conv2d }) => [conv2d.gradInput(ones, w, x.shape).data, C.multiplyTransposed(y)],
  },
  {
    left: 'x.grad of ½‖y‖²',
    right: 'Cᵀ·y',
    equal: true,
    sides: ({ conv2d }) => [conv2d.gradInput(y, w, x.shape).data, C.multiplyTransposed(y)],
  },
  {
    left: 'convTranspose2d(y, w)',
    right: 'Cᵀ·y',
    equal: true,
    sides: ({ convTranspose2d }) => [convTranspose2d(y, w).data, C.multiplyTransposed(y)],
  },
  {
    left: 'conv2d(y, w, padding 2)',
    right: 'Cᵀ·y',
    equal: false,
    sides: ({ conv2d }) => [conv2d(y, w, { padding: 2 }).data, C.multiplyTransposed(y)],
  },
  {
    left: 'conv2d(y, rotate180(w), padding 2)',
    right: 'Cᵀ·y',
    equal: true,
    sides: ({ conv2d }) => [conv2d(y, rotate180(w), { padding: 2 }).data, C.multiplyTransposed(y)],
  },
  {
    left: 'w.grad of ½‖y‖²',
    right: 'finite differences',
    equal: true,
    sides: (kernels) => [kernels.conv2d.gradWeight(y, x, w.shape).data, finiteDifferences(kernels)],
  },
  {
    left: 'convTranspose2d(dy, w, stride 2, padding 1)',
    right: 'its direct conv',
    equal: true,
    sides: ({ conv2d, convTranspose2d }) => {
      const direct = equivalentConv(dy.shape, w, halving);
      const { padding, ...options } = direct.options; // prepare() pads
      return [convTranspose2d(dy, w, halving).data, conv2d(direct.prepare(dy), direct.weight, options).data];
    },
  },
];

/** ∂(½‖conv2d(x, w)‖²)/∂w by moving each weight a step up and down; exact for a square, whatever the step. */
function finiteDifferences({ conv2d }: Kernels): number[] {
  const loss = (weight: Tensor) => conv2d(x, weight).data.reduce((sum, value) => sum + (value * value) / 2, 0);
  const moved = (tap: number, step: number) =>
    image(
      3,
      w.data.map((value, other) => (other === tap ? value + step : value)),
    );
  return Array.from(w.data, (_, tap) => (loss(moved(tap, 1)) - loss(moved(tap, -1))) / 2);
}

/** Prints the question and the answer. True if every claim holds on every engine. */
export function answerTheQuestion(engines: readonly Kernels[]): boolean {
  const [{ conv2d, convTranspose2d }] = engines as [Kernels];
  console.log(heading('1. The question, answered'));
  const say = (text: string): void => console.log(`\n${prose(text)}\n`);
  say(`A 3x3 convolution of a 4x4 image is a matrix C of 4 rows and 16 columns: y = C·x, with x and y read row by row.
    Each row holds the nine weights, a to i; a dot is a zero.`);
  console.log(indent(sideBySide([matrix('x', x.data, 4), matrix('w', w.data, 3), pictureOfW(), matrix('y = conv2d(x, w)', y.data, 2)])));
  console.log(`\n${indent(pictureOfC())}`);

  say(`${paint('bold', 'Backward.')} x.grad is the gradient of one number, and Cᵀ multiplies the upstream gradient: the gradient of that
number by y. y.backward(ones) asks about the number sum(y), whose gradient by y is all ones, so x.grad is Cᵀ·1.
Cᵀ·y is the x.grad of another number, ½‖y‖², whose gradient by y is y itself. Where the guide multiplies "the
loss" with Cᵀ, it means the gradient of the loss.`);
  console.log(
    indent(
      sideBySide([
        matrix('x.grad of sum(y)', conv2d.gradInput(ones, w, x.shape).data, 4),
        matrix('Cᵀ·1', C.multiplyTransposed(ones), 4),
        matrix('Cᵀ·y', C.multiplyTransposed(y), 4),
        matrix('x.grad of ½‖y‖²', conv2d.gradInput(y, w, x.shape).data, 4),
      ]),
    ),
  );

  say(`${paint('bold', 'Transposed convolution')} is the same product, Cᵀ·y. To write it as a direct convolution over padded y, w must be
rotated by 180°. Column 6 of C, read downwards, shows why: the four outputs used that pixel through e, d, b and
a, so on the way back the outputs in reading order meet the weights in reverse order.`);
  console.log(
    indent(
      sideBySide([
        matrix('convTranspose2d(y, w)', convTranspose2d(y, w).data, 4),
        matrix('conv2d(y, w, padding 2)', conv2d(y, w, { padding: 2 }).data, 4),
        matrix('conv2d(y, rotate180(w), padding 2)', conv2d(y, rotate180(w), { padding: 2 }).data, 4),
      ]),
    ),
  );

  const verdicts = claims.map((claim) => judge(claim, engines));
  const variants = engines.map(({ info }) => `>${info.variant}`);
  say('Every claim, computed: the largest difference between the two sides, by each engine.');
  console.log(
    indent(
      table(
        ['claim', '', '', ...variants, ''],
        verdicts.map(({ cells }) => cells),
      ),
    ),
  );
  return verdicts.every(({ holds }) => holds);
}

/** Sides count as equal within a hundred thousandth of the largest value; with whole numbers the difference is 0. */
function judge({ left, right, equal, sides }: Claim, engines: readonly Kernels[]) {
  const results = engines.map((kernels) => {
    const [a, b] = sides(kernels).map((side) => Array.from(side)) as [number[], number[]];
    const difference = Math.max(...a.map((value, i) => Math.abs(value - (b[i] as number))));
    const holds = a.length === b.length && difference <= 1e-5 * Math.max(...b.map(Math.abs)) === equal;
    return { difference, holds };
  });
  const holds = results.every((result) => result.holds);
  const verdict = holds ? paint('green', 'holds') : paint('red', 'FAILS');
  return { holds, cells: [left, equal ? '=' : '≠', right, ...results.map(({ difference }) => String(difference)), verdict] };
}

const STYLES: readonly Style[] = ['red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'redBright', 'greenBright', 'blueBright'];

/** The letter of the weight that an entry of C holds. The weights are all different. */
function letter(value: number): string {
  const tap = w.data.indexOf(value);
  return tap < 0 ? paint('dim', '·') : paint(STYLES[tap] as Style, 'abcdefghi'[tap] as string);
}

function pictureOfW(): string[] {
  const letters = Array.from(w.data, letter);
  return [paint('bold', 'its letters'), ...[0, 3, 6].map((row) => letters.slice(row, row + 3).join(' '))];
}

function pictureOfC(): string[] {
  const { data, shape } = C.toDense();
  const [rows, columns] = shape;
  /** A gap after each row of the image. */
  const spaced = (cells: readonly string[]) => cells.map((cell, i) => (i % 4 === 3 ? `${cell}   ` : `${cell} `)).join('');
  const numbers = Array.from({ length: columns }, (_, i) => String(i + 1).padStart(2));
  return [
    paint('bold', `C         ${spaced(numbers)}`.trimEnd()),
    ...Array.from({ length: rows }, (_, row) => {
      const entries = Array.from(data.subarray(row * columns, (row + 1) * columns), (value) => ` ${letter(value)}`);
      return `to y[${row >> 1},${row & 1}] ${spaced(entries)}`.trimEnd();
    }),
  ];
}
