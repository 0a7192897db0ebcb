/** The transposed convolution that learns to enlarge this picture. */
import { type LineChart, lineChart } from '../charts/line-chart.js';
import { button } from '../ui/button.js';
import { el } from '../ui/dom.js';
import { segmented } from '../ui/fields.js';
import { liveRegion } from '../ui/live.js';
import { digits } from '../ui/numbers.js';
import { panel } from '../ui/panel.js';
import { Caller } from '../workers/caller.js';
import { details } from './detail.js';
import { kernelTable } from './kernel-table.js';
import { within } from './paint.js';
import { type Pixels, pixelsOf } from './pixels.js';
import { BILINEAR } from './upsample.js';
import type { Attempt, UpsampleAnswer, UpsampleRequest } from './upsample-worker.js';

/** Pixels of the longer side of what is learned from: as many as keep a step below the blink of an eye. */
const MOST = 512;

const SIZES = ['4', '6', '8'] as const;
const TITLES = { nearest: 'Nearest', bilinear: 'Bilinear', learned: 'Learned', original: 'The picture itself' } as const;

export interface UpsampleView {
  readonly element: HTMLElement;
  setPicture(pixels: Pixels): void;
  dispose(): void;
}

export function upsampleView(): UpsampleView {
  const worker = new Caller<UpsampleRequest, UpsampleAnswer>(
    new Worker(new URL('./upsample-worker.js', import.meta.url), { type: 'module' }),
  );
  const chart: LineChart = lineChart('steps', 'Loss');
  const pictures = details(TITLES);
  const [learned, bilinear] = [kernelTable('The learned kernel'), kernelTable("Bilinear's kernel")];
  const status = el('p', { class: 'status' });
  const live = liveRegion();
  bilinear.show(BILINEAR);

  let pixels: Pixels | undefined;
  let size: (typeof SIZES)[number] = '6';
  let losses: number[] = [];
  let fixed: UpsampleAnswer['fixed'];
  let isLearning = false;
  let isDone = false;
  /** Counts the starts: an answer to an earlier one is not shown. */
  let turn = 0;

  const learn = button('Learn', () => setLearning(!isLearning), { class: 'main' });
  const step = button('One step', () => void advance(turn));
  const again = button('Start again', () => void start());
  const kernelSize = segmented({
    label: 'Size of the kernel',
    choices: SIZES.map((value) => ({ value, label: `${value}×${value}` })),
    value: size,
    onChange(value) {
      size = value;
      void start();
    },
  });

  function setLearning(next: boolean): void {
    isLearning = next && !isDone;
    learn.textContent = isLearning ? 'Pause' : 'Learn';
    learn.disabled = isDone || !fixed;
    step.disabled = isDone || isLearning || !fixed;
    if (isLearning) void run(turn);
  }

  async function start(): Promise<void> {
    if (!pixels) return;
    const mine = ++turn;
    const answer = await worker.call({ kind: 'start', pixels, size: Number(size), seed: 1 });
    if (mine !== turn) return;
    [losses, isDone, fixed] = [[], false, answer.fixed];
    show(answer);
    setLearning(false);
  }

  async function run(mine: number): Promise<void> {
    while (isLearning && mine === turn) {
      await advance(mine);
      await new Promise(requestAnimationFrame);
    }
  }

  async function advance(mine: number): Promise<void> {
    const answer = await worker.call({ kind: 'learn', milliseconds: 0 });
    if (mine !== turn) return;
    show(answer);
    if (answer.isDone) {
      isDone = true;
      setLearning(false);
      live.say(`Learned in ${answer.steps} steps. ${comparison(answer.learned)}`);
    }
  }

  function comparison({ decibels }: Attempt): string {
    const gain = decibels - (fixed?.bilinear.decibels ?? Number.NaN);
    return gain >= 0 ? `${gain.toFixed(2)} dB nearer than bilinear.` : `${(-gain).toFixed(2)} dB farther than bilinear, so far.`;
  }

  function show(answer: UpsampleAnswer): void {
    losses.push(...answer.losses);
    if (answer.fixed) {
      const { high, nearest, bilinear: straight } = answer.fixed;
      pictures.show('nearest', pixelsOf(nearest.tensor), captionOf('Nearest', nearest));
      pictures.show('bilinear', pixelsOf(straight.tensor), captionOf('Bilinear', straight));
      pictures.show('original', pixelsOf(high), 'The picture itself');
    }
    pictures.show('learned', pixelsOf(answer.learned.tensor), captionOf('Learned', answer.learned));
    learned.show(answer.kernel);
    const levels = fixed ? [levelOf('nearest', fixed.nearest), levelOf('bilinear', fixed.bilinear)] : [];
    chart.show(losses, `Loss after ${answer.steps} steps: ${digits(answer.learned.loss)}`, levels);
    status.textContent = `Step ${answer.steps}: loss ${digits(answer.learned.loss)}. ${comparison(answer.learned)}`;
  }

  setLearning(false);
  return {
    element: panel(
      'Learned upsampling',
      'The picture is made half as large. Then a transposed convolution of stride 2 learns the kernel that gives most of it back.',
      el('div', { class: 'row' }, kernelSize.element, learn, step, again),
      status,
      pictures.element,
      el('div', { class: 'learning' }, chart.element, el('div', { class: 'kernels' }, learned.element, bilinear.element)),
      el(
        'p',
        { class: 'soft' },
        'The loss is the mean square of the differences, which the decibels count too: 3 dB more is half the loss. A step is one transposed convolution and one gradient of its weight (conjugate gradients). Nearest and bilinear are transposed convolutions as well, with kernels that nobody had to learn.',
      ),
      live.element,
    ),
    setPicture(next) {
      pixels = within(next, MOST);
      void start();
    },
    dispose() {
      turn++;
      isLearning = false;
      worker.end();
    },
  };
}

const captionOf = (title: string, { decibels }: Attempt): string => `${title}: ${decibels.toFixed(2)} dB`;
const levelOf = (label: string, { loss }: Attempt) => ({ label, value: loss });
