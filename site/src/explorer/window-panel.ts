/** The three tensors, what meets when a cell is chosen, and the numbers of it. */
import { el } from '../ui/dom.js';
import { select } from '../ui/fields.js';
import { panel } from '../ui/panel.js';
import { exportButtons } from './export.js';
import { formula } from './formula.js';
import { type Grid, grid } from './grid.js';
import { type Key, type Model, nameAt, type Shown } from './model.js';
import { planesOf } from './planes.js';
import { player } from './player.js';
import type { Op } from './state.js';
import { type Actions, type ExplorerPanel, lightPlane, lightWindow, type View } from './view.js';

const SENTENCES: Readonly<Record<Op, string>> = {
  conv: 'The kernel is laid over the padded input. What lies on top of each other is multiplied, and the sum is one cell of the output.',
  transposed:
    'Each cell of the input lays the kernel, times its value, into the output. Where kernels overlap they add up; what falls on the padding is cut off.',
  gradInput:
    'What an input cell has done to the loss: it goes back from each output that it met, times the tap between them. It is a transposed convolution of the upstream gradient.',
  gradWeight: 'What a tap has done to the loss: at each place of the window, the input under the tap times the upstream gradient there.',
};

const GENERAL: Readonly<Record<Op, string>> = {
  conv: 'y[o] = Σ x[s·o + d·t − p] · w[t], over all taps t',
  transposed: 'y[s·i + d·t − p] gets x[i] · w[t], for each input i and tap t',
  gradInput: 'dx[s·o + d·t − p] gets dy[o] · w[t], for each output o and tap t',
  gradWeight: 'dw[t] = Σ x[s·o + d·t − p] · dy[o], over all outputs o',
};

/** Input, kernel, result: the order in which they are read. */
const ORDER: Readonly<Record<Op, readonly Key[]>> = {
  conv: ['x', 'w', 'y'],
  transposed: ['y', 'w', 'x'],
  gradInput: ['y', 'w', 'x'],
  gradWeight: ['x', 'y', 'w'],
};

/** What is written around x: the zeros that a convolution reads, or what a transposed one cuts off. */
const padTextOf = ({ result }: Model): string => (result === 'x' ? '' : '0');

export interface WindowPanel extends ExplorerPanel {
  stop(): void;
}

export function windowPanel(model: Model, actions: Actions): WindowPanel {
  const { op } = model.state;
  const grids = new Map<Key, Grid[]>();
  const figures = ORDER[op].map((key) => {
    const shown = model[key];
    const planes = planesOf(shown, {
      name: key,
      caption: `${shown.title} ${shown.name}`,
      ...(key === 'x' && { pads: model.pads, padText: padTextOf(model) }),
    });
    const made = planes.map(({ options }) => grid({ ...options, ...calls(key, actions) }));
    grids.set(key, made);
    return el(
      'div',
      { class: 'planes' },
      made.map((each) => each.element),
    );
  });
  const [numbers, stepping] = [el('p', { class: 'formula' }), steps(model, actions)];
  const picture = el('div', { class: 'tensors' }, figures);
  const element = panel(
    'Window',
    SENTENCES[op],
    stepping.element,
    picture,
    el('p', { class: 'general' }, el('code', {}, GENERAL[op])),
    numbers,
    exportButtons('window', () => picture),
  );
  return {
    element,
    stop: stepping.stop,
    light(view) {
      for (const [key, made] of grids) for (const [plane, each] of made.entries()) light(each, model, key, plane, view);
      numbers.replaceChildren(...formula(model, view).filter((child) => child !== undefined && child !== false));
      stepping.follow(view);
    },
  };
}

function calls(key: Key, actions: Actions): { onChoose(index: number): void; onHover(index: number | undefined): void } {
  return {
    onChoose: (index) => actions.choose({ of: key, index }),
    onHover: (index) => actions.hover(index === undefined ? undefined : { of: key, index }),
  };
}

function light(each: Grid, model: Model, key: Key, plane: number, view: View): void {
  const { selection } = view;
  if (key === 'x' && selection.of === 'y') lightWindow(each, model, plane, selection.index, view);
  else lightPlane(each, model, key, view);
}

interface Steps {
  readonly element: HTMLElement;
  /** Shows the step of what is chosen, if it is one. */
  follow(view: View): void;
  stop(): void;
}

/** Through the result, or, of a transposed convolution, through what is laid into it. */
let steppedThrough: 'result' | 'source' = 'result';

function steps(model: Model, actions: Actions): Steps {
  const source: Key = 'y';
  const keyOf = (): Key => (steppedThrough === 'source' && model.result === 'x' ? source : model.result);
  const element = el('div', { class: 'steps row' });
  let playing = make(keyOf());
  let isOwn = false;

  function make(key: Key): ReturnType<typeof player> {
    const shown: Shown = model[key];
    const made = player({
      count: shown.tensor.data.length,
      at: 0,
      name: (at) => nameAt(shown, at),
      onStep(at, isPlaying) {
        isOwn = true;
        actions.choose({ of: key, index: at }, isPlaying);
        isOwn = false;
      },
    });
    return made;
  }
  const show = (): void => element.replaceChildren(...(model.result === 'x' ? [through.element] : []), playing.element);
  const through = select<'result' | 'source'>({
    label: 'Step through',
    value: steppedThrough,
    choices: [
      { value: 'result', label: `cells of ${model[model.result].name}: what each gathers` },
      { value: 'source', label: `cells of ${model[source].name}: where each goes` },
    ],
    onChange(next) {
      steppedThrough = next;
      playing.stop();
      playing = make(keyOf());
      show();
      actions.choose({ of: keyOf(), index: 0 });
    },
  });
  show();
  return {
    element,
    follow({ selection }) {
      if (!isOwn && selection.of === keyOf()) playing.set(selection.index);
    },
    stop: () => playing.stop(),
  };
}
