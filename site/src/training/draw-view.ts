/** The reader's own digit: what the network sees of it, and what it reads. */
import { SIZE } from '../../../examples/mnist/digits.js';
import { el } from '../ui/dom.js';
import { panel } from '../ui/panel.js';
import { greyCanvas, ink, paintGrey, signed } from './grey.js';
import { drawingPad } from './pad.js';
import type { Seen } from './protocol.js';
import { imageOf } from './strokes.js';
import { verdict } from './verdict.js';

const [MAPS, MAP] = [12, 24];

export interface DrawView {
  readonly element: HTMLElement;
  show(seen: Seen): void;
}

export function drawView(onDrawn: (image: Float32Array | undefined) => void): DrawView {
  const seenImage = greyCanvas(SIZE, 'What the network sees: nothing yet');
  const maps = Array.from({ length: MAPS }, (_, i) => greyCanvas(MAP, `Your digit through filter ${i + 1}`));
  const judged = verdict('Draw a digit; a network that has begun to learn reads it.');
  let isBlank = true;
  const blank = (): void => {
    paintGrey(seenImage, new Float32Array(SIZE * SIZE), ink);
    for (const map of maps) paintGrey(map, new Float32Array(MAP * MAP), ink);
    judged.show(undefined);
  };
  const pad = drawingPad((strokes) => {
    isBlank = strokes.length === 0;
    if (isBlank) {
      onDrawn(undefined);
      blank();
      return;
    }
    const image = imageOf(strokes);
    paintGrey(seenImage, image, ink);
    seenImage.setAttribute('aria-label', 'What the network sees: your digit in 28 by 28 pixels');
    onDrawn(image);
  });
  blank();
  return {
    element: panel(
      'Draw your own digit',
      'It is made as large as the digits that the network learned from, and put in the middle. You can draw while it learns.',
      el(
        'div',
        { class: 'draw' },
        pad.element,
        el('figure', { class: 'seen' }, seenImage, el('figcaption', {}, 'What the network sees')),
        judged.element,
        el(
          'figure',
          { class: 'maps' },
          el('div', { class: 'filters' }, maps),
          el('figcaption', {}, 'Your digit through each of the 12 filters: the output of the first convolution'),
        ),
      ),
    ),
    show({ reading, maps: values }) {
      if (isBlank) return;
      judged.show(reading);
      maps.forEach((canvas, i) => {
        const map = values.subarray(i * MAP * MAP, (i + 1) * MAP * MAP);
        paintGrey(canvas, map, signed(map));
      });
    },
  };
}
