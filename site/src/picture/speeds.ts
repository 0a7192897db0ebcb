/** The table of the engines: how long each takes for one application, and how far its result is from the reference's. */
import { el } from '../ui/dom.js';
import { digits, scientific } from '../ui/numbers.js';
import { largestDifference } from './apply.js';
import type { EngineAnswer } from './engine-worker.js';
import { ENGINES, type EngineName } from './engines.js';

export interface Speeds {
  readonly element: HTMLElement;
  /** All rows wait. */
  clear(): void;
  show(engine: EngineName, answer: EngineAnswer): void;
}

const LABELS: Readonly<Record<EngineName, string>> = {
  one: 'WebAssembly, one thread',
  threads: 'WebAssembly, threads',
  reference: 'Plain JavaScript (the reference)',
};

export function speedTable(): Speeds {
  const answers = new Map<EngineName, EngineAnswer>();
  const rows = new Map(ENGINES.map((name) => [name, el('tr', { 'data-engine': name })]));
  const verdict = el('p', { class: 'soft', role: 'status' });

  const draw = (name: EngineName): void => {
    const answer = answers.get(name);
    rows.get(name)?.replaceChildren(el('th', { scope: 'row' }, labelOf(name, answer)), ...cellsOf(name, answer, answers.get('reference')));
  };
  const drawAll = (): void => {
    ENGINES.forEach(draw);
    verdict.textContent = verdictOf(answers);
  };
  drawAll();
  const head = ['Engine', 'ms', 'GFLOP/s', 'Difference'].map((text) => el('th', { scope: 'col' }, text));
  return {
    element: el(
      'div',
      {},
      el(
        'table',
        { class: 'speeds' },
        el('caption', {}, 'One application of this kernel: the median of several, on tensors that stay in the kernels’ memory'),
        el('thead', {}, el('tr', {}, head)),
        el('tbody', {}, [...rows.values()]),
      ),
      verdict,
      el(
        'p',
        { class: 'soft' },
        'The difference is the largest from the reference, which computes by the definition; white is 1, so a screen shows 1/255 at least.',
      ),
    ),
    clear() {
      answers.clear();
      drawAll();
    },
    show(engine, answer) {
      answers.set(engine, answer);
      drawAll();
    },
  };
}

function labelOf(name: EngineName, answer: EngineAnswer | undefined): string {
  if (!answer || name === 'reference') return LABELS[name];
  const { variant, threads } = answer.info;
  return `WebAssembly (${variant}), ${threads === 1 ? 'one thread' : `${threads} threads`}`;
}

function cellsOf(name: EngineName, answer: EngineAnswer | undefined, reference: EngineAnswer | undefined): HTMLElement[] {
  if (!answer) return [el('td', { colspan: 3, class: 'soft' }, '…')];
  const { threads, threadsReason } = answer.info;
  if (name === 'threads' && threads === 1) {
    return [el('td', { colspan: 3, class: 'soft' }, `No more threads here: ${threadsReason ?? 'one is as fast on this machine'}.`)];
  }
  const difference = reference && (name === 'reference' ? 0 : largestDifference(answer.tensor, reference.tensor));
  const cells = [answer.speed && digits(answer.speed.milliseconds), answer.speed && digits(answer.speed.gflops)];
  return [...cells, difference === undefined ? '…' : scientific(difference)].map((text) => el('td', { class: 'number' }, text));
}

function verdictOf(answers: ReadonlyMap<EngineName, EngineAnswer>): string {
  const [one, reference] = [answers.get('one')?.speed, answers.get('reference')?.speed];
  if (!one || !reference) return '';
  return `WebAssembly is ${digits(reference.milliseconds / one.milliseconds, 2)} times as fast as plain JavaScript.`;
}
