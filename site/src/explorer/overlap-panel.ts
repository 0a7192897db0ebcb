/** How many windows reach each position: even, or a checkerboard. */
import { convMatrix } from 'simdconv/arithmetic';
import { el } from '../ui/dom.js';
import { panel } from '../ui/panel.js';
import { exportButtons } from './export.js';
import { grid } from './grid.js';
import { type Model, optionsOf, tensor, volume } from './model.js';
import { planesOf } from './planes.js';
import type { Actions, ExplorerPanel } from './view.js';
import { lightPlane } from './view.js';

/** Of one channel: the transposed convolution of ones by a kernel of ones. */
export function countsOf({ state, x, y }: Model): Float32Array {
  const ones = tensor(new Float32Array(volume(state.kernel)).fill(1), [1, 1, ...state.kernel]);
  const isTransposed = state.op === 'transposed';
  const options = { ...optionsOf(state), groups: 1, ...(isTransposed && { transposed: true }) };
  const matrix = convMatrix(ones, [1, ...(isTransposed ? y : x).space], options);
  return matrix.multiplyTransposed(new Float32Array(matrix.rows).fill(1));
}

const CONSEQUENCE = {
  written: 'This is the checkerboard that shows in images from such layers. A kernel that is a multiple of the stride has none.',
  read: 'Some inputs count more than their neighbours, and the gradient of the input has a checkerboard.',
};

function verdict(model: Model, counts: Float32Array): string {
  const { state } = model;
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const range =
    least === most
      ? `Every position is reached ${least} ${least === 1 ? 'time' : 'times'}.`
      : `Positions are reached from ${least} to ${most} times.`;
  const isStrided = state.stride.some((s) => s > 1);
  if (!isStrided) return range;
  const divides = state.stride.every((s, axis) => (state.kernel[axis] ?? 1) % s === 0);
  return divides
    ? `${range} The kernel's size is a multiple of the stride, so inside, away from the edges, all counts are alike.`
    : `${range} The kernel's size is no multiple of the stride, so neighbours differ. ${CONSEQUENCE[model.result === 'x' ? 'written' : 'read']}`;
}

export function overlapPanel(model: Model, actions: Actions): ExplorerPanel {
  const counts = countsOf(model);
  const { x } = model;
  const title = model.result === 'x' ? `How often each cell of ${x.name} is written` : `How often each cell of ${x.name} is read`;
  const most = Math.max(1, ...counts);
  const shown = { ...x, tensor: tensor(counts, [1, 1, ...x.space]), lead: [], name: 'count' };
  const [plane] = planesOf(shown, { name: 'overlap', caption: 'windows that reach it' });
  if (!plane) throw new Error('a tensor has at least one plane');
  const drawn = grid({
    ...plane.options,
    colour: 'heat',
    strength: (index) => (counts[index] ?? 0) / most,
    onChoose: (index) => actions.choose({ of: 'x', index }),
    onHover: (index) => actions.hover(index === undefined ? undefined : { of: 'x', index }),
  });
  const host = el('div', { class: 'tensors' }, drawn.element);
  return {
    element: panel(
      title,
      'The number of windows that reach each position. Where it varies from neighbour to neighbour, so does the result.',
      host,
      el('p', {}, verdict(model, counts)),
      exportButtons('overlap', () => host),
    ),
    light({ selection, lit }) {
      // Of several channels the counts are the same; the first one's cells are shown.
      const inFirst = new Set(Array.from(lit.x).filter((index) => index < counts.length));
      lightPlane(drawn, { ...model, x: shown }, 'x', { selection, lit: { ...lit, entries: [], x: inFirst } });
    },
  };
}
