/** The part "On a picture". */
import { el } from '../ui/dom.js';
import { filterView } from './filter-view.js';
import './picture.css';
import { pictureSource } from './source.js';
import { upsampleView } from './upsample-view.js';

export function mount(host: HTMLElement): () => void {
  const source = pictureSource(host, (pixels) => {
    filters.setPicture(pixels);
    upsampling.setPicture(pixels);
  });
  const [filters, upsampling] = [filterView(source.element), upsampleView()];
  host.append(
    el(
      'div',
      { class: 'part picture' },
      el('h1', {}, 'On a picture'),
      el('p', { class: 'about' }, 'What convolutions do to a picture, and how fast this browser does it. All of it is computed here.'),
      filters.element,
      upsampling.element,
    ),
  );
  return () => {
    for (const each of [source, filters, upsampling]) each.dispose();
  };
}
