/** The address of what is shown, and how to put it into another page. */
import { copyButton } from '../ui/button.js';
import { el } from '../ui/dom.js';
import { panel } from '../ui/panel.js';

const frameOf = (address: string): string => {
  const url = new URL(address);
  url.search = '?embed';
  return `<iframe src="${url}" width="100%" height="900" title="A convolution, computed" loading="lazy"></iframe>`;
};

export function sharePanel(): HTMLElement {
  return panel(
    'Share',
    'The address holds all of it. In a page of your own it fits into a frame, without the header.',
    el(
      'div',
      { class: 'row' },
      copyButton('Copy the address', () => location.href),
      copyButton('Copy the frame', () => frameOf(location.href)),
    ),
  );
}
