import { type Child, el, uniqueId } from './dom.js';

/** A titled region with one sentence that says what it shows. */
export function panel(title: string, sentence: Child | readonly Child[], ...children: readonly (Child | readonly Child[])[]): HTMLElement {
  const id = uniqueId('panel');
  return el(
    'section',
    { class: 'panel', 'aria-labelledby': id },
    el('h2', { id }, title),
    el('p', { class: 'about' }, ...(Array.isArray(sentence) ? sentence : [sentence])),
    ...children,
  );
}
