/** Starting and pausing, the loss as it falls, and the figures of the moment. */
import { lineChart } from '../charts/line-chart.js';
import { button } from '../ui/button.js';
import { el } from '../ui/dom.js';
import { numberField } from '../ui/fields.js';
import { liveRegion } from '../ui/live.js';
import { digits, percent } from '../ui/numbers.js';
import { panel } from '../ui/panel.js';
import type { Ready, Report } from './protocol.js';

/** Batches that the loss is averaged over where it is a number. */
const RECENT = 20;

export interface ProgressView {
  readonly element: HTMLElement;
  begin(ready: Ready): void;
  show(report: Report): void;
  fail(message: string): void;
}

export interface Choices {
  readonly epochs: number;
  readonly seed: number;
}

export interface Commands {
  start(choices: Choices): void;
  pause(): void;
  resume(): void;
}

type State = 'idle' | 'loading' | 'running' | 'paused' | 'done';

const LABELS: Readonly<Record<State, string>> = {
  idle: 'Start',
  loading: 'Loading …',
  running: 'Pause',
  paused: 'Go on',
  done: 'Train again',
};

export function progressView({ start, pause, resume }: Commands): ProgressView {
  const choices = { epochs: 2, seed: 1 };
  const chart = lineChart('steps', 'Loss', 1);
  const live = liveRegion();
  const figures = figureList(['Step', 'Loss', 'Held-out digits read right', 'Images a second']);
  const about = el('p', { class: 'soft' }, 'The digits are a file of 1.6 MB, which is fetched when you start.');
  const problem = el('p', { class: 'error', role: 'alert', hidden: true });
  const layers = el('tbody');
  let state: State = 'idle';
  let losses: number[] = [];
  let steps = 0;

  const enter = (next: State): void => {
    state = next;
    main.textContent = LABELS[next];
    main.disabled = next === 'loading';
    again.disabled = next !== 'running' && next !== 'paused';
  };
  const begin = (): void => {
    losses = [];
    problem.hidden = true;
    enter('loading');
    start(choices);
  };
  const main = button(
    LABELS.idle,
    () => {
      if (state === 'running') pause();
      if (state === 'paused') resume();
      if (state === 'running') enter('paused');
      else if (state === 'paused') enter('running');
      else begin();
    },
    { class: 'main' },
  );
  const again = button('Start again', begin);
  const field = (label: string, name: keyof typeof choices, min: number, max: number): HTMLElement =>
    numberField({
      ...{ label, min, max, value: choices[name] },
      onChange(value) {
        choices[name] = value;
      },
    }).element;
  enter('idle');

  return {
    element: panel(
      'A network learns to read',
      'It sees handwritten digits in batches of 40. After each it moves its weights a little against the gradient of the loss, which says how wrong it was.',
      el('div', { class: 'row' }, field('Epochs (passes over the digits)', 'epochs', 1, 10), field('Seed', 'seed', 0, 9999), main, again),
      about,
      problem,
      figures.element,
      el(
        'div',
        { class: 'progress' },
        chart.element,
        el(
          'table',
          { class: 'layers' },
          el('caption', {}, 'The network'),
          el('thead', {}, el('tr', {}, ...['Layer', 'Makes', 'Weights'].map((text) => el('th', { scope: 'col' }, text)))),
          layers,
        ),
      ),
      live.element,
    ),
    begin(ready) {
      steps = ready.steps;
      about.textContent = `${ready.learnFrom} digits to learn from, ${ready.heldOut} held out. simdconv ${ready.info.version}, ${ready.info.variant}, in a worker of one thread. The convolutions, the matrix product and all of their gradients are the library's.`;
      layers.replaceChildren(
        ...ready.layers.map(({ name, makes, weights }) =>
          el(
            'tr',
            {},
            el('th', { scope: 'row' }, name),
            el('td', { class: 'number' }, makes),
            el('td', { class: 'number' }, weights ? String(weights) : ''),
          ),
        ),
      );
      enter('running');
    },
    show(report) {
      losses.push(...report.losses);
      const recent = losses.slice(-RECENT);
      const loss = recent.reduce((sum, value) => sum + value, 0) / recent.length;
      figures.set('Step', `${report.steps} of ${steps}`);
      if (report.accuracy !== undefined) figures.set('Held-out digits read right', percent(report.accuracy));
      else if (report.steps === 0) figures.set('Held-out digits read right', '…');
      if (losses.length > 0) {
        figures.set('Loss', `${digits(loss)} (began at ${digits(losses[0] as number, 4)})`);
        figures.set('Images a second', String(Math.round(report.imagesPerSecond)));
        chart.show(losses, `Loss after ${report.steps} steps: ${digits(loss)}; it began at ${digits(losses[0] as number)}`);
      }
      if (!report.isDone) return;
      enter('done');
      live.say(`Done: ${percent(report.accuracy ?? 0)} of the held-out digits are read right`);
    },
    fail(message) {
      problem.hidden = false;
      problem.textContent = message;
      enter('idle');
    },
  };
}

function figureList<Name extends string>(names: readonly Name[]): { element: HTMLElement; set(name: Name, text: string): void } {
  const values = new Map(names.map((name) => [name, el('dd', { class: 'number' }, '–')]));
  return {
    element: el(
      'dl',
      { class: 'figure-list' },
      names.map((name) => el('div', {}, el('dt', {}, name), values.get(name))),
    ),
    set(name, text) {
      const value = values.get(name);
      if (value) value.textContent = text;
    },
  };
}
