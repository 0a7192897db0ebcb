/** The equivalent direct convolution, in step with the transposed one. */
import { el } from '../ui/dom.js';
import { checkbox } from '../ui/fields.js';
import { panel } from '../ui/panel.js';
import type { Direct } from './direct.js';
import { exportButtons } from './export.js';
import { type Cell, type Grid, grid, place } from './grid.js';
import { type Model, type Shown, written } from './model.js';
import { type Plane, planesOf } from './planes.js';
import type { State } from './state.js';
import type { Actions, ExplorerPanel, View } from './view.js';

const SENTENCE =
  'The same result by a convolution of stride 1: zeros between the cells of the input, zeros around it, and the kernel rotated by 180°. It multiplies many zeros, so nobody computes it this way.';

export function directPanel(model: Model, direct: Direct, actions: Actions, change: (part: Partial<State>) => void): ExplorerPanel {
  const { prepared, kernel, output } = direct;
  const like = (shown: Shown, name: string, title: string, of: Direct['prepared'], lead = shown.lead): Shown => ({
    ...shown,
    name,
    title,
    tensor: of,
    space: of.shape.slice(2),
    lead,
  });
  const lead = kernel.shape.slice(0, 2).filter((size) => size > 1);
  const shown = {
    prepared: like(model.y, 'z', 'input with zeros', prepared),
    kernel: like(model.w, 'w', state(model).rotate ? 'rotated kernel' : 'kernel as it is', kernel, lead),
    output: like(model.x, 'v', 'output', output),
  };
  const make = (planes: readonly Plane[], choose?: (index: number) => void): Grid[] =>
    planes.map(({ options }) =>
      grid({
        ...options,
        ...(choose && { onChoose: choose, onHover: (index) => actions.hover(index === undefined ? undefined : { of: 'x', index }) }),
      }),
    );
  const preparedGrids = make(preparedPlanes(shown.prepared, direct));
  const kernelGrids = make(planesOf(shown.kernel, { name: 'direct-w', caption: shown.kernel.title }));
  const outputGrids = make(planesOf(shown.output, { name: 'direct-y', caption: 'output' }), (index) => actions.choose({ of: 'x', index }));
  const planes = [preparedGrids, kernelGrids, outputGrids].map((grids) =>
    el(
      'div',
      { class: 'planes' },
      grids.map((each) => each.element),
    ),
  );
  const host = el('div', { class: 'tensors' }, planes);
  const rotate = checkbox({ label: 'Rotate the kernel by 180°', value: model.state.rotate, onChange: (next) => change({ rotate: next }) });
  return {
    element: panel(
      'As a direct convolution',
      SENTENCE,
      rotate.element,
      host,
      el(
        'p',
        { class: direct.difference === 0 ? 'right' : 'wrong', 'data-difference': direct.difference },
        `It and ${model.x.name} differ by ${written(direct.difference)} at most.${direct.difference === 0 ? '' : ' Without the rotation only the shape is right.'}`,
      ),
      exportButtons('direct', () => host),
    ),
    light: (view) => light(model, direct, [preparedGrids, kernelGrids, outputGrids], view),
  };
}

const state = ({ state: of }: Model): State => of;

/** Zeros that were inserted or put around look like padding: they are no elements of the input. */
function preparedPlanes(shown: Shown, { sources }: Direct): Plane[] {
  return planesOf(shown, { name: 'direct-x', caption: shown.title }).map(({ plane, options }) => ({
    plane,
    options: {
      ...options,
      cells: options.cells.map((cell): Cell => {
        const isZero = cell.index !== undefined && (sources[cell.index] ?? -1) < 0;
        return isZero ? { ...cell, look: 'inserted', label: `${cell.label}, a zero that was put in` } : cell;
      }),
    },
  }));
}

function light(
  model: Model,
  direct: Direct,
  [prepared, kernel, output]: readonly [Grid[], Grid[], Grid[]],
  { selection, lit }: View,
): void {
  const { rows, columns, taps } = direct.meetings;
  const entries = Array.from(rows.keys());
  const isWindow = selection.of === 'x';
  // A window for an output; what an input cell, a tap or a place of C meets is lit where it stands here.
  const chosen = isWindow
    ? entries.filter((entry) => rows[entry] === selection.index)
    : entries.filter((entry) => lit.x.has(rows[entry] ?? -1) && isSame(model, direct, entry, lit));
  const cornerOf = new Map(chosen.map((entry) => [columns[entry] ?? -1, isWindow ? written(direct.kernel.data[taps[entry] ?? -1]) : '']));
  const [tapsLit, outputs] = [
    new Set(chosen.map((entry) => taps[entry] ?? -1)),
    new Set(isWindow ? [selection.index] : chosen.map((entry) => rows[entry] ?? -1)),
  ];
  const show = (grids: readonly Grid[], text: (index: number) => string | undefined, framed: boolean): void => {
    for (const each of grids) {
      const places = new Map<string, string>();
      for (const cell of each.cells) {
        const corner = cell.index === undefined ? undefined : text(cell.index);
        if (corner !== undefined) places.set(place(cell.row, cell.column), corner);
      }
      each.light({
        lit: places,
        ...(framed && { framed: places.keys() }),
        chosen: each.cells.length > 0 && selection.of === 'x' && grids === output ? selection.index : undefined,
      });
    }
  };
  show(prepared, (index) => cornerOf.get(index), isWindow);
  show(kernel, (index) => (tapsLit.has(index) ? '' : undefined), false);
  show(output, (index) => (outputs.has(index) ? '' : undefined), selection.of === 'y');
}

/** Whether an entry of the direct convolution is one of the lit meetings: the same input cell, output and, rotated, tap. */
function isSame(model: Model, direct: Direct, entry: number, lit: View['lit']): boolean {
  const source = direct.sources[direct.meetings.columns[entry] ?? -1] ?? -1;
  const output = direct.meetings.rows[entry];
  return lit.entries.some((each) => model.meetings.rows[each] === source && model.meetings.columns[each] === output);
}
