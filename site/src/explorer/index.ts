import { el } from '../ui/dom.js';

export function mount(host: HTMLElement): () => void {
  host.append(el('h1', {}, 'Explorer'));
  return () => host.replaceChildren();
}
