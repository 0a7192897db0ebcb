/**
 * A tensor's plane as a grid of cells, drawn as SVG: one tab stop, arrow keys between cells, and cells that light up. What is drawn around the tensor (padding,
 * inserted zeros) has no element of its own and cannot be chosen.
 */
import { el, svg } from '../ui/dom.js';

/** Side of a cell, in units of the drawing. */
export const CELL = 36;

export interface Cell {
  /** In the grid as it is drawn. */
  readonly row: number;
  readonly column: number;
  /** Of the element; undefined for what is drawn around the tensor. */
  readonly index: number | undefined;
  readonly look: 'value' | 'around' | 'inserted' | 'cropped';
  readonly text: string;
  /** What a screen reader says. */
  readonly label: string;
}

export interface GridOptions {
  readonly caption: string;
  readonly colour: string;
  /** In the page, for tests and for styles. */
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly cells: readonly Cell[];
  /** How strong a cell is coloured, 0 to 1: of a heat map. */
  strength?(index: number): number;
  onChoose?(index: number): void;
  /** undefined when the pointer has left. */
  onHover?(index: number | undefined): void;
}

export interface Lighting {
  /** Places of lit cells, `row,column`, with what stands in their corner. */
  readonly lit: ReadonlyMap<string, string>;
  /** Places around which a frame is drawn. */
  readonly framed?: Iterable<string>;
  /** The element that was chosen. */
  readonly chosen?: number | undefined;
}

export interface Grid {
  readonly element: HTMLElement;
  readonly cells: readonly Cell[];
  light(lighting: Lighting): void;
}

export const place = (row: number, column: number): string => `${row},${column}`;

interface Drawn {
  readonly cell: Cell;
  readonly group: SVGGElement;
  readonly corner: SVGTextElement;
}

function draw(cell: Cell, strength: number | undefined): Drawn {
  const isElement = cell.index !== undefined;
  const corner = svg('text', { class: `corner on-${cell.look}`, x: (cell.column + 1) * CELL - 3, y: (cell.row + 1) * CELL - 4 });
  const group = svg(
    'g',
    {
      class: `cell ${cell.look}`,
      transform: `translate(${cell.column * CELL} ${cell.row * CELL})`,
      role: isElement ? 'gridcell' : undefined,
      'aria-hidden': isElement ? undefined : 'true',
      'aria-label': isElement ? cell.label : undefined,
      'aria-colindex': isElement ? cell.column + 1 : undefined,
      'data-index': cell.index,
      tabindex: isElement ? -1 : undefined,
      style: strength === undefined ? undefined : `--strength: ${strength}`,
    },
    svg('rect', { x: 1, y: 1, width: CELL - 2, height: CELL - 2, rx: 3 }),
    svg(
      'text',
      {
        class: `value ${cell.text.length > 4 ? 'long' : cell.text.length > 3 ? 'longer' : ''}`.trim(),
        x: CELL / 2,
        y: CELL / 2,
        'aria-hidden': 'true',
      },
      cell.text,
    ),
  );
  return { cell, group, corner };
}

export function grid(options: GridOptions): Grid {
  const { caption, colour, name, rows, columns, cells, strength, onChoose, onHover } = options;
  const drawn = cells.map((cell) => draw(cell, cell.index === undefined ? undefined : strength?.(cell.index)));
  const frame = svg('rect', { class: 'window', rx: 4, visibility: 'hidden' });
  const picture = svg(
    'svg',
    {
      class: `grid of-${colour}`,
      viewBox: `-2 -2 ${columns * CELL + 4} ${rows * CELL + 4}`,
      width: columns * CELL + 4,
      height: rows * CELL + 4,
      // On a narrow screen it scrolls before its numbers are too small.
      style: `min-width: ${Math.round(columns * CELL * 0.65)}px`,
      role: 'grid',
      'aria-label': caption,
      'aria-rowcount': rows,
      'aria-colcount': columns,
      'data-grid': name,
    },
    inRows(drawn),
    // Apart from the cells, of whose names they are no part.
    svg(
      'g',
      { 'aria-hidden': 'true' },
      drawn.map(({ corner }) => corner),
    ),
    frame,
  );
  rove(picture, drawn, onChoose);
  if (onHover) {
    picture.addEventListener('pointerover', (event) => onHover(indexOf(event.target)));
    picture.addEventListener('pointerleave', () => onHover(undefined));
  }
  return {
    element: el('figure', { class: 'tensor' }, el('figcaption', {}, caption), el('div', { class: 'scroll' }, picture)),
    cells,
    light({ lit, framed, chosen }) {
      for (const { cell, group, corner } of drawn) {
        const text = lit.get(place(cell.row, cell.column));
        group.classList.toggle('lit', text !== undefined);
        group.classList.toggle('chosen', cell.index !== undefined && cell.index === chosen);
        corner.textContent = text ?? '';
      }
      surround(frame, framed ?? []);
    },
  };
}

/** Rows that hold an element are rows for a screen reader too. */
function inRows(drawn: readonly Drawn[]): SVGGElement[] {
  const rows = new Map<number, SVGGElement>();
  for (const { cell, group } of drawn) {
    let row = rows.get(cell.row);
    if (!row) {
      const isReal = drawn.some((each) => each.cell.row === cell.row && each.cell.index !== undefined);
      row = svg('g', isReal ? { role: 'row', 'aria-rowindex': cell.row + 1 } : { 'aria-hidden': 'true' });
      rows.set(cell.row, row);
    }
    row.append(group);
  }
  return [...rows.values()];
}

function surround(frame: SVGRectElement, places: Iterable<string>): void {
  const at = Array.from(places, (text) => text.split(',').map(Number) as [number, number]);
  frame.setAttribute('visibility', at.length > 0 ? 'visible' : 'hidden');
  if (at.length === 0) return;
  const [rows, columns] = [at.map(([row]) => row), at.map(([, column]) => column)];
  const [top, left] = [Math.min(...rows), Math.min(...columns)];
  frame.style.transform = `translate(${left * CELL}px, ${top * CELL}px)`;
  frame.setAttribute('width', String((Math.max(...columns) - left + 1) * CELL));
  frame.setAttribute('height', String((Math.max(...rows) - top + 1) * CELL));
}

function indexOf(target: EventTarget | null): number | undefined {
  const index = (target as Element | null)?.closest('[data-index]')?.getAttribute('data-index');
  return index === null || index === undefined ? undefined : Number(index);
}

const STEPS: Readonly<Record<string, readonly [row: number, column: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** One tab stop; arrows go to the next element that way, Home and End to the ends of the row. */
function rove(picture: SVGSVGElement, drawn: readonly Drawn[], onChoose: GridOptions['onChoose']): void {
  const elements = drawn.filter(({ cell }) => cell.index !== undefined);
  let current = elements[0];
  current?.group.setAttribute('tabindex', '0');
  const go = (next: Drawn | undefined): void => {
    if (!next) return;
    current?.group.setAttribute('tabindex', '-1');
    current = next;
    current.group.setAttribute('tabindex', '0');
  };
  picture.addEventListener('keydown', (event) => {
    const from = current?.cell;
    if (!from) return;
    const step = STEPS[event.key];
    const row = elements.filter(({ cell }) => cell.row === from.row);
    const next = event.key === 'Home' ? row[0] : event.key === 'End' ? row.at(-1) : step && nearest(elements, from, step);
    if (!next) return;
    event.preventDefault();
    go(next);
    next.group.focus();
  });
  picture.addEventListener('focusin', (event) => {
    const index = indexOf(event.target);
    const found = elements.find(({ cell }) => cell.index === index);
    go(found);
    if (index !== undefined) onChoose?.(index);
  });
  // A pointer chooses by focusing, but Safari focuses no part of an SVG.
  picture.addEventListener('click', (event) => {
    const index = indexOf(event.target);
    elements.find(({ cell }) => cell.index === index)?.group.focus();
  });
}

function nearest(elements: readonly Drawn[], from: Cell, [down, right]: readonly [number, number]): Drawn | undefined {
  const ahead = elements.filter(({ cell }) =>
    down === 0
      ? cell.row === from.row && (cell.column - from.column) * right > 0
      : cell.column === from.column && (cell.row - from.row) * down > 0,
  );
  const distance = ({ cell }: Drawn): number => Math.abs(cell.row - from.row) + Math.abs(cell.column - from.column);
  return ahead.sort((a, b) => distance(a) - distance(b))[0];
}
