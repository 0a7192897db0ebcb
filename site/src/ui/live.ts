/** What a screen reader says when something changes that is not in focus. */
import { el } from './dom.js';

export interface LiveRegion {
  readonly element: HTMLElement;
  say(message: string): void;
}

export function liveRegion(): LiveRegion {
  const element = el('div', { class: 'hidden', role: 'status', 'aria-live': 'polite' });
  let waiting: ReturnType<typeof setTimeout> | undefined;
  return {
    element,
    /** The last of many in a row, which is the one that holds. */
    say(message) {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        element.textContent = message;
      }, 150);
    },
  };
}
