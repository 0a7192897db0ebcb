/** What the panels show of a model at the moment, and how they light it. */
import type { Grid, Lighting } from './grid.js';
import { place } from './grid.js';
import { type Key, type Model, written } from './model.js';
import { type Lit, litBy, type Selection, windowOf } from './selection.js';

export interface View {
  readonly selection: Selection;
  readonly lit: Lit;
}

export const viewOf = (model: Model, selection: Selection): View => ({ selection, lit: litBy(selection, model) });

/** A part of the explorer that is made anew for each model. */
export interface ExplorerPanel {
  readonly element: HTMLElement;
  light(view: View): void;
}

/** What panels can ask of the explorer. */
export interface Actions {
  /** `quietly`: a screen reader does not say it, as when it came by itself. */
  choose(selection: Selection, quietly?: boolean): void;
  hover(selection: Selection | undefined): void;
}

/** For each lit element of a tensor, the number that it meets, where it meets just one. */
export function partners(model: Model, key: Key, lit: Lit): Map<number, string> {
  const { meetings, result } = model;
  const numbers = { x: meetings.columns, w: meetings.taps, y: meetings.rows };
  const other = otherFactor(key, result);
  const found = new Map<number, string>(Array.from(lit[key], (index) => [index, '']));
  if (!other) return found;
  const counted = new Map<number, number>();
  for (const entry of lit.entries) {
    const index = numbers[key][entry] ?? -1;
    counted.set(index, (counted.get(index) ?? 0) + 1);
    const value = written(model[other].tensor.data[numbers[other][entry] ?? -1]);
    found.set(index, counted.get(index) === 1 ? value : '');
  }
  return found;
}

/** Of the two that are multiplied, the one that is not `key`; beside an element of the result it is the kernel. */
function otherFactor(key: Key, result: Key): Key | undefined {
  if (key === 'w') return undefined;
  if (key === result) return 'w';
  return (['x', 'w', 'y'] as const).find((each) => each !== key && each !== result);
}

/** How a plane of a tensor is lit. */
export function lightPlane(grid: Grid, model: Model, key: Key, { selection, lit }: View): void {
  const corners = partners(model, key, lit);
  const places = new Map<string, string>();
  for (const cell of grid.cells) {
    const text = cell.index === undefined ? undefined : corners.get(cell.index);
    if (text !== undefined) places.set(place(cell.row, cell.column), text);
  }
  const chosen = selection.of === key ? selection.index : undefined;
  const isAcross = selection.of !== 'C' && selection.of !== key && key !== 'w' && !(selection.of === 'w' && key === 'y');
  grid.light({ lit: places, chosen, ...(isAcross && { framed: places.keys() }) });
}

/** How a plane of the padded x is lit when an output is chosen: the whole window, with what of it stands outside x. */
export function lightWindow(grid: Grid, model: Model, plane: number, row: number, view: View): void {
  const [height, width] = model.padded.space.length > 1 ? model.padded.space : [1, model.padded.space[0] ?? 1];
  const size = (height ?? 1) * (width ?? 1);
  const pads = model.pads;
  const top = pads.length > 1 ? (pads[0]?.[0] ?? 0) : 0;
  const left = pads.at(-1)?.[0] ?? 0;
  const places = new Map<string, string>();
  for (const [position, tap] of windowOf(row, model)) {
    if (Math.floor(position / size) !== plane) continue;
    // Where the padding is a crop the drawing begins before the padded x does.
    const at = position % size;
    const y = Math.floor(at / (width ?? 1)) - Math.min(0, top);
    const x = (at % (width ?? 1)) - Math.min(0, left);
    places.set(place(y, x), model.result === 'w' ? '' : written(model.w.tensor.data[tap]));
  }
  const lighting: Lighting = { lit: places, framed: places.keys() };
  const corners = partners(model, 'x', view.lit);
  // Of the gradient of the kernel the other factor is dy, the same everywhere.
  if (model.result === 'w') {
    for (const cell of grid.cells) {
      const at = place(cell.row, cell.column);
      if (cell.index !== undefined && places.has(at)) places.set(at, corners.get(cell.index) ?? '');
    }
  }
  grid.light(lighting);
}
