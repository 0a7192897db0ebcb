import { type Child, el } from './dom.js';

export function button(label: Child, onClick: () => void, attributes: Readonly<Record<string, string | boolean>> = {}): HTMLButtonElement {
  const element = el('button', { type: 'button', ...attributes }, label);
  element.addEventListener('click', onClick);
  return element;
}

/** Copies what `text` gives, and says for a moment whether that went well. */
export function copyButton(label: string, text: () => string): HTMLButtonElement {
  const element = button(label, () => {
    navigator.clipboard.writeText(text()).then(
      () => say('Copied'),
      () => say('The browser refuses: select and copy'),
    );
  });
  const say = (message: string): void => {
    element.textContent = message;
    setTimeout(() => {
      element.textContent = label;
    }, 1500);
  };
  element.setAttribute('aria-live', 'polite');
  return element;
}
