/** The matrix C and its transpose, and what they give when they are multiplied. */
import { el } from '../ui/dom.js';
import { segmented } from '../ui/fields.js';
import { panel } from '../ui/panel.js';
import { exportButtons } from './export.js';
import { matrixPicture } from './matrix-picture.js';
import { largestDifference, type Model, written } from './model.js';
import type { State } from './state.js';
import type { Actions, ExplorerPanel } from './view.js';

/** What C, or its transpose, is multiplied by, and how far that is from the op's own result. */
export interface Product {
  readonly text: string;
  readonly data: Float32Array;
  readonly difference: number;
}

export function productOf(model: Model): Product | undefined {
  const { state, matrix, x, y, forward } = model;
  const compare = (text: string, data: Float32Array, own: Float32Array): Product => ({
    text,
    data,
    difference: largestDifference(data, own),
  });
  if (state.op === 'conv') return compare('C x', matrix.multiply(x.tensor), y.tensor.data);
  if (state.op === 'transposed') return compare('Cᵀ x', matrix.multiplyTransposed(y.tensor), x.tensor.data);
  if (state.op === 'gradWeight') return undefined;
  return state.times === 'y'
    ? compare('Cᵀ y', matrix.multiplyTransposed(forward), x.tensor.data)
    : compare('Cᵀ dy', matrix.multiplyTransposed(y.tensor), x.tensor.data);
}

const SENTENCE =
  'A convolution is a matrix product. C has a row for each output and a column for each input; a coloured place holds a tap, every other place is zero. Its transpose goes back.';

export function matrixPanel(model: Model, actions: Actions, change: (part: Partial<State>) => void): ExplorerPanel {
  const pictures = [matrixPicture(model, false, actions), matrixPicture(model, true, actions)];
  const { rows, cols, nnz } = model.matrix;
  const share = Math.round((100 * nnz) / (rows * cols));
  const host = el(
    'div',
    { class: 'matrices' },
    pictures.map((each) => each.element),
  );
  return {
    element: panel(
      'Matrix C and its transpose',
      SENTENCE,
      el('p', {}, `C is ${rows} × ${cols}: ${nnz} of ${rows * cols} places hold a tap (${share} %).`),
      host,
      ...agreement(model, change),
      exportButtons('matrix', () => host),
    ),
    light(view) {
      for (const each of pictures) each.light(view);
    },
  };
}

/** The product beside the op's own result. */
function agreement(model: Model, change: (part: Partial<State>) => void): HTMLElement[] {
  const { state, x, result } = model;
  const product = productOf(model);
  if (!product)
    return [el('p', {}, 'A cell of dw is the sum, over the places of C that hold its tap, of x of the column times dy of the row.')];
  const verdict = el(
    'p',
    { class: product.difference === 0 ? 'right' : 'wrong', 'data-difference': product.difference },
    `${product.text} and ${model[result].name} differ by ${written(product.difference)} at most.`,
  );
  if (state.op !== 'gradInput') return [verdict];
  const times = segmented({
    label: 'Multiply Cᵀ by',
    value: state.times,
    choices: [
      { value: 'dy', label: 'the upstream gradient dy' },
      { value: 'y', label: 'the output y (a mistake)' },
    ],
    onChange: (next) => change({ times: next }),
  });
  const width = x.space.at(-1) ?? 1;
  const list = (data: Float32Array): string =>
    Array.from({ length: Math.ceil(data.length / width) }, (_, row) =>
      Array.from(data.subarray(row * width, (row + 1) * width), written).join(' '),
    ).join('\n');
  const columns = [
    [product.text, product.data],
    ['dx, as backward gives it', x.tensor.data],
  ] as const;
  return [
    times.element,
    el(
      'div',
      { class: 'beside' },
      columns.map(([title, data]) =>
        el('div', {}, el('h3', {}, title), el('pre', { 'data-product': title, tabindex: 0, 'aria-label': title }, list(data))),
      ),
    ),
    verdict,
  ];
}
