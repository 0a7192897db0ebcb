/** Light and dark: the system's, until the reader chooses. */
import { el } from './ui/dom.js';

const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

const SYMBOLS: Readonly<Record<Theme, string>> = { system: '◐', light: '☀', dark: '☾' };

function chosen(): Theme {
  const { theme } = document.documentElement.dataset;
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

function choose(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === 'system') localStorage.removeItem('theme');
    else localStorage.setItem('theme', theme);
  } catch {
    // A page without storage forgets it.
  }
}

/** A button that goes through the three. */
export function themeButton(): HTMLElement {
  const button = el('button', { type: 'button', class: 'quiet' });
  const show = (): void => {
    const theme = chosen();
    button.replaceChildren(el('span', { 'aria-hidden': 'true' }, SYMBOLS[theme]), ` ${theme}`);
    button.setAttribute('aria-label', `Colours: ${theme}. Change`);
  };
  button.addEventListener('click', () => {
    choose(THEMES[(THEMES.indexOf(chosen()) + 1) % THEMES.length] ?? 'system');
    show();
  });
  show();
  return button;
}
