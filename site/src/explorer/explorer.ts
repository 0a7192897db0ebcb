/** What is shown follows the state: from the fields, from the presets, and from the address. */
import type { Kernels } from 'simdconv';
import { readRoute, replaceQuery } from '../route.js';
import { el } from '../ui/dom.js';
import { liveRegion } from '../ui/live.js';
import { controls } from './controls.js';
import { spoken } from './formula.js';
import { compute } from './model.js';
import { type Panels, panelsOf } from './panels.js';
import { presetBar, presetOf } from './preset-bar.js';
import type { Selection } from './selection.js';
import { fromQuery, type State, sameState, toQuery } from './state.js';
import { type Actions, viewOf } from './view.js';

const PART = 'explorer';

/** Browsers allow few changes of the address in a second. */
const WRITE_AFTER = 250;

/** Shows the explorer inside `host`, which it empties when the function that it returns is called. */
export function explore(host: HTMLElement, kernels: Kernels): () => void {
  let { state, at } = fromQuery(readRoute().query);
  let shown: Panels | undefined;
  let chosen: Selection = { of: 'y', index: 0 };
  let writing: ReturnType<typeof setTimeout> | undefined;

  const live = liveRegion();
  const stage = stageOf();
  const bar = presetBar(state, (step) => go(step.state, step.at));
  const fields = controls(state, (next) => go(next));
  const side = el('div', { class: 'side' }, bar.element, fields.element);
  host.append(el('div', { class: 'explorer' }, side, stage.element), live.element);

  /** The element of the result that is chosen, if one is. */
  const step = (): number | undefined => (shown && chosen.of === shown.model.result ? chosen.index : undefined);

  const actions: Actions = {
    choose(selection, quietly = false) {
      chosen = selection;
      shown?.light(selection);
      if (shown && !quietly) live.say(spoken(shown.model, viewOf(shown.model, selection)));
      write();
    },
    hover: (selection) => shown?.light(selection ?? chosen),
  };

  function write(): void {
    clearTimeout(writing);
    writing = setTimeout(() => replaceQuery(PART, toQuery(state, step())), WRITE_AFTER);
  }

  function go(next: State, index?: number): void {
    state = next;
    at = index ?? presetOf(state)?.step.at;
    show();
    write();
  }

  function show(): void {
    bar.show(state);
    fields.show(state);
    let next: Panels;
    try {
      next = panelsOf(kernels, compute(kernels, state), actions, (part) => go({ ...state, ...part }, step()));
    } catch (error) {
      stage.refuse(error);
      return;
    }
    shown?.stop();
    shown = next;
    stage.show(next.elements, toQuery(state));
    const { result } = next.model;
    const { length } = next.model[result].tensor.data;
    chosen = { of: result, index: at !== undefined && at < length ? at : Math.floor(length / 2) };
    next.light(chosen);
  }

  /** The address was changed by hand or by a link. */
  const follow = (): void => {
    const { part, query } = readRoute();
    if (part !== PART && part !== '') return;
    const next = fromQuery(query);
    if (sameState(next.state, state)) return;
    ({ state, at } = next);
    show();
  };
  addEventListener('hashchange', follow);
  at ??= presetOf(state)?.step.at;
  show();
  return () => {
    removeEventListener('hashchange', follow);
    clearTimeout(writing);
    shown?.stop();
    host.replaceChildren();
    kernels.dispose();
  };
}

/** Where the panels are: the last ones that could be made stay, pale, beside what the library says of sizes that it refuses. */
function stageOf(): {
  readonly element: HTMLElement;
  show(elements: readonly HTMLElement[], state: string): void;
  refuse(error: unknown): void;
} {
  const refusal = el('p', { class: 'error', role: 'alert', hidden: true });
  const panels = el('div', { class: 'panels' });
  return {
    element: el('div', { class: 'stage' }, refusal, panels),
    show(elements, state) {
      refusal.hidden = true;
      panels.classList.remove('stale');
      const focus = focusIn(panels);
      panels.replaceChildren(...elements);
      panels.dataset.shown = state;
      focus();
    },
    refuse(error) {
      refusal.textContent = error instanceof Error ? error.message : String(error);
      refusal.hidden = false;
      panels.classList.add('stale');
    },
  };
}

/** Remembers which field of `host` has the focus; what is returned gives it to the field of the same name and value. */
function focusIn(host: HTMLElement): () => void {
  const active = document.activeElement;
  if (!(active instanceof HTMLElement) || !host.contains(active)) return () => {};
  const label = active.closest('label, .field')?.textContent;
  return () => {
    const same = Array.from(host.querySelectorAll<HTMLElement>('label, .field')).find((each) => each.textContent === label);
    same?.querySelector<HTMLElement>('input, select')?.focus();
  };
}
