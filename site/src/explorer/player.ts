/** Play, step and scrub through the cells of a tensor. It starts standing still, and nobody who wants less motion has it play fast. */
import { button } from '../ui/button.js';
import { el } from '../ui/dom.js';
import { segmented, slider } from '../ui/fields.js';

export interface PlayerOptions {
  readonly count: number;
  readonly at: number;
  /** What step `at` is of, for the reader. */
  name(at: number): string;
  /** `playing`: the step came by itself. */
  onStep(at: number, playing: boolean): void;
}

export interface Player {
  readonly element: HTMLElement;
  set(at: number): void;
  stop(): void;
}

type Pace = 'slow' | 'normal' | 'fast';
const SECONDS: Readonly<Record<Pace, number>> = { slow: 1.4, normal: 0.7, fast: 0.25 };
/** Of the whole page, so that it outlives a change of sizes. */
let pace: Pace = matchMedia('(prefers-reduced-motion: reduce)').matches ? 'slow' : 'normal';

export function player({ count, at: first, name, onStep }: PlayerOptions): Player {
  let at = first;
  let timer: ReturnType<typeof setInterval> | undefined;
  const scrub = slider({ label: 'Step', min: 0, max: count - 1, value: at, show: name, onChange: (next) => go(next, false) });

  const go = (next: number, playing: boolean): void => {
    if (!playing) stop();
    at = (next + count) % count;
    scrub.set(at);
    onStep(at, playing);
  };
  const play = (): void => {
    timer = setInterval(() => go(at + 1, true), SECONDS[pace] * 1000);
    toggle.textContent = 'Pause';
  };
  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
    toggle.textContent = 'Play';
  };
  const toggle = button('Play', () => (timer === undefined ? play() : stop()), { class: 'main play' });
  const paces = segmented<Pace>({
    label: 'Pace',
    hideLabel: true,
    value: pace,
    choices: [
      { value: 'slow', label: 'slow' },
      { value: 'normal', label: 'normal' },
      { value: 'fast', label: 'fast' },
    ],
    onChange(next) {
      pace = next;
      if (timer === undefined) return;
      stop();
      play();
    },
  });
  return {
    element: el(
      'div',
      { class: 'player row', role: 'group', 'aria-label': 'Steps' },
      button('‹', () => go(at - 1, false), { 'aria-label': 'Step back' }),
      toggle,
      button('›', () => go(at + 1, false), { 'aria-label': 'Step on' }),
      scrub.element,
      paces.element,
    ),
    set(next) {
      stop();
      at = next;
      scrub.set(next);
    },
    stop,
  };
}
