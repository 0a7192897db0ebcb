/** What the network takes an image for: a bar for each digit. */
import { CLASSES } from '../../../examples/mnist/digits.js';
import { el } from '../ui/dom.js';
import { percent } from '../ui/numbers.js';
import type { Reading } from './reading.js';

export interface Verdict {
  readonly element: HTMLElement;
  show(reading: Reading | undefined): void;
}

export function verdict(nothing: string): Verdict {
  const said = el('p', { class: 'said', role: 'status' }, nothing);
  const rows = Array.from({ length: CLASSES }, (_, digit) => {
    const bar = el('div', { class: 'probability' });
    const share = el('span', { class: 'number' });
    return { bar, share, element: el('li', {}, el('span', {}, String(digit)), el('div', { class: 'track' }, bar), share) };
  });
  return {
    element: el(
      'div',
      { class: 'verdict' },
      said,
      el(
        'ul',
        { 'aria-label': 'How likely each digit is' },
        rows.map(({ element }) => element),
      ),
    ),
    show(reading) {
      const text = reading ? `Read as ${reading.digit}` : nothing;
      if (said.textContent !== text) said.textContent = text;
      rows.forEach(({ bar, share, element }, digit) => {
        const probability = reading?.probabilities[digit] ?? 0;
        bar.style.width = `${100 * probability}%`;
        share.textContent = reading ? percent(probability) : '';
        element.toggleAttribute('data-first', digit === reading?.digit);
      });
    },
  };
}
