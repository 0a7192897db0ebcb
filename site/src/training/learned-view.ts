/** The filters of the first layer, and digits that the network has not learned from. */
import { PIXELS, SIZE } from '../../../examples/mnist/digits.js';
import { el } from '../ui/dom.js';
import { percent } from '../ui/numbers.js';
import { panel } from '../ui/panel.js';
import { greyCanvas, ink, paintGrey, signed } from './grey.js';
import type { Ready, Report } from './protocol.js';
import type { Reading } from './reading.js';

const FILTERS = 12;
const [KERNEL, TAPS] = [5, 25];

export interface LearnedView {
  readonly element: HTMLElement;
  begin(ready: Ready): void;
  show(report: Report): void;
}

export function learnedView(): LearnedView {
  const filters = Array.from({ length: FILTERS }, (_, i) => greyCanvas(KERNEL, `Filter ${i + 1} of ${FILTERS}`));
  const samples = el('ul', { class: 'samples', 'aria-label': 'Held-out digits and what the network reads' });
  let captions: { readonly caption: HTMLElement; readonly label: number }[] = [];
  return {
    element: panel(
      'What it has learned',
      'The first layer lays 12 kernels of 5×5 over the picture. They begin as noise and become detectors of lines: white counts for, black against.',
      el('div', { class: 'filters' }, filters),
      el('h3', {}, 'Digits that it never learned from'),
      samples,
    ),
    begin({ samples: images, labels }) {
      const made = labels.map((label, i) => {
        const canvas = greyCanvas(SIZE, `A handwritten ${label}`);
        paintGrey(canvas, images.subarray(i * PIXELS, (i + 1) * PIXELS), ink);
        const caption = el('span', {}, '…');
        return { caption, label, element: el('li', {}, canvas, caption) };
      });
      captions = made;
      samples.replaceChildren(...made.map(({ element }) => element));
    },
    show({ filters: values, readings }) {
      filters.forEach((canvas, i) => {
        const kernel = values.subarray(i * TAPS, (i + 1) * TAPS);
        paintGrey(canvas, kernel, signed(kernel));
      });
      captions.forEach(({ caption, label }, i) => {
        tell(caption, label, readings[i]);
      });
    },
  };
}

function tell(caption: HTMLElement, label: number, reading: Reading | undefined): void {
  if (!reading) return;
  const isRight = reading.digit === label;
  const sure = percent(reading.probabilities[reading.digit] ?? 0);
  caption.textContent = isRight ? `✓ ${reading.digit}, ${sure}` : `✗ ${reading.digit}, ${sure} (is ${label})`;
  caption.className = isRight ? 'is-right' : 'is-wrong';
}
