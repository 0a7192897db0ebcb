/** Filters on the picture, as they are chosen. */
import { el } from '../ui/dom.js';
import { select, slider } from '../ui/fields.js';
import { panel } from '../ui/panel.js';
import { obstacle, type Work } from './apply.js';
import type { EngineAnswer } from './engine-worker.js';
import { ENGINES, startEngines } from './engines.js';
import { BORDERS, type Border, FILTERS, type Filter, type NamedFilter } from './filters.js';
import { kernelGrid } from './kernel-grid.js';
import { shownPicture } from './paint.js';
import { cropped, type Pixels, pixelsOf } from './pixels.js';
import { speedTable } from './speeds.js';

/** Milliseconds without a change before anything is timed. */
const QUIET = 250;
/** Pixels of each side of the corner that is shown enlarged. */
const CORNER = 24;

export interface FilterView {
  readonly element: HTMLElement;
  setPicture(pixels: Pixels): void;
  dispose(): void;
}

export function filterView(source: HTMLElement): FilterView {
  const engines = startEngines();
  const [before, after] = [shownPicture('Before', 'The picture'), shownPicture('After', 'The filtered picture')];
  const corner = shownPicture(`After: its lower left corner, ${CORNER} × ${CORNER} pixels`, 'The corner of the filtered picture', true);
  const table = speedTable();
  const what = el('p', { class: 'soft' });
  const problem = el('p', { class: 'error', role: 'alert', hidden: true });

  let pixels: Pixels | undefined;
  let work: Work & { readonly filter: NamedFilter } = { filter: named('Emboss'), border: 'replicate', times: 1 };
  const change = (next: Partial<typeof work>): void => {
    work = { ...work, ...next };
    kind.set(work.filter.name);
    grid.show(work.filter);
    what.textContent = work.filter.what;
    update();
  };

  const kind = select({
    label: 'Filter',
    choices: FILTERS.map(({ name }) => ({ value: name, label: name })),
    value: work.filter.name,
    onChange: (name) => change({ filter: named(name) }),
  });
  const border = select({
    label: 'Beyond the edge stands',
    choices: (Object.keys(BORDERS) as Border[]).map((value) => ({ value, label: BORDERS[value] })),
    value: work.border,
    onChange: (value) => change({ border: value }),
  });
  const times = slider({ label: 'Applied', min: 1, max: 8, value: 1, show: (n) => `${n}×`, onChange: (value) => change({ times: value }) });
  const grid = kernelGrid((filter) => change({ filter: own(filter) }));

  /** Counts the changes: what was computed for an earlier one is not shown. */
  let turn = 0;
  let isBusy = false;
  let quiet: ReturnType<typeof setTimeout> | undefined;
  let measuring: Promise<void> = Promise.resolve();

  function update(): void {
    turn++;
    clearTimeout(quiet);
    if (!pixels) return;
    const reason = obstacle([1, 3, pixels.height, pixels.width], work);
    problem.hidden = reason === undefined;
    problem.textContent = reason ?? '';
    table.clear();
    if (reason === undefined && !isBusy) void compute();
  }

  /** The picture first; what has changed meanwhile comes next, and timing when nothing has. */
  async function compute(): Promise<void> {
    if (!pixels) return;
    const mine = turn;
    const job = { pixels, work };
    isBusy = true;
    try {
      showResult(await engines.apply(job));
    } catch (error) {
      problem.hidden = false;
      problem.textContent = String(error);
    }
    isBusy = false;
    if (mine !== turn) void compute();
    else quiet = setTimeout(() => (measuring = measuring.then(() => measure(mine, job))), QUIET);
  }

  async function measure(mine: number, job: { pixels: Pixels; work: Work }): Promise<void> {
    for (const engine of ENGINES) {
      if (mine !== turn) return;
      const answer = await engines.measure(engine, job);
      if (mine === turn) table.show(engine, answer);
    }
  }

  function showResult({ tensor }: EngineAnswer): void {
    const result = pixelsOf(tensor);
    const { filter, times: count } = work;
    after.show(
      result,
      `The picture after ${filter.name}, applied ${count === 1 ? 'once' : `${count} times`}: ${result.width} × ${result.height} pixels`,
    );
    corner.show(cropped(result, 0, result.height, CORNER, CORNER), 'The lower left corner of the filtered picture, its pixels as squares');
  }

  change({});
  return {
    element: panel(
      'Filters',
      'Every output pixel is a sum of the pixels around it, each times a number of the kernel. That is a convolution.',
      source,
      el(
        'div',
        { class: 'filter' },
        el('div', { class: 'controls' }, kind.element, what, grid.element, border.element, times.element),
        el('div', { class: 'pictures' }, before.element, after.element),
        el('div', { class: 'figures' }, corner.element, table.element),
      ),
      problem,
    ),
    setPicture(next) {
      pixels = next;
      before.show(next, `The picture: ${next.width} × ${next.height} pixels`);
      update();
    },
    dispose() {
      turn++;
      clearTimeout(quiet);
      engines.dispose();
    },
  };
}

const named = (name: string): NamedFilter => FILTERS.find((filter) => filter.name === name) ?? (FILTERS[0] as NamedFilter);
const own = (filter: Filter): NamedFilter => ({ ...filter, name: `Own ${filter.size}×${filter.size}`, what: 'A kernel of your own.' });
