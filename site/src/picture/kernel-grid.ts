/** A kernel as fields to type into. */
import { el } from '../ui/dom.js';
import { numberField } from '../ui/fields.js';
import type { Filter } from './filters.js';

export interface KernelGrid {
  readonly element: HTMLElement;
  show(filter: Filter): void;
}

export function kernelGrid(onEdit: (filter: Filter) => void): KernelGrid {
  let filter: Filter | undefined;
  const cells = el('div', { class: 'kernel-cells' });
  const edit = (change: Partial<Filter>): void => {
    if (!filter) return;
    filter = { ...filter, ...change };
    onEdit(filter);
  };
  const divisor = numberField({
    label: 'divided by',
    min: 0.25,
    max: 1000,
    step: 0.25,
    value: 1,
    onChange: (value) => edit({ divisor: value }),
  });
  const offset = numberField({ label: 'plus', min: -1, max: 1, step: 0.05, value: 0, onChange: (value) => edit({ offset: value }) });

  const draw = ({ size, taps }: Filter): void => {
    cells.style.setProperty('--size', String(size));
    cells.replaceChildren(
      ...taps.map((tap, index) => {
        const field = numberField({
          label: `Kernel, row ${1 + Math.floor(index / size)}, column ${1 + (index % size)}`,
          ...{ min: -999, max: 999, step: 0.5, value: tap, hideLabel: true },
          onChange(value) {
            tint(field.element, value);
            edit({ taps: filter?.taps.map((each, i) => (i === index ? value : each)) ?? [] });
          },
        });
        tint(field.element, tap);
        return field.element;
      }),
    );
  };
  return {
    element: el(
      'fieldset',
      { class: 'kernel-grid' },
      el('legend', {}, 'Kernel'),
      cells,
      el('div', { class: 'row' }, divisor.element, offset.element),
    ),
    show(next) {
      // What was typed comes back: its field keeps the focus.
      if (filter && sameNumbers(filter, next)) return;
      filter = next;
      draw(next);
      divisor.set(next.divisor);
      offset.set(next.offset);
    },
  };
}

function tint(cell: HTMLElement, value: number): void {
  cell.dataset.sign = value > 0 ? 'plus' : value < 0 ? 'minus' : 'zero';
}

const sameNumbers = (a: Filter, b: Filter): boolean =>
  a.taps.length === b.taps.length && a.taps.every((tap, i) => tap === b.taps[i]) && a.divisor === b.divisor && a.offset === b.offset;
