/** The frame of the page: the header, and the part that the address names. */
import { PARTS, type Part } from './parts.js';
import { hrefOf, readRoute } from './route.js';
import { themeButton } from './theme.js';
import { el } from './ui/dom.js';

const header = document.querySelector('header.top') as HTMLElement;
const main = document.querySelector('main') as HTMLElement;

const links = PARTS.map((part) => ({ part, link: el('a', { href: hrefOf(part.id) }, part.title) }));
header.append(
  el('a', { class: 'brand', href: hrefOf(PARTS[0].id) }, 'simdconv'),
  el(
    'nav',
    { 'aria-label': 'Parts of this page' },
    links.map(({ link }) => link),
  ),
  themeButton(),
);

// The hash is the address of a part, so the link must not change it.
document.querySelector('.skip')?.addEventListener('click', (event) => {
  event.preventDefault();
  main.focus();
});

let shown: { readonly part: Part; readonly unmount: () => void } | undefined;
/** Counts the changes, so that a part that arrives late is not shown over a later one. */
let turn = 0;

async function show(): Promise<void> {
  const { part: id } = readRoute();
  const part = PARTS.find((each) => each.id === id) ?? PARTS[0];
  if (part === shown?.part) return;
  const mine = ++turn;
  const isFirst = shown === undefined;
  const { mount } = await part.load();
  if (mine !== turn) return;
  shown?.unmount();
  main.replaceChildren();
  for (const each of links) {
    if (each.part === part) each.link.setAttribute('aria-current', 'page');
    else each.link.removeAttribute('aria-current');
  }
  document.title = `${part.title} · simdconv`;
  shown = { part, unmount: mount(main) };
  if (!isFirst) main.focus({ preventScroll: true });
}

const showOrSay = (): void => {
  show().catch((error: unknown) => main.replaceChildren(el('p', { class: 'error', role: 'alert' }, `This part does not load: ${error}`)));
};
addEventListener('hashchange', showOrSay);
showOrSay();
