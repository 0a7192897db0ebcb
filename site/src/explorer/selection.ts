/** What a chosen cell meets: each entry of C is a meeting of an element of x, a tap and an element of y. */
import type { Key, Meetings, Model } from './model.js';

/** A cell of a tensor, or a place of C. */
export type Selection = { readonly of: Key; readonly index: number } | { readonly of: 'C'; readonly row: number; readonly column: number };

export interface Lit {
  /** Numbers of entries, in the order of C. */
  readonly entries: readonly number[];
  readonly x: ReadonlySet<number>;
  readonly w: ReadonlySet<number>;
  readonly y: ReadonlySet<number>;
}

/** Whether an entry is of the selection. */
function test(selection: Selection, { rows, columns, taps }: Meetings): (entry: number) => boolean {
  if (selection.of === 'C') return (entry) => rows[entry] === selection.row && columns[entry] === selection.column;
  const numbers = { x: columns, w: taps, y: rows }[selection.of];
  return (entry) => numbers[entry] === selection.index;
}

export function litBy(selection: Selection, { meetings }: Pick<Model, 'meetings'>): Lit {
  const belongs = test(selection, meetings);
  const entries = Array.from(meetings.rows.keys()).filter(belongs);
  const of = (numbers: Int32Array): Set<number> => new Set(entries.map((entry) => numbers[entry] ?? -1));
  const lit = { x: of(meetings.columns), w: of(meetings.taps), y: of(meetings.rows) };
  // What was chosen is lit, even where it meets nothing.
  if (selection.of === 'C') {
    lit.x.add(selection.column);
    lit.y.add(selection.row);
  } else lit[selection.of].add(selection.index);
  return { entries, ...lit };
}

/** Positions of the padded x that the window of output `row` covers, those outside x too, with the tap that stands on each. */
export function windowOf(row: number, { padded: { meetings } }: Pick<Model, 'padded'>): ReadonlyMap<number, number> {
  const window = new Map<number, number>();
  meetings.rows.forEach((each, entry) => {
    if (each === row) window.set(meetings.columns[entry] ?? -1, meetings.taps[entry] ?? -1);
  });
  return window;
}

/** A product in the sum of a result: the entry, and the two elements that are multiplied. */
export interface Term {
  readonly entry: number;
  readonly factors: readonly [Factor, Factor];
}
export interface Factor {
  readonly key: Key;
  readonly index: number;
}

/** The sum that gives element `index` of the result, in the order of C. */
export function termsOf(model: Model, index: number): Term[] {
  const { result, meetings } = model;
  const { entries } = litBy({ of: result, index }, model);
  // What is read, then what it is multiplied by.
  const others = (['x', 'y', 'w'] as const).filter((key) => key !== result);
  const [first, second] = others as [Key, Key];
  const numbers = { x: meetings.columns, w: meetings.taps, y: meetings.rows };
  return entries.map((entry) => ({
    entry,
    factors: [
      { key: first, index: numbers[first][entry] ?? -1 },
      { key: second, index: numbers[second][entry] ?? -1 },
    ],
  }));
}
