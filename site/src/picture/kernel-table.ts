/** A kernel as numbers on their colours. */
import type { Tensor } from 'simdconv';
import { el } from '../ui/dom.js';

/** Per cent of its colour that the largest number has: what is written on it stays legible. */
const STRONGEST = 55;

export interface KernelTable {
  readonly element: HTMLElement;
  show(kernel: Tensor): void;
}

export function kernelTable(title: string): KernelTable {
  const cells = el('div', { class: 'kernel-numbers', role: 'img', 'aria-label': title });
  return {
    element: el('figure', { class: 'shown-kernel' }, cells, el('figcaption', {}, title)),
    show({ data, shape }) {
      const size = shape[3] as number;
      const strongest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const texts = Array.from(data, (value) => value.toFixed(2).replace('-', '−'));
      cells.style.setProperty('--size', String(size));
      cells.replaceChildren(
        ...texts.map((text, i) => {
          const value = data[i] as number;
          const cell = el('span', { 'data-sign': value < 0 ? 'minus' : 'plus' }, text);
          cell.style.setProperty('--strength', `${Math.round((STRONGEST * Math.abs(value)) / strongest)}%`);
          return cell;
        }),
      );
      const rows = Array.from({ length: size }, (_, row) => texts.slice(row * size, (row + 1) * size).join(' '));
      cells.setAttribute('aria-label', `${title}: ${rows.join('; ')}`);
    },
  };
}
