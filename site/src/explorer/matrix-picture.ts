/** C, or its transpose, as a picture of what is not zero. */
import { el, svg } from '../ui/dom.js';
import { coordinates, type Model, nameAt, written } from './model.js';
import type { Actions, View } from './view.js';

export interface Picture {
  readonly element: HTMLElement;
  light(view: View): void;
}

export function matrixPicture(model: Model, isTransposed: boolean, actions: Actions): Picture {
  const { matrix, meetings, x, y, kernel } = model;
  const [rows, columns] = isTransposed ? [matrix.cols, matrix.rows] : [matrix.rows, matrix.cols];
  const unit = Math.max(5, Math.min(22, Math.floor(560 / Math.max(matrix.cols, matrix.rows))));
  const title = isTransposed ? `Cᵀ, ${rows} × ${columns}` : `C, ${rows} × ${columns}`;
  const across = (entry: number): [row: number, column: number] => {
    const [row, column] = [meetings.rows[entry] ?? 0, meetings.columns[entry] ?? 0];
    return isTransposed ? [column, row] : [row, column];
  };
  const cells = Array.from(meetings.taps, (tap, entry) => {
    const [row, column] = across(entry);
    const value = written(kernel.tensor.data[tap]);
    const names = [nameAt(y, meetings.rows[entry] ?? 0), nameAt(x, meetings.columns[entry] ?? 0)];
    return svg(
      'g',
      {
        class: 'cell',
        role: 'gridcell',
        tabindex: -1,
        transform: `translate(${column * unit} ${row * unit})`,
        'data-entry': entry,
        'data-at': `${row},${column}`,
        'data-value': kernel.tensor.data[tap],
        'aria-colindex': column + 1,
        'aria-label': `${nameAt(kernel, tap)} = ${value}, where ${names[0]} meets ${names[1]}`,
      },
      svg('rect', { width: unit, height: unit }),
      // A number that cannot be read is left out; the label has it.
      unit >= 16 && svg('text', { class: 'value', x: unit / 2, y: unit / 2, 'font-size': unit * 0.55, 'aria-hidden': 'true' }, value),
    );
  });
  const band = (name: string): SVGRectElement => svg('rect', { class: `band ${name}`, visibility: 'hidden' });
  const [rowBand, columnBand] = [band('row-band'), band('column-band')];
  const picture = svg(
    'svg',
    {
      class: 'matrix of-kernel',
      viewBox: `-1 -1 ${columns * unit + 2} ${rows * unit + 2}`,
      width: columns * unit + 2,
      height: rows * unit + 2,
      // On a narrow screen it scrolls before its numbers are too small.
      style: `min-width: ${Math.round(columns * unit * 0.7)}px`,
      role: 'grid',
      'aria-label': title,
      'aria-rowcount': rows,
      'aria-colcount': columns,
      'data-grid': isTransposed ? 'Ct' : 'C',
    },
    svg('rect', { class: 'zeros', width: columns * unit, height: rows * unit }),
    unit >= 8 && lattice(rows, columns, unit, [isTransposed ? x : y, isTransposed ? y : x]),
    rowBand,
    columnBand,
    inRows(cells, rows, across),
  );
  listen(picture, cells, actions, { unit, isTransposed, entryAt: entriesByPlace(meetings.taps.length, across), meetings });
  return {
    element: el('figure', { class: 'tensor' }, el('figcaption', {}, title), el('div', { class: 'scroll' }, picture)),
    light(view) {
      const lit = new Set(view.lit.entries);
      for (const [entry, cell] of cells.entries()) cell.classList.toggle('lit', lit.has(entry));
      const { selection } = view;
      const chosenRow = selection.of === 'C' ? selection.row : selection.of === 'y' ? selection.index : undefined;
      const chosenColumn = selection.of === 'C' ? selection.column : selection.of === 'x' ? selection.index : undefined;
      const [down, along] = isTransposed ? [chosenColumn, chosenRow] : [chosenRow, chosenColumn];
      place(rowBand, down === undefined ? undefined : [0, down * unit, columns * unit, unit]);
      place(columnBand, along === undefined ? undefined : [along * unit, 0, unit, rows * unit]);
    },
  };
}

function place(rect: SVGRectElement, box: readonly [x: number, y: number, width: number, height: number] | undefined): void {
  rect.setAttribute('visibility', box ? 'visible' : 'hidden');
  if (!box) return;
  for (const [i, name] of ['x', 'y', 'width', 'height'].entries()) rect.setAttribute(name, String(box[i]));
}

/** Lines between places, stronger where a row of the image ends. */
function lattice(rows: number, columns: number, unit: number, [down, across]: readonly [Model['x'], Model['x']]): SVGGElement {
  const ends = (shown: Model['x'], at: number): boolean => (coordinates(shown, at).at(-1) ?? 0) === 0;
  const lines = [
    ...Array.from({ length: rows - 1 }, (_, i) =>
      svg('path', { d: `M0 ${(i + 1) * unit}H${columns * unit}`, class: ends(down, i + 1) ? 'strong' : undefined }),
    ),
    ...Array.from({ length: columns - 1 }, (_, i) =>
      svg('path', { d: `M${(i + 1) * unit} 0V${rows * unit}`, class: ends(across, i + 1) ? 'strong' : undefined }),
    ),
  ];
  return svg('g', { class: 'lattice', 'aria-hidden': 'true' }, lines);
}

function inRows(cells: readonly SVGGElement[], rows: number, across: (entry: number) => [number, number]): SVGGElement[] {
  const made = Array.from({ length: rows }, (_, row) => ({ row, cells: [] as SVGGElement[] }));
  for (const [entry, cell] of cells.entries()) made[across(entry)[0]]?.cells.push(cell);
  return made.filter((each) => each.cells.length > 0).map((each) => svg('g', { role: 'row', 'aria-rowindex': each.row + 1 }, each.cells));
}

const entriesByPlace = (count: number, across: (entry: number) => [number, number]): Map<string, number> =>
  new Map(Array.from({ length: count }, (_, entry) => [across(entry).join(','), entry]));

interface Places {
  readonly unit: number;
  readonly isTransposed: boolean;
  readonly entryAt: ReadonlyMap<string, number>;
  readonly meetings: Model['meetings'];
}

/** Zeros can be pointed at too; the keyboard goes from entry to entry. */
function listen(picture: SVGSVGElement, cells: readonly SVGGElement[], actions: Actions, places: Places): void {
  const { unit, isTransposed, entryAt, meetings } = places;
  const [height, width] = [picture.viewBox.baseVal.height - 2, picture.viewBox.baseVal.width - 2].map((length) =>
    Math.round(length / unit),
  );
  const select = (row: number, column: number) => ({
    of: 'C' as const,
    row: isTransposed ? column : row,
    column: isTransposed ? row : column,
  });
  const under = (event: MouseEvent): ReturnType<typeof select> | undefined => {
    const box = picture.getBoundingClientRect();
    const row = Math.floor(((event.clientY - box.top) / box.height) * (height ?? 0));
    const column = Math.floor(((event.clientX - box.left) / box.width) * (width ?? 0));
    return row >= 0 && row < (height ?? 0) && column >= 0 && column < (width ?? 0) ? select(row, column) : undefined;
  };
  picture.addEventListener('pointermove', (event) => actions.hover(under(event)));
  picture.addEventListener('pointerleave', () => actions.hover(undefined));
  picture.addEventListener('click', (event) => {
    const selection = under(event);
    if (!selection) return;
    const entry = entryAt.get(isTransposed ? `${selection.column},${selection.row}` : `${selection.row},${selection.column}`);
    if (entry === undefined) actions.choose(selection);
    else cells[entry]?.focus();
  });
  let current = 0;
  cells[0]?.setAttribute('tabindex', '0');
  picture.addEventListener('focusin', (event) => {
    const entry = Number((event.target as Element).getAttribute('data-entry') ?? Number.NaN);
    if (!cells[entry]) return;
    cells[current]?.setAttribute('tabindex', '-1');
    current = entry;
    cells[current]?.setAttribute('tabindex', '0');
    actions.choose({ of: 'C', row: meetings.rows[entry] ?? 0, column: meetings.columns[entry] ?? 0 });
  });
  picture.addEventListener('keydown', (event) => {
    const next = neighbour(event.key, cells, current);
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}

/** The nearest entry in the direction of an arrow, along its row or column. */
function neighbour(key: string, cells: readonly SVGGElement[], current: number): SVGGElement | undefined {
  const at = (cell: SVGGElement): [number, number] => (cell.getAttribute('data-at') ?? '').split(',').map(Number) as [number, number];
  const from = cells[current];
  if (!from) return undefined;
  const [row, column] = at(from);
  const ahead: Readonly<Record<string, (r: number, c: number) => boolean>> = {
    ArrowRight: (r, c) => r === row && c > column,
    ArrowLeft: (r, c) => r === row && c < column,
    ArrowDown: (r, c) => c === column && r > row,
    ArrowUp: (r, c) => c === column && r < row,
    Home: (r, c) => r === row && c < column,
    End: (r, c) => r === row && c > column,
  };
  const found = cells.filter((cell) => ahead[key]?.(...at(cell)));
  const distance = (cell: SVGGElement): number => Math.abs(at(cell)[0] - row) + Math.abs(at(cell)[1] - column);
  found.sort((a, b) => distance(a) - distance(b));
  return key === 'Home' || key === 'End' ? found.at(-1) : found[0];
}
