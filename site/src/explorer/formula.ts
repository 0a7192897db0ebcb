/** What a chosen cell is, or goes into, in numbers. */
import { type Child, el } from '../ui/dom.js';
import { type Key, type Model, nameAt, written } from './model.js';
import { litBy, termsOf, windowOf } from './selection.js';
import type { View } from './view.js';

const value = (model: Model, key: Key, index: number): HTMLElement =>
  el('span', { class: `number of-${model[key].colour}` }, parenthesized(model[key].tensor.data[index] ?? Number.NaN));

const parenthesized = (number: number): string => (number < 0 ? `(${written(number)})` : written(number));

const name = (model: Model, key: Key, index: number): HTMLElement =>
  el('span', { class: `number of-${model[key].colour}` }, nameAt(model[key], index));

/** The sum behind an element of the result. */
function sum(model: Model, index: number): Child[] {
  const { result } = model;
  const terms = termsOf(model, index);
  const total = el('strong', { class: 'number total' }, written(model[result].tensor.data[index]));
  if (terms.length === 0) return [name(model, result, index), ' = ', total, ': nothing meets it, so the sum is empty.'];
  const products = terms.flatMap(({ factors: [a, b] }, i): Child[] => [
    i > 0 && ' + ',
    el('span', { class: 'term' }, value(model, a.key, a.index), '·', value(model, b.key, b.index)),
  ]);
  return [name(model, result, index), ' = ', ...products, ' = ', total];
}

/** What an element of a factor, or a place of C, goes into. */
function uses(model: Model, view: View): Child[] {
  const { selection, lit } = view;
  const { result, meetings } = model;
  if (selection.of === 'C') {
    const [row, column] = [name(model, 'y', selection.row), name(model, 'x', selection.column)];
    const [entry] = lit.entries;
    if (entry === undefined) return ['C is 0 here: ', row, ' and ', column, ' do not meet.'];
    const tap = meetings.taps[entry] ?? -1;
    const held = el('span', { class: 'number of-kernel' }, `${nameAt(model.kernel, tap)} = ${written(model.kernel.tensor.data[tap])}`);
    return ['C is ', held, ' here: where ', row, ' meets ', column, '.'];
  }
  const numbers = { x: meetings.columns, w: meetings.taps, y: meetings.rows };
  const self = selection.of;
  const other = (['x', 'w', 'y'] as const).find((key) => key !== self && key !== result) ?? 'w';
  const head: Child[] = [name(model, self, selection.index), ' = ', value(model, self, selection.index)];
  if (lit.entries.length === 0) return [...head, ' meets nothing.'];
  const adds = lit.entries.flatMap((entry, i): Child[] => [
    i > 0 && ', ',
    el(
      'span',
      { class: 'term' },
      name(model, result, numbers[result][entry] ?? -1),
      ' gets ',
      value(model, self, selection.index),
      '·',
      value(model, other, numbers[other][entry] ?? -1),
    ),
  ]);
  return [...head, `: in ${lit.entries.length} ${lit.entries.length === 1 ? 'sum' : 'sums'}. `, ...adds];
}

/** How many taps of a window stand outside the input, where they multiply zeros. */
function outside(model: Model, view: View): string {
  const { selection, lit } = view;
  if (model.state.op !== 'conv' || selection.of !== 'y') return '';
  const all = windowOf(selection.index, model).size;
  const missed = all - lit.entries.length;
  return missed > 0 ? ` ${missed} of the ${all} taps stand on padding and add 0.` : '';
}

export const formula = (model: Model, view: View): Child[] =>
  view.selection.of === model.result ? [...sum(model, view.selection.index), outside(model, view)] : uses(model, view);

/** The same in a sentence, for a screen reader. */
export function spoken(model: Model, { selection }: View): string {
  const { entries } = litBy(selection, model);
  if (selection.of === 'C') {
    const place = `C, row ${nameAt(model.y, selection.row)}, column ${nameAt(model.x, selection.column)}`;
    const tap = model.meetings.taps[entries[0] ?? -1];
    return tap === undefined ? `${place}: zero` : `${place}: ${nameAt(model.kernel, tap)}, ${written(model.kernel.tensor.data[tap])}`;
  }
  const shown = model[selection.of];
  return `${shown.title}, ${nameAt(shown, selection.index)}, is ${written(shown.tensor.data[selection.index])} and stands in ${entries.length} products`;
}
